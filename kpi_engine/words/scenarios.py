"""Saved what-ifs beside each other, as a table."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from kpi_engine.maths.intervals import Estimate
from kpi_engine.periods import month_label
from kpi_engine.services.scenarios import Compared, Comparison
from kpi_engine.units import DASH, format_range, money_words
from kpi_engine.words.reading import number_text
from kpi_engine.words.whatif import lever_text

Table = tuple[tuple[str, ...], list[tuple[str, ...]]]

NOTHING_SAVED = "No scenario is saved yet."
UNCHANGED = "numbers as they were"


def table(found: Comparison) -> Table:
    """A column a scenario: month, drivers, outcome, money, who saved it, and what moved since."""
    currency = found.organisation.currency
    columns = found.scenarios
    header = ("", *(one.saved.name for one in columns))
    rows = [
        ("Outcome", *(one.metric.label for one in columns)),
        ("Month", *(month_label(one.saved.month) for one in columns)),
        *_settings(columns, currency),
        ("Outcome then", *(_outcome(one, one.after, currency) for one in columns)),
        ("Money a month", *(_money(one.money, currency) for one in columns)),
        ("Saved", *(_saved(one, found.organisation.time_zone) for one in columns)),
        ("Since then", *(since(one, currency=currency) for one in columns)),
    ]
    return header, rows


def since(one: Compared, *, currency: str) -> str:
    """What the same settings say today, where that is something else, and why."""
    if one.now is None:
        return f"cannot be worked out any more: {one.why_not}"
    if not one.has_moved:
        return UNCHANGED
    causes = [
        *(["data came in"] if one.is_other_data else []),
        *(["definitions changed"] if one.is_other_definitions else []),
    ]
    why = " and ".join(causes) or "it is worked out otherwise"
    said = _outcome(one, one.now.after, currency)
    money = f", {_money(one.now.money, currency)}" if one.now.money else ""
    return f"{why}: now {said}{money}"


def _settings(columns: Sequence[Compared], currency: str) -> list[tuple[str, ...]]:
    """A row for each driver that any of them turns: where it is set, and where it stood."""
    labels: dict[str, str] = {}
    for one in columns:
        labels |= {link: lever["label"] for link, lever in one.saved.said["levers"].items()}
    return [
        (label, *(_set_to(one, link, currency) for one in columns))
        for link, label in labels.items()
    ]


def _set_to(one: Compared, link: str, currency: str) -> str:
    if link not in one.saved.settings:
        return "as it was"
    value, before = one.saved.settings[link], one.saved.said["levers"][link]["now"]
    lever = next((x for x in one.now.levers if x.link.id == link), None) if one.now else None
    if lever is None:
        return f"{value:g} (was {before:g})"
    to, was = (lever_text(lever, at, currency=currency) for at in (value, before))
    unseen = ", never seen" if link in one.saved.said["outside"] else ""
    return f"{to} (was {was}{unseen})"


def _outcome(one: Compared, after: Estimate, currency: str) -> str:
    low, mid, high = (
        number_text(end, one.metric, currency=currency)
        for end in (after.low, after.mid, after.high)
    )
    return f"{mid} ({low} to {high})"


def _money(money: Estimate | None, currency: str) -> str:
    if money is None:
        return DASH
    return f"{money_words(money, currency=currency)} ({format_range(money, currency=currency)})"


def _saved(one: Compared, zone: str) -> str:
    at = one.saved.saved_at.replace(tzinfo=ZoneInfo("UTC")).astimezone(ZoneInfo(zone))
    return f"{at:%-d %b %Y} by {one.saved.actor}"

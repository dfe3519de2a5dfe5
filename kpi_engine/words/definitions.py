"""Changes of definitions in words: what was declared, what is now, and what that did to levels."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.metrics import Metric
from kpi_engine.maths.intervals import Estimate
from kpi_engine.periods import month_label
from kpi_engine.services.counted_then import NotComparable
from kpi_engine.services.definition_history import DefinitionChange, FieldChange
from kpi_engine.services.earlier import EarlierDefinition
from kpi_engine.units import DASH, NO_CHANGE, rounds_to_zero
from kpi_engine.words.reading import day_text, distance_text, number_text

KIND: Mapping[str, str] = {
    "metric": "Measure",
    "link": "Link",
    "target": "Target",
    "baseline": "Baseline",
    "assumption": "Assumption",
    "event": "What is counted",
    "initiative": "Initiative",
    "organisation": "Organisation",
}
_IN_UNIT = ("target", "red_line", "stretch")
"""Fields that are numbers of the measure they are about."""
_LONGEST = 160
_WHY_NOT: Mapping[NotComparable, str] = {
    NotComparable.UNREADABLE: "it cannot be read any more, or rests on what is declared no more",
    NotComparable.UNIT: "it was given in another unit",
    NotComparable.NOT_KEPT: "what it needs of the events is kept no more",
    NotComparable.NO_FACTS: "nothing is stored that it could be worked out from",
}


def change_name(change: DefinitionChange, catalogue: Catalogue) -> str:
    """What a change is about, by the name that readers know."""
    if change.metric in catalogue.metrics:
        return catalogue.metrics[change.metric].label
    known: Mapping[str, Mapping[str, Any]] = {
        "metric": catalogue.metrics,
        "event": catalogue.events,
        "assumption": catalogue.assumptions,
        "initiative": catalogue.initiatives,
    }
    if change.kind == "organisation":
        return catalogue.organisation.name
    if change.kind == "link" and change.id in catalogue.links:
        link = catalogue.links[change.id]
        ends = [catalogue.metric(name).label for name in (link.driver, link.outcome)]
        return " → ".join(ends)
    entry = known.get(change.kind, {}).get(change.id)
    return entry.label if entry else change.metric or change.id


def changed_links(
    found: Sequence[DefinitionChange], catalogue: Catalogue, month: date
) -> tuple[str, str]:
    """That links of a month were changed after it ended: the claim, and which and when."""
    zone = catalogue.organisation.zone
    named = (f"{change_name(one, catalogue)} ({day_text(one.day(zone))})" for one in found)
    return (
        f"What we assume of its links was changed after {month_label(month)} ended.",
        f"{'; '.join(named)}. Shares and money of the month are worked out with the links as they "
        "are now; the catalogue has what they were.",
    )


def change_text(change: DefinitionChange, catalogue: Catalogue, *, currency: str = "$") -> str:
    """What changed, a field after the other: "red line: 96 % → 95 %; provenance: …"."""
    metric = catalogue.metrics.get(change.metric)
    if change.is_gone:
        return "Taken out."
    said = [
        field_text(field, metric, currency=currency)
        for field in change.fields
        if not change.is_new or field.field in (*_IN_UNIT, "valid_from", "because")
    ]
    return f"{'Added. ' if change.is_new else ''}{'; '.join(said)}".strip()


def field_text(field: FieldChange, metric: Metric | None, *, currency: str = "$") -> str:
    """One field before and after: "measure, numerator: biz.orders → transaction.orders"."""
    name = field.field.replace(".", ", ").replace("_", " ")
    before, after = (
        _value(value, metric if field.field in _IN_UNIT else None, currency)
        for value in (field.before, field.after)
    )
    if field.before is None:
        return f"{name}: {after}"
    return f"{name}: {before} → {after}"


def earlier_text(one: EarlierDefinition, metric: Metric, *, currency: str = "$") -> str:
    """An earlier definition beside the present one, and why there is another.

    "By the definition until 3 Oct 2026 the months Jan 2026 to Sep 2026 read 0.8 pp higher on
    average (0.6 pp to 1.1 pp)."
    """
    until = day_text(one.until)
    held = f"until {until}" if one.since is None else f"from {day_text(one.since)} until {until}"
    why = f" Since then: {one.because.rstrip('.')}." if one.because else ""
    if one.reason is not None:
        return f"The definition {held} cannot be set beside this one: {_WHY_NOT[one.reason]}.{why}"
    if one.shift is None:
        return f"The definition {held} holds in none of these months.{why}"
    span = _span([month.month for month in one.months])
    return (
        f"By the definition {held} {span} {_shift(one.shift, metric, currency)}.{_gaps(one)}{why}"
    )


def _span(months: Sequence[date]) -> str:
    first, last = (month_label(month, short=True) for month in (months[0], months[-1]))
    if first == last:
        return f"{first} reads"
    return f"the months {first} to {last} read"


def _shift(shift: Estimate, metric: Metric, currency: str) -> str:
    """How the level differs: "0.8 pp higher on average (0.6 pp to 1.1 pp)"."""
    low, mid, high = (
        distance_text(end, metric, currency=currency) for end in (shift.low, shift.mid, shift.high)
    )
    is_one_way = shift.low >= 0 or shift.high <= 0
    way = "higher" if shift.mid > 0 else "lower"
    if rounds_to_zero(shift.mid, unit=metric.unit, decimals=metric.decimals):
        said = "the same on average"
    else:
        said = f"{mid} {way}" if shift.low == shift.high else f"{mid} {way} on average"
    if low == high and is_one_way:
        return said
    if is_one_way:
        ends = sorted([(abs(shift.low), low), (abs(shift.high), high)])
        return f"{said} ({ends[0][1]} to {ends[1][1]})".replace(NO_CHANGE, "nothing")
    return f"{said} (from {low} lower to {high} higher)".replace(NO_CHANGE, "nothing")


def _gaps(one: EarlierDefinition) -> str:
    missing = sum(month.then is None for month in one.months)
    if not missing:
        return ""
    months = "1 month" if missing == 1 else f"{missing} months"
    return f" It gives no value for {months} of them."


def _value(value: Any, metric: Metric | None, currency: str) -> str:
    if value is None or value in ({}, []):
        return DASH
    if isinstance(value, bool):
        return "yes" if value else "no"
    if metric is not None and isinstance(value, int | float):
        return number_text(value, metric, currency=currency)
    if isinstance(value, list):
        return ", ".join(_value(one, metric, currency) for one in value)
    text = str(value)
    shown = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    return f"“{shown}”" if " " in shown else shown

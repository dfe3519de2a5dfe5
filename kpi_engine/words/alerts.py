"""Alerts and their digest in words: ten lines at most, what matters most first (F4)."""

from collections.abc import Mapping, Sequence

from kpi_engine.periods import month_label
from kpi_engine.services.alerts import Alert, Alerts
from kpi_engine.services.editions import Restated
from kpi_engine.terms import AlertKind, Status, Variation
from kpi_engine.units import format_count
from kpi_engine.words.closing import aimed_text, why_text
from kpi_engine.words.health import source_state
from kpi_engine.words.judgement import DISAGREEMENT, STATUS
from kpi_engine.words.outcome import movement_clause
from kpi_engine.words.reading import day_text, value_text
from kpi_engine.words.scorecard import headline
from kpi_engine.words.variation import causes_text, lasting_text

MOST_LINES = 10
KIND: Mapping[AlertKind, str] = {
    AlertKind.STATUS: "Status",
    AlertKind.SIGNAL: "Not as usual",
    AlertKind.DISAGREEMENT: "IT and business disagree",
    AlertKind.RESTATED: "Restated",
    AlertKind.OVERDUE: "Data overdue",
}
_ORDER = {kind: place for place, kind in enumerate(KIND)}


def sentence(alert: Alert, *, currency: str = "$") -> str:
    """What is so, in one sentence."""
    if alert.source is not None:
        late = source_state(alert.source)
        through = day_text(alert.source.data_through)
        return f"{alert.source.label}: {late}, data to {through}."
    if alert.restated is not None and alert.month is not None:
        return _restated(alert.restated, month_label(alert.month), currency=currency)
    if alert.row is None:
        raise AssertionError("an alert is about an outcome, a figure or a source")
    outcome = alert.row.outcome
    if alert.kind is AlertKind.STATUS and alert.before is not None:
        was, is_ = STATUS[alert.before].word.lower(), STATUS[outcome.judgement.status].text
        return f"{is_}, {was} before: {movement_clause(outcome, currency=currency)}."
    if alert.kind is AlertKind.SIGNAL:
        cadence = outcome.metric.cadence
        lasting = lasting_text(outcome.verdict, cadence=cadence)
        return f"{outcome.label}: {lasting}, {causes_text(outcome.verdict, cadence=cadence)}."
    if alert.row.disagreement is None:
        raise AssertionError("an alert of this kind is about a disagreement")
    return f"{outcome.label}: {DISAGREEMENT[alert.row.disagreement.disagreement]}."


def _restated(one: Restated, month: str, *, currency: str) -> str:
    """A figure of a closed month that is another now, or is held against another target."""
    before, now = one.published, one.now
    flipped = f" ({STATUS[now.judgement.status].text})" if one.flips else ""
    values = [value_text(reading, currency=currency) for reading in (before, now)]
    aimed = aimed_text(one, currency=currency)
    said = [f"published as {values[0]}, now {values[1]}"] if one.is_moved or not aimed else []
    said += [f"target was {aimed}"] if aimed else []
    why = why_text(one)
    because = f"; because of {why}" if one.because else ""
    return f"{now.label} in {month}: {'; '.join(said)}{flipped}{because}."


def by_weight(found: Sequence[Alert]) -> tuple[Alert, ...]:
    """What is bad before what is good, and within that by kind."""
    return tuple(sorted(found, key=lambda one: (_is_good(one), _ORDER[one.kind])))


def digest(found: Alerts, *, currency: str = "$") -> str:
    """The digest as Markdown: the month's headline, what is new, how much else is open."""
    new = by_weight(found.new)
    shown = new if len(new) <= MOST_LINES else new[: MOST_LINES - 1]
    lines = [f"- {sentence(one, currency=currency)}" for one in shown]
    if len(new) > len(shown):
        lines.append(f"- {format_count(len(new) - len(shown))} more on the review page.")
    if not new:
        lines.append("Nothing is new.")
    still = len(found.open) - len(new)
    if still:
        noun = "thing" if still == 1 else "things"
        lines += ["", f"{format_count(still)} {noun} told before {_still(still)} so."]
    return "\n".join([f"**{title(found)}.** {headline(found.card)}", "", *lines, ""])


def put_off(alert: Alert, *, currency: str = "$") -> str:
    """An alert that waits: until when, and why."""
    if alert.snooze is None:
        raise AssertionError("only what somebody put off waits")
    until = day_text(alert.snooze.until)
    said = sentence(alert, currency=currency)
    return f"{said} Put off until {until} by {alert.snooze.actor}: {alert.snooze.reason}"


def title(found: Alerts) -> str:
    """What the digest is about."""
    return f"{found.card.organisation.name}, {month_label(found.card.month)}"


def _still(count: int) -> str:
    return "is still" if count == 1 else "are still"


def _is_good(alert: Alert) -> bool:
    if alert.row is None:
        return False
    outcome = alert.row.outcome
    if alert.kind is AlertKind.STATUS:
        return outcome.judgement.status is Status.ON_TARGET
    return alert.kind is AlertKind.SIGNAL and outcome.verdict.variation is Variation.BETTER

"""One reading in words: its value, change, target and what must be said beside them."""

from collections.abc import Iterable
from datetime import date

from kpi_engine.catalogue.metrics import Metric
from kpi_engine.maths.status import Bound, kpi_status
from kpi_engine.periods import MONTHS_IN, add_months, month_label
from kpi_engine.services.facts import PeriodValue
from kpi_engine.services.readings import Reading
from kpi_engine.terms import Direction, Grain, Status
from kpi_engine.units import (
    DASH,
    format_change,
    format_distance,
    format_target,
    format_value,
    lower_first,
    rounds_to_zero,
    value_decimals,
)
from kpi_engine.words.judgement import NOT_YET, PLACEHOLDER, PROVISIONAL, STATUS

MONTHS_BACK = {Grain.QUARTER: 3, Grain.YEAR: 12}
"""What ``Reading.previous`` lies back, where it is not one month."""


def value_text(reading: Reading, *, currency: str = "$") -> str:
    """The value with as many digits as its status needs."""
    judgement = reading.judgement
    return format_value(
        reading.value,
        unit=reading.metric.unit,
        decimals=reading.metric.decimals,
        currency=currency,
        bounds=(*ends_of(judgement.target), *ends_of(judgement.red_line)),
    )


def digits(reading: Reading) -> int:
    """How many digits ``value_text`` prints behind the mark."""
    metric, judgement = reading.metric, reading.judgement
    if reading.value is None:
        return metric.decimals
    bounds = (*ends_of(judgement.target), *ends_of(judgement.red_line))
    return value_decimals(reading.value, unit=metric.unit, decimals=metric.decimals, bounds=bounds)


def number_text(value: float | None, metric: Metric, *, currency: str = "$") -> str:
    """Any value of a metric, without regard to a status."""
    return format_value(value, unit=metric.unit, decimals=metric.decimals, currency=currency)


def change_text(reading: Reading, *, currency: str = "$") -> str:
    """The change on the month before; a dash when there is nothing to compare."""
    return _change(reading.change, reading.metric, currency)


def year_change_text(reading: Reading, *, currency: str = "$") -> str:
    """The change on the same month a year earlier; a dash when there is none."""
    return _change(reading.change_on_year, reading.metric, currency)


def distance_text(change: float, metric: Metric, *, currency: str = "$") -> str:
    """The size of a change, unsigned: "0.6 pp"."""
    return format_distance(change, unit=metric.unit, decimals=metric.decimals, currency=currency)


def target_text(reading: Reading, *, currency: str = "$") -> str:
    """The target with its sign; a dash when nothing is aimed for."""
    target = reading.judgement.target
    if target is None:
        return DASH
    return format_target(
        target,
        unit=reading.metric.unit,
        decimals=reading.metric.decimals,
        direction=reading.metric.direction,
        currency=currency,
    )


def has_changed(reading: Reading) -> bool:
    """Whether the change on the month before prints as anything but "no change"."""
    return reading.change is not None and not rounds_to_zero(
        reading.change, unit=reading.metric.unit, decimals=reading.metric.decimals
    )


def previous_label(reading: Reading) -> str:
    """The month the change looks back to: "Sep 2026"."""
    return month_label(previous_month(reading), short=True)


CHANGED_LATER = "changed later"
"""What is said of a month that changed after its closing day and was never published."""


def previous_month(reading: Reading) -> date:
    """The month the change looks back to; for a quarter the last of the quarter before."""
    return add_months(reading.shown_month, -MONTHS_BACK.get(reading.metric.cadence, 1))


def restated_before_tag(reading: Reading) -> str:
    """That the month compared with has changed since it was closed; else empty.

    "Sep restated" where it was published, "Sep changed later" where it never was.
    """
    if reading.previous_restated_from is None or reading.previous is None:
        return ""
    word = "restated" if reading.previous_was_published else CHANGED_LATER
    return f"{previous_month(reading):%b} {word}"


def restatements(reading: Reading, *, published: bool = True) -> tuple[str, ...]:
    """Which of the two months a page compares were restated: "Time to market, Sep 2026".

    Args:
        reading: With its month and the one before.
        published: Those that were published, which alone can be restated; or else those that
            never were, and changed after their closing day.
    """
    months = (
        (reading.restated_from, reading.shown_month, reading.was_published),
        (
            reading.previous_restated_from,
            previous_month(reading),
            reading.previous_was_published,
        ),
    )
    return tuple(
        f"{reading.label}, {month_label(month, short=True)}"
        for was, month, was_published in months
        if was is not None and was_published is published
    )


def restated_before_sentence(reading: Reading, *, currency: str = "$") -> str:
    """The same with both values, for pages with room for a sentence; else empty."""
    if reading.previous_restated_from is None or reading.previous is None:
        return ""
    was, is_ = (
        number_text(value, reading.metric, currency=currency)
        for value in (reading.previous_restated_from, reading.previous)
    )
    if not reading.previous_was_published:
        return (
            f"{previous_label(reading)} changed after its closing day: {was} then, {is_} now. It "
            "was never published."
        )
    return f"{previous_label(reading)} was restated after it was published: {was} then, {is_} now."


def tags(reading: Reading, *, currency: str = "$") -> tuple[str, ...]:
    """What must stand beside the value: provisional, restated, target not agreed."""
    found = []
    if reading.is_open:
        found.append(PROVISIONAL)
    if reading.restated_from is not None:
        was = number_text(reading.restated_from, reading.metric, currency=currency)
        found.append(f"{'restated' if reading.was_published else CHANGED_LATER}, was {was}")
    if reading.judgement.is_placeholder and reading.judgement.target is not None:
        found.append(PLACEHOLDER)
    return tuple(found)


def word_of_status(reading: Reading) -> str:
    """The status as a word: "On target"; of a sum that is still filling up "Not judged yet"."""
    judgement = reading.judgement
    is_waiting = reading.is_open and judgement.status is Status.NOT_JUDGED
    return NOT_YET if is_waiting and judgement.target is not None else STATUS[judgement.status].word


def target_sentence(reading: Reading, *, currency: str = "$") -> str:
    """Target and distance from it: "Target at least 97.5 %, missed by 1.3 pp."."""
    target, value, metric = reading.judgement.target, reading.value, reading.metric
    if target is None:
        return "No target is set."
    start = f"Target {aim_text(target, metric, currency=currency)}"
    if value is None or reading.judgement.status is Status.NOT_JUDGED:
        return f"{start}."
    if reading.judgement.status is Status.ON_TARGET:
        return f"{start}, met."
    miss = min((end - value for end in ends_of(target)), key=abs)
    size = distance_text(miss, metric, currency=currency)
    if rounds_to_zero(miss, unit=metric.unit, decimals=metric.decimals):
        return f"{start}, narrowly missed."
    return f"{start}, missed by {size}."


def stretch_sentence(reading: Reading, *, currency: str = "$") -> str:
    """What would be better still, and whether it was reached; empty where nobody set it."""
    judgement, metric = reading.judgement, reading.metric
    if judgement.stretch is None:
        return ""
    said = f"Stretch target {aim_text(judgement.stretch, metric, currency=currency)}"
    status = kpi_status(
        reading.value, target=judgement.stretch, red_line=None, direction=metric.direction
    )
    is_judged = judgement.status not in (Status.NO_DATA, Status.NOT_JUDGED)
    return f"{said}, reached." if is_judged and status is Status.ON_TARGET else f"{said}."


def aim_text(target: Bound, metric: Metric, *, currency: str = "$") -> str:
    """A target inside a sentence: "at least 97.5 %"."""
    bound = format_target(
        target,
        unit=metric.unit,
        decimals=metric.decimals,
        direction=Direction.IN_RANGE,
        currency=currency,
    )
    least = {Direction.HIGHER_IS_BETTER: "at least ", Direction.LOWER_IS_BETTER: "at most "}
    return f"{least.get(metric.direction, '')}{bound}"


def as_of_text(reading: Reading) -> str:
    """For measures that come less often than monthly: "as of Sep 2026"; else empty."""
    if reading.value is None or reading.metric.cadence not in MONTHS_BACK:
        return ""
    return f"as of {month_label(reading.shown_month, short=True)}"


def short_text(value: PeriodValue, grain: Grain) -> str:
    """How much of a quarter or year is there, "2 of 3 months"; empty when nothing is missing."""
    return f"{value.months} of {MONTHS_IN[grain]} months" if value.is_short(grain) else ""


def so_far_text(reading: Reading) -> str:
    """How much of an open month is in, "first 12 days"; empty for others."""
    days = reading.days_so_far
    if days is None:
        return ""
    return "first day" if days == 1 else f"first {days} days"


def days_of_each(reading: Reading) -> str:
    """What of two months is compared while one is open: "first 12 days of each"; else empty."""
    days = so_far_text(reading)
    return f"{days} of each" if days else ""


def compared_text(reading: Reading) -> str:
    """What a change looks back to where it is no whole month: "first 12 days of each"; else empty.

    Of a measure that comes less often it is its last value: "on Jun 2026".
    """
    if reading.change is not None and reading.days_so_far is not None:
        return days_of_each(reading)
    if reading.metric.cadence not in MONTHS_BACK or reading.change is None:
        return ""
    return f"on {previous_label(reading)}"


def day_text(day: date) -> str:
    """A day as it stands in texts: "12 Oct 2026"."""
    return f"{day.day} {month_label(day, short=True)}"


def in_sentence(reading: Reading) -> str:
    """A reading inside a sentence: "service availability (Online shop)"."""
    members = ", ".join(reading.segment.values())
    name = lower_first(reading.metric.label)
    return f"{name} ({members})" if members else name


def joined(parts: Iterable[str]) -> str:
    """Parts as a list in a sentence: "a, b and c"."""
    *most, last = parts
    return f"{', '.join(most)} and {last}" if most else last


def _change(change: float | None, metric: Metric, currency: str) -> str:
    if change is None:
        return DASH
    return format_change(change, unit=metric.unit, decimals=metric.decimals, currency=currency)


def ends_of(bound: Bound | None) -> tuple[float, ...]:
    """The numbers of a target or red line: none, one, or two of a range."""
    if bound is None:
        return ()
    return bound if isinstance(bound, tuple) else (bound,)

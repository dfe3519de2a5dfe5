"""Where the year will end, in words: a range and what it says of the target, never a point."""

import math
from collections.abc import Mapping

from kpi_engine.catalogue.metrics import Metric
from kpi_engine.maths.intervals import Estimate
from kpi_engine.maths.status import Bound
from kpi_engine.periods import month_label, year_label
from kpi_engine.services.landing import Landing, NotSaid
from kpi_engine.services.year_so_far import YearSoFar
from kpi_engine.terms import Fold, Trajectory
from kpi_engine.units import format_value
from kpi_engine.words.judgement import STATUS
from kpi_engine.words.reading import aim_text, ends_of, joined
from kpi_engine.words.variation import periods_of

TRAJECTORY: Mapping[Trajectory, str] = {
    Trajectory.ON_TRACK: "on track",
    Trajectory.OFF_TRACK: "off track",
    Trajectory.TOO_EARLY: "too early to tell",
    Trajectory.MET: "met",
    Trajectory.NOT_MET: "not met",
    Trajectory.NOT_JUDGED: "",
}
_NOTES = {Trajectory.OFF_TRACK: "likely to miss", Trajectory.NOT_MET: "missed"}
_MONTHS_NAMED = 3
"""With more months missing than this a sentence stops naming them."""
_RATIO_DIGITS = 5


def landing_sentence(landing: Landing, metric: Metric, *, currency: str = "$") -> str:
    """Where the year will end: "2026 is likely to end at 17.4 h to 19.4 h; target at most 18 h".

    The range is the 90 % range. Where nothing is said of the year, that and why.
    """
    year, periods = year_label(landing.first), periods_of(metric.cadence)[1]
    if landing.ends is None:
        return f"Where {year} will end cannot be told: {_reason(landing, metric)}."
    low, high = _ends_text(landing.ends, landing, metric, currency=currency)
    target = "" if landing.target is None else f"; target {_aim(landing.target, metric, currency)}"
    verdict = TRAJECTORY[landing.trajectory]
    if landing.is_over:
        return f"{year} ended at {low}{target}{f': {verdict}' if verdict else ''}."
    return (
        f"{year} is likely to end at {low} to {high} (90\u202f% range){target}"
        f"{f': {verdict}' if verdict else ''}, with {landing.periods_in} of {landing.periods} "
        f"{periods} in."
    )


def so_far_sentence(so_far: YearSoFar, metric: Metric, *, currency: str = "$") -> str:
    """The year up to now: "2026 to Oct: $10.2m against at least $9.9m by then (● On target)"."""
    year, month = year_label(so_far.first), month_label(so_far.through, short=True)
    bounds = (*ends_of(so_far.target), *ends_of(so_far.red_line))
    value = format_value(
        so_far.value, unit=metric.unit, decimals=metric.decimals, currency=currency, bounds=bounds
    )
    said = f"{year} to the end of {month}: {value}"
    if so_far.target is None:
        return f"{said}."
    agreed = ", which nobody has agreed" if so_far.is_placeholder else ""
    aim = _aim(so_far.target, metric, currency)
    whole = f"; the year's target is {_aim(so_far.whole, metric, currency)}" if so_far.whole else ""
    return f"{said} against {aim} by then{agreed} ({STATUS[so_far.status].text}){whole}."


def landing_note(landing: Landing | None) -> str:
    """What a row has room for, and only where somebody should look: "2026 likely to miss"."""
    verdict = "" if landing is None else _NOTES.get(landing.trajectory, "")
    return f"{year_label(landing.first)} {verdict}" if landing and verdict else ""


def _reason(landing: Landing, metric: Metric) -> str:
    periods = periods_of(metric.cadence)[1]
    if landing.reason is NotSaid.MISSING:
        if len(landing.missing) > _MONTHS_NAMED:
            return f"{len(landing.missing)} {periods} of it are missing"
        named = joined(month_label(month, short=True) for month in landing.missing)
        return f"{named} {'is' if len(landing.missing) == 1 else 'are'} missing"
    if landing.reason is NotSaid.DOES_NOT_FOLD:
        return f"a {metric.measure.fold.value} of the year does not follow from its {periods}"
    return f"there are too few {periods} to forecast from"


def _ends_text(
    ends: Estimate, landing: Landing, metric: Metric, *, currency: str
) -> tuple[str, str]:
    """Both ends, with no more digits than the width tells, each on its own side of the target.

    Of $13,555,634 to $13,928,490 only the tens of thousands tell anything.
    """
    bounds, width = ends_of(landing.target), ends.high - ends.low
    step = 10.0 ** (math.floor(math.log10(width)) - 1) if width > 0 else 0.0

    def text(end: float, decimals: int) -> str:
        rounded = round(end / step) * step if metric.decimals == 0 and step > 1 else end
        keeps_side = all((rounded < bound) == (end < bound) for bound in bounds)
        return format_value(
            rounded if keeps_side else end,
            unit=metric.unit,
            decimals=decimals,
            currency=currency,
            bounds=bounds,
        )

    low, high = text(ends.low, metric.decimals), text(ends.high, metric.decimals)
    if low == high and width > 0:
        return text(ends.low, metric.decimals + 1), text(ends.high, metric.decimals + 1)
    return low, high


def _aim(target: Bound, metric: Metric, currency: str) -> str:
    """The year's target; that of a ratio, being weighted, without digits that say nothing."""
    digits = _RATIO_DIGITS if metric.measure.fold in (Fold.RATIO, Fold.WEIGHTED_MEAN) else 12
    ends = tuple(float(f"{end:.{digits}g}") for end in ends_of(target))
    return aim_text((ends[0], ends[1]) if len(ends) > 1 else ends[0], metric, currency=currency)

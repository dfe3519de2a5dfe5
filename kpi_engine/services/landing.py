"""Where the year will end (A6): the months that are in, and forecasts of those that are not.

Of a year that is still running a range is given, never a point. Months to come are drawn together,
from the measure's own past alone; what a ratio is divided by is drawn by itself, so that busy and
quiet months count as they should. Initiatives and what anybody plans are no part of it.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any

import numpy as np

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.metrics import Metric
from kpi_engine.fiscal import FiscalCalendar
from kpi_engine.mapping.influence.background import DAYS_A_WEEK, Floats
from kpi_engine.mapping.influence.months_ahead import FEWEST_VALUES, courses_ahead
from kpi_engine.mapping.influence.scales import on_scale, values_off_scale
from kpi_engine.maths.intervals import Estimate
from kpi_engine.maths.status import Bound
from kpi_engine.maths.trajectory import trajectory
from kpi_engine.periods import MONTHS_IN, add_months, first_month, months_between
from kpi_engine.services.completeness import Arrival, completeness
from kpi_engine.services.readings import Reading
from kpi_engine.services.series import Series, latest_month, months_apart
from kpi_engine.store.parts import PAIRED, has_stock_below
from kpi_engine.terms import Fold, Grain, Trajectory, Unit

_TELLS_NOTHING = 10
"""A range so many times as wide as a year of the largest value ever seen is none."""
_FOLDS = (Fold.SUM, Fold.LAST, *PAIRED)


class NotSaid(StrEnum):
    """Why nothing is said of where a year will end."""

    DOES_NOT_FOLD = "does_not_fold"
    """A year's median cannot be told from those of its months; nor is one value a year a course."""
    MISSING = "missing"
    """Months before the newest are missing."""
    TOO_LITTLE = "too_little"
    """There are fewer than six values, or a month of the year was never seen."""


@dataclass(frozen=True, kw_only=True)
class Landing:
    """Where one measure's fiscal year will end, as seen from one month.

    Attributes:
        first: First month of the year.
        periods_in: Months (or quarters) of the year that are in as a whole.
        periods: Months (or quarters) that the year has.
        ends: Where it will end, with the 90 % range that pages print; its value once the year is
            over; None where nothing is said.
        narrow: Ends of the 80 % range; None where ``ends`` is.
        target: Of the whole year; None unless every month of it has one.
        trajectory: The 90 % range against that target.
        reason: Why nothing is said; None where something is.
        missing: Months that would have to be in, oldest first.
    """

    first: date
    periods_in: int
    periods: int
    ends: Estimate | None = None
    narrow: tuple[float, float] | None = None
    target: Bound | None = None
    trajectory: Trajectory = Trajectory.NOT_JUDGED
    reason: NotSaid | None = None
    missing: tuple[date, ...] = ()

    @property
    def is_over(self) -> bool:
        """Whether every month of the year is in."""
        return self.periods_in == self.periods

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return asdict(self) | {
            "first": self.first.isoformat(),
            "missing": [month.isoformat() for month in self.missing],
        }


@dataclass(frozen=True, kw_only=True)
class _Periods:
    """A measure's months or quarters in a row, to the end of the year.

    Attributes:
        months: The last month of each, from the first that is known.
        known: How many of them lie behind: the newest that is in, and all before it.
        values: In the measure's unit; NaN where a period is not in.
        weights: What each counts for in a longer period; NaN where that is not known.
    """

    months: Sequence[date]
    known: int
    values: Floats
    weights: Floats


def year_landing(
    catalogue: Catalogue, reading: Reading, series: Series, arrival: Arrival | None
) -> Landing:
    """Where the fiscal year of a reading will end.

    Sums add up. Ratios and weighted means are weighted by what they are divided by; hours per
    employee add up over the average headcount. A stock ends the year where its last month does.
    The year's target folds the targets of its months in the same way: those of a sum are added,
    and a ratio's year meets its target when every month just meets its own.

    Args:
        catalogue: Definitions in force.
        reading: Of the month from which one looks ahead. It may be open: only whole months count.
        series: Its measure's months up to that month.
        arrival: When its data came in.
    """
    metric, organisation = reading.metric, catalogue.organisation
    start_in, step = organisation.year_starts_in, months_apart(metric)
    shown = latest_month(metric, reading.month, year_starts_in=start_in)
    first = first_month(shown, Grain.YEAR, year_starts_in=start_in)
    year = _every(add_months(first, step - 1), add_months(first, MONTHS_IN[Grain.YEAR] - 1), step)
    whole = [
        month
        for month, point in sorted(series.items())
        if month <= shown
        and (
            completeness(month, series, arrival, organisation=organisation, months=step).is_complete
            or point.denominator == 0
        )
    ]
    missing = tuple(month for month in year if month < shown and month not in whole)
    found = Landing(first=first, periods_in=len(set(year) & set(whole)), periods=len(year))
    if metric.measure.fold not in _FOLDS or metric.cadence is Grain.YEAR:
        return replace(found, reason=NotSaid.DOES_NOT_FOLD)
    if missing:
        return replace(found, reason=NotSaid.MISSING, missing=missing)
    if len(whole) < FEWEST_VALUES and not found.is_over:
        return replace(found, reason=NotSaid.TOO_LITTLE)
    known = _periods(metric, series, whole, organisation.calendar, last=year[-1])
    if np.isnan(known.weights[: known.known]).all():
        return replace(found, reason=NotSaid.DOES_NOT_FOLD)
    drawn = _drawn(metric, known)
    if drawn is None:
        return replace(found, reason=NotSaid.TOO_LITTLE)
    values, weights = (part[:, -len(year) :] for part in drawn)
    largest = float(np.nanmax(np.abs(known.values)))
    return _landed(catalogue, reading, found, values, weights, largest=largest)


def _landed(
    catalogue: Catalogue,
    reading: Reading,
    found: Landing,
    values: Floats,
    weights: Floats,
    *,
    largest: float,
) -> Landing:
    """The landing of a year whose months are drawn: a row a draw, a column a month.

    Args:
        catalogue: Definitions in force.
        reading: As for ``year_landing``.
        found: What is known of the year so far.
        values: Of the months, in the measure's unit.
        weights: What each counts for.
        largest: Size of the largest value ever seen.
    """
    metric, usual = reading.metric, np.median(weights, axis=0)
    has_stock = has_stock_below(catalogue, metric)
    ends = _folded(values, weights, metric, has_stock=has_stock)
    if np.isnan(ends).any():
        return replace(found, reason=NotSaid.DOES_NOT_FOLD)
    low, narrow_low, mid, narrow_high, high = (
        float(end) for end in np.quantile(ends, [0.05, 0.10, 0.50, 0.90, 0.95])
    )
    most = _folded(np.full_like(usual, largest), usual, metric, has_stock=has_stock)
    if not high - low <= _TELLS_NOTHING * most:
        return replace(found, reason=NotSaid.TOO_LITTLE)
    target = _target(catalogue, reading, found.first, usual)
    return replace(
        found,
        ends=Estimate(low=low, mid=mid, high=high),
        narrow=(narrow_low, narrow_high),
        target=target,
        trajectory=trajectory(
            low, high, target=target, direction=metric.direction, is_over=found.is_over
        ),
    )


def _every(first: date, last: date, step: int) -> list[date]:
    return months_between(first, last)[::step]


def _periods(
    metric: Metric,
    series: Series,
    whole: Sequence[date],
    calendar: FiscalCalendar,
    *,
    last: date,
) -> _Periods:
    step = months_apart(metric)
    months = _every(whole[0], last, step)
    points = {month: series[month] for month in whole}
    values = [points[month].value if month in points else None for month in months]
    weights: list[float | None] = [1.0] * len(months)
    if metric.measure.per_week:
        weights = [calendar.length(month, months=step) / DAYS_A_WEEK for month in months]
    elif metric.measure.fold in PAIRED:
        weights = [points[month].denominator if month in points else None for month in months]
    return _Periods(
        months=months,
        known=months.index(whole[-1]) + 1,
        values=np.asarray(values, dtype=np.float64),
        weights=np.asarray(weights, dtype=np.float64),
    )


def _drawn(metric: Metric, periods: _Periods) -> tuple[Floats, Floats] | None:
    """Values and weights of every period, those to come drawn: a row a draw, a column a period."""
    values, weights, known = periods.values, periods.weights, periods.known
    if known == len(values):
        return values[None, :], weights[None, :]
    ahead = courses_ahead(on_scale(values[:known], metric.moves), periods=periods.months)
    if ahead is None:
        return None
    ahead = np.clip(values_off_scale(ahead, metric.moves), *_bounds(metric, values[:known]))
    loads = np.tile(weights[known:], (len(ahead), 1))
    if np.isnan(loads).any():
        drawn = courses_ahead(on_scale(weights[:known], "log"), periods=periods.months, draw=1)
        if drawn is None:
            return None
        loads = values_off_scale(drawn, "log")
    return _joined(values[:known], ahead), _joined(weights[:known], loads)


def _joined(past: Floats, ahead: Floats) -> Floats:
    return np.hstack([np.tile(past, (len(ahead), 1)), ahead])


def _bounds(metric: Metric, past: Floats) -> tuple[float, float]:
    """What was never negative will not be, and a share that never was above 1 will not be."""
    lowest = 0.0 if np.nanmin(past) >= 0 else -np.inf
    is_share = metric.unit is Unit.PERCENT and np.nanmax(past) <= 1
    return lowest, 1.0 if is_share else np.inf


def _folded(values: Floats, weights: Floats, metric: Metric, *, has_stock: bool) -> Floats:
    """Years from their periods, along the last axis; a period without any cases adds nothing."""
    if metric.measure.fold is Fold.LAST:
        return np.asarray(values[..., -1])
    total = (np.where(weights == 0, 0.0, values) * weights).sum(axis=-1)
    if metric.measure.fold is Fold.SUM and not metric.measure.per_week:
        return np.asarray(total)
    below = weights.mean(axis=-1) if has_stock else weights.sum(axis=-1)
    return np.asarray(total / np.where(below == 0, np.nan, below))


def _target(catalogue: Catalogue, reading: Reading, first: date, weights: Floats) -> Bound | None:
    """The year's target; None unless every month has one."""
    step, metric = months_apart(reading.metric), reading.metric
    months = _every(add_months(first, step - 1), add_months(first, MONTHS_IN[Grain.YEAR] - 1), step)
    declared = [
        catalogue.target_for(metric.id, month=month, segment=reading.segment) for month in months
    ]
    bounds = np.asarray([one.target for one in declared if one is not None], dtype=np.float64)
    if len(bounds) < len(months):
        return None
    has_stock = has_stock_below(catalogue, metric)
    folded = _folded(bounds.T, weights, metric, has_stock=has_stock)
    ends = [float(f"{end:.12g}") for end in np.atleast_1d(folded)]
    return (ends[0], ends[1]) if folded.ndim else ends[0]

"""Periods in a row: which there are, their days, and averages over the months they lie in."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache

import numpy as np

from kpi_engine.mapping.influence.background import Floats, Ints, periods_from
from kpi_engine.periods import add_months, month_of
from kpi_engine.terms import Grain

DAYS: Mapping[Grain, float] = {Grain.DAY: 1.0, Grain.WEEK: 7.0, Grain.MONTH: 30.4375}
"""Length of a period, on average."""


def grid(values: Iterable[date], grain: Grain, *, ahead: int) -> tuple[date, ...]:
    """Periods from the first with a value, and as many before it as lags reach back."""
    known = sorted(values)
    if not known:
        return ()
    days = (known[-1] - known[0]).days
    count = round(days / DAYS[grain]) + 1
    first = known[0]
    for _ in range(ahead):
        first = (
            month_of(first - timedelta(days=1))
            if grain is Grain.MONTH
            else (first - timedelta(days=int(DAYS[grain])))
        )
    return tuple(periods_from(first, count + ahead, grain))


def days_of(period: date, grain: Grain) -> list[date]:
    """The days of a period."""
    if grain is not Grain.MONTH:
        return [period + timedelta(days=step) for step in range(int(DAYS[grain]))]
    after = month_of(period + timedelta(days=32))
    return [period + timedelta(days=step) for step in range((after - period).days)]


def over_before(periods: Sequence[date], day: date, grain: Grain) -> int:
    """How many of some periods in a row were over before a day."""
    if grain is Grain.MONTH:
        return bisect_right(periods, add_months(day, -1))
    return bisect_right(periods, day - timedelta(days=int(DAYS[grain])))


def by_month(
    periods: Sequence[date], values: Floats, cases: Floats, grain: Grain
) -> dict[date, float]:
    """Averages over the periods of each month, weighed by the outcome's cases.

    Args:
        periods: First days, without a gap.
        values: One a period; NaN where there is none.
        cases: What each period of the outcome weighs within its month.
        grain: Of the periods; a week belongs to both its months by its days.
    """
    if not periods:
        return {}
    months, month, period = _months_of(periods[0], len(periods), grain)
    counts = ~np.isnan(values) & (cases > 0)
    weights = np.where(counts, cases, 0.0)
    totals = np.bincount(month, (weights * np.where(counts, values, 0.0))[period], len(months))
    shares = np.bincount(month, weights[period], len(months))
    return {
        at: float(total / share)
        for at, total, share in zip(months, totals, shares, strict=True)
        if share > 0
    }


@lru_cache(maxsize=64)
def _months_of(first: date, count: int, grain: Grain) -> tuple[list[date], Ints, Ints]:
    """Months that periods in a row touch; for each part of a period its month and itself."""
    parts = [
        (month_of(day), place)
        for place, period in enumerate(periods_from(first, count, grain))
        for day in ([period] if grain is not Grain.WEEK else days_of(period, grain))
    ]
    months = sorted({month for month, _ in parts})
    places = {month: place for place, month in enumerate(months)}
    return (
        months,
        np.asarray([places[month] for month, _ in parts]),
        np.asarray([place for _, place in parts]),
    )

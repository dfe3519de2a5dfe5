"""Periods in a row: which there are, their days, and averages over the months they lie in."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache

import numpy as np

from kpi_engine.fiscal import FiscalCalendar
from kpi_engine.mapping.influence.background import Floats, Ints, periods_from
from kpi_engine.periods import add_months
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
            add_months(first, -1)
            if grain is Grain.MONTH
            else (first - timedelta(days=int(DAYS[grain])))
        )
    return tuple(periods_from(first, count + ahead, grain))


def days_of(period: date, grain: Grain, calendar: FiscalCalendar) -> list[date]:
    """The days of a period."""
    first, count = period, int(DAYS[grain])
    if grain is Grain.MONTH:
        first, count = calendar.first_day(period), calendar.length(period)
    return [first + timedelta(days=step) for step in range(count)]


def over_before(
    periods: Sequence[date], month: date, grain: Grain, calendar: FiscalCalendar
) -> int:
    """How many of some periods in a row were over before a month began."""
    if grain is Grain.MONTH:
        return bisect_left(periods, month)
    return bisect_right(periods, calendar.first_day(month) - timedelta(days=int(DAYS[grain])))


def by_month(
    periods: Sequence[date],
    values: Floats,
    cases: Floats,
    grain: Grain,
    calendar: FiscalCalendar,
) -> dict[date, float]:
    """Averages over the periods of each month, weighed by the outcome's cases.

    Args:
        periods: First days, without a gap.
        values: One a period; NaN where there is none.
        cases: What each period of the outcome weighs within its month.
        grain: Of the periods; a week belongs to both its months by its days.
        calendar: By which days make months.
    """
    found = by_month_each(periods, values[:, None], cases, grain, calendar)
    return {month: value for month, (value,) in found.items()}


def by_month_each(
    periods: Sequence[date],
    columns: Floats,
    cases: Floats,
    grain: Grain,
    calendar: FiscalCalendar,
) -> dict[date, tuple[float, ...]]:
    """The same of many series, of the months in which each has an average.

    Args:
        periods: First days, without a gap.
        columns: One row a period, one column a series; otherwise as for ``by_month``.
        cases: As for ``by_month``.
        grain: Of the periods.
        calendar: As for ``by_month``.
    """
    if not periods:
        return {}
    months, starts, period = _months_of(periods[0], len(periods), grain, calendar)
    counts = ~np.isnan(columns) & (cases > 0)[:, None]
    weights = np.where(counts, cases[:, None], 0.0)
    totals = np.add.reduceat((weights * np.where(counts, columns, 0.0))[period], starts)
    shares = np.add.reduceat(weights[period], starts)
    known = np.flatnonzero((shares > 0).all(axis=1))
    averages = (totals[known] / shares[known]).tolist()
    return {months[at]: tuple(one) for at, one in zip(known, averages, strict=True)}


@lru_cache(maxsize=64)
def _months_of(
    first: date, count: int, grain: Grain, calendar: FiscalCalendar
) -> tuple[list[date], Ints, Ints]:
    """Months that periods in a row touch; where in the second each begins: the parts of periods."""
    parts = [
        (day if grain is Grain.MONTH else calendar.month_of(day), place)
        for place, period in enumerate(periods_from(first, count, grain))
        for day in ([period] if grain is not Grain.WEEK else days_of(period, grain, calendar))
    ]
    months = sorted({month for month, _ in parts})
    starts = np.searchsorted(
        [month.toordinal() for month, _ in parts], [m.toordinal() for m in months]
    )
    return months, starts, np.asarray([place for _, place in parts])

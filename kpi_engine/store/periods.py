"""Weeks, months, quarters and fiscal years of a day, in SQL."""

from itertools import accumulate
from typing import Any

import sqlalchemy as sa

from kpi_engine.fiscal import QUARTER_WEEKS, QUARTERS, FiscalCalendar, Weeks
from kpi_engine.periods import MONTHS_IN
from kpi_engine.store.counters import calendar_month
from kpi_engine.terms import Grain

_DAY: sa.ColumnElement[Any] = sa.literal_column("'day'")
_TIMES = 8
"""How tightly SQLAlchemy binds a multiplication, so that what is added gets its parentheses."""


def period_start(
    day: sa.ColumnElement[Any], grain: Grain, *, calendar: FiscalCalendar
) -> sa.ColumnElement[Any]:
    """The period a day lies in: the first day of a week, the name of a month and what is longer."""
    if grain is Grain.WEEK:
        return week_of(day)
    month = month_of(day, calendar)
    return month if grain is Grain.MONTH else longer_of(month, grain, calendar=calendar)


def week_of(day: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """Monday of the week a day lies in."""
    return sa.cast(sa.func.date_trunc(sa.literal_column("'week'"), day), sa.Date)


def longer_of(
    month: sa.ColumnElement[Any], grain: Grain, *, calendar: FiscalCalendar
) -> sa.ColumnElement[Any]:
    """First month of the quarter or fiscal year a month lies in, whatever days it has."""
    step: sa.ColumnElement[Any] = sa.literal_column(f"INTERVAL {calendar.year_starts_in - 1} MONTH")
    unit: sa.ColumnElement[Any] = sa.literal_column(
        "'quarter'" if grain is Grain.QUARTER else "'year'"
    )
    return sa.cast(sa.func.date_trunc(unit, month - step) + step, sa.Date)


def month_of(day: sa.ColumnElement[Any], calendar: FiscalCalendar) -> sa.ColumnElement[Any]:
    """The month a day lies in: ``FiscalCalendar.month_of``."""
    weeks = calendar.weeks
    if weeks is None:
        return calendar_month(day)
    week = _fiscal_week_of(day, weeks)
    named = week + _whole(6 - weeks.shift)
    year = longer_of(named, Grain.YEAR, calendar=calendar)
    number = _days_from(_opens(year, weeks), week).op("//", precedence=_TIMES)(_whole(7))
    quarter = sa.func.least(
        number.op("//", precedence=_TIMES)(_whole(QUARTER_WEEKS)), _whole(QUARTERS - 1)
    )
    left = number - quarter * _whole(QUARTER_WEEKS)
    one, two = list(accumulate(weeks.months))[:2]
    place = sa.case((left < _whole(one), _whole(0)), (left < _whole(two), _whole(1)), else_=2)
    months = quarter * _whole(3) + place
    return sa.cast(year + sa.func.to_months(sa.cast(months, sa.Integer)), sa.Date)


def first_day(month: sa.ColumnElement[Any], calendar: FiscalCalendar) -> sa.ColumnElement[Any]:
    """First day of a month: ``FiscalCalendar.first_day``."""
    weeks = calendar.weeks
    if weeks is None:
        return month
    year = longer_of(month, Grain.YEAR, calendar=calendar)
    place = sa.func.date_diff(sa.literal_column("'month'"), year, month)
    before = [0, *accumulate(weeks.months * QUARTERS)]
    since = sa.case({number: weeks_ * 7 for number, weeks_ in enumerate(before)}, value=place)
    return sa.cast(_opens(year, weeks) + sa.cast(since, sa.Integer), sa.Date)


def period_days(
    period: sa.ColumnElement[Any], grain: Grain, calendar: FiscalCalendar
) -> sa.ColumnElement[Any]:
    """How many days a period has."""
    if grain is Grain.WEEK:
        return sa.literal_column("7")
    months: sa.ColumnElement[Any] = sa.literal_column(f"INTERVAL {MONTHS_IN[grain]} MONTH")
    after = first_day(sa.cast(period + months, sa.Date), calendar)
    return _days_from(first_day(period, calendar), after)


def _opens(year: sa.ColumnElement[Any], weeks: Weeks) -> sa.ColumnElement[Any]:
    return _fiscal_week_of(year + _whole(weeks.shift), weeks)


def _fiscal_week_of(day: sa.ColumnElement[Any], weeks: Weeks) -> sa.ColumnElement[Any]:
    """First day of the week a day lies in, by the weekday on which fiscal weeks start."""
    since = (sa.func.isodow(day) + _whole(6 - weeks.starts_on)).op("%", precedence=_TIMES)(
        _whole(7)
    )
    return sa.cast(day - sa.cast(since, sa.Integer), sa.Date)


def _days_from(first: sa.ColumnElement[Any], last: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    return sa.func.date_diff(_DAY, first, last)


def _whole(number: int) -> sa.ColumnElement[Any]:
    """A whole number in the text of a query: tuning of a calendar, never what somebody typed."""
    return sa.literal_column(str(number))

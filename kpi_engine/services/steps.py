"""Periods of any grain as steps: which one a day lies in, those around it, and their days.

A month, quarter or year goes by its name, the first day of the calendar month it stands for; only
``days_of`` says which days a fiscal calendar gives it.
"""

from datetime import date, timedelta

from kpi_engine.catalogue.organisation import Organisation
from kpi_engine.periods import MONTHS_IN, add_months, first_month, last_day, month_of
from kpi_engine.terms import Grain

_DAYS_IN = {Grain.DAY: 1, Grain.WEEK: 7}
YEAR_OF_WEEKS = 364
"""Days that a day or week goes back for a year: the same weekday, 52 weeks earlier."""


def start_of(day: date, grain: Grain, organisation: Organisation) -> date:
    """The period that a day names; weeks start on Monday, years in the fiscal month."""
    if grain is Grain.DAY:
        return day
    if grain is Grain.WEEK:
        return day - timedelta(days=day.weekday())
    return first_month(month_of(day), grain, year_starts_in=organisation.year_starts_in)


def moved(period: date, grain: Grain, count: int) -> date:
    """The period ``count`` periods after one; before it where ``count`` is negative."""
    if grain in _DAYS_IN:
        return period + timedelta(days=count * _DAYS_IN[grain])
    return add_months(period, count * MONTHS_IN[grain])


def year_before(period: date, grain: Grain) -> date:
    """The same period a year earlier; of days and weeks the same weekdays, 52 weeks earlier."""
    if grain in _DAYS_IN:
        return period - timedelta(days=YEAR_OF_WEEKS)
    return add_months(period, -12)


def end_of(period: date, grain: Grain) -> date:
    """The last day that names a period."""
    if grain in _DAYS_IN:
        return period + timedelta(days=_DAYS_IN[grain] - 1)
    return last_day(add_months(period, MONTHS_IN[grain] - 1))


def days_of(period: date, grain: Grain, organisation: Organisation) -> tuple[date, date]:
    """First and last day of a period: of months and longer ones, those of the fiscal calendar."""
    if grain in _DAYS_IN:
        return period, end_of(period, grain)
    months = MONTHS_IN[grain]
    return organisation.calendar.bounds(add_months(period, months - 1), months=months)


def month_aimed_for(period: date, grain: Grain, organisation: Organisation) -> date:
    """The month whose target a period has: that of its first day; of a quarter or year its last."""
    if grain in _DAYS_IN:
        return organisation.calendar.month_of(period)
    return add_months(period, MONTHS_IN[grain] - 1)


def periods_between(first: date, last: date, grain: Grain) -> list[date]:
    """Every period from ``first`` to ``last``, both included; empty when ``last`` is earlier."""
    found = []
    while first <= last:
        found.append(first)
        first = moved(first, grain, 1)
    return found

"""Weeks, months, quarters and fiscal years of a day, in SQL."""

from typing import Any

import sqlalchemy as sa

from kpi_engine.store.counters import month_of
from kpi_engine.terms import Grain


def period_start(
    day: sa.ColumnElement[Any], grain: Grain, *, year_starts_in: int
) -> sa.ColumnElement[Any]:
    """First day of the period a day lies in; years start in the fiscal month."""
    if grain is Grain.WEEK:
        return week_of(day)
    if grain is Grain.MONTH:
        return month_of(day)
    step: sa.ColumnElement[Any] = sa.literal_column(f"INTERVAL {year_starts_in - 1} MONTH")
    unit: sa.ColumnElement[Any] = sa.literal_column(
        "'quarter'" if grain is Grain.QUARTER else "'year'"
    )
    return sa.cast(sa.func.date_trunc(unit, day - step) + step, sa.Date)


def week_of(day: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """Monday of the week a day lies in."""
    return sa.cast(sa.func.date_trunc(sa.literal_column("'week'"), day), sa.Date)


def period_days(period: sa.ColumnElement[Any], grain: Grain) -> sa.ColumnElement[Any]:
    """How many days a period has."""
    unit: sa.ColumnElement[Any] = sa.literal_column(f"INTERVAL 1 {grain.value.upper()}")
    return sa.func.date_diff(sa.literal_column("'day'"), period, sa.cast(period + unit, sa.Date))

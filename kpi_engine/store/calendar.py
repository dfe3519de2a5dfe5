"""Which days and periods are worked out again: one table, asked by all who fold and rank."""

from datetime import date
from typing import Any

import sqlalchemy as sa

from kpi_engine.fiscal import FiscalCalendar
from kpi_engine.store import periods
from kpi_engine.store.change import Change, touched_table
from kpi_engine.store.counters import calendar_month
from kpi_engine.store.placing import reach_of
from kpi_engine.store.staging import Staging
from kpi_engine.terms import Grain

_GRAINS = (Grain.WEEK, Grain.MONTH, Grain.QUARTER, Grain.YEAR)


def calendar_table(staging: Staging) -> sa.Table:
    """One row a grain and day of the periods that are worked out again: the period."""
    return _periods_table(staging, "calendar")


def names_table(staging: Staging) -> sa.Table:
    """The same by the day that names a month or quarter, wherever its own days lie.

    What was stated for a whole month, and the months that make a quarter or year, are found here:
    1 April names April also where it is the last day of March.
    """
    return _periods_table(staging, "calendar_names")


def _periods_table(staging: Staging, name: str) -> sa.Table:
    day, period = sa.Column("day", sa.Date), sa.Column("period", sa.Date)
    return staging.table(name, [sa.Column("grain", sa.String), day, period])


def stage_calendar(change: Change) -> None:
    """Stage the weeks, months, quarters and years that overlap a touched month."""
    calendar, names = calendar_table(change.staging), names_table(change.staging)
    change.staging.create(change.connection, calendar, names)
    reach = reach_of(change, Grain.YEAR)
    if reach is None:
        return
    declared = change.catalogue.organisation.calendar
    every = periods_of_days(*reach, calendar=declared)
    touched = sa.select(touched_table(change.staging).c.month)
    near = (
        sa.select(every.c.grain, every.c.period)
        .where(calendar_month(every.c.day).in_(touched))
        .distinct()
    )
    rows = sa.select(every).where(sa.tuple_(every.c.grain, every.c.period).in_(near))
    columns = ["grain", "day", "period"]
    change.connection.execute(calendar.insert().from_select(columns, rows))
    by_name = sa.select(calendar)
    if declared.weeks is not None:
        every = periods_of_days(*reach, calendar=declared.by_name)
        near = sa.select(calendar.c.grain, calendar.c.period).distinct()
        by_name = sa.select(every).where(sa.tuple_(every.c.grain, every.c.period).in_(near))
    change.connection.execute(names.insert().from_select(columns, by_name))


def periods_of_days(first: date, last: date, *, calendar: FiscalCalendar) -> sa.Subquery:
    """One row a grain and day between two days: the period the day lies in."""
    one_day: sa.ColumnElement[Any] = sa.literal_column("INTERVAL 1 DAY")
    ends = (sa.cast(sa.literal(day), sa.TIMESTAMP) for day in (first, last))
    instants = sa.func.unnest(sa.func.generate_series(*ends, one_day))
    day = sa.select(sa.cast(instants, sa.Date).label("day")).cte().c.day
    return sa.union_all(
        *(
            sa.select(
                sa.literal(grain.value).label("grain"),
                day,
                periods.period_start(day, grain, calendar=calendar).label("period"),
            )
            for grain in _GRAINS
        )
    ).subquery()


def days_of(periods_: sa.Table, *grains: Grain) -> sa.Select[Any]:
    """Days of the periods of some grains that are worked out again.

    Args:
        periods_: By their days or by their names.
        grains: Which.
    """
    return sa.select(periods_.c.day).where(periods_.c.grain.in_([one.value for one in grains]))

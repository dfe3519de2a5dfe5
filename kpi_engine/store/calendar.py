"""Which days and periods are worked out again: one table, asked by all who fold and rank."""

from datetime import date
from typing import Any

import sqlalchemy as sa

from kpi_engine.store import counters, periods
from kpi_engine.store.change import Change, touched_table
from kpi_engine.store.placing import reach_of
from kpi_engine.store.staging import Staging
from kpi_engine.terms import Grain


def calendar_table(staging: Staging) -> sa.Table:
    """One row a grain and day of the periods that are worked out again: the period."""
    day, period = sa.Column("day", sa.Date), sa.Column("period", sa.Date)
    return staging.table("calendar", [sa.Column("grain", sa.String), day, period])


def stage_calendar(change: Change) -> None:
    """Stage the weeks, months, quarters and years that overlap a touched month."""
    calendar, reach = calendar_table(change.staging), reach_of(change, Grain.YEAR)
    change.staging.create(change.connection, calendar)
    if reach is None:
        return
    every = periods_of_days(*reach, year_starts_in=change.catalogue.organisation.year_starts_in)
    touched = sa.select(touched_table(change.staging).c.month)
    near = (
        sa.select(every.c.grain, every.c.period)
        .where(counters.month_of(every.c.day).in_(touched))
        .distinct()
    )
    rows = sa.select(every).where(sa.tuple_(every.c.grain, every.c.period).in_(near))
    change.connection.execute(calendar.insert().from_select(["grain", "day", "period"], rows))


def periods_of_days(first: date, last: date, *, year_starts_in: int) -> sa.Subquery:
    """One row a grain and day between two days: the period the day lies in."""
    one_day: sa.ColumnElement[Any] = sa.literal_column("INTERVAL 1 DAY")
    ends = (sa.cast(sa.literal(day), sa.TIMESTAMP) for day in (first, last))
    instants = sa.func.unnest(sa.func.generate_series(*ends, one_day))
    day = sa.select(sa.cast(instants, sa.Date).label("day")).cte("days").c.day
    return sa.union_all(
        *(
            sa.select(
                sa.literal(grain.value).label("grain"),
                day,
                periods.period_start(day, grain, year_starts_in=year_starts_in).label("period"),
            )
            for grain in (Grain.WEEK, Grain.MONTH, Grain.QUARTER, Grain.YEAR)
        )
    ).subquery()


def days_of(staging: Staging, grain: Grain) -> sa.Select[Any]:
    """Days of the periods of a grain that are worked out again."""
    calendar = calendar_table(staging)
    return sa.select(calendar.c.day).where(calendar.c.grain == grain.value)

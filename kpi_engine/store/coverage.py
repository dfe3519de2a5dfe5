"""On which days the rows of a file lie, and how many events of their kind a month has."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import sqlalchemy as sa

from kpi_engine.catalogue.events import EventKind
from kpi_engine.catalogue.organisation import Organisation
from kpi_engine.store import tables
from kpi_engine.store.counters import local_day
from kpi_engine.store.periods import month_of
from kpi_engine.store.spans import utc_bounds
from kpi_engine.store.staging import Staging
from kpi_engine.store.versions import Tick, counting, holds
from kpi_engine.terms import Grain


def read_row_days(
    connection: sa.Connection, rows: sa.Table, kind: EventKind | None, *, zone: str
) -> dict[date, int]:
    """Good rows of a file by day: of their first instant, or the day they speak of.

    Figures of a month or a week are those of no day.

    Args:
        connection: To the store.
        rows: Staged rows with ``problem``; those of stated facts have ``grain`` and ``day``.
        kind: What the rows are; None for stated facts.
        zone: Days are cut here.
    """
    if kind is None:
        days = sa.select(rows.c.day, sa.func.count()).where(
            rows.c.problem.is_(None), rows.c.grain == Grain.DAY.value
        )
        return _counts(connection, days.group_by(rows.c.day))
    found = first_instant(rows, kind)
    if found is None:
        return {}
    at = rows.c[found]
    there = sa.select(at.label("at")).where(rows.c.problem.is_(None), at.is_not(None))
    return _counts(connection, _by_day(there, zone))


def first_instant(rows: sa.Table, kind: EventKind) -> str | None:
    """The first of the instants of a kind that a file tells, by which its events have a day."""
    return next((name for name in kind.happens_at if name in rows.c), None)


def read_month_counts(
    connection: sa.Connection,
    staging: Staging,
    kind: EventKind,
    *,
    tick: Tick,
    first: date,
    last: date,
    organisation: Organisation,
) -> Mapping[date, int]:
    """Events of a kind by month as they will be: those that count now, and the new ones.

    Args:
        connection: To the store.
        staging: With the versions that a file brings.
        kind: The event kind.
        tick: The clock before the change.
        first: First day that is counted.
        last: Last day that is counted.
        organisation: Days are cut in its zone, months by its calendar.
    """
    table = tables.event_table(kind)
    staged = staging.changes(table)
    zone = organisation.time_zone
    start, end = utc_bounds(first, last, zone)

    def instants(origin: sa.FromClause, *only: sa.ColumnElement[bool]) -> sa.Select[Any]:
        at = origin.c[kind.happens_at[0]]
        return sa.select(at.label("at")).where(at >= start, at < end, *only)

    stored = instants(
        table, *counting(table, tick, [~table.c.is_update]), ~_gone(table, staged, kind)
    )
    every = stored.union_all(instants(staged, staged.c.is_new))
    days = _by_day(every, zone).subquery()
    month = month_of(days.c.day, organisation.calendar)
    return _counts(connection, sa.select(month, sa.func.sum(days.c.count)).group_by(month))


def _by_day(instants: sa.SelectBase, zone: str) -> sa.Select[Any]:
    """How many instants (``at``) a day has.

    They are counted by the quarter of an hour first, the step of every clock there is, because
    asking every row for its day in a zone takes four times as long.
    """
    at = instants.subquery().c.at
    quarter_hour: sa.ColumnElement[Any] = sa.literal_column("INTERVAL 15 MINUTE")
    start = sa.func.time_bucket(quarter_hour, at)
    buckets = sa.select(start.label("start"), sa.func.count().label("n")).group_by(start).subquery()
    day = local_day(buckets.c.start, zone)
    return sa.select(day.label("day"), sa.func.sum(buckets.c.n).label("count")).group_by(day)


def _counts(connection: sa.Connection, query: sa.Select[Any]) -> dict[date, int]:
    """First column to second, in its order."""
    return dict(sorted((key, int(count)) for key, count in connection.execute(query)))


def _gone(table: sa.Table, staged: sa.Table, kind: EventKind) -> sa.ColumnElement[bool]:
    """Whether an event has been taken out at some time, or is about to be."""
    versions = table.alias("versions")
    keys = [
        sa.select(*(origin.c[k] for k in kind.key)).where(~holds(origin))
        for origin in (versions, staged)
    ]
    gone = sa.union_all(*keys).subquery("gone")
    return sa.exists().where(*(gone.c[k] == table.c[k] for k in kind.key))

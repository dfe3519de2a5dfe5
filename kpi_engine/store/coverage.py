"""On which days the rows of a file lie, and how many events of their kind a month has."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import sqlalchemy as sa

from kpi_engine.catalogue.events import EventKind
from kpi_engine.store import tables
from kpi_engine.store.counters import local_day, month_of
from kpi_engine.store.staging import Staging
from kpi_engine.store.versions import Tick, counting, holds


def read_row_days(
    connection: sa.Connection, rows: sa.Table, kind: EventKind | None, *, zone: str
) -> dict[date, int]:
    """Good rows of a file by day: of their first instant, or of the period they speak of.

    Args:
        connection: To the store.
        rows: Staged rows with ``problem``; those of stated facts have ``day``.
        kind: What the rows are; None for stated facts.
        zone: Days are cut here.
    """
    day = day_of_rows(rows, kind, zone)
    if day is None:
        return {}
    query = (
        sa.select(day.label("day"), sa.func.count())
        .where(rows.c.problem.is_(None), day.is_not(None))
        .group_by(day)
        .order_by(day)
    )
    return {row.day: int(row[1]) for row in connection.execute(query)}


def day_of_rows(rows: sa.Table, kind: EventKind | None, zone: str) -> sa.ColumnElement[Any] | None:
    """The day a row of a file lies on; None where the file has no column that says so."""
    if kind is None:
        return rows.c.day
    found = first_instant(rows, kind)
    return None if found is None else local_day(rows.c[found], zone)


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
    zone: str,
) -> Mapping[date, int]:
    """Events of a kind by month as they will be: those that count now, and the new ones.

    Args:
        connection: To the store.
        staging: With the versions that a file brings.
        kind: The event kind.
        tick: The clock before the change.
        first: First day that is counted.
        last: Last day that is counted.
        zone: Days are cut here.
    """
    table = tables.event_table(kind)
    staged = staging.changes(table)
    at = kind.happens_at[0]

    def days(origin: sa.FromClause, *only: sa.ColumnElement[bool]) -> sa.Select[Any]:
        day = local_day(origin.c[at], zone)
        return sa.select(month_of(day).label("month")).where(day.between(first, last), *only)

    stored = days(table, *counting(table, tick, [~table.c.is_update]), ~_gone(table, staged, kind))
    every = stored.union_all(days(staged, staged.c.is_new)).subquery()
    query = sa.select(every.c.month, sa.func.count()).group_by(every.c.month)
    return {row.month: int(row[1]) for row in connection.execute(query)}


def _gone(table: sa.Table, staged: sa.Table, kind: EventKind) -> sa.ColumnElement[bool]:
    """Whether an event has been taken out at some time, or is about to be."""
    versions = table.alias("versions")
    keys = [
        sa.select(*(origin.c[k] for k in kind.key)).where(~holds(origin))
        for origin in (versions, staged)
    ]
    gone = sa.union_all(*keys).subquery("gone")
    return sa.exists().where(*(gone.c[k] == table.c[k] for k in kind.key))

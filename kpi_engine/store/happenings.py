"""Single things that happened, for the sentences and counts that no rollup can give."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import pandas as pd
import sqlalchemy as sa

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.events import Counter
from kpi_engine.store import spans, tables
from kpi_engine.store.counters import counter_value
from kpi_engine.store.reads import read_frame
from kpi_engine.store.versions import effective, literal_values, read_tick

HOLIDAY = "holiday"
"""Kind of a calendar event on whose days nobody works."""


def read_orders_during(
    connection: sa.Connection,
    catalogue: Catalogue,
    stretches: Sequence[tuple[datetime, datetime]],
    *,
    as_of: int,
) -> dict[datetime, int]:
    """Orders placed in each stretch of time, by its start; stretches without orders are absent.

    Args:
        connection: To the store.
        catalogue: Declares what an order is.
        stretches: Start and end, UTC without a zone mark.
        as_of: Tick.
    """
    if not stretches:
        return {}
    within = literal_values(
        [(place, start, end) for place, (start, end) in enumerate(stretches)],
        place=sa.Integer(),
        started_at=sa.TIMESTAMP(),
        ended_at=sa.TIMESTAMP(),
    )
    starts, ends = zip(*stretches, strict=True)
    now, counted = _counted(connection, catalogue, "transaction", "orders", as_of=as_of)
    query = (
        sa.select(within.c.place, sa.func.sum(counted).label("orders"))
        .join(
            now,
            sa.and_(now.c.ordered_at >= within.c.started_at, now.c.ordered_at < within.c.ended_at),
        )
        .where(now.c.ordered_at.between(min(starts), max(ends)))
        .group_by(within.c.place)
    )
    rows = connection.execute(query).all()
    return {stretches[row.place][0]: int(row.orders) for row in rows if row.orders}


def read_failed_releases(
    connection: sa.Connection, catalogue: Catalogue, *, first: date, last: date, as_of: int
) -> pd.DataFrame:
    """One row a release that broke something: service, finished_at (organisation's zone)."""
    zone = catalogue.organisation.time_zone
    start, end = spans.utc_bounds(first, last, zone)
    now, failed = _counted(connection, catalogue, "deployment", "failed", as_of=as_of)
    query = (
        sa.select(now.c.service, spans.to_local(now.c.finished_at, zone).label("finished_at"))
        .where(failed > 0, now.c.finished_at >= start, now.c.finished_at < end)
        .order_by(now.c.finished_at, now.c.service)
    )
    return read_frame(connection, query)


def read_calendar_events(
    connection: sa.Connection, catalogue: Catalogue, *, first: date, last: date, as_of: int
) -> pd.DataFrame:
    """One row a calendar event that overlaps the days: title, kind, starts_at, ends_at.

    Instants are in the organisation's zone; ``ends_at`` is the start where no end was given.
    """
    zone = catalogue.organisation.time_zone
    start, end = spans.utc_bounds(first, last, zone)
    kind = catalogue.events["calendar_event"]
    now = effective(tables.event_table(kind), kind.key, read_tick(connection, as_of))
    until = sa.func.coalesce(now.c.ends_at, now.c.starts_at)
    query = (
        sa.select(
            now.c.title,
            now.c.kind,
            spans.to_local(now.c.starts_at, zone).label("starts_at"),
            spans.to_local(until, zone).label("ends_at"),
        )
        .where(now.c.starts_at < end, until >= start)
        .order_by(now.c.starts_at, now.c.title)
    )
    return read_frame(connection, query)


def read_holidays(
    connection: sa.Connection, catalogue: Catalogue, *, first: date, last: date, as_of: int
) -> frozenset[date]:
    """Days that calendar events of the kind ``holiday`` cover."""
    events = read_calendar_events(connection, catalogue, first=first, last=last, as_of=as_of)
    days: set[date] = set()
    for event in events.itertuples(index=False):
        if str(event.kind).lower() == HOLIDAY:
            start, end = pd.Timestamp(event.starts_at).date(), pd.Timestamp(event.ends_at).date()
            days |= {start + timedelta(days=step) for step in range((end - start).days + 1)}
    return frozenset(days)


def _counted(
    connection: sa.Connection, catalogue: Catalogue, kind_id: str, counter_id: str, *, as_of: int
) -> tuple[sa.Subquery, sa.ColumnElement[object]]:
    """Effective events of a kind, and what each counts for in one of its counters."""
    kind = catalogue.events[kind_id]
    counter = kind.counters[counter_id]
    if not isinstance(counter, Counter):
        raise TypeError(f"{kind_id}.{counter_id} does not count single events")
    now = effective(tables.event_table(kind), kind.key, read_tick(connection, as_of))
    return now, counter_value(counter, now, zone=catalogue.organisation.time_zone)

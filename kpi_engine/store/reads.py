"""Questions the services ask. Every read takes the tick up to which it looks."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

import pandas as pd
import sqlalchemy as sa

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.store import spans, tables
from kpi_engine.store.counters import local_day
from kpi_engine.store.segments import read_segment_id, read_segments
from kpi_engine.store.versions import Tick, counting, effective, effective_few, read_tick
from kpi_engine.terms import BatchKind, Grain

VALUE_COLUMNS = ["metric", "period", "numerator", "denominator", "value", "days"]


def read_frame(connection: sa.Connection, query: sa.Select[tuple[object, ...]]) -> pd.DataFrame:
    """A query's rows as a frame, dates as Python dates."""
    result = connection.execute(query)
    # Plain tuples: pandas searches every row object for fields, which takes longer than the query.
    rows = [tuple(row) for row in result.all()]
    return pd.DataFrame(rows, columns=list(result.keys()))


def read_values(
    connection: sa.Connection,
    *,
    metrics: Sequence[str],
    grain: Grain,
    first: date,
    last: date,
    as_of: int,
    segment: Mapping[str, str],
) -> pd.DataFrame:
    """One row a metric and period with data: numerator, denominator, value, days.

    There is no value where there is nothing to divide by, nor of a quarter or year that lacks a
    month before its newest.

    Args:
        connection: To the store.
        metrics: Ids.
        grain: Of the periods.
        first: First day of the earliest period.
        last: First day of the latest period.
        as_of: Tick.
        segment: Members; empty for all.
    """
    number = read_segment_id(connection, segment)
    if number is None or not metrics:
        return pd.DataFrame(columns=VALUE_COLUMNS)
    rollup = tables.rollups_of(grain)
    now = effective_few(
        rollup,
        tables.ROLLUP_KEY,
        read_tick(connection, as_of),
        rollup.c.segment_id == number,
        rollup.c.grain == grain.value,
        rollup.c.metric.in_(list(metrics)),
        rollup.c.period.between(first, last),
    )
    query = (
        sa.select(*(now.c[name] for name in VALUE_COLUMNS))
        .where(sa.or_(now.c.value.is_not(None), now.c.numerator.is_not(None)))
        .order_by(now.c.metric, now.c.period)
    )
    return read_frame(connection, query)


def read_members(
    connection: sa.Connection, *, metric: str, dimension: str, as_of: int
) -> tuple[str, ...]:
    """Members of one dimension for which a metric has a value in any month, sorted.

    Most have one in the newest month: it is looked at first, and all months for others.
    """
    numbers = {
        number: members[dimension]
        for text, number in read_segments(connection).items()
        if list(members := json.loads(text)) == [dimension]
    }
    rollup, tick = tables.rollup, read_tick(connection, as_of)
    months = (rollup.c.metric == metric, rollup.c.grain == Grain.MONTH.value)
    of_all = rollup.c.segment_id == tables.ALL_SEGMENT
    newest = sa.select(sa.func.max(rollup.c.period)).where(*months, of_all).scalar_subquery()
    found, _ = _with_values(connection, tick, *months, rollup.c.period == newest)
    if others := sorted(numbers.keys() - found):
        only = (*months, rollup.c.segment_id.in_(others))
        earlier, doubtful = _with_values(connection, tick, *only)
        found |= earlier
        if doubtful:
            only = (*months, rollup.c.segment_id.in_(sorted(doubtful)))
            now = effective_few(rollup, tables.ROLLUP_KEY, tick, *only)
            query = sa.select(now.c.segment_id).where(now.c.value.is_not(None)).distinct()
            found |= set(connection.execute(query).scalars())
    return tuple(sorted(numbers[number] for number in numbers.keys() & found))


def _with_values(
    connection: sa.Connection, tick: Tick, *only: sa.ColumnElement[bool]
) -> tuple[set[int], set[int]]:
    """Segments with a value in some version of rollups, and those of which one was updated.

    Where none was, every version counts, so that it need not be asked which one does.
    """
    rollup = tables.rollup
    query = (
        sa.select(
            rollup.c.segment_id,
            sa.func.bool_or(rollup.c.value.is_not(None)).label("has_value"),
            sa.func.bool_or(rollup.c.is_update).label("was_updated"),
        )
        .where(*counting(rollup, tick, only))
        .group_by(rollup.c.segment_id)
    )
    rows = connection.execute(query).all()
    updated = {row.segment_id for row in rows if row.was_updated}
    return {row.segment_id for row in rows if row.has_value} - updated, updated


def read_sources(connection: sa.Connection, *, as_of: int, zone: str) -> pd.DataFrame:
    """One row a source: recipe, data_through and received_at of its batches that count.

    A file reaches no further than the day (in ``zone``) on which it came: what lay ahead of it
    was planned.
    """
    tick = read_tick(connection, as_of)
    batch = tables.batch
    came_on = local_day(batch.c.accepted_at, zone)
    brought = (BatchKind.IMPORT.value, BatchKind.MANUAL.value)
    counts = [batch.c.id <= tick.as_of, batch.c.kind.in_(brought)]
    if tick.undone:
        counts.append(batch.c.id.not_in(tick.undone))
    query = (
        sa.select(
            batch.c.source,
            sa.func.arg_max(batch.c.recipe, batch.c.id).label("recipe"),
            sa.func.max(sa.func.least(batch.c.last_day, came_on)).label("data_through"),
            sa.func.max(batch.c.accepted_at).label("received_at"),
        )
        .where(*counts)
        .group_by(batch.c.source)
        .order_by(batch.c.source)
    )
    return read_frame(connection, query)


def read_tick_at(connection: sa.Connection, instant: datetime) -> int:
    """The newest tick accepted at or before an instant (UTC, without a zone); 0 when none was."""
    batch = tables.batch
    newest = connection.execute(
        sa.select(sa.func.max(batch.c.id)).where(batch.c.accepted_at <= instant)
    ).scalar()
    return int(newest or 0)


def read_order_hours(
    connection: sa.Connection, *, first: date, last: date, as_of: int
) -> pd.DataFrame:
    """One row an hour with orders: hour (start, organisation's zone, no zone mark), orders."""
    table = tables.hour_fact
    now = effective_few(
        table,
        tables.HOUR_KEY,
        read_tick(connection, as_of),
        table.c.part == "transaction.orders",
        table.c.hour >= first,
        table.c.hour < last + timedelta(days=1),
    )
    query = (
        sa.select(now.c.hour, sa.cast(now.c.numerator, sa.Integer).label("orders"))
        .where(now.c.numerator.is_not(None))
        .order_by(now.c.hour)
    )
    return read_frame(connection, query)


def read_down_spans(
    connection: sa.Connection,
    catalogue: Catalogue,
    *,
    first: date,
    last: date,
    as_of: int,
    segment: Mapping[str, str],
) -> pd.DataFrame:
    """One row an unplanned outage: service, started_at, ended_at (UTC, without a zone mark).

    Overlaps are merged per service, planned windows taken out, clipped to the days asked for.
    """
    zone = catalogue.organisation.time_zone
    tick = read_tick(connection, as_of)
    outages, checks = (catalogue.events[name] for name in ("outage", "check"))
    intervals = spans.state_intervals(
        effective(tables.event_table(outages), outages.key, tick),
        effective(tables.event_table(checks), checks.key, tick),
        first=first,
        last=last,
        zone=zone,
    )
    merged = spans.merged_down(intervals)
    query = sa.select(merged.c.service, merged.c.started_at, merged.c.ended_at).order_by(
        merged.c.started_at, merged.c.service
    )
    if "service" in segment:
        query = query.where(merged.c.service == segment["service"])
    return read_frame(connection, query)

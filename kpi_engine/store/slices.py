"""One metric over many segments at once: what slicing by a dimension reads."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

import sqlalchemy as sa

from kpi_engine.catalogue.metrics import Metric
from kpi_engine.store import tables
from kpi_engine.store.segments import read_segment_id
from kpi_engine.store.versions import Tick, counting, effective_few
from kpi_engine.terms import Grain

Segments = sa.Select[Any] | Sequence[int]
"""Ids of segments: a few of them, or the query that finds many."""


class SliceRow(NamedTuple):
    """One segment and period; days are None where a fact stands for the whole period."""

    segment_id: int
    period: date
    numerator: float | None
    denominator: float | None
    value: float | None
    days: int | None


def one_segment(connection: sa.Connection, members: Mapping[str, str]) -> list[int]:
    """The segment of these members, everything where there are none; empty for one never seen."""
    number = read_segment_id(connection, members)
    return [] if number is None else [number]


def segments_by(dimension: str, within: Mapping[str, str]) -> sa.Select[Any]:
    """One row a segment of one dimension's members, within others: id, member.

    Kept are wholes of one dimension and combinations as they came in: two of three dimensions
    at once are neither.
    """
    segment = tables.segment
    names = sa.func.json_keys(segment.c.members)
    member = _member(segment, dimension)
    return sa.select(segment.c.id, member.label("member")).where(
        sa.func.array_length(names) == len(within) + 1,
        member.is_not(None),
        *(_member(segment, name) == value for name, value in within.items()),
    )


def ids_of(segments: sa.Select[Any]) -> Segments:
    """Their ids alone."""
    return sa.select(segments.subquery().c.id)


def read_slices(
    connection: sa.Connection,
    metric: Metric,
    *,
    grain: Grain,
    periods: tuple[date, ...] | None = None,
    between: tuple[date, date] | None = None,
    tick: Tick,
    segments: Segments,
) -> list[SliceRow]:
    """The segments and periods with data, in their order.

    Args:
        connection: To the store.
        metric: Whose values they are.
        grain: Of the periods.
        periods: First days of the periods wanted; or else ``between``.
        between: First days of the earliest and the latest.
        tick: The point of the clock.
        segments: Which.
    """
    rollup = tables.rollups_of(grain)
    asked = (
        rollup.c.metric == metric.id,
        rollup.c.grain == grain.value,
        rollup.c.period.between(*between) if between else rollup.c.period.in_(periods or ()),
        rollup.c.segment_id.in_(segments),
    )
    pick = _picked_by_store if isinstance(segments, sa.Select) else _picked_here
    found = pick(connection, rollup, asked, tick)
    return sorted(row for row in found if row.numerator is not None or row.value is not None)


_Asked = tuple[sa.ColumnElement[bool], ...]


def _picked_by_store(
    connection: sa.Connection, rollup: sa.Table, asked: _Asked, tick: Tick
) -> list[SliceRow]:
    """The newest version of each: of many segments there may be many."""
    now = effective_few(rollup, tables.ROLLUP_KEY, tick, *asked).c
    query = sa.select(*(now[name] for name in SliceRow._fields))
    return [SliceRow(*row) for row in connection.execute(query).all()]


def _picked_here(
    connection: sa.Connection, rollup: sa.Table, asked: _Asked, tick: Tick
) -> list[SliceRow]:
    """The same of a few segments: picking them takes less than planning how."""
    columns = (rollup.c[name] for name in ("batch_id", *SliceRow._fields))
    versions = connection.execute(sa.select(*columns).where(*counting(rollup, tick, asked))).all()
    newest = {row[1:3]: row[1:] for row in sorted(map(tuple, versions))}
    return [SliceRow(*row) for row in newest.values()]


def read_members_by(
    connection: sa.Connection, dimension: str, within: Mapping[str, str]
) -> dict[int, str]:
    """Members of a dimension by the id of their segment."""
    return {row.id: row.member for row in connection.execute(segments_by(dimension, within))}


def read_newest_period(
    connection: sa.Connection, metric: Metric, *, grain: Grain, tick: Tick, segments: Segments
) -> tuple[date, date] | None:
    """First days of the earliest and newest period with a value; None without any."""
    rollup = tables.rollups_of(grain)
    now = effective_few(
        rollup,
        tables.ROLLUP_KEY,
        tick,
        rollup.c.metric == metric.id,
        rollup.c.grain == grain.value,
        rollup.c.segment_id.in_(segments),
    )
    query = sa.select(sa.func.min(now.c.period), sa.func.max(now.c.period))
    first, last = connection.execute(query.where(now.c.value.is_not(None))).one()
    return None if first is None else (first, last)


def _member(segment: sa.FromClause, dimension: str) -> sa.ColumnElement[Any]:
    return sa.func.json_extract_string(segment.c.members, f'$."{dimension}"')

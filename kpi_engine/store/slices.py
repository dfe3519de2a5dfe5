"""One metric over many segments at once: what slicing by a dimension reads."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd
import sqlalchemy as sa

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.metrics import Metric
from kpi_engine.store import tables
from kpi_engine.store.daily import daily_values
from kpi_engine.store.reads import read_frame
from kpi_engine.store.segments import read_segment_id
from kpi_engine.store.versions import Tick, effective_few
from kpi_engine.terms import Grain

SLICE_COLUMNS = ("segment_id", "period", "numerator", "denominator", "value", "days")

Segments = sa.Select[Any] | Sequence[int]
"""Ids of segments: a few of them, or the query that finds many."""


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
    catalogue: Catalogue,
    metric: Metric,
    *,
    grain: Grain,
    periods: tuple[date, ...] | None = None,
    between: tuple[date, date] | None = None,
    tick: Tick,
    segments: Segments,
) -> pd.DataFrame:
    """One row a segment and period with data: numerator, denominator, value, days.

    Days are NULL where a fact stands for the whole period, and at the grain of days.

    Args:
        connection: To the store.
        catalogue: Definitions in force.
        metric: Whose values they are.
        grain: Of the periods. By the day, facts are folded here; what is longer is kept.
        periods: First days of the periods wanted; or else ``between``.
        between: First days of the earliest and the latest.
        tick: The point of the clock.
        segments: Which.
    """

    def wanted(day: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
        return day.between(*between) if between else day.in_(list(periods or ()))

    if grain is Grain.DAY:
        rows = daily_values(
            connection, catalogue, [metric], tick=tick, days=wanted, wholes=segments
        )
        days: sa.ColumnElement[Any] = sa.cast(None, sa.Integer)
    else:
        rollup = tables.rollup
        rows = effective_few(
            rollup,
            tables.ROLLUP_KEY,
            tick,
            rollup.c.metric == metric.id,
            rollup.c.grain == grain.value,
            wanted(rollup.c.period),
            rollup.c.segment_id.in_(segments),
        )
        days = rows.c.days
    kept = [rows.c[name] for name in SLICE_COLUMNS[:-1]]
    has_number = sa.or_(rows.c.value.is_not(None), rows.c.numerator.is_not(None))
    query = sa.select(*kept, days.label("days")).where(has_number)
    return read_frame(connection, query.order_by(rows.c.segment_id, rows.c.period))


def read_members_by(
    connection: sa.Connection, dimension: str, within: Mapping[str, str]
) -> dict[int, str]:
    """Members of a dimension by the id of their segment."""
    return {row.id: row.member for row in connection.execute(segments_by(dimension, within))}


def read_newest_period(
    connection: sa.Connection, metric: Metric, *, grain: Grain, tick: Tick, segments: Segments
) -> tuple[date, date] | None:
    """First days of the earliest and newest period with a value; None without any.

    By the day it is the days of the earliest and the newest fact of what the metric is made of.
    """
    rollup = tables.rollup
    kept = Grain.MONTH if grain is Grain.DAY else grain
    now = effective_few(
        rollup,
        tables.ROLLUP_KEY,
        tick,
        rollup.c.metric == metric.id,
        rollup.c.grain == kept.value,
        rollup.c.segment_id.in_(segments),
    )
    query = sa.select(sa.func.min(now.c.period), sa.func.max(now.c.period))
    first, last = connection.execute(query.where(now.c.value.is_not(None))).one()
    return None if first is None else (first, last)


def _member(segment: sa.FromClause, dimension: str) -> sa.ColumnElement[Any]:
    return sa.func.json_extract_string(segment.c.members, f'$."{dimension}"')

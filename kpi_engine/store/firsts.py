"""What a staged change brings that was not there before: new names, and counts with a fraction."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from kpi_engine.catalogue.events import EventKind
from kpi_engine.store import tables
from kpi_engine.store.loading import row_number
from kpi_engine.store.staging import Staging
from kpi_engine.store.versions import Tick, counting

_NOISE = 1e-9


@dataclass(frozen=True, kw_only=True)
class NewNames:
    """Values of one column or dimension.

    Attributes:
        of: The column of the event, or the metric the dimension is of.
        name: The column or dimension.
        new: Those only the staged change has, sorted.
        known: Those that are stored, sorted.
    """

    of: str
    name: str
    new: tuple[str, ...]
    known: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Fraction:
    """Stated counts of one metric that are not whole.

    Attributes:
        rows: How many.
        row: Position of the first among the rows of the file, from 0.
        value: Of the first.
    """

    metric: str
    rows: int
    row: int
    value: float


def read_new_values(
    connection: sa.Connection,
    staging: Staging,
    kind: EventKind,
    columns: Iterable[str],
    *,
    tick: Tick,
) -> list[NewNames]:
    """Columns of staged events with values that no stored event has, where any is stored."""
    table = tables.event_table(kind)
    staged, found = staging.like(table), []
    for name in columns:
        here = _values(connection, staged, name)
        known = _values(connection, table, name, *counting(table, tick, ())) if here else set()
        if known and here - known:
            found.append(_new_names(kind.id, name, here, known))
    return found


def read_new_members(connection: sa.Connection, staging: Staging, *, tick: Tick) -> list[NewNames]:
    """Dimensions of metrics with members in staged facts for which the metric has no value yet."""
    fact, rollup, segment = staging.like(tables.fact), tables.rollup, staging.like(tables.segment)
    here = _members(
        connection,
        sa.select(fact.c.part, segment.c.members).join(segment, segment.c.id == fact.c.segment_id),
    )
    known = _members(
        connection,
        sa.select(rollup.c.metric, segment.c.members)
        .join(segment, segment.c.id == rollup.c.segment_id)
        .where(
            *counting(rollup, tick, ()),
            rollup.c.metric.in_({metric for metric, _ in here}),
            rollup.c.value.is_not(None),
        ),
    )
    return [
        _new_names(metric, dimension, members, known[metric, dimension])
        for (metric, dimension), members in sorted(here.items())
        if members - known.get((metric, dimension), members)
    ]


def read_fractions(
    connection: sa.Connection, checked: sa.Table, counts: Iterable[str]
) -> list[Fraction]:
    """Good stated rows of counts that are not whole numbers, one entry a metric.

    Args:
        connection: To the store.
        checked: Stated facts, each with what is wrong with it.
        counts: Ids of metrics that count.
    """
    c, at = checked.c, row_number(checked)
    query = (
        sa.select(
            c.part,
            sa.func.count().label("rows"),
            sa.func.min(at).label("row"),
            sa.func.arg_min(c.numerator, at).label("value"),
        )
        .where(
            c.problem.is_(None),
            c.part.in_(list(counts)),
            sa.func.abs(c.numerator - sa.func.round(c.numerator)) > _NOISE,
        )
        .group_by(c.part)
        .order_by(c.part)
    )
    return [
        Fraction(metric=row.part, rows=row.rows, row=row.row, value=row.value)
        for row in connection.execute(query)
    ]


def _values(
    connection: sa.Connection, table: sa.Table, name: str, *only: sa.ColumnElement[bool]
) -> set[str]:
    query = sa.select(table.c[name]).where(table.c[name].is_not(None), *only).distinct()
    return {str(value) for value in connection.execute(query).scalars()}


def _members(connection: sa.Connection, query: sa.Select[Any]) -> dict[tuple[str, str], set[str]]:
    """Members by metric and dimension."""
    found: dict[tuple[str, str], set[str]] = {}
    for metric, text in connection.execute(query.distinct()):
        for dimension, member in json.loads(text).items():
            found.setdefault((metric, dimension), set()).add(member)
    return found


def _new_names(of: str, name: str, here: set[str], known: set[str]) -> NewNames:
    return NewNames(of=of, name=name, new=tuple(sorted(here - known)), known=tuple(sorted(known)))

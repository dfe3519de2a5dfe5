"""A wide table, with a column for each metric or month, as tidy rows in staging."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from kpi_engine.store.cells import Field, Mark, cell, typed_value
from kpi_engine.store.change import Change
from kpi_engine.store.loading import TextFile, attach_text, left_out, rows_table
from kpi_engine.store.numerals import Numerals, is_suppressed, read_number

COLUMN = "in_column"
"""Of a row made from one cell of a wide table: the position of its column."""


@dataclass(frozen=True, kw_only=True)
class WideColumn:
    """A column of numbers.

    Attributes:
        metric: What its numbers are; None where a column of the row says so.
        period: When they are from; None where a column of the row says so.
        scale: They are multiplied by this.
    """

    position: int
    numerals: Numerals
    metric: str | None = None
    period: str | None = None
    scale: float = 1.0


def load_wide(
    change: Change,
    file: TextFile,
    fields: Sequence[Field],
    numbers: Sequence[WideColumn],
    *,
    segment: Mapping[str, int],
    skips: Sequence[Mark] = (),
) -> sa.Table:
    """A wide table into one row a filled cell: period, metric, value; empty cells are no rows.

    Args:
        change: The change in the making.
        file: What to read.
        fields: Those of a tidy row; period and metric may have a column.
        numbers: The columns that hold numbers.
        segment: Column of the members of each dimension; an empty cell there names no segment.
        skips: Rows that are left out, and listed as such.
    """
    missing = ("",)
    cells = attach_text(change.connection, change.staging, file)
    numbered = sa.select(
        *(c for c in cells.columns), (sa.func.row_number().over() - 1).label("row_index")
    ).cte("numbered")
    table = rows_table(change.staging, fields, "row_index", COLUMN)
    change.staging.create(change.connection, table)
    typed = {f.name: typed_value(f, numbered, missing) for f in fields if f.positions}
    place = _segment_text(numbered, segment, typed.get("segment"))
    queries = []
    for column in numbers:
        text = cell(numbered, column.position, missing)
        value = read_number(text, column.numerals)
        if column.scale != 1.0:
            value = value * column.scale
        period = typed["period"] if column.period is None else sa.literal(column.period)
        metric = typed["metric"] if column.metric is None else sa.literal(column.metric)
        at = column.position
        problem = sa.case(
            *left_out(skips, numbered),
            (period.is_(None), "period|empty"),
            (metric.is_(None), "metric|empty"),
            (sa.and_(value.is_(None), is_suppressed(text)), f"value|suppressed|{at}"),
            (value.is_(None), f"value|unreadable|{at}"),
            (place.is_(None), "segment|empty"),
        )
        queries.append(
            sa.select(
                period.label("period"),
                metric.label("metric"),
                place.label("segment"),
                value.label("value"),
                problem.label("problem"),
                numbered.c.row_index,
                sa.literal(at).label(COLUMN),
            ).where(text.is_not(None))
        )
    names = ["period", "metric", "segment", "value", "problem", "row_index", COLUMN]
    change.connection.execute(table.insert().from_select(names, sa.union_all(*queries)))
    return table


def _segment_text(
    cells: sa.FromClause, segment: Mapping[str, int], stated: sa.ColumnElement[Any] | None
) -> sa.ColumnElement[Any]:
    """Dimension=member of every named dimension, as a tidy file would say it."""
    if stated is not None:
        return sa.func.coalesce(stated, "all")
    if not segment:
        return sa.literal("all")
    pairs = [
        sa.literal(f"{dimension}=") + cell(cells, position, ("",))
        for dimension, position in sorted(segment.items())
    ]
    text = pairs[0]
    for pair in pairs[1:]:
        text = text + ";" + pair
    return text

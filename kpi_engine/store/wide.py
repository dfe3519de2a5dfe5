"""A wide table, with a column for each metric or month, as tidy rows in staging."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from kpi_engine.store.cells import Field, Mark, cell, typed_value
from kpi_engine.store.change import Change
from kpi_engine.store.loading import TextFile, attach_text, left_out, rows_table
from kpi_engine.store.numerals import Numerals, is_suppressed, read_number
from kpi_engine.store.versions import bound, unnested

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
    cells = attach_text(change.connection, change.staging, file)
    numbered = sa.select(
        *(c for c in cells.columns), (sa.func.row_number().over() - 1).label("row_index")
    ).cte("numbered")
    table = rows_table(change.staging, fields, "row_index", COLUMN)
    change.staging.create(change.connection, table)
    typed = {f.name: typed_value(f, numbered, _MISSING) for f in fields if f.positions}
    place = _segment_text(numbered, segment, typed.get("segment"))
    found = _numbers(numbered, numbers, typed, place, skips).c
    value = _value(found, [column.numerals for column in numbers])
    problem = sa.case(
        (found.left_out.is_not(None), found.left_out),
        (found.period.is_(None), "period|empty"),
        (found.metric.is_(None), "metric|empty"),
        (
            sa.and_(value.is_(None), is_suppressed(found.text)),
            sa.func.concat("value|suppressed|", found.at),
        ),
        (value.is_(None), sa.func.concat("value|unreadable|", found.at)),
        (found.place.is_(None), "segment|empty"),
    )
    rows = sa.select(
        found.period, found.metric, found.place, value, problem, found.row_index, found.at
    ).where(found.text.is_not(None))
    names = ["period", "metric", "segment", "value", "problem", "row_index", COLUMN]
    change.connection.execute(table.insert().from_select(names, rows))
    return table


_MISSING = ("",)


def _numbers(
    cells: sa.CTE,
    numbers: Sequence[WideColumn],
    typed: Mapping[str, sa.ColumnElement[Any]],
    place: sa.ColumnElement[Any],
    skips: Sequence[Mark],
) -> sa.Subquery:
    """One row a line and column of numbers, whose cell may be empty.

    Columns: period, metric, place, left_out (why the line is no data), row_index, text, at (the
    position of the column), scale, written (which way of writing numbers it has).
    """
    ways = _ways([column.numerals for column in numbers])
    said: dict[str, tuple[sa.types.TypeEngine[Any], list[Any]]] = {
        "period": (sa.String(), [column.period for column in numbers]),
        "metric": (sa.String(), [column.metric for column in numbers]),
        "at": (sa.BigInteger(), [column.position for column in numbers]),
        "scale": (sa.Double(), [column.scale for column in numbers]),
        "written": (sa.Integer(), [ways.index(column.numerals) for column in numbers]),
    }
    texts = sa.func.list_value(*(cell(cells, column.position, _MISSING) for column in numbers))
    listed = {name: unnested(bound(listed, of), of) for name, (of, listed) in said.items()}
    marked = left_out(skips, cells)
    # What a column of the line says is the same for all of its numbers.
    listed |= {name: typed[name] for name in ("period", "metric") if said[name][1][0] is None}
    return sa.select(
        *(column.label(name) for name, column in listed.items()),
        unnested(texts, sa.String()).label("text"),
        place.label("place"),
        (sa.case(*marked) if marked else sa.cast(None, sa.String)).label("left_out"),
        cells.c.row_index,
    ).subquery("numbers")


def _ways(numerals: Sequence[Numerals]) -> list[Numerals]:
    return list(dict.fromkeys(numerals))


def _value(
    found: ReadOnlyColumnCollection[str, Any], numerals: Sequence[Numerals]
) -> sa.ColumnElement[Any]:
    """The number in a cell, read the way its column is written."""
    ways = [read_number(found.text, way) for way in _ways(numerals)]
    number = sa.case(dict(enumerate(ways)), value=found.written) if len(ways) > 1 else ways[0]
    scale: sa.ColumnElement[Any] = found.scale
    return number * scale


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

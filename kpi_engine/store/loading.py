"""A text file becomes typed rows in staging: one pass, inside DuckDB, every bad cell noted."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from kpi_engine.store.cells import (
    Field,
    Mark,
    cell,
    filled_in,
    has_capacities,
    is_one_of,
    known_of,
    minutes_of,
    typed_value,
)
from kpi_engine.store.numerals import is_suppressed
from kpi_engine.store.staging import Staging
from kpi_engine.store.tables import column_type

BLANK = "line|blank"
"""What is noted about a row of empty cells, as spreadsheets leave them below a table."""

_MAX_CELL = 8_000_000
_CHUNK = 1 << 20


@dataclass(frozen=True, kw_only=True)
class TextFile:
    """A delimited UTF-8 file, as the sniffer understood it.

    Attributes:
        escape: What stands before a quote inside a cell; the quote itself where it is doubled.
        header: Column names as they stand, in order; repeats are kept.
        lines_before: Lines above the first row of data, the header included.
    """

    path: Path
    delimiter: str
    quote: str
    escape: str
    header: tuple[str, ...]
    lines_before: int


def attach_text(connection: sa.Connection, staging: Staging, file: TextFile) -> sa.FromClause:
    """A view of the file's cells as text, ``c0``, ``c1``, ...; empty cells are NULL.

    Empty cells beyond the header are no fault: some exports end rows with more of them.
    """
    columns = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(len(file.header)))
    connection.exec_driver_sql(
        f"CREATE OR REPLACE VIEW {staging.token}.main.cells AS FROM read_csv("
        f"{_quoted(str(file.path))}, auto_detect=false, header=false, skip={file.lines_before}, "
        f"delim={_quoted(file.delimiter)}, "
        f"quote={_quoted(file.quote)}, escape={_quoted(file.escape)}, "
        f"columns={{{columns}}}, nullstr='', max_line_size={_MAX_CELL}, "
        f"buffer_size={4 * _MAX_CELL}, strict_mode=true, store_rejects=true, "
        "rejects_table='refused', "
        "rejects_scan='refused_scans', rejects_limit=0)"
    )
    names = [sa.Column(f"c{i}", sa.String) for i in range(len(file.header))]
    return staging.table("cells", names)


def has_mixed_line_ends(error: sa.exc.DBAPIError) -> bool:
    """Whether a file could not be read because its lines do not all end in the same way."""
    return "state machine reached an invalid state" in str(error.orig)


def read_refused(connection: sa.Connection, path: Path) -> list[tuple[int, str, str]]:
    """Lines the last read could not split into columns: line, text, what was wrong.

    Must run on the connection that read the file.
    """
    rows = connection.exec_driver_sql(
        "SELECT line_byte_position - 1, any_value(csv_line), any_value(error_type::VARCHAR) "
        "FROM refused GROUP BY line_byte_position ORDER BY line_byte_position"
    ).all()
    drop_refused(connection)
    texts = [str(text) for _, text, _ in rows]
    # The reader counts rows and begins one with the line ends before it.
    starts = [at + len(t) - len(t.lstrip("\r\n")) for (at, *_), t in zip(rows, texts, strict=True)]
    return [
        (line, text.lstrip("\r\n"), str(kind))
        for line, text, (*_, kind) in zip(_lines_at(path, starts), texts, rows, strict=True)
    ]


def drop_refused(connection: sa.Connection) -> None:
    """Forget the lines that the last read could not split: it has been done before."""
    connection.exec_driver_sql("DROP TABLE IF EXISTS refused")
    connection.exec_driver_sql("DROP TABLE IF EXISTS refused_scans")


def _lines_at(path: Path, offsets: Sequence[int]) -> list[int]:
    """The lines, the first being 1, on which bytes of a file stand; offsets ascend."""
    found, line, at = [], 1, 0
    with path.open("rb") as stream:
        for offset in offsets:
            while at < offset and (chunk := stream.read(min(offset - at, _CHUNK))):
                line, at = line + chunk.count(b"\n"), at + len(chunk)
            found.append(line)
    return found


def rows_table(staging: Staging, fields: Sequence[Field], *places: str) -> sa.Table:
    """One row a row of the file that could be split: the fields, and what is wrong with it.

    Args:
        staging: Where it is.
        fields: Its first columns.
        places: Further columns, which say by numbers where in the file a row comes from.
    """
    columns: list[sa.Column[Any]] = [
        *(sa.Column(field.name, column_type(field.of)) for field in fields),
        sa.Column("problem", sa.String),
        *(sa.Column(name, sa.BigInteger) for name in places),
    ]
    return staging.table("rows", columns)


def row_number(table: sa.Table) -> sa.ColumnElement[Any]:
    """Position of a staged row in the file, from 0; only after the load is committed."""
    if "row_index" in table.c:
        return table.c.row_index
    return sa.literal_column(f"{table.name}.rowid")


def load_rows(
    connection: sa.Connection,
    staging: Staging,
    file: TextFile,
    fields: Sequence[Field],
    *,
    missing: Sequence[str],
    skips: Sequence[Mark] = (),
    keeps: Sequence[Mark] = (),
    latest_instant: Any = None,
) -> tuple[sa.Table, list[tuple[int, str, str]]]:
    """Read the file once into typed rows.

    Args:
        connection: In a transaction on the store.
        staging: Where the rows go.
        file: What to read.
        fields: What to read from it.
        missing: Cells that mean "empty".
        skips: Rows that are left out, and listed as such.
        keeps: Rows that are not, all the same.
        latest_instant: Later instants (UTC) are rejected as lying in the future; None: no check.

    Returns:
        The rows, and the lines that could not be split into columns.
    """
    cells = attach_text(connection, staging, file)
    table = rows_table(staging, fields)
    staging.create(connection, table)
    typed = {field.name: typed_value(field, cells, missing) for field in fields}
    problem = _problems(fields, typed, cells, missing, latest_instant)
    if skips:
        kept = [(keep.applies(cells), problem) for keep in keeps]
        problem = sa.case(*kept, *left_out(skips, cells), else_=problem)
    is_blank = sa.func.coalesce(*cells.c, None).is_(None)
    problem = sa.case((is_blank, BLANK), else_=problem)
    typed |= {field.name: filled_in(field, typed) for field in fields if field.spec.known}
    rows = sa.select(*(typed[field.name].label(field.name) for field in fields), problem)
    connection.execute(table.insert().from_select([c.name for c in table.columns], rows))
    return table, read_refused(connection, file.path)


def left_out(
    skips: Sequence[Mark], cells: sa.FromClause
) -> list[tuple[sa.ColumnElement[bool], str]]:
    """Tests of rows that are no data, each with what is then noted about the row."""
    return [(skip.applies(cells), f"row|left_out|{skip.position}") for skip in skips]


def _problems(
    fields: Sequence[Field],
    typed: Mapping[str, sa.ColumnElement[Any]],
    cells: sa.FromClause,
    missing: Sequence[str],
    latest_instant: Any,
) -> sa.ColumnElement[Any]:
    """What is wrong with a row, ``;`` between; NULL when nothing is.

    ``field|kind|position`` of the column. Fields that are read from the same column have the same
    faults, which are told once.
    """
    found: dict[tuple[int, str], tuple[str, list[sa.ColumnElement[bool]]]] = {}
    for field in fields:
        raw = [cell(cells, position, missing) for position in field.positions]
        tests = [
            *_cell_tests(field, typed[field.name], raw),
            *_value_tests(field, typed, latest_instant),
        ]
        for place, kind, test in tests if raw else ():
            position = field.positions[place]
            found.setdefault((position, kind), (field.name, []))[1].append(test)
    for field, position in _completed(fields):
        kind = f"no_{field.spec.known[0]}" if field.spec.known else ""
        found[position, kind] = (field.name, [_lacks_known(field, typed)])
    if not found:
        return sa.cast(None, sa.String)
    problems = [
        sa.case((sa.or_(*tests), f"{name}|{kind}|{position}"))
        for (position, kind), (name, tests) in found.items()
    ]
    return sa.func.nullif(sa.func.concat_ws(";", *problems), "")


_Test = tuple[int, str, sa.ColumnElement[bool]]
"""Which of a field's columns, what kind of problem, and whether a row has it."""


def _cell_tests(
    field: Field, value: sa.ColumnElement[Any], raw: Sequence[sa.ColumnElement[Any]]
) -> Iterator[_Test]:
    """What may be wrong with the cells: they are empty, hidden, or cannot be read."""
    if field.spec.required and not field.spec.may_be_empty:
        yield from ((place, "empty", text.is_(None)) for place, text in enumerate(raw))
    if field.of != "text" or field.spec.product_of:
        hidden = [
            is_suppressed(text)
            for text, numerals in zip(raw, field.numerals, strict=False)
            if numerals.hides
        ]
        if field.is_all and hidden:
            yield 0, "suppressed", sa.or_(*hidden)
        filled = [text.is_not(None) for text in raw]
        unread = sa.and_(*filled, value.is_(None), *(~cell for cell in hidden))
        if field.spec.add_minutes or field.spec.less:
            minutes = minutes_of(field, raw)
            yield 1, "no_duration", sa.and_(filled[1], minutes.is_(None))
            unread = sa.and_(unread, minutes.is_not(None))
        yield 0, "unreadable", unread


def _value_tests(
    field: Field, typed: Mapping[str, sa.ColumnElement[Any]], latest_instant: Any
) -> Iterator[_Test]:
    """What may be wrong with a value that could be read."""
    value, spec = typed[field.name], field.spec
    if field.choices:
        yield 0, "unknown_word", ~is_one_of(value, field.choices)
    if spec.minimum is not None:
        yield 0, "too_small", value < spec.minimum
    if spec.not_before is not None and spec.not_before in typed:
        yield 0, "too_early", value < typed[spec.not_before]
    if field.of == "instant" and latest_instant is not None and not spec.may_be_future:
        yield 0, "future", value > sa.literal(latest_instant, sa.TIMESTAMP)


def _completed(fields: Sequence[Field]) -> Iterator[tuple[Field, int]]:
    """Fields that the organisation may complete, each with a column that names the member."""
    positions = {field.name: field.positions for field in fields}
    for field in fields:
        if field.spec.known:
            named = positions.get(field.spec.known[1], ())
            yield field, (*named[-1:], *field.positions, 0)[0]


def _lacks_known(
    field: Field, typed: Mapping[str, sa.ColumnElement[Any]]
) -> sa.ColumnElement[bool]:
    """Neither the file nor the organisation says what is needed."""
    value, known = typed[field.name], known_of(field, typed)
    if field.spec.speeds:
        return sa.and_(sa.literal(not has_capacities(field)), value.is_not(None), known.is_(None))
    return sa.and_(value.is_(None), known.is_(None))


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"

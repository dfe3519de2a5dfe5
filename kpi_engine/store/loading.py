"""A text file becomes typed rows in staging: one pass, inside DuckDB, every bad cell noted."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from kpi_engine.catalogue.events import ColumnType
from kpi_engine.catalogue.recipes import FieldSpec
from kpi_engine.store.durations import read_duration
from kpi_engine.store.numerals import PLAIN, Numerals, is_suppressed, read_number
from kpi_engine.store.speeds import busiest
from kpi_engine.store.staging import Staging
from kpi_engine.store.tables import column_type

ISO, ISO_ZONE = "iso", "iso_zone"
"""Stand beside strptime patterns: ISO 8601 without and with a zone."""
EXCEL, EPOCH, EPOCH_MILLI = "excel", "epoch", "epoch_milli"
"""Stand beside strptime patterns: days since the end of 1899, (milli)seconds since 1970."""

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


@dataclass(frozen=True, kw_only=True)
class Mark:
    """What tells a row: one of these cells in a column.

    Attributes:
        position: Of the column.
        cells: In lower case; a star at the end stands for anything.
    """

    position: int
    cells: tuple[str, ...]

    def applies(self, cells: sa.FromClause) -> sa.ColumnElement[bool]:
        """Whether a row has one of them."""
        text = sa.func.lower(sa.func.trim(cells.c[f"c{self.position}"]))
        exact = [cell for cell in self.cells if not cell.endswith("*")]
        starts = [cell[:-1] for cell in self.cells if cell.endswith("*")]
        tests = [_is_one_of(text, exact), *(sa.func.starts_with(text, start) for start in starts)]
        return sa.func.coalesce(sa.or_(*tests), False)


@dataclass(frozen=True, kw_only=True)
class Field:
    """A field of the staged rows and the columns it is read from.

    Attributes:
        positions: Indexes into the header; empty for a constant.
        patterns: How instants are written here, chosen from a sample; tried in order.
        zone: Zone of instants without one.
        numerals: How the numbers of each position are written; plain ones may be left out.
        salt: Hides what is kept only as a hash.
        counted_from: Day that cells count from, where they count days.
        choices: Words of which it is one; empty where any will do.
        marks: Any of them makes it true.
        known: What the organisation says of members, where the file does not.
        is_all: The row is this number: where it is hidden, nothing is left of the row.
    """

    name: str
    of: ColumnType
    spec: FieldSpec
    positions: tuple[int, ...]
    patterns: tuple[str, ...] = ()
    zone: str = "UTC"
    numerals: tuple[Numerals, ...] = ()
    salt: str = ""
    counted_from: date | None = None
    choices: tuple[str, ...] = ()
    marks: tuple[Mark, ...] = ()
    known: tuple[tuple[str, float], ...] = ()
    is_all: bool = False

    def number(self, texts: Sequence[sa.ColumnElement[Any]], place: int) -> sa.ColumnElement[Any]:
        """The number in one of the field's cells; NULL where none stands there."""
        written = self.numerals[place] if place < len(self.numerals) else PLAIN
        return read_number(texts[place], written)


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


def rows_table(staging: Staging, fields: Sequence[Field]) -> sa.Table:
    """One row a row of the file that could be split: the fields, and what is wrong with it."""
    columns = [sa.Column(field.name, column_type(field.of)) for field in fields]
    return staging.table("rows", [*columns, sa.Column("problem", sa.String)])


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
    typed |= {field.name: _filled_in(field, typed) for field in fields if field.spec.known}
    rows = sa.select(*(typed[field.name].label(field.name) for field in fields), problem)
    connection.execute(table.insert().from_select([c.name for c in table.columns], rows))
    return table, read_refused(connection, file.path)


def left_out(
    skips: Sequence[Mark], cells: sa.FromClause
) -> list[tuple[sa.ColumnElement[bool], str]]:
    """Tests of rows that are no data, each with what is then noted about the row."""
    return [(skip.applies(cells), f"row|left_out|{skip.position}") for skip in skips]


def cell(cells: sa.FromClause, position: int, missing: Sequence[str]) -> sa.ColumnElement[Any]:
    """A cell's text without outer blanks, NULL when it means "empty"."""
    text = sa.func.trim(cells.c[f"c{position}"])
    empty = [word for word in missing if word] + [""]
    return sa.case((_is_one_of(text, empty), None), else_=text)


def _is_one_of(text: sa.ColumnElement[Any], words: Sequence[str]) -> sa.ColumnElement[bool]:
    """As IN, which the planner makes a join of: slower, and nobody can see how far the file is."""
    listed = sa.cast(sa.func.list_value(*words), sa.ARRAY(sa.String))
    return sa.func.list_contains(listed, text, type_=sa.Boolean)


def typed_value(
    field: Field, cells: sa.FromClause, missing: Sequence[str]
) -> sa.ColumnElement[Any]:
    """A field's value; NULL when the cell is empty or cannot be read."""
    spec = field.spec
    if spec.constant is not None:
        return sa.cast(sa.literal(spec.constant), column_type(field.of))
    if field.marks:
        return sa.or_(*(mark.applies(cells) for mark in field.marks))
    texts = [cell(cells, position, missing) for position in field.positions]
    if not texts:
        return sa.cast(sa.literal(spec.otherwise), column_type(field.of))
    whole = _of_its_own(field, texts)
    if whole is not None:
        return whole
    value = _adjusted(field, _parsed(field, [_worded(spec, texts[0]), *texts[1:]]), texts)
    if spec.otherwise is None:
        return value
    return sa.func.coalesce(value, sa.cast(sa.literal(spec.otherwise), column_type(field.of)))


def _of_its_own(
    field: Field, texts: Sequence[sa.ColumnElement[Any]]
) -> sa.ColumnElement[Any] | None:
    """What is neither parsed nor adjusted: texts put together, hidden or tested."""
    spec = field.spec
    if spec.beside and len(texts) > 1:
        return sa.func.concat_ws(": ", *texts)
    if spec.speeds:
        return busiest(texts, field.numerals, ways=len(spec.speeds))
    if spec.product_of:
        return field.number(texts, 0) * field.number(texts, 1)
    if spec.joined is not None and len(texts) > 1:
        digits = sa.func.regexp_extract(texts[1], "[0-9]+")
        part = sa.func.lpad(digits, 2, "0") if spec.joined == "-" else digits
        return texts[0] + spec.joined + part
    if spec.clock is not None:
        return read_duration(texts[0], unit=spec.clock)
    if spec.hashed:
        return sa.func.substr(sa.func.sha256(sa.literal(field.salt).concat(texts[0])), 1, 20)
    if spec.one_of:
        return _is_one_of(sa.func.lower(texts[0]), spec.one_of)
    return None


def has_capacities(field: Field) -> bool:
    """Whether the file itself says what a line can carry."""
    return len(field.positions) > len(field.spec.speeds)


def _filled_in(field: Field, typed: Mapping[str, sa.ColumnElement[Any]]) -> sa.ColumnElement[Any]:
    """A value completed by what the organisation says of the member the row is about."""
    value = typed[field.name]
    known = _known(field, typed)
    if not field.spec.speeds:
        return sa.func.coalesce(value, known)
    return value if has_capacities(field) else value / known


def _known(field: Field, typed: Mapping[str, sa.ColumnElement[Any]]) -> sa.ColumnElement[Any]:
    member = typed.get(field.spec.known[1]) if field.spec.known else None
    if not field.known or member is None:
        return sa.cast(None, sa.Double())
    return sa.case(dict(field.known), value=member)


def _worded(spec: FieldSpec, text: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """The cell's text in our words."""
    if spec.words:
        # Two lists and not a CASE, which the planner unrolls: a copy of the text a word.
        theirs, ours = (
            sa.func.list_value(*words) for words in zip(*spec.words.items(), strict=True)
        )
        place = sa.func.list_position(theirs, sa.func.lower(text))
        text = sa.func.coalesce(sa.func.list_extract(ours, place), text)
    if spec.first_number:
        text = sa.func.nullif(sa.func.regexp_extract(text, "[0-9]+"), "")
    return text


def _adjusted(
    field: Field, value: sa.ColumnElement[Any], texts: Sequence[sa.ColumnElement[Any]]
) -> sa.ColumnElement[Any]:
    """The parsed value scaled, lowered, or moved by a duration."""
    spec = field.spec
    if spec.scale is not None:
        return value * spec.scale
    if spec.beyond is not None:
        exceeding = sa.case((value <= spec.beyond, 0), else_=value - spec.beyond)
        return sa.cast(exceeding, column_type(field.of))
    if spec.add_minutes or spec.less:
        shift = sa.func.to_microseconds(sa.cast(_minutes(field, texts) * 60_000_000, sa.BigInteger))
        return value - shift if spec.less else value + shift
    if spec.is_end:
        return value - sa.func.to_microseconds(1_000_000)
    return value


def _minutes(field: Field, texts: Sequence[sa.ColumnElement[Any]]) -> sa.ColumnElement[Any]:
    """By how much an instant is moved: a number of minutes, or a duration."""
    return sa.func.coalesce(field.number(texts, 1), read_duration(texts[1], unit="minutes"))


def _parsed(field: Field, texts: Sequence[sa.ColumnElement[Any]]) -> sa.ColumnElement[Any]:
    text = texts[0]
    if field.counted_from is not None:
        days = sa.cast(_try_cast(text, "BIGINT"), sa.Integer)
        start: sa.ColumnElement[Any] = sa.cast(sa.literal(field.counted_from), sa.Date())
        if field.of == "text":
            return sa.func.strftime(start + days, "%Y-%m-%d")
        moment = sa.cast(start + days, sa.TIMESTAMP())
        return sa.func.timezone("UTC", sa.func.timezone(field.zone, moment))
    if field.of == "text" and field.patterns:
        instants = [parsed_instant(text, pattern, zone=field.zone) for pattern in field.patterns]
        return sa.func.coalesce(sa.func.strftime(sa.func.coalesce(*instants), "%Y-%m-%d"), text)
    if field.of == "text":
        return text
    if field.of == "number":
        return field.number(texts, 0)
    if field.of == "whole":
        return sa.cast(_try_cast(field.number(texts, 0), "BIGINT"), sa.BigInteger)
    if field.of == "yes_no":
        return sa.case(
            (_is_one_of(sa.func.lower(text), ["true", "yes", "1", "y", "t"]), True),
            (_is_one_of(sa.func.lower(text), ["false", "no", "0", "n", "f"]), False),
        )
    instants = [parsed_instant(text, pattern, zone=field.zone) for pattern in field.patterns]
    value = instants[0] if len(instants) == 1 else sa.func.coalesce(*instants)
    return sa.cast(value, sa.Date) if field.of == "day" else value


def parsed_instant(
    text: sa.ColumnElement[Any], pattern: str, *, zone: str
) -> sa.ColumnElement[Any]:
    """An instant in UTC, NULL when the text does not fit the pattern."""
    if pattern == ISO_ZONE:
        return sa.func.timezone("UTC", _try_cast(text, "TIMESTAMPTZ"))
    if pattern in _COUNTED:
        return _counted_instant(text, pattern, zone=zone)
    is_iso = pattern == ISO
    local = _try_cast(text, "TIMESTAMP") if is_iso else sa.func.try_strptime(text, pattern)
    if "%z" in pattern:
        return sa.func.timezone("UTC", local)
    if zone == "UTC":
        return local
    return sa.func.timezone("UTC", sa.func.timezone(zone, local))


_COUNTED: dict[str, tuple[str, float, float, float]] = {
    EXCEL: ("1899-12-30", 86_400_000_000, 18_000, 80_000),
    EPOCH: ("1970-01-01", 1_000_000, 1e8, 4.2e9),
    EPOCH_MILLI: ("1970-01-01", 1_000, 1e11, 4.2e12),
}
"""Start, microseconds a unit, and the numbers that can be meant: years 1949 to 2119 and on."""


def _counted_instant(
    text: sa.ColumnElement[Any], pattern: str, *, zone: str
) -> sa.ColumnElement[Any]:
    """An instant given as a number of days or seconds; days are those of the clock in the zone."""
    start, unit, least, most = _COUNTED[pattern]
    number = _try_cast(text, "DOUBLE")
    micros = sa.cast(sa.func.round(number * unit / 1_000), sa.BigInteger) * 1_000
    origin = sa.cast(sa.literal(start), sa.TIMESTAMP())
    instant = sa.case((number.between(least, most), origin + sa.func.to_microseconds(micros)))
    if pattern == EXCEL and zone != "UTC":
        return sa.func.timezone("UTC", sa.func.timezone(zone, instant))
    return instant


def _try_cast(value: sa.ColumnElement[Any], name: str) -> sa.ColumnElement[Any]:
    return sa.TryCast(value, _SQL_TYPES[name])


_SQL_TYPES: dict[str, sa.types.TypeEngine[Any]] = {
    "DOUBLE": sa.Double(),
    "BIGINT": sa.BigInteger(),
    "TIMESTAMP": sa.TIMESTAMP(),
    "TIMESTAMPTZ": sa.TIMESTAMP(timezone=True),
}


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
            minutes = _minutes(field, raw)
            yield 1, "no_duration", sa.and_(filled[1], minutes.is_(None))
            unread = sa.and_(unread, minutes.is_not(None))
        yield 0, "unreadable", unread


def _value_tests(
    field: Field, typed: Mapping[str, sa.ColumnElement[Any]], latest_instant: Any
) -> Iterator[_Test]:
    """What may be wrong with a value that could be read."""
    value, spec = typed[field.name], field.spec
    if field.choices:
        yield 0, "unknown_word", ~_is_one_of(value, field.choices)
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
    value, known = typed[field.name], _known(field, typed)
    if field.spec.speeds:
        return sa.and_(sa.literal(not has_capacities(field)), value.is_not(None), known.is_(None))
    return sa.and_(value.is_(None), known.is_(None))


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"

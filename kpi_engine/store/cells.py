"""What stands in a cell, as a typed value: how a field of a row is read from its columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from kpi_engine.catalogue.events import ColumnType
from kpi_engine.catalogue.recipes import FieldSpec
from kpi_engine.store.durations import read_duration
from kpi_engine.store.numerals import PLAIN, Numerals, read_number
from kpi_engine.store.speeds import busiest
from kpi_engine.store.tables import column_type

ISO, ISO_ZONE = "iso", "iso_zone"
"""Stand beside strptime patterns: ISO 8601 without and with a zone."""
EXCEL, EPOCH, EPOCH_MILLI = "excel", "epoch", "epoch_milli"
"""Stand beside strptime patterns: days since the end of 1899, (milli)seconds since 1970."""


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
        tests = [is_one_of(text, exact), *(sa.func.starts_with(text, start) for start in starts)]
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


def cell(cells: sa.FromClause, position: int, missing: Sequence[str]) -> sa.ColumnElement[Any]:
    """A cell's text without outer blanks, NULL when it means "empty"."""
    text = sa.func.trim(cells.c[f"c{position}"])
    empty = [word for word in missing if word] + [""]
    return sa.case((is_one_of(text, empty), None), else_=text)


def is_one_of(text: sa.ColumnElement[Any], words: Sequence[str]) -> sa.ColumnElement[bool]:
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
        return is_one_of(sa.func.lower(texts[0]), spec.one_of)
    return None


def has_capacities(field: Field) -> bool:
    """Whether the file itself says what a line can carry."""
    return len(field.positions) > len(field.spec.speeds)


def filled_in(field: Field, typed: Mapping[str, sa.ColumnElement[Any]]) -> sa.ColumnElement[Any]:
    """A value completed by what the organisation says of the member the row is about."""
    value = typed[field.name]
    known = known_of(field, typed)
    if not field.spec.speeds:
        return sa.func.coalesce(value, known)
    return value if has_capacities(field) else value / known


def known_of(field: Field, typed: Mapping[str, sa.ColumnElement[Any]]) -> sa.ColumnElement[Any]:
    """What the organisation says of that member; NULL where it says nothing."""
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
        shift = sa.func.to_microseconds(
            sa.cast(minutes_of(field, texts) * 60_000_000, sa.BigInteger)
        )
        return value - shift if spec.less else value + shift
    if spec.is_end:
        return value - sa.func.to_microseconds(1_000_000)
    return value


def minutes_of(field: Field, texts: Sequence[sa.ColumnElement[Any]]) -> sa.ColumnElement[Any]:
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
        number = field.number(texts, 0)
        whole = sa.case((number == sa.func.floor(number), number))
        return sa.cast(_try_cast(whole, "BIGINT"), sa.BigInteger)
    if field.of == "yes_no":
        return sa.case(
            (is_one_of(sa.func.lower(text), ["true", "yes", "1", "y", "t"]), True),
            (is_one_of(sa.func.lower(text), ["false", "no", "0", "n", "f"]), False),
        )
    instants = [parsed_instant(text, pattern, zone=field.zone) for pattern in field.patterns]
    value = instants[0] if len(instants) == 1 else sa.func.coalesce(*instants)
    return sa.cast(value, sa.Date) if field.of == "day" else value


def parsed_instant(
    text: sa.ColumnElement[Any], pattern: str, *, zone: str
) -> sa.ColumnElement[Any]:
    """An instant in UTC, NULL when the text does not fit the pattern.

    A cast reads either form of ISO 8601, and leaves out a zone without a word: which one it is
    must be seen first.
    """
    if pattern in _COUNTED:
        return _counted_instant(text, pattern, zone=zone)
    has_zone = sa.func.regexp_matches(sa.func.substr(text, 12), "[A-Za-z+-]")
    if pattern == ISO_ZONE:
        instant = sa.func.timezone("UTC", _try_cast(text, "TIMESTAMPTZ"))
        return not_ancient(sa.case((has_zone, instant)))
    is_iso = pattern == ISO
    plain = sa.case((~has_zone, _try_cast(text, "TIMESTAMP")))
    local = not_ancient(plain if is_iso else sa.func.try_strptime(text, pattern))
    if "%z" in pattern:
        return sa.func.timezone("UTC", local)
    if zone == "UTC":
        return local
    return sa.func.timezone("UTC", sa.func.timezone(zone, local))


def not_ancient(moment: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """NULL where a year of two digits was taken for one of antiquity: 26 for 2026."""
    return sa.case((moment >= sa.literal_column("TIMESTAMP '1900-01-01'"), moment))


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


_SQL_TYPES: dict[str, sa.types.TypeEngine[Any]] = {
    "DOUBLE": sa.Double(),
    "BIGINT": sa.BigInteger(),
    "TIMESTAMP": sa.TIMESTAMP(),
    "TIMESTAMPTZ": sa.TIMESTAMP(timezone=True),
}


def _try_cast(value: sa.ColumnElement[Any], name: str) -> sa.ColumnElement[Any]:
    return sa.TryCast(value, _SQL_TYPES[name])

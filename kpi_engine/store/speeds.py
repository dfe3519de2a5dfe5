"""Speeds of a line as tools write them, read in SQL: a number with its unit, or bit/s."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from kpi_engine.store.numerals import Numerals, read_number

_NUMBER = r"^<?\s*([^A-Za-z]*[0-9][.,]?)\s*([A-Za-z/ ]*)$"
_BITS = r"^([kKmMgGtT]?)(?:(?:bit|bits|b) ?(?:/s|ps|/sec|s)?|BPS)$"
_BYTES = r"^([kKmMgGtT]?)(?:[Bb]yte|[Bb]ytes|B) ?(?:/s|ps|/sec|/second|s)?$"
_MBITS = {"": 1e-6, "k": 1e-3, "m": 1.0, "g": 1e3, "t": 1e6}
"""Mbit/s of one unit with this prefix."""


def read_speed(text: sa.ColumnElement[Any], numerals: Numerals) -> sa.ColumnElement[Any]:
    """A speed in Mbit/s; NULL where the cell is none.

    A number without a unit is bit/s. Units are read cell by cell: one column may have several.
    ``< 0.01 Mbit/s`` counts as what it lies below.

    Args:
        text: The cell.
        numerals: How the numbers in it are written.
    """
    number = read_number(_group(text, _NUMBER, 1), replace(numerals, unit=""))
    unit = sa.func.trim(_group(text, _NUMBER, 2))
    factor = sa.case(
        (unit == "", _MBITS[""]),
        (sa.func.regexp_full_match(unit, _BITS), _prefix(unit, _BITS)),
        (sa.func.regexp_full_match(unit, _BYTES), 8 * _prefix(unit, _BYTES)),
    )
    return number * factor


def _group(text: sa.ColumnElement[Any], pattern: str, number: int) -> sa.ColumnElement[Any]:
    return sa.func.regexp_extract(text, pattern, number)


def _prefix(unit: sa.ColumnElement[Any], pattern: str) -> sa.ColumnElement[Any]:
    return sa.case(_MBITS, value=sa.func.lower(_group(unit, pattern, 1)))


def busiest(
    texts: Sequence[sa.ColumnElement[Any]], numerals: Sequence[Numerals], *, ways: int
) -> sa.ColumnElement[Any]:
    """Mbit/s in the busier direction of a line; the share of its capacity where that is given too.

    Args:
        texts: Cells with the speed in each direction, then those with the capacity, if any.
        numerals: How their numbers are written.
        ways: How many directions there are.
    """
    pairs = zip(texts, numerals, strict=True)
    speeds = [read_speed(text, written) for text, written in pairs]
    if len(speeds) > ways:
        both = zip(speeds[:ways], speeds[ways:], strict=True)
        speeds = [speed / sa.func.nullif(capacity, 0.0) for speed, capacity in both]
    return speeds[0] if len(speeds) == 1 else sa.func.greatest(*speeds)

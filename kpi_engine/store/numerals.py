"""Numbers as people write them, read in SQL: marks, groups, currencies, units, parentheses."""

import re
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

SUPPRESSED = r"(<=?|≤)\s*\d+"
"""A count that is hidden because it is small: known to be missing, not unreadable."""

_BLANKS = "[\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}]"
_MINUS = "[\N{MINUS SIGN}\N{EN DASH}]"


@dataclass(frozen=True, kw_only=True)
class Numerals:
    """How the numbers of a column are written; a cell written otherwise is not read.

    Attributes:
        decimal: Point or comma.
        group: What stands between thousands; empty when nothing does.
        sign: Currency sign or code that stands with every number, or none.
        unit: Unit that stands behind every number, or none.
        is_free: Some stand with a percent sign, in parentheses or with a printed minus.
        hides: Small counts are hidden, as in ``<=5``: such a cell is missing.
    """

    decimal: str = "."
    group: str = ""
    sign: str = ""
    unit: str = ""
    is_free: bool = False
    hides: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether the database reads these numbers as they stand."""
        return self == PLAIN

    @property
    def pattern(self) -> str:
        """What a whole cell looks like, percent sign and parentheses included."""
        decimal, group = re.escape(self.decimal), re.escape(self.group)
        grouped = rf"\d{{1,3}}(?:{group}\d{{2,3}})*{group}\d{{3}}|" if self.group else ""
        body = rf"(?:(?:{grouped}\d+){decimal}?\d*|{decimal}\d+)(?:[eE][+-]?\d+)?"
        sign = rf"(?:{re.escape(self.sign)})?\s*" if self.sign else ""
        unit = rf"\s*(?:{re.escape(self.unit)})" if self.unit else ""
        return rf"\(?\s*[+-]?\s*{sign}[+-]?\s*{body}{unit}\s*{sign}\s*%?\s*\)?"


PLAIN = Numerals()


def read_number(text: sa.ColumnElement[Any], numerals: Numerals) -> sa.ColumnElement[Any]:
    """A number; NULL where the cell is written otherwise. Percent signs divide by 100."""
    if numerals.is_plain:
        return _finite(sa.TryCast(text, sa.Double()))
    spaced = sa.func.regexp_replace(text, _BLANKS, " ", "g")
    signed = sa.func.regexp_replace(spaced, _MINUS, "-", "g")
    fits = sa.func.regexp_full_match(signed, numerals.pattern)
    wholes = sa.func.replace(signed, numerals.unit, "") if numerals.unit else signed
    digits = sa.func.regexp_replace(wholes, rf"[^0-9{re.escape(numerals.decimal)}eE+-]", "", "g")
    if numerals.sign:
        bare = sa.func.replace(wholes, numerals.sign, "")
        digits = sa.func.regexp_replace(bare, rf"[^0-9{re.escape(numerals.decimal)}eE+-]", "", "g")
    pointed = sa.func.replace(digits, numerals.decimal, ".")
    number: sa.ColumnElement[Any] = sa.TryCast(pointed, sa.Double())
    signed_number = sa.case((sa.func.starts_with(sa.func.trim(signed), "("), -number), else_=number)
    share = sa.case(
        (sa.func.contains(signed, "%"), signed_number / sa.literal_column("100.0")),
        else_=signed_number,
    )
    return _finite(sa.case((fits, share)))


def is_suppressed(text: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """Whether a cell says that its count is too small to be shown."""
    return sa.func.coalesce(sa.func.regexp_full_match(text, SUPPRESSED), False)


def _finite(number: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    return sa.case((sa.func.isfinite(number), number))

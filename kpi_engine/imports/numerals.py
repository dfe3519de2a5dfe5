"""How the numbers of a column are written, decided from its cells, with the evidence."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kpi_engine.store.numerals import PLAIN, SUPPRESSED, Numerals

_BLANKS = re.compile("[\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}]")
_MINUS = re.compile("[\N{MINUS SIGN}\N{EN DASH}]")
_CELL = re.compile(
    r"\(?\s*[+-]?\s*(?P<sign>[€$£¥₹]|[A-Z]{3}\b|Rs\.?|kr\.?|zł)?\s*[+-]?\s*"
    r"(?P<body>[\d.,' ’]*\d[.,]?(?:[eE][+-]?\d+)?)\s*"
    r"(?P<after>[€£¥₹]|zł|kr\.?|[A-Z]{3}(?=\s*[%)]?\s*$))?\s*(?P<unit>[^\W\d_]{1,10}(?:/[^\W\d_]{1,5})?)?\s*%?\s*\)?"
)
_MACHINE = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_FREE = re.compile(f"[%(]|{_MINUS.pattern}|{_BLANKS.pattern}|[+-]\\s")
_WORD = {".": "a point", ",": "a comma", " ": "a blank", "'": "an apostrophe", "’": "an apostrophe"}


@dataclass(frozen=True, kw_only=True)
class Written:
    """How a column's numbers are written.

    Attributes:
        numerals: How they are read.
        evidence: Why, in a sentence; empty when they stand as a machine writes them.
        doubt: What no sampled cell can settle, in a sentence; empty when all is settled.
        is_settled: Whether some cell told the decimal mark.
    """

    numerals: Numerals
    evidence: str = ""
    doubt: str = ""
    is_settled: bool = False


def written(cells: Sequence[str], *, decimal: str = "") -> Written:
    """How the numbers of a column are written.

    Args:
        cells: Sampled cells; those that are no numbers do not count.
        decimal: The decimal mark where it is known: said by somebody, or told by other columns.
    """
    found = [
        (cell.strip(), match)
        for cell in cells
        if (match := _CELL.fullmatch(_MINUS.sub("-", _BLANKS.sub(" ", cell.strip()))))
    ]
    bodies = [match["body"].strip() for _, match in found]
    told = Counter(mark for body in bodies if (mark := decimal_of(body)))
    mark = decimal or (max(told, key=lambda one: told[one]) if told else "")
    unsure = [body for body in bodies if _is_unsure(body)]
    chosen = mark or "."
    groups = Counter(g for body in bodies if (g := _group_of(body, chosen)))
    numerals = Numerals(
        decimal=chosen,
        group=max(groups, key=lambda one: groups[one]) if groups else "",
        sign=_common(match["sign"] or match["after"] or "" for _, match in found),
        unit=_common(match["unit"] or "" for _, match in found),
        is_free=any(_FREE.search(text) for text, _ in found),
        hides=any(re.fullmatch(SUPPRESSED, cell.strip()) for cell in cells),
    )
    shown = next((text for text, _ in found if not _MACHINE.fullmatch(text)), "")
    return Written(
        numerals=numerals,
        evidence=_evidence(shown, numerals) if shown else "",
        doubt=_doubt(unsure[0], numerals) if unsure and not mark else "",
        is_settled=bool(told),
    )


def decimal_of(body: str) -> str:
    """The decimal mark a number tells by itself; empty where it could be either.

    Examples:
        >>> decimal_of("1.234,5"), decimal_of("0,25"), decimal_of("1,234"), decimal_of("1.234.567")
        (',', ',', '', ',')
    """
    mantissa = re.split("[eE]", body)[0]
    marks = [letter for letter in mantissa if letter in ".,"]
    if not marks:
        return ""
    if len(set(marks)) == 2:
        return marks[-1] if marks.count(marks[-1]) == 1 else ""
    mark = marks[0]
    other = "," if mark == "." else "."
    if len(marks) > 1:
        return other
    before, after = mantissa.split(mark)
    is_group = len(after) == 3 and 1 <= len(before.lstrip("+-")) <= 3 and not before.startswith("0")
    return "" if is_group else mark


def _is_unsure(body: str) -> bool:
    return any(mark in body for mark in ".,") and not decimal_of(body)


def _group_of(body: str, decimal: str) -> str:
    whole = re.split("[eE]", body)[0].split(decimal)[0]
    found = re.search(r"\d([.,' ’])\d{3}", whole)
    return found[1] if found and found[1] != decimal else ""


def _common(words: Iterable[str]) -> str:
    """The word that stands in most cells that have one."""
    counts = Counter(word for word in words if word)
    return max(counts, key=lambda one: counts[one]) if counts else ""


def _evidence(shown: str, numerals: Numerals) -> str:
    said = []
    if numerals.decimal == ",":
        said.append("a comma stands before decimals")
    if numerals.group:
        said.append(f"{_WORD[numerals.group]} stands between thousands")
    said += [f"{word} is left out" for word in (numerals.sign, numerals.unit) if word]
    if "%" in shown:
        said.append("percent is divided by 100")
    return f"{shown}: {', '.join(said)}." if said else ""


def _doubt(body: str, numerals: Numerals) -> str:
    """What an ambiguous number is read as."""
    plain = body.replace(numerals.group, "") if numerals.group else body
    value = plain.replace(numerals.decimal, ".")
    return f"Nothing tells decimals from thousands: {body} is read as {float(value):g}."


def is_number(text: str, numerals: Numerals = PLAIN) -> bool:
    """Whether a cell is written so, or says that its count is hidden."""
    cell = _MINUS.sub("-", _BLANKS.sub(" ", text.strip()))
    return bool(re.fullmatch(numerals.pattern, cell) or re.fullmatch(SUPPRESSED, cell))

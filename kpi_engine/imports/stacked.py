"""Several tables in one text, one below the other, each with a header of its own."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kpi_engine.imports.sniff import Knows, Row, read_rows

LARGEST = 8_000_000
"""Reports stack tables; a text of more bytes than this is taken for one table."""
_FEWEST_ROWS = 2
_GAP = re.compile(r"^(?:#.*|[\s,;|\"]*)$", re.MULTILINE)
"""A line between two tables: blank, or a remark."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """One table of a text.

    Attributes:
        header_line: Line of its column names, the first line of the text being 1.
        last_line: Line on which it ends.
    """

    header_line: int
    last_line: int


@dataclass(frozen=True)
class _Block:
    """Rows that no blank row parts, and how wide most of them are."""

    rows: Sequence[Row]
    width: int


def stacked(path: Path, *, delimiter: str, knows: Knows) -> tuple[Part, ...]:
    """The tables of a text; empty when it is one.

    What stands below the last table belongs to it; what stands between two, to the second.
    A table begins below a blank row, where a row of names stands above rows of its width: the
    names of a known source, or names of another width than the table above.

    Args:
        path: UTF-8 text.
        delimiter: What was said to stand between cells; empty: as found.
        knows: Tells the header of a known source.
    """
    if path.stat().st_size > LARGEST:
        return ()
    text = path.read_text(encoding="utf-8")
    if not _GAP.search(text.rstrip()):
        return ()
    rows = read_rows(text, delimiter=delimiter)
    parts: list[Part] = []
    width = 0
    for block in _blocks(rows):
        place = _header_of(block, knows)
        if place is None or not _begins(block, place, width, knows):
            if parts and block.width == width:
                parts[-1] = Part(header_line=parts[-1].header_line, last_line=block.rows[-1][0])
            continue
        width = block.width
        parts.append(Part(header_line=block.rows[place][0], last_line=block.rows[-1][0]))
    if len(parts) < 2:
        return ()
    below = Part(header_line=parts[-1].header_line, last_line=rows[-1][0])
    return (*parts[:-1], below)


def _blocks(rows: Sequence[Row]) -> list[_Block]:
    found: list[list[Row]] = [[]]
    for row in rows:
        cells = row[1]
        is_gap = not any(cell.strip() for cell in cells) or cells[0].lstrip().startswith("#")
        if not is_gap:
            found[-1].append(row)
        elif found[-1]:
            found.append([])
    return [_Block(block, _usual_width(block)) for block in found if block]


def _usual_width(rows: Sequence[Row]) -> int:
    widths = Counter(len(cells) for _, cells in rows)
    return max(widths, key=lambda width: (widths[width], width))


def _header_of(block: _Block, knows: Knows) -> int | None:
    """The row of names: one that is known, or the first as wide as most with a row below it."""
    for place, (_, cells) in enumerate(block.rows[:-1]):
        if knows([cell.strip() for cell in cells]):
            return place
    for place, (_, cells) in enumerate(block.rows[:-1]):
        if len(cells) == block.width:
            return place
    return None


def _begins(block: _Block, place: int, width: int, knows: Knows) -> bool:
    names = [cell.strip() for cell in block.rows[place][1]]
    if knows(names):
        return True
    are_names = all(name and not name[0].isdigit() for name in names)
    return are_names and block.width > 1 and block.width != width and _has_rows(block)


def _has_rows(block: _Block) -> bool:
    return sum(len(cells) == block.width for _, cells in block.rows) >= _FEWEST_ROWS

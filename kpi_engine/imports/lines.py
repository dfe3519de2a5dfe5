"""On which line of the file a row stands, also where cells contain line ends."""

import csv
from collections.abc import Sequence
from itertools import islice

from kpi_engine.store.loading import TextFile

_ENDS = ("\r\n", "\n", "\r")


def is_countable(file: TextFile) -> bool:
    """Whether everybody counts the same lines above the data.

    Not where a cell of the header holds a line end, or where lines end in several ways: whoever
    skips so many lines may then skip a row of data as well, or all of them.
    """
    with file.path.open(encoding="utf-8", newline="") as stream:
        head = list(islice(stream, file.lines_before + 1))
    ends = {next((end for end in _ENDS if line.endswith(end)), "") for line in head}
    above = head[: file.lines_before]
    return len(ends - {""}) == 1 and all(line.count(file.quote) % 2 == 0 for line in above)


def line_numbers(
    file: TextFile, rows: Sequence[int], *, total: int, refused: Sequence[int]
) -> dict[int, int]:
    """Lines of some rows.

    Args:
        file: The file.
        rows: Positions among the rows that could be split, from 0.
        total: How many could be split.
        refused: Lines of those that could not, ascending.

    Returns:
        The line each row starts on, the first line of the file being 1.
    """
    if not rows:
        return {}
    if physical_lines(file) == file.lines_before + total + len(refused):
        return {row: _skipping(row + file.lines_before + 1, refused) for row in rows}
    return _read_through(file, set(rows))


def _skipping(line: int, refused: Sequence[int]) -> int:
    """The line moved down by every refused one above it."""
    for other in refused:
        if other > line:
            break
        line += 1
    return line


def physical_lines(file: TextFile) -> int:
    """How many lines a file has, however many of them stand inside cells."""
    count, last = 0, b"\n"
    with file.path.open("rb") as stream:
        while chunk := stream.read(1 << 20):
            count += chunk.count(b"\n")
            last = chunk[-1:]
    return count + (last != b"\n")


def _read_through(file: TextFile, wanted: set[int]) -> dict[int, int]:
    """Count cells the slow way: cells hold line ends, or lines are blank."""
    found: dict[int, int] = {}
    limit = csv.field_size_limit(1 << 30)
    try:
        with file.path.open(encoding="utf-8", newline="") as stream:
            for _ in range(file.lines_before):
                stream.readline()
            before, index = file.lines_before, 0
            reader = csv.reader(stream, delimiter=file.delimiter)
            for row in reader:
                line, before = before + 1, file.lines_before + reader.line_num
                width = len(file.header)
                if len(row) < width or any(row[width:]):
                    continue
                if index in wanted:
                    found[index] = line
                index += 1
    except csv.Error:
        return found
    finally:
        csv.field_size_limit(limit)
    return found

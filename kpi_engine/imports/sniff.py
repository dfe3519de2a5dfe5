"""What kind of text table this is: delimiter, quotes, header, each with its evidence."""

import csv
import hashlib
import io
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import clevercsv

from kpi_engine.errors import ImportRejectedError
from kpi_engine.findings import Finding
from kpi_engine.imports.decoding import chunks_of, decode
from kpi_engine.imports.overrides import AS_READ, Overrides
from kpi_engine.store.loading import TextFile

_SAMPLE = 1 << 18
_DIALECT_LINES, _DIALECT_LETTERS = 100, 16_000
_LONG_WORD = re.compile(r"(\w{60})\w+")
"""First lines and letters by which a dialect is told."""
_DELIMITERS = (",", ";", "\t", "|", "^", "~")
_WORDS = {
    ",": "commas",
    ";": "semicolons",
    "\t": "tabs",
    "|": "bars",
    "^": "carets",
    "~": "tildes",
}
_HEADER_ROWS = 40
"""The header is looked for in so many first rows."""
_SAMPLES = 1000

Row = tuple[int, list[str]]
"""The line a row ends on, and its cells."""
Knows = Callable[[Sequence[str]], bool]
"""Whether a row of names is the header of a source that is known."""


@dataclass(frozen=True, kw_only=True)
class Sniffed:
    """A file ready to be loaded, and how it was read.

    Attributes:
        file: Points at a plain UTF-8 file, which may be a converted copy.
        size: Bytes of the original.
        sha256: Of the original bytes.
        encoding: Of the original.
        preamble: Rows above the header, cells joined by one blank.
        decisions: What was decided, each with its evidence.
        findings: What was found wrong with the text itself.
        samples: The first rows of data, as text.
        sample_lines: The line each of them ends on.
    """

    file: TextFile
    size: int
    sha256: str
    encoding: str
    preamble: tuple[str, ...]
    decisions: tuple[str, ...]
    findings: tuple[Finding, ...]
    samples: tuple[tuple[str, ...], ...]
    sample_lines: tuple[int, ...]

    def below(self, rows: int) -> "Sniffed":
        """The same file whose header takes that many rows more."""
        if not rows:
            return self
        return replace(
            self,
            file=replace(self.file, lines_before=self.sample_lines[rows - 1]),
            samples=self.samples[rows:],
            sample_lines=self.sample_lines[rows:],
        )


def sniff(
    path: Path,
    *,
    scratch: Path,
    name: str | None = None,
    overrides: Overrides = AS_READ,
    knows: Knows | None = None,
) -> Sniffed:
    """Understand a delimited text file.

    Args:
        path: The file, unpacked.
        scratch: Folder for a converted copy, if one is needed.
        name: What its owner calls it; the path's name otherwise.
        overrides: What somebody said about it.
        knows: Tells the header of a known source; without it the shape of the rows decides.

    Raises:
        ImportRejectedError: It is empty, not text, or has no header.
    """
    name = name or path.name
    if not path.is_file():
        raise ImportRejectedError(f"There is no file {name}.", hint="Check the path.")
    size = path.stat().st_size
    if size == 0:
        raise ImportRejectedError(
            f"{name} is empty.", hint="Export it again; the export may have been cut off."
        )
    text = decode(path, name, scratch=scratch, encoding=overrides.encoding)
    with text.path.open(encoding="utf-8", newline="") as stream:
        sample = stream.read(_SAMPLE)
    dialect = _dialect(sample, overrides.delimiter)
    is_whole = len(sample) < _SAMPLE
    rows = _rows(sample, dialect, complete=is_whole)
    place = _header_place(rows, name, knows=knows, line=overrides.header_line)
    line, header = rows[place]
    begins = rows[place - 1][0] + 1 if place else 1
    above = [row for _, row in rows[:place] if any(cell.strip() for cell in row)]
    filled = ((at, tuple(row)) for at, row in rows[place + 1 :] if any(map(str.strip, row)))
    data = list(islice(filled, _SAMPLES))
    if not data and is_whole:
        raise ImportRejectedError(
            f"{name} has a header and no rows.", hint="Choose a period that has data."
        )
    return Sniffed(
        file=TextFile(
            path=text.path,
            delimiter=dialect.delimiter,
            quote=dialect.quote,
            escape=dialect.escape,
            header=tuple(cell.strip() for cell in header),
            lines_before=line,
        ),
        size=size,
        sha256=file_hash(path),
        encoding=text.encoding,
        preamble=tuple(" ".join(cell.strip() for cell in row if cell.strip()) for row in above),
        decisions=(_evidence(rows[place:], dialect), *text.decisions, *_above(begins, above)),
        findings=text.findings,
        samples=tuple(row for _, row in data),
        sample_lines=tuple(at for at, _ in data),
    )


def file_hash(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    digest = hashlib.sha256()
    for chunk in chunks_of(path):
        digest.update(chunk)
    return digest.hexdigest()


def read_rows(text: str, *, delimiter: str = "") -> list[Row]:
    """All rows of a text, split as its first lines tell."""
    dialect = _dialect(text[:_SAMPLE], delimiter)
    return _rows(text, dialect, complete=True)


@dataclass(frozen=True, kw_only=True)
class _Dialect:
    delimiter: str
    quote: str = '"'
    escape: str = '"'


def _dialect(sample: str, named: str) -> _Dialect:
    """How cells are separated and quoted."""
    first = sample.partition("\n")[0].strip().lower()
    if not named and first.startswith("sep=") and len(first) == len("sep=") + 1:
        named = first[-1]
    lines = list(io.StringIO(sample, newline=""))[:_DIALECT_LINES]
    # A long word tells nothing about how cells are parted, and takes seconds to be looked through.
    beginning = _LONG_WORD.sub(r"\1", "".join(lines)[:_DIALECT_LETTERS])
    found = None
    try:
        delimiters = [named] if named else list(_DELIMITERS)
        found = clevercsv.Detector().detect(beginning, delimiters=delimiters)
    except clevercsv.Error:
        found = None
    delimiter = named or (found.delimiter if found else "") or ","
    is_escaped = found is not None and found.escapechar == "\\" and '\\"' in beginning
    quote = (
        "'" if found and found.quotechar == "'" and _in_apostrophes(beginning, delimiter) else '"'
    )
    return _Dialect(delimiter=delimiter, quote=quote, escape="\\" if is_escaped else quote)


def _in_apostrophes(text: str, delimiter: str) -> bool:
    """Whether apostrophes enclose cells; a name such as O'Hara has one inside."""
    edge = re.escape(delimiter)
    enclosed = re.findall(rf"(?:^|{edge})'[^'\n]*'(?=$|{edge})", text, flags=re.MULTILINE)
    return len(enclosed) > 1 and '"' not in text and text.count("'") == 2 * len(enclosed)


def _evidence(rows: Sequence[Row], dialect: _Dialect) -> str:
    """How the table was split: ``rows`` begin with the column names."""
    columns = len(rows[0][1])
    if columns == 1:
        return "One column; nothing separates it from others."
    filled = [row for _, row in rows if row]
    others = sum(len(row) != columns for row in filled)
    word = _WORDS.get(dialect.delimiter, repr(dialect.delimiter))
    have = "has" if others == 1 else "have"
    exception = (
        f"; {others} of the first {len(filled)} lines {have} more or fewer" if others else ""
    )
    quotes = "; quotes are single" if dialect.quote == "'" else ""
    escape = "; a backslash stands before quotes in cells" if dialect.escape == "\\" else ""
    return f"{columns} columns, separated by {word}{exception}{quotes}{escape}."


def _rows(text: str, dialect: _Dialect, *, complete: bool) -> list[Row]:
    """Rows of a sample with the line each ends on; a cut-off last row is left out."""
    limit = csv.field_size_limit(_SAMPLE * 8)
    try:
        reader = csv.reader(
            io.StringIO(text, newline=""),
            delimiter=dialect.delimiter,
            quotechar=dialect.quote,
            doublequote=dialect.escape == dialect.quote,
            escapechar=None if dialect.escape == dialect.quote else dialect.escape,
        )
        rows = [(reader.line_num, row) for row in reader]
    except csv.Error:
        return []
    finally:
        csv.field_size_limit(limit)
    return rows if complete or len(rows) < 2 else rows[:-1]


def _header_place(rows: Sequence[Row], name: str, *, knows: Knows | None, line: int) -> int:
    """Which row holds the column names.

    The one that was named; else the first that a known source has; else the first that is as
    wide as most rows and stands above one of them.

    Raises:
        ImportRejectedError: There are only blanks.
    """
    filled = [place for place, (_, row) in enumerate(rows) if any(cell.strip() for cell in row)]
    if not filled:
        raise ImportRejectedError(f"{name} holds only blanks.", hint="Export it again.")
    if line:
        return next((place for place in filled if rows[place][0] >= line), filled[-1])
    first = filled[:_HEADER_ROWS]
    if knows is not None:
        for place in first:
            if knows([cell.strip() for cell in rows[place][1]]):
                return place
    widths = Counter(len(rows[place][1]) for place in filled)
    usual = max(widths, key=lambda width: (widths[width], width))
    for place in first[:-1] if len(filled) == len(first) else first:
        cells = rows[place][1]
        is_comment = cells[0].lstrip().startswith("#")
        if (
            len(cells) == usual
            and not is_comment
            and sum(bool(c.strip()) for c in cells) * 2 > usual
        ):
            return place
    return first[0]


def _above(line: int, above: Sequence[Sequence[str]]) -> list[str]:
    if line == 1:
        return []
    if not above:
        return [f"The column names are on line {line}; empty lines above them are left out."]
    texts = [" ".join(cell.strip() for cell in row if cell.strip()) for row in above]
    shown = next((text for text in texts if any(map(str.isalnum, text))), texts[0])[:60]
    return [f"The column names are on line {line}; what stands above is left out: {shown}."]

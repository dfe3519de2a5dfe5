"""What kind of text file this is: encoding, delimiter, header, each with its evidence."""

import codecs
import csv
import gzip
import hashlib
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kpi_engine.errors import ImportRejectedError
from kpi_engine.store.loading import TextFile

_CHUNK = 1 << 20
_SAMPLE = 1 << 18
_LINES = 200
"""First lines by which a delimiter is told."""
_DELIMITERS = (",", ";", "\t", "|")
_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


@dataclass(frozen=True, kw_only=True)
class Sniffed:
    """A file ready to be loaded, and how it was read.

    Attributes:
        file: Points at a plain UTF-8 file, which may be a converted copy.
        size: Bytes of the original.
        sha256: Of the original bytes.
        decisions: What was decided, each with its evidence.
        samples: The first rows of data, as text.
    """

    file: TextFile
    size: int
    sha256: str
    decisions: tuple[str, ...]
    samples: tuple[tuple[str, ...], ...]


def sniff(path: Path, *, scratch: Path, name: str | None = None) -> Sniffed:
    """Understand a delimited text file, plain or gzipped.

    Args:
        path: The file as it was given.
        scratch: Folder for a converted copy, if one is needed.
        name: What its owner calls it; the path's name otherwise.

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
    zipped = _starts_with(path, b"\x1f\x8b")
    encoding, plain = _decoded(path, name, zipped=zipped, scratch=scratch)
    with plain.open(encoding="utf-8", newline="") as stream:
        text = stream.read(_SAMPLE)
    delimiter, evidence = _delimiter(text)
    is_whole = len(text) < _SAMPLE
    rows = _rows(text, delimiter, complete=is_whole)
    header, lines_before = _header(rows, name)
    decisions = [evidence]
    if zipped:
        decisions.append("Unpacked from gzip.")
    if encoding != "utf-8":
        decisions.append(f"Letters are read as {encoding}.")
    if lines_before > 1:
        decisions.append(
            f"The header is on line {lines_before}; empty lines above it are left out."
        )
    data = [tuple(row) for _, row in rows if row][1:]
    if not data and is_whole:
        raise ImportRejectedError(
            f"{name} has a header and no rows.", hint="Choose a period that has data."
        )
    return Sniffed(
        file=TextFile(
            path=plain,
            delimiter=delimiter,
            quote='"',
            header=tuple(name.strip() for name in header),
            lines_before=lines_before,
        ),
        size=size,
        sha256=file_hash(path),
        decisions=tuple(decisions),
        samples=tuple(data[:1000]),
    )


def file_hash(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _starts_with(path: Path, mark: bytes) -> bool:
    with path.open("rb") as stream:
        return stream.read(len(mark)) == mark


def _chunks(path: Path, *, zipped: bool) -> Iterator[bytes]:
    with gzip.open(path, "rb") if zipped else path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            yield chunk


def _decoded(path: Path, name: str, *, zipped: bool, scratch: Path) -> tuple[str, Path]:
    """The encoding and a plain UTF-8 file: the original when it already is one."""
    try:
        encoding = _encoding(path, name, zipped=zipped)
        if encoding == "utf-8" and not zipped:
            return encoding, path
        return encoding, _converted(path, encoding, zipped=zipped, scratch=scratch)
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise ImportRejectedError(
            f"{name} cannot be read: it is damaged or was cut off.",
            hint="Export it again and compare the sizes.",
        ) from error


def _encoding(path: Path, name: str, *, zipped: bool) -> str:
    first = next(_chunks(path, zipped=zipped), b"")
    for mark, encoding in _MARKS.items():
        if first.startswith(mark):
            return encoding
    if b"\0" in first[:8192]:
        raise ImportRejectedError(
            f"{name} is not a text file.",
            hint="Export it as CSV; a spreadsheet or an archive cannot be read here yet.",
        )
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for chunk in _chunks(path, zipped=zipped):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _converted(path: Path, encoding: str, *, zipped: bool, scratch: Path) -> Path:
    scratch.mkdir(parents=True, exist_ok=True)
    copy = scratch / f"{path.name}.utf8"
    errors = "replace" if encoding == "cp1252" else "strict"
    decoder = codecs.getincrementaldecoder(encoding)(errors=errors)
    with copy.open("w", encoding="utf-8", newline="") as out:
        for chunk in _chunks(path, zipped=zipped):
            out.write(decoder.decode(chunk))
        out.write(decoder.decode(b"", final=True))
    return copy


def _delimiter(text: str) -> tuple[str, str]:
    """The delimiter that splits the first lines most evenly, with the evidence."""
    first = "".join(text.splitlines(keepends=True)[:_LINES])
    best, best_columns, best_share = ",", 1, 0.0
    for delimiter in _DELIMITERS:
        widths = Counter(len(row) for _, row in _rows(first, delimiter, complete=False) if row)
        if not widths:
            continue
        columns, lines = widths.most_common(1)[0]
        share = lines / sum(widths.values())
        if columns > 1 and (share, columns) > (best_share, best_columns):
            best, best_columns, best_share = delimiter, columns, share
    word = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}[best]
    if best_columns == 1:
        return best, "One column; nothing separates it from others."
    exception = "" if best_share == 1 else f" in {best_share:.0%} of the first lines"
    return best, f"{best_columns} columns, separated by {word}{exception}."


def _rows(text: str, delimiter: str, *, complete: bool) -> list[tuple[int, list[str]]]:
    """Rows of a sample with the line each ends on; a cut-off last row is left out."""
    limit = csv.field_size_limit(_SAMPLE * 8)
    try:
        reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter)
        rows = [(reader.line_num, row) for row in reader]
    except csv.Error:
        return []
    finally:
        csv.field_size_limit(limit)
    return rows if complete or len(rows) < 2 else rows[:-1]


def _header(rows: list[tuple[int, list[str]]], name: str) -> tuple[list[str], int]:
    for line, row in rows:
        if any(cell.strip() for cell in row):
            return row, line
    raise ImportRejectedError(f"{name} holds only blanks.", hint="Export it again.")

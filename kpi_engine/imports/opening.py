"""What is inside a file: tables of an archive, a workbook, Parquet or JSON lines, as text."""

import gzip
import shutil
import zipfile
import zlib
from codecs import BOM_UTF8
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import IO

from kpi_engine.errors import ImportRejectedError
from kpi_engine.findings import Finding
from kpi_engine.imports.structured import form_of_json, unpack_json, unpack_parquet
from kpi_engine.imports.workbooks import damaged, unpack_workbook
from kpi_engine.job import check_cancelled
from kpi_engine.terms import Severity
from kpi_engine.units import format_count

_CHUNK = 1 << 20
_MOST_UNPACKED = 20_000_000_000
_MOST_TABLES = 200
_SPARE = 1_000_000_000
"""Bytes that unpacking leaves free on the disk: the store needs room as well."""
_GZIP, _OLE, _PARQUET = b"\x1f\x8b", b"\xd0\xcf\x11\xe0", b"PAR1"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_NO_TABLES = {
    b"<!doctype html": "a web page",
    b"<html": "a web page",
    b"<table": "a web page",
    b"<?xml": "XML",
    b"%pdf": "a PDF",
    b"{\\rtf": "a text document",
}
"""How files begin that hold a table for people and none for programs."""


@dataclass(frozen=True, kw_only=True)
class Opened:
    """One table of a file, as delimited text.

    Attributes:
        name: Where it stands in the file; empty when the file is the table.
        path: The original where it is text already, otherwise a copy.
        decisions: How it was unpacked.
        findings: What was found wrong in unpacking it.
        header_line: Line of its column names, where that is known already; otherwise 0.
        is_utf8: The copy was written here, so that its letters need no guessing.
    """

    name: str
    path: Path
    decisions: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    header_line: int = 0
    is_utf8: bool = False


def open_tables(path: Path, name: str, *, scratch: Path) -> tuple[Opened, ...]:
    """Every table of a file, in the order in which they stand.

    Args:
        path: The file as it was given.
        name: What its owner calls it.
        scratch: Folder for unpacked copies.

    Raises:
        ImportRejectedError: It is missing, empty, damaged, locked or larger than can be read.
    """
    if not path.is_file():
        raise ImportRejectedError(f"There is no file {name}.", hint="Check the path.")
    if path.stat().st_size == 0:
        raise ImportRejectedError(
            f"{name} is empty.", hint="Export it again; the export may have been cut off."
        )
    try:
        tables = tuple(_tables(path, name, scratch=scratch, depth=0))
    except NotImplementedError as error:
        raise ImportRejectedError(
            f"{name} is packed in a way that cannot be unpacked here.",
            hint="Unpack it and send what is inside, or pack it again as a plain zip.",
        ) from error
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile) as error:
        raise damaged(name) from error
    if not tables:
        raise ImportRejectedError(f"{name} holds no table.", hint="Export it again.")
    return _told_apart(tables)


def _told_apart(tables: Sequence[Opened]) -> tuple[Opened, ...]:
    """Each table by a name of its own: the second ``a.csv`` of an archive is ``a.csv (2)``."""
    seen: Counter[str] = Counter()
    found = []
    for table in tables:
        seen[table.name] += 1
        count = seen[table.name]
        found.append(replace(table, name=f"{table.name} ({count})") if count > 1 else table)
    return tuple(found)


def _tables(path: Path, name: str, *, scratch: Path, depth: int) -> Iterator[Opened]:
    with path.open("rb") as stream:
        mark = stream.read(256)
    text = mark.removeprefix(BOM_UTF8).lstrip()
    if mark.startswith(_GZIP):
        yield from _gzipped(path, name, scratch=scratch, depth=depth)
    elif mark.startswith(_OLE) or (mark.startswith(_ZIP) and _is_workbook(path)):
        yield from _sheets(path, name, scratch=scratch)
    elif mark.startswith(_ZIP):
        yield from _members(path, name, scratch=scratch, depth=depth)
    elif mark.startswith(_PARQUET):
        copy = unpack_parquet(path, name, copy=_place(scratch, "parquet.csv"))
        yield Opened(name="", path=copy, decisions=("Read from Parquet.",), is_utf8=True)
    elif form := form_of_json(text):
        copy = unpack_json(path, name, form=form, copy=_place(scratch, "json.csv"))
        said = f"Read from {'a list' if form == 'array' else 'lines'} of JSON."
        yield Opened(name="", path=copy, decisions=(said,), is_utf8=True)
    elif what := next((w for start, w in _NO_TABLES.items() if text.lower().startswith(start)), ""):
        raise ImportRejectedError(
            f"{name} is {what}, whatever it is called, and no table that can be read.",
            hint="Export the table as CSV or as a workbook, or open this in a spreadsheet program "
            "and save it as one.",
        )
    else:
        yield Opened(name="", path=path)


def _is_workbook(path: Path) -> bool:
    """Whether a zip archive is a workbook by what is in it, whatever it is called."""
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
    return "[Content_Types].xml" in names or "content.xml" in names


def _gzipped(path: Path, name: str, *, scratch: Path, depth: int) -> Iterator[Opened]:
    plain = _place(scratch, f"{depth}-unzipped")
    with gzip.open(path, "rb") as stream:
        _write(_chunks(stream), plain, name)
    for table in _deeper(plain, name, scratch=scratch, depth=depth):
        said = ("Unpacked from gzip.", *table.decisions)
        yield replace(table, decisions=said)


def _members(path: Path, name: str, *, scratch: Path, depth: int) -> Iterator[Opened]:
    with zipfile.ZipFile(path) as archive:
        members = [one for one in archive.infolist() if _is_data(one)]
        _check_members(members, name)
        refusals: list[ImportRejectedError] = []
        tables: list[Opened] = []
        for number, member in enumerate(members):
            plain = _place(scratch, f"{depth}-member-{number}")
            with archive.open(member) as stream:
                _write(_chunks(stream), plain, name)
            if plain.stat().st_size == 0:
                continue
            try:
                inside = list(_deeper(plain, member.filename, scratch=scratch, depth=depth))
            except ImportRejectedError as refusal:
                refusals.append(refusal)
            else:
                tables += [_inside(member, one, is_alone=len(members) == 1) for one in inside]
    if refusals and not tables:
        raise refusals[0]
    for table in tables:
        said = (f"Unpacked from {name}.", *(one.message for one in refusals), *table.decisions)
        yield replace(table, decisions=said)


def _check_members(members: Sequence[zipfile.ZipInfo], name: str) -> None:
    """Refuse an archive that is locked, or of which there is too much."""
    if len(members) > _MOST_TABLES or sum(m.file_size for m in members) > _MOST_UNPACKED:
        raise ImportRejectedError(
            f"{name} unpacks to more than can be read at once.", hint="Send fewer files."
        )
    if any(member.flag_bits & 1 for member in members):
        raise ImportRejectedError(
            f"{name} is locked with a password.", hint="Pack it again without one."
        )


def _inside(member: zipfile.ZipInfo, table: Opened, *, is_alone: bool) -> Opened:
    """A table of an archive, named after where it stands."""
    label = " / ".join(part for part in (member.filename, table.name) if part)
    return table if is_alone else replace(table, name=label)


def _deeper(path: Path, name: str, *, scratch: Path, depth: int) -> Iterator[Opened]:
    if depth > 2:
        raise ImportRejectedError(
            f"{name} is packed more than three times.", hint="Unpack it and send what is inside."
        )
    yield from _tables(path, name, scratch=_place(scratch, f"{path.name}.d"), depth=depth + 1)


def _is_data(member: zipfile.ZipInfo) -> bool:
    """Not a folder, and none of the notes that systems leave beside files."""
    parts = PurePosixPath(member.filename).parts
    return not member.is_dir() and not any(p.startswith((".", "__MACOSX")) for p in parts)


def _sheets(path: Path, name: str, *, scratch: Path) -> Iterator[Opened]:
    workbook = unpack_workbook(path, name, scratch=scratch)
    sheets = workbook.sheets
    findings = _uncomputed(workbook.uncomputed)
    for sheet in sheets:
        hidden = "hidden " if sheet.is_hidden else ""
        said = [f"Read from the {hidden}sheet “{sheet.name}”."]
        if sheet.filled:
            said.append(
                f"Cells were merged over several rows: what stands in them holds for each "
                f"({_times(sheet.filled, 'row')} filled)."
            )
        yield Opened(
            name=sheet.name if len(sheets) > 1 else "",
            path=sheet.copy,
            decisions=tuple(said),
            findings=findings,
            is_utf8=True,
        )


def _uncomputed(cells: int) -> tuple[Finding, ...]:
    """What to say of formulas without a result."""
    if not cells:
        return ()
    return (
        Finding(
            severity=Severity.WARNING,
            place="whole file",
            sentence=f"{_times(cells, 'cell')} of the workbook {'has' if cells == 1 else 'have'} a "
            "formula without a result, or an error such as #DIV/0! in its place. That reads as "
            "empty.",
            next_step="Open the workbook in a spreadsheet program, mend what is wrong, save it, "
            "and add it again.",
        ),
    )


def _times(count: int, what: str) -> str:
    return f"1 {what}" if count == 1 else f"{format_count(count)} {what}s"


def _place(scratch: Path, name: str) -> Path:
    scratch.mkdir(parents=True, exist_ok=True)
    return scratch / name


def _chunks(stream: IO[bytes] | gzip.GzipFile) -> Iterator[bytes]:
    while chunk := stream.read(_CHUNK):
        yield chunk


def _write(chunks: Iterable[bytes], path: Path, name: str) -> None:
    """Unpack, but never more than a machine can hold: sizes in an archive may lie."""
    written = 0
    with path.open("wb") as out:
        for chunk in chunks:
            check_cancelled()
            written += len(chunk)
            if written > _MOST_UNPACKED:
                raise ImportRejectedError(
                    f"{name} unpacks to more than can be read at once.", hint="Send fewer rows."
                )
            if shutil.disk_usage(path.parent).free < _SPARE:
                raise ImportRejectedError(
                    f"There is not enough room on the disk here to unpack {name}.",
                    hint="Make room, or send fewer rows.",
                )
            out.write(chunk)

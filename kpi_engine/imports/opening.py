"""What is inside a file: tables of an archive, a workbook, Parquet or JSON lines, as text."""

import gzip
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import IO

import duckdb

from kpi_engine.errors import ImportRejectedError
from kpi_engine.findings import Finding
from kpi_engine.imports.workbooks import unpack_workbook
from kpi_engine.job import check_cancelled, watched
from kpi_engine.terms import Severity
from kpi_engine.units import format_count

_CHUNK = 1 << 20
_MOST_UNPACKED = 20_000_000_000
_MOST_TABLES = 200
_GZIP, _ZIP, _OLE, _PARQUET = b"\x1f\x8b", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"PAR1"
_OBJECT = b'{"'


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
        raise _damaged(name) from error
    if not tables:
        raise ImportRejectedError(f"{name} holds no table.", hint="Export it again.")
    return tables


def _damaged(name: str) -> ImportRejectedError:
    return ImportRejectedError(
        f"{name} cannot be read: it is damaged or was cut off.",
        hint="Export it again and compare the sizes.",
    )


def _tables(path: Path, name: str, *, scratch: Path, depth: int) -> Iterator[Opened]:
    with path.open("rb") as stream:
        mark = stream.read(8)
    if mark.startswith(_GZIP):
        yield from _gzipped(path, name, scratch=scratch, depth=depth)
    elif mark.startswith((_ZIP, _OLE)) and (mark.startswith(_OLE) or _is_workbook(path)):
        yield from _sheets(path, name, scratch=scratch)
    elif mark.startswith(_ZIP):
        yield from _members(path, name, scratch=scratch, depth=depth)
    elif mark.startswith(_PARQUET):
        yield _parquet(path, name, scratch=scratch)
    elif mark.startswith(_OBJECT):
        yield _json_lines(path, name, scratch=scratch)
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
        if len(members) > _MOST_TABLES or sum(m.file_size for m in members) > _MOST_UNPACKED:
            raise ImportRejectedError(
                f"{name} unpacks to more than can be read at once.", hint="Send fewer files."
            )
        if any(member.flag_bits & 1 for member in members):
            raise ImportRejectedError(
                f"{name} is locked with a password.", hint="Pack it again without one."
            )
        for number, member in enumerate(members):
            plain = _place(scratch, f"{depth}-member-{number}")
            with archive.open(member) as stream:
                _write(_chunks(stream), plain, name)
            if plain.stat().st_size == 0:
                continue
            for table in _deeper(plain, member.filename, scratch=scratch, depth=depth):
                label = " / ".join(part for part in (member.filename, table.name) if part)
                said = (f"Unpacked from {name}.", *table.decisions)
                yield replace(table, name=label if len(members) > 1 else table.name, decisions=said)


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


def _parquet(path: Path, name: str, *, scratch: Path) -> Opened:
    copy = _place(scratch, "parquet.csv")
    quoted = [str(one).replace("'", "''") for one in (path, copy)]
    try:
        with duckdb.connect(":memory:") as connection, watched(connection):
            connection.execute(
                f"COPY (FROM read_parquet('{quoted[0]}')) TO '{quoted[1]}' (FORMAT csv, HEADER)"
            )
    except duckdb.Error as error:
        check_cancelled()
        raise _damaged(name) from error
    return Opened(name="", path=copy, decisions=("Read from Parquet.",), is_utf8=True)


def _json_lines(path: Path, name: str, *, scratch: Path) -> Opened:
    """Objects, one a line; of an object inside one, ``host``, the columns are ``host.name``."""
    copy = _place(scratch, "lines.csv")
    try:
        with duckdb.connect(":memory:") as connection, watched(connection):
            lines = connection.read_json(str(path), format="newline_delimited")
            columns = [
                duckdb.ColumnExpression(column, *inner).alias(".".join((column, *inner)))
                for column, of in zip(lines.columns, lines.types, strict=True)
                for inner in ([[part] for part, _ in of.children] if of.id == "struct" else [[]])
            ]
            lines.select(*columns).write_csv(str(copy), header=True)
    except duckdb.Error as error:
        check_cancelled()
        raise _damaged(name) from error
    return Opened(name="", path=copy, decisions=("Read from lines of JSON.",), is_utf8=True)


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
            out.write(chunk)

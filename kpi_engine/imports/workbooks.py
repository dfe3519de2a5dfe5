"""Sheets of a workbook as delimited text, large ones in a process that can be ended at any moment.

A workbook is parsed in one go by code that heeds no wish to stop and may need more memory than
there is. In a process of its own neither harms anybody else.
"""

import csv
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import python_calamine

from kpi_engine.errors import CancelledError, ImportRejectedError
from kpi_engine.job import check_cancelled

_SMALL, _SMALL_UNPACKED = 200_000, 10_000_000
"""Bytes up to which a workbook is opened at once, in less time than it takes to begin a process."""
_MOST_UNPACKED = 4_000_000_000
_MOST_MEMORY = 6_000_000_000
_LOOK_SECONDS = 0.1
_CHUNK = 1 << 20
_UNCOMPUTED = re.compile(
    rb"""(?:</f>|<f[^<>]*/>)\s*(?:<v\s*/>|<v></v>)?\s*</c>|<c\s[^<>]*\bt=["']e["']"""
)
_LONGEST = 200
"""Bytes of what says so at most."""
_LOCKED, _DAMAGED = "locked", "damaged"

_ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """One sheet that is not empty.

    Attributes:
        copy: What stands in it, as delimited text; the first row of the sheet is its first line.
        is_hidden: Whoever opens the workbook does not see it.
        filled: Rows and columns of cells into which what stands above was filled, because it was
            merged over them.
    """

    name: str
    copy: Path
    is_hidden: bool
    filled: int


@dataclass(frozen=True, kw_only=True)
class Workbook:
    """What is in a workbook.

    Attributes:
        sheets: Those that are not empty; hidden ones stand last.
        uncomputed: Cells with a formula whose result is not in the file or is an error; they read
            as empty.
    """

    sheets: tuple[Sheet, ...]
    uncomputed: int


def unpack_workbook(path: Path, name: str, *, scratch: Path) -> Workbook:
    """Write every sheet of a workbook out as text.

    Args:
        path: The file as it was given.
        name: What its owner calls it.
        scratch: Folder for the copies.

    Raises:
        CancelledError: Somebody cancelled the job that this is part of.
        ImportRejectedError: It is damaged, locked or larger than can be read.
    """
    unpacked = _unpacked_size(path)
    if unpacked > _MOST_UNPACKED:
        raise _too_large(name)
    scratch.mkdir(parents=True, exist_ok=True)
    is_small = path.stat().st_size <= _SMALL and unpacked <= _SMALL_UNPACKED
    said = _unpack(path, scratch) if is_small else _unpack_apart(path, scratch, name)
    if said.get("refused") == _LOCKED:
        raise ImportRejectedError(
            f"{name} is locked with a password.", hint="Save it again without one."
        )
    if said.get("refused") == _DAMAGED:
        raise damaged(name)
    sheets = tuple(Sheet(**{**one, "copy": Path(one["copy"])}) for one in said["sheets"])
    return Workbook(
        sheets=tuple(sorted(sheets, key=lambda sheet: sheet.is_hidden)),
        uncomputed=said["uncomputed"],
    )


def damaged(name: str) -> ImportRejectedError:
    """Why a file cannot be read at all."""
    return ImportRejectedError(
        f"{name} cannot be read: it is damaged or was cut off.",
        hint="Export it again and compare the sizes.",
    )


def _too_large(name: str) -> ImportRejectedError:
    return ImportRejectedError(
        f"{name} unpacks to more than can be read at once.",
        hint="Save its sheets as CSV, or send fewer rows.",
    )


def _unpacked_size(path: Path) -> int:
    """Bytes of what is packed in a workbook, as it says itself; its own where nothing is packed."""
    if not zipfile.is_zipfile(path):
        return path.stat().st_size
    with zipfile.ZipFile(path) as archive:
        return sum(member.file_size for member in archive.infolist())


def _unpack_apart(path: Path, scratch: Path, name: str) -> Mapping[str, Any]:
    """The same as ``_unpack``, by another process."""
    command = [sys.executable, "-m", __name__, str(path.resolve()), str(scratch.resolve())]
    with subprocess.Popen(  # noqa: S603 - our own module, and two paths
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=_ROOT
    ) as process:
        try:
            while True:
                check_cancelled()
                try:
                    said, _ = process.communicate(timeout=_LOOK_SECONDS)
                    break
                except subprocess.TimeoutExpired:
                    continue
        except CancelledError:
            process.kill()
            raise
    if process.returncode:
        raise _too_large(name)
    found: dict[str, Any] = json.loads(said)
    return found


def _unpack(path: Path, scratch: Path) -> Mapping[str, Any]:
    """Every sheet that is not empty, as plain values; or why there is none."""
    try:
        workbook = python_calamine.CalamineWorkbook.from_path(str(path))
        sheets = [
            asdict(sheet) | {"copy": str(sheet.copy)}
            for number, of in enumerate(workbook.sheets_metadata)
            if (sheet := _sheet(workbook, of, scratch / f"sheet-{number}.csv")) is not None
        ]
    except python_calamine.PasswordError:
        return {"refused": _LOCKED}
    except python_calamine.CalamineError:
        return {"refused": _DAMAGED}
    return {"sheets": sheets, "uncomputed": _uncomputed(path)}


def _sheet(workbook: Any, of: Any, copy: Path) -> Sheet | None:
    if of.typ is not python_calamine.SheetTypeEnum.WorkSheet:
        return None
    sheet = workbook.get_sheet_by_name(of.name)
    merged = _merged_down(sheet.merged_cell_ranges or ())
    filled, is_empty = 0, True
    above: dict[int, object] = {}
    with copy.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        for number, row in enumerate(_rows(sheet)):
            check_cancelled()
            for column, starts in merged.get(number, ()):
                if starts:
                    above[column] = row[column] if column < len(row) else ""
                elif _may_repeat(above.get(column)):
                    row += [""] * (column + 1 - len(row))
                    row[column], filled = above[column], filled + 1
            is_empty = is_empty and all(cell == "" for cell in row)
            writer.writerow([_text(cell) for cell in row])
    if is_empty:
        copy.unlink()
        return None
    is_hidden = of.visible is not python_calamine.SheetVisibleEnum.Visible
    return Sheet(name=of.name, copy=copy, is_hidden=is_hidden, filled=filled)


def _rows(sheet: Any) -> Iterator[list[object]]:
    """Rows from the first of the sheet, cells from the first column, as far as there are any."""
    left = [""] * (sheet.start[1] if sheet.start else 0)
    for row in sheet.iter_rows():
        yield left + row


def _merged_down(
    ranges: Sequence[tuple[tuple[int, int], tuple[int, int]]],
) -> dict[int, list[tuple[int, bool]]]:
    """By row, the columns of cells that are merged downwards, and whether they start there."""
    found: dict[int, list[tuple[int, bool]]] = {}
    for (top, left), (bottom, _) in ranges:
        for row in range(top, bottom + 1) if bottom > top else ():
            found.setdefault(row, []).append((left, row == top))
    return found


def _may_repeat(cell: object) -> bool:
    """Words and dates hold for every row they stand beside; a number counts once."""
    return isinstance(cell, str | date) and cell != ""


def _text(value: object) -> str:
    """A cell of a workbook as text: numbers in full, instants as ISO 8601."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value.total_seconds() / 3600)
    return str(value)


def _uncomputed(path: Path) -> int:
    """Cells with an error, and formulas without their result, as those who cannot compute write."""
    if not zipfile.is_zipfile(path):
        return 0
    count = 0
    with zipfile.ZipFile(path) as archive:
        for member in archive.namelist():
            if member.startswith("xl/worksheets/") and member.endswith(".xml"):
                rest = b""
                with archive.open(member) as stream:
                    while chunk := stream.read(_CHUNK):
                        check_cancelled()
                        text, end = rest + chunk, 0
                        for found in _UNCOMPUTED.finditer(text):
                            count, end = count + 1, found.end()
                        rest = text[max(end, len(text) - _LONGEST) :]
    return count


def _limit_memory() -> None:
    """Let this process end, and no other, where a workbook needs more than there is."""
    try:
        import resource
    except ImportError:  # Windows has no such limits
        return
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))


if __name__ == "__main__":
    _limit_memory()
    print(json.dumps(_unpack(Path(sys.argv[1]), Path(sys.argv[2]))))  # noqa: T201 - the answer

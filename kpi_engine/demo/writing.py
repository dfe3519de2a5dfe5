"""The demo company's files: each source's history, its newest months, a draft, a correction."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa

from kpi_engine.demo import exports
from kpi_engine.demo.bookkeeping import truths_of
from kpi_engine.demo.simulate import World, simulate
from kpi_engine.demo.timeline import Timeline
from kpi_engine.demo.truths import Truths
from kpi_engine.demo.windows import Window
from kpi_engine.periods import add_months, months_between

OWN_MONTHS = {"milestones": 2}
"""How many of the newest months a source exports one by one; one if it is not listed."""

TRUTHS = "truths.json"
"""The file that says what was planted."""

LATE_SOURCE = "network-samples"
"""The source whose export for the last month never came."""


@dataclass(frozen=True, kw_only=True)
class ExportFile:
    """One file, as somebody will import it.

    Attributes:
        source: File name stem of the system it comes from.
        rows: What stands in it, of everything that happened.
        accepted_at: When it is imported (UTC).
        undone_at: When that is taken back (UTC); None when it stays.
    """

    path: Path
    source: str
    rows: Callable[[World], pd.DataFrame]
    accepted_at: datetime
    note: str = ""
    undone_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Exports:
    """Every file in the order of its import, and what was planted in them.

    Attributes:
        writing: By a file's path, what is done once it is written.
        planting: The truths, once they are worked out and written.
    """

    files: tuple[ExportFile, ...]
    writing: Mapping[Path, Future[None]]
    planting: Future[Truths]

    def wait_for(self, file: ExportFile) -> None:
        """Come back once a file is written."""
        self.writing[file.path].result()

    @property
    def truths(self) -> Truths:
        """What was planted, once ``truths.json`` is written."""
        return self.planting.result()


def planned_files(folder: Path, *, last_month: date) -> tuple[ExportFile, ...]:
    """Every file in the order of its import, whether or not it is written yet.

    Args:
        folder: Where they lie.
        last_month: First day of the newest month.
    """
    found = _files(Timeline(last_month), folder)
    return tuple(sorted(found, key=lambda file: file.accepted_at))


@contextmanager
def writing_exports(folder: Path, *, last_month: date, seed: int) -> Iterator[Exports]:
    """Write the demo company's exports and ``truths.json`` into a folder, one after the other.

    The first can be imported while the next is written. The same seed and month give the same
    files, byte for byte.

    Args:
        folder: Created if missing; files of the same name are replaced.
        last_month: First day of the newest month.
        seed: Any whole number that is not negative.
    """
    folder.mkdir(parents=True, exist_ok=True)
    world = simulate(last_month=last_month, seed=seed)
    files = planned_files(folder, last_month=last_month)
    corrected = next(file for file in files if "corrected" in file.path.name)

    def plant() -> Truths:
        truths = truths_of(world, corrected_file=corrected.path.name)
        truths.write(folder / TRUTHS)
        return truths

    def write(file: ExportFile) -> None:
        write_csv(file.rows(world), file.path)

    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="exports") as writer:
        yield Exports(
            files=files,
            writing={file.path: writer.submit(write, file) for file in files},
            planting=writer.submit(plant),
        )


def _files(timeline: Timeline, folder: Path) -> Iterator[ExportFile]:
    """Each source's history, its newest months, a draft taken back and a correction."""
    for position, (source, export) in enumerate(exports.SOURCES.items()):
        for window, morning in _windows(timeline, OWN_MONTHS.get(source, 1)):
            if source == LATE_SOURCE and window.last == timeline.last_month:
                continue
            yield ExportFile(
                path=folder / f"{source}-{window.label}.csv",
                source=source,
                rows=_rows(export, window),
                accepted_at=morning + timedelta(minutes=2 * position),
            )
    yield _draft(timeline, folder)
    yield _correction(timeline, folder)


def _rows(
    export: Callable[[World, Window], pd.DataFrame], window: Window
) -> Callable[[World], pd.DataFrame]:
    """A source's export of one window, of whatever world it is asked for."""
    return lambda world: export(world, window)


def _windows(timeline: Timeline, own_months: int) -> Iterator[tuple[Window, datetime]]:
    """What each export of a source covers, and on which morning it is imported."""
    first_own = timeline.month_of(own_months - 1)
    before = add_months(first_own, -1)
    spans = [(timeline.first_month, before)]
    spans += [(month, month) for month in months_between(first_own, timeline.last_month)]
    for first, last in spans:
        window = Window(timeline=timeline, first=first, last=last)
        yield window, _morning(add_months(last, 1), day=2)


def _draft(timeline: Timeline, folder: Path) -> ExportFile:
    """Web analytics of a month that was not over yet, imported by mistake and taken back."""
    month = timeline.month_of(1)
    window = Window(timeline=timeline, first=month, last=month)
    imported = _morning(month, day=20)
    return ExportFile(
        path=folder / f"web-analytics-{window.label}-draft.csv",
        source="web-analytics",
        rows=lambda world: exports.visits(world, window).head(19),
        accepted_at=imported,
        undone_at=imported + timedelta(minutes=11),
    )


def _correction(timeline: Timeline, folder: Path) -> ExportFile:
    """The month before the last again, with the approval days put right."""
    month = timeline.month_of(1)
    window = Window(timeline=timeline, first=month, last=month)
    return ExportFile(
        path=folder / f"milestones-{window.label}-corrected.csv",
        source="milestones",
        rows=lambda world: exports.milestones(world, window, corrected=True),
        accepted_at=_morning(timeline.last_month, day=27) + timedelta(hours=5),
        note="Approval days corrected by the portfolio office",
    )


def _morning(month: date, *, day: int) -> datetime:
    moment = datetime.combine(month.replace(day=day), time(8, 10))
    instant: datetime = Timeline(month).instant(moment).to_pydatetime()
    return instant


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """A frame as CSV: instants as ``2026-10-12 17:00:00``, missing cells empty."""
    table = pa.Table.from_pandas(frame, preserve_index=False)
    duckdb.from_arrow(table).to_csv(str(path), timestamp_format="%Y-%m-%d %H:%M:%S")

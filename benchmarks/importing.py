"""Import of a ticket export against bare `read_csv`, and against pandas with `to_sql`."""

import shutil
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pandas as pd
import sqlalchemy as sa

from benchmarks.facts import store_of
from benchmarks.measure import Cost, Stopwatch, in_own_process, median
from benchmarks.report import Line
from benchmarks.tickets import write_tickets
from kpi_engine.actors import local_actor
from kpi_engine.services import imports
from kpi_engine.workspace import Workspace

_NOW = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
_BUDGET_FROM = 10_000_000
"""The budgets are about files of this size; shorter ones pay more for what every import costs."""
_REPEATED = range(100_000, 2_000_000)
"""Sizes measured three times: smaller ones prove that it runs, larger ones are steady."""
_TO_SQL_ROWS = 100_000


def measure_imports(folder: Path, *, sizes: Sequence[int]) -> Iterator[Line]:
    """Preview and commit with every check, into a fresh store, per size of file."""
    for rows in sizes:
        path = folder / f"tickets-{rows}.csv"
        write_tickets(path, rows=rows)
        runs = 3 if rows in _REPEATED else 1
        bare = median([in_own_process(read_bare, path, folder) for _ in range(runs)])
        ours = median([in_own_process(import_once, path, folder) for _ in range(runs)])
        pandas = in_own_process(load_with_pandas, path, folder, min(rows, _TO_SQL_ROWS))
        factor = rows / min(rows, _TO_SQL_ROWS)
        path.unlink()
        yield from _lines(rows, runs, bare, ours, pandas.cpu * factor)


def measure_large(folder: Path, *, gigabytes: float) -> Iterator[Line]:
    """Preview and commit of one export of that size, tickets with their descriptions."""
    path = folder / "large.csv"
    write_tickets(path, rows=int(gigabytes * 1e9 / _DESCRIBED_BYTES), described=True)
    size = path.stat().st_size / 1e9
    cost = in_own_process(import_once, path, folder)
    path.unlink()
    yield Line(
        what=f"import of {size:.2g} GB: peak memory",
        measured=cost.peak / 1e9,
        unit="GB",
        limit=2,
        how=f"{cost.wall:.0f} s on the clock, {size * 1e3 / cost.wall:.0f} MB a second",
    )


def measure_small(folder: Path, *, sizes: Sequence[int]) -> Iterator[Line]:
    """Preview of two rows beside any number of facts."""
    path = folder / "small.csv"
    rows = "2026-10-05,biz.revenue,all,5\n2026-10-06,biz.revenue,all,7\n"
    path.write_text(f"period,metric,segment,value\n{rows}", encoding="utf-8")
    for facts in sizes:
        cost = in_own_process(preview_once, store_of(folder, facts), path)
        yield Line(
            what=f"preview of two rows beside {facts / 1e6:g} M facts",
            measured=cost.cpu,
            unit="s",
            how=f"processor time, one run; {cost.wall:.1f} s on the clock",
        )


_DESCRIBED_BYTES = 490
"""What a ticket with its description takes in the file."""


def _lines(rows: int, runs: int, bare: Cost, ours: Cost, pandas: float) -> Iterator[Line]:
    is_judged = rows >= _BUDGET_FROM
    what = f"import {rows / 1e6:g} M tickets"
    middle = f"median of {runs}" if runs > 1 else "one run"
    yield Line(
        what=f"{what} / bare read_csv",
        measured=ours.cpu / bare.cpu,
        unit="×",
        limit=3 if is_judged else None,
        how=f"processor time {ours.cpu:.1f} s / {bare.cpu:.1f} s, {middle}; "
        f"on the clock {ours.wall:.1f} s / {bare.wall:.1f} s = {ours.wall / bare.wall:.1f} ×",
    )
    yield Line(
        what=f"pandas read_csv + to_sql / {what}",
        measured=pandas / ours.cpu,
        unit="×",
        limit=10 if is_judged else None,
        at_least=True,
        how=f"processor time; {pandas:.0f} s, reckoned from {min(rows, _TO_SQL_ROWS):,} rows, "
        f"/ {ours.cpu:.1f} s",
    )
    yield Line(
        what=f"{what}: peak memory",
        measured=ours.peak / 1e9,
        unit="GB",
        limit=2 if is_judged else None,
        how=f"bare read_csv {bare.peak / 1e9:.2f} GB; both may use 1.4 GB for pages",
    )


def read_bare(path: Path, folder: Path) -> Cost:
    """DuckDB reads the file into a table of a database file, as many threads as the store."""
    place = folder / "bare.duckdb"
    with duckdb.connect(place, config={"threads": 2, "memory_limit": "1400MB"}) as connection:
        connection.execute("SET enable_progress_bar = false")
        quoted = str(path).replace("'", "''")
        with Stopwatch() as watch:
            connection.execute(f"CREATE TABLE tickets AS FROM read_csv('{quoted}')")
            connection.execute("CHECKPOINT")
    place.unlink()
    return watch.cost


def preview_once(home: Path, path: Path) -> Cost:
    """Preview, and nothing saved."""
    ws, actor = Workspace.open(home), local_actor("bench")
    with Stopwatch() as watch:
        shown = imports.preview(ws, path, actor=actor, now=_NOW)
    imports.discard(ws, shown, actor=actor)
    ws.close()
    return watch.cost


def import_once(path: Path, folder: Path) -> Cost:
    """Preview and commit into an empty store."""
    home = folder / "import-home"
    ws = Workspace.open(home)
    actor = local_actor("bench")
    with Stopwatch() as watch:
        shown = imports.preview(ws, path, actor=actor, now=_NOW)
        imports.commit(ws, shown, actor=actor, now=_NOW)
    ws.close()
    shutil.rmtree(home)
    return watch.cost


def load_with_pandas(path: Path, folder: Path, rows: int) -> Cost:
    """pandas reads the first rows and writes them with `to_sql` into a DuckDB file."""
    place = folder / "pandas.duckdb"
    engine = sa.create_engine(f"duckdb:///{place}")
    with Stopwatch() as watch:
        frame = pd.read_csv(path, nrows=rows, parse_dates=["opened_at", "resolved_at", "closed_at"])
        frame.to_sql("tickets", engine, index=False)
    engine.dispose()
    place.unlink()
    return watch.cost

"""Run cells, keep what is done as it comes, and say how far it is."""

import json
import time
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from threadpoolctl import threadpool_limits

from benchmarks.translation.cells import CELLS, Cell, Problem, problem
from benchmarks.translation.contenders import CONTENDERS
from benchmarks.translation.tally import Key, Tally, added, as_plain, counted, from_plain
from kpi_engine.services.estimates import METHOD

NAMES = tuple(CONTENDERS)
_BATCH = 25

Results = Mapping[str, Mapping[Key, Tally]]
"""Tallies by the key of their cell."""


def run_cells(
    cells: Sequence[Cell],
    *,
    draws: Mapping[str, int],
    share: float = 1.0,
    processes: int = 1,
    kept: Path | None = None,
) -> Results:
    """Tallies of every cell.

    Args:
        cells: In the order in which they are run.
        draws: Of each cell, by its key.
        share: Of the draws that all contenders see; the first alone sees the others.
        processes: Each on one core.
        kept: A file of results that is read first and added to, cell by cell.
    """
    found = _read(kept, draws, share)
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        for place, cell in enumerate(cells, start=1):
            if cell.key in found:
                continue
            begun = time.monotonic()
            starts = range(0, draws[cell.key], _BATCH)
            batches = [range(at, min(at + _BATCH, draws[cell.key])) for at in starts]
            seen = share * draws[cell.key]
            names = [NAMES if batch.start < seen else NAMES[:1] for batch in batches]
            found[cell.key] = added(pool.map(run_batch, [cell.key] * len(batches), batches, names))
            if kept:
                _append(kept, cell.key, found[cell.key], share)
            seconds = time.monotonic() - begun
            print(f"[{place}/{len(cells)}] {cell.key}: {seconds:.0f} s", flush=True)
    return {cell.key: found[cell.key] for cell in cells}


def run_batch(key: str, draws: Sequence[int], names: Collection[str] = NAMES) -> dict[Key, Tally]:
    """Tallies of some draws of one cell: every contender sees the same series."""
    found: dict[Key, Tally] = {}
    with threadpool_limits(limits=1):
        for draw in draws:
            series = problem(CELLS[key], draw)
            for name in names:
                for place, one in enumerate(_counted(name, series)):
                    found[name, place] = found.get((name, place), Tally()) + one
    return found


def _counted(name: str, series: Problem) -> list[Tally]:
    begun = time.process_time()
    said = CONTENDERS[name](series)
    seconds = (time.process_time() - begun) / len(said)
    return [counted(series, place, answer, seconds) for place, answer in enumerate(said)]


def _read(
    kept: Path | None, draws: Mapping[str, int], share: float
) -> dict[str, Mapping[Key, Tally]]:
    """What was kept of the same way of estimating with as many draws, all methods alike."""
    if kept is None or not kept.exists():
        return {}
    lines = [json.loads(line) for line in kept.read_text(encoding="utf-8").splitlines()]
    found = {
        line["cell"]: from_plain(line["tallies"])
        for line in lines
        if (line["method"], line["share"]) == (METHOD, share)
    }
    return {
        key: tallies
        for key, tallies in found.items()
        if key in draws and max(one.draws for one in tallies.values()) == draws[key]
    }


def _append(kept: Path, key: str, tallies: Mapping[Key, Tally], share: float) -> None:
    kept.parent.mkdir(parents=True, exist_ok=True)
    line = {"cell": key, "method": METHOD, "share": share, "tallies": as_plain(tallies)}
    with kept.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")

"""The scorecard service on a small and on a large store."""

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.facts import fill, kpis
from benchmarks.measure import Cost, Stopwatch, in_own_process, median
from benchmarks.report import Line
from kpi_engine.services import scorecard
from kpi_engine.workspace import Workspace

_RUNS = 15
_WARM_UPS = 2
_LARGE = 100_000_000


def measure_scorecard(folder: Path, *, sizes: Sequence[int]) -> Iterator[Line]:
    """The newest month over all KPIs with their history, per number of facts."""
    costs = {facts: _measured(folder, facts) for facts in sizes}
    small = costs[sizes[0]]
    for facts, cost in costs.items():
        yield Line(
            what=f"scorecard service, {facts / 1e6:g} M facts",
            measured=cost.cpu * 1000,
            unit="ms",
            limit=150,
            how=f"processor time, median of {_RUNS}, warm; on the clock {cost.wall * 1000:.0f} ms; "
            f"{cost.peak / 1e9:.2f} GB",
        )
    for facts in sizes[1:]:
        yield Line(
            what=f"scorecard service, {facts / 1e6:g} M / {sizes[0] / 1e6:g} M facts",
            measured=costs[facts].cpu / small.cpu,
            unit="×",
            limit=1.3 if facts >= _LARGE else None,
            how=f"processor time; {len(_kpis(folder))} KPIs; daily facts inserted in bulk, "
            "rollups folded by the engine's own queries, laid down month by month",
        )


def _measured(folder: Path, facts: int) -> Cost:
    home = folder / f"facts-{facts}"
    in_own_process(build, home, facts)
    cost = in_own_process(read_repeatedly, home)
    shutil.rmtree(home)
    return cost


def _kpis(folder: Path) -> list[str]:
    ws = Workspace.open(folder / "no-facts")
    names = [metric.id for metric in kpis(ws)]
    ws.close()
    return names


def build(home: Path, facts: int) -> Cost:
    """Make a store with this many facts."""
    with Stopwatch() as watch:
        ws = Workspace.open(home)
        fill(ws, facts=facts)
        ws.close()
    return watch.cost


def read_repeatedly(home: Path) -> Cost:
    """The median of several reads of one open store."""
    ws = Workspace.open(home)
    costs = []
    for _ in range(_WARM_UPS + _RUNS):
        with Stopwatch() as watch:
            scorecard.read(ws)
        costs.append(watch.cost)
    ws.close()
    return median(costs[_WARM_UPS:])

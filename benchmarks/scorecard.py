"""The scorecard and outcome services on a small and on a large store."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import sqlalchemy as sa

from benchmarks.facts import kpis, store_of
from benchmarks.measure import Cost, Stopwatch, added, in_own_process, median
from benchmarks.report import Line
from kpi_engine.services import outcomes, scorecard
from kpi_engine.workspace import Workspace

_RUNS = 15
_WARM_UPS = 2
_LARGE = 100_000_000
_OUTCOME = "biz.revenue"
Costs = Mapping[str, Cost]
"""Of each service by its name, and what of it is spent in the engine."""


def measure_scorecard(folder: Path, *, sizes: Sequence[int]) -> Iterator[Line]:
    """The newest month over all KPIs with their history, and one outcome explained."""
    costs = {facts: _measured(folder, facts) for facts in sizes}
    how = (
        f"processor time; {len(_kpis(folder))} KPIs; daily facts inserted in bulk, "
        "rollups folded by the engine's own queries, laid down month by month"
    )
    for service in SERVICES:
        for facts, of in costs.items():
            cost, engine = of[service], of[f"{service}, engine"]
            yield Line(
                what=f"{service} service, {facts / 1e6:g} M facts",
                measured=engine.cpu * 1000,
                unit="ms",
                limit=150,
                how=f"processor time in the engine, median of {_RUNS}, warm; in all "
                f"{cost.cpu * 1000:.0f} ms, {cost.wall * 1000:.0f} ms on the clock; "
                f"{cost.peak / 1e9:.2f} GB",
            )
        for facts in sizes[1:]:
            yield Line(
                what=f"{service} service, {facts / 1e6:g} M / {sizes[0] / 1e6:g} M facts",
                measured=costs[facts][service].cpu / costs[sizes[0]][service].cpu,
                unit="×",
                limit=1.3 if facts >= _LARGE else None,
                how=how,
            )


def _measured(folder: Path, facts: int) -> Costs:
    home = store_of(folder, facts)
    costs = {}
    for name in SERVICES:
        costs[name] = in_own_process(read_repeatedly, home, name)
        costs[f"{name}, engine"] = in_own_process(read_in_engine, home, name)
    return costs


def _kpis(folder: Path) -> list[str]:
    ws = Workspace.open(folder / "no-facts")
    names = [metric.id for metric in kpis(ws)]
    ws.close()
    return names


SERVICES: Mapping[str, Callable[[Workspace], object]] = {
    "scorecard": scorecard.read,
    "outcome": lambda ws: outcomes.explain(ws, _OUTCOME),
}


def read_repeatedly(home: Path, service: str) -> Cost:
    """The median of several reads of one open store."""
    ws, read = Workspace.open(home), SERVICES[service]
    costs = []
    for _ in range(_WARM_UPS + _RUNS):
        with Stopwatch() as watch:
            read(ws)
        costs.append(watch.cost)
    ws.close()
    return median(costs[_WARM_UPS:])


def read_in_engine(home: Path, service: str) -> Cost:
    """The same, while statements are executed alone."""
    ws, read = Workspace.open(home), SERVICES[service]
    running: list[Stopwatch] = []
    spent: list[Cost] = []

    def begin(*_: object) -> None:
        running.append(Stopwatch().__enter__())

    def end(*_: object) -> None:
        watch = running.pop()
        watch.__exit__()
        spent.append(watch.cost)

    sa.event.listen(ws.engine, "before_cursor_execute", begin)
    sa.event.listen(ws.engine, "after_cursor_execute", end)
    costs = []
    for _ in range(_WARM_UPS + _RUNS):
        spent.clear()
        read(ws)
        costs.append(added(spent))
    ws.close()
    return median(costs[_WARM_UPS:])

"""How long the demo company takes to build, and a new installation to show it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import Cost, Stopwatch, in_own_process
from benchmarks.report import Line
from kpi_engine.actors import local_actor
from kpi_engine.demo.build import load_demo
from kpi_engine.workspace import Workspace


def measure_demo(home: Path) -> Iterator[Line]:
    """Simulate three years, write the exports, import them; the data folder stays."""
    if home.exists():
        shutil.rmtree(home)
    cost = in_own_process(build, home)
    yield Line(
        what="demo company built",
        measured=cost.wall,
        unit="s",
        limit=20,
        how=f"one run; processor time {cost.cpu:.1f} s; {cost.peak / 1e9:.2f} GB",
    )


def build(home: Path) -> Cost:
    """Build the demo company in a fresh data folder."""
    with Stopwatch() as watch:
        ws = Workspace.open(home)
        load_demo(ws, actor=local_actor("bench"))
        ws.close()
    return watch.cost

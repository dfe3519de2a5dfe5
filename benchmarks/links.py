"""Estimating a whole map: fifty links of daily data over three years."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import islice
from pathlib import Path

from benchmarks.facts import DAYS, fill, kpis
from benchmarks.measure import Cost, Stopwatch, in_own_process
from benchmarks.report import Line
from kpi_engine.catalogue.links import Link
from kpi_engine.catalogue.metrics import Metric
from kpi_engine.services.estimates import estimate_all, estimated_outcomes, read_estimates
from kpi_engine.services.look import Look
from kpi_engine.terms import EvidenceGrade, Fold, Grain, LinkKind, Side
from kpi_engine.workspace import Workspace

_LINKS, _A_OUTCOME = 50, 5
_SUMMED = (Fold.SUM, Fold.RATIO)


def measure_links(folder: Path, *, links: int = _LINKS) -> Iterator[Line]:
    """Every link of a map worked out anew, forecasts included."""
    home = folder / "links"
    in_own_process(build, home)
    cost = in_own_process(estimate, home, links)
    yield Line(
        what=f"{links} links by day over three years",
        measured=cost.wall,
        unit="s",
        limit=60,
        how=f"on the clock, in one thread; {cost.cpu:.0f} s of processor time, "
        f"{cost.peak / 1e9:.2f} GB; {_A_OUTCOME} drivers an outcome, lags of 0 to 7 days, "
        "with forecasts of every month of the last year",
    )


def build(home: Path) -> Cost:
    """A store with every measure by day."""
    with Stopwatch() as watch:
        ws = Workspace.open(home)
        fill(ws, facts=len(kpis(ws)) * DAYS)
        ws.close()
    return watch.cost


def estimate(home: Path, links: int) -> Cost:
    """Work out so many links that nobody declared.

    Raises:
        RuntimeError: Not all of them were worked out by day.
    """
    ws = Workspace.open(home)
    declared = {link.id: link for link in islice(_links(ws), links)}
    ws.catalogue = replace(ws.catalogue, links=declared)
    with Stopwatch() as watch:
        estimate_all(ws)
    with ws.reading() as conn:
        found = read_estimates(Look(conn=conn, catalogue=ws.catalogue, as_of=ws.newest()))
        models = [
            one for name in estimated_outcomes(ws.catalogue) for one in found.of_outcome[name]
        ]
    ws.close()
    by_day = sum(len(one.links) for one in models if one.grain is Grain.DAY)
    if by_day < links:
        raise RuntimeError(f"{by_day} of {links} links were worked out by day")
    return watch.cost


def _links(ws: Workspace) -> Iterator[Link]:
    """Five measures of IT for every outcome that adds up by day, each outcome others."""
    drivers = [metric for metric in kpis(ws) if metric.side is Side.IT and _adds_up(metric)]
    outcomes = [metric for metric in kpis(ws) if metric.side is Side.BUSINESS and _adds_up(metric)]
    for place, outcome in enumerate(outcomes):
        for step in range(_A_OUTCOME):
            driver = drivers[(place * _A_OUTCOME + step) % len(drivers)]
            yield Link(
                id=f"{driver.id}_to_{outcome.id}".replace(".", "_"),
                driver=driver.id,
                outcome=outcome.id,
                kind=LinkKind.INFLUENCE,
                mechanism="Made up, to have something to work out.",
                sign=1,
                lag_days=(0, 7),
                grade=EvidenceGrade.E,
                reachable_grade=EvidenceGrade.C,
                grade_reason="Nobody claims it.",
                review_by=date(2030, 1, 1),
            )


def _adds_up(metric: Metric) -> bool:
    """By day; what is told by the week is not."""
    measure = metric.measure
    return measure.fold in _SUMMED and not measure.per_week and not metric.worked_out

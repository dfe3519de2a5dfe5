"""A workspace with a handful of numbers, filled through the importer like any other."""

import atexit
import csv
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import yaml

from kpi_engine.actors import local_actor
from kpi_engine.services import imports
from kpi_engine.services.import_results import Batch
from kpi_engine.workspace import STORE_NAME, Workspace

AGREED = {"business": "Ms Business", "it": "Mr It"}
SOMEBODY = local_actor("tests")


def open_workspace(
    home: Path,
    *,
    scorecard: Sequence[str] = (),
    targets: Iterable[Mapping[str, object]] = (),
    links: Iterable[Mapping[str, object]] = (),
    assumptions: Iterable[Mapping[str, object]] = (),
    filled: Path | None = None,
    **organisation: object,
) -> Workspace:
    """The shipped definitions with a scorecard and agreed targets of the test's own.

    Args:
        home: The data folder to make.
        filled: Another one, which nobody has open, whose data to start with.
    """
    own = home / "definitions"
    own.mkdir(parents=True)
    shutil.copy((filled or _empty_home()) / STORE_NAME, home)
    of = {"name": "Tiny", "scorecard": list(scorecard), **organisation}
    agreed = [{"agreed_by": AGREED, "provenance": "test", **target} for target in targets]
    for name, content in {
        "organisation": {"organisation": of},
        "targets": {"targets": agreed},
        "links": {"links": list(links)},
        "assumptions": {"assumptions": list(assumptions)},
    }.items():
        if any(content.values()):
            (own / f"{name}.yaml").write_text(yaml.safe_dump(content))
    return Workspace.open(home)


@cache
def _empty_home() -> Path:
    """A data folder after its first start, made once and copied: its tables take half a second."""
    home = Path(mkdtemp(prefix="plumbline-empty-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    Workspace.open(home).close()
    return home


def save(
    ws: Workspace,
    header: str,
    rows: Iterable[Sequence[object]],
    *,
    at: str = "2026-11-02 08:00",
    recipe: str | None = None,
) -> Batch:
    """Import rows under a header, as accepted ``at`` (UTC)."""
    path = ws.home / "upload.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header.split(","))
        writer.writerows(rows)
    now = datetime.fromisoformat(at).replace(tzinfo=UTC)
    preview = imports.preview(ws, path, actor=SOMEBODY, recipe=recipe, now=now, is_shown=False)
    batch = imports.commit(ws, preview, actor=SOMEBODY, now=now)
    assert batch is not None, preview.findings
    return batch


def values(
    ws: Workspace, metric: str, by_period: Mapping[str, float], *, at: str = "2026-11-02 08:00"
) -> Batch:
    """Whole numbers of one metric: period (day or month) to value."""
    rows = [(period, metric, "", value) for period, value in by_period.items()]
    return save(ws, "period,metric,segment,value", rows, at=at)


def shares(
    ws: Workspace,
    metric: str,
    by_period: Mapping[str, tuple[float, float]],
    *,
    at: str = "2026-11-02 08:00",
) -> Batch:
    """Ratios of one metric: period to numerator and denominator."""
    rows = [(period, metric, "", upper, lower) for period, (upper, lower) in by_period.items()]
    return save(ws, "period,metric,segment,numerator,denominator", rows, at=at)


def days(first: str, last: str) -> list[str]:
    """Every day from ``first`` to ``last``."""
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    return [str(start + timedelta(days=step)) for step in range((end - start).days + 1)]


def orders(
    ws: Workspace,
    first: str,
    last: str,
    per_hour: Callable[[datetime], int],
    *,
    amount: float = 50.0,
    at: str = "2026-11-02 08:00",
) -> Batch:
    """Orders on the full hour, each of the same amount."""
    rows = [
        (f"{day}-{hour}-{number}", f"{day} {hour:02d}:00:00", 1, amount)
        for day in days(first, last)
        for hour in range(24)
        for number in range(per_hour(datetime.fromisoformat(f"{day} {hour:02d}:00")))
    ]
    return save(ws, "InvoiceNo,InvoiceDate,Quantity,UnitPrice", rows, at=at, recipe="invoice_lines")


def outages(ws: Workspace, *spans: tuple[str, str, str], at: str = "2026-11-02 08:00") -> Batch:
    """Service, start and end of outages. Its months are watched from the first to the last."""
    header = "service,started_at,ended_at"
    return save(ws, header, spans, at=at, recipe="outage_list")

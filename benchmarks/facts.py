"""A store with any number of facts, inserted in bulk; rollups folded by the engine's queries."""

from datetime import date, datetime
from functools import partial
from pathlib import Path

import sqlalchemy as sa

from benchmarks.measure import Cost, Stopwatch, in_own_process
from kpi_engine.catalogue.metrics import Metric
from kpi_engine.periods import months_between
from kpi_engine.store import folding, parts, rollups, tables
from kpi_engine.store.calendar import periods_of_days
from kpi_engine.store.daily import daily_rollups
from kpi_engine.store.engine import write
from kpi_engine.store.segments import number_segments
from kpi_engine.terms import BatchKind, Fold, Grain, RowFate, Side
from kpi_engine.workspace import Workspace

FIRST, LAST, DAYS = date(2023, 11, 1), date(2026, 10, 31), 1096
_DIVIDED = (Fold.RATIO, Fold.WEIGHTED_MEAN, Fold.MEDIAN, Fold.QUANTILE)

_FACTS = sa.text(
    """
    INSERT INTO fact
    SELECT :metric, service, 'day', CAST(:first AS DATE) + CAST(day AS INTEGER),
        hash(service, day, :metric) % 900,
        CASE WHEN :is_divided THEN 1000.0 END, 1, false
    FROM range(1, :services + 1) AS services(service), range(:days) AS days(day)
    ORDER BY day, service
    """
)


def kpis(ws: Workspace) -> list[Metric]:
    """Every metric that stands on a page: all but the counts that others are made of."""
    return [metric for metric in ws.catalogue.metrics.values() if metric.side is not Side.BASE]


def store_of(folder: Path, facts: int) -> Path:
    """The data folder of a store with so many facts, filled by whoever asks for it first."""
    home = folder / f"facts-{facts}"
    if not home.exists():
        in_own_process(build, home, facts)
    return home


def build(home: Path, facts: int) -> Cost:
    """Make a store with this many facts."""
    with Stopwatch() as watch:
        ws = Workspace.open(home)
        fill(ws, facts=facts)
        ws.close()
    return watch.cost


def fill(ws: Workspace, *, facts: int) -> int:
    """Daily facts of every KPI over three years and as many services as it takes.

    Returns:
        How many facts there are.
    """
    metrics = kpis(ws)
    services = max(1, round(facts / (len(metrics) * DAYS)))
    write(ws.engine, lambda connection: _frame(connection, services))
    for metric in metrics:
        write(ws.engine, partial(_insert, metric=metric, services=services))
    unsorted = tables.rollup.to_metadata(sa.MetaData(), name="unsorted")
    write(ws.engine, lambda connection: unsorted.create(connection))
    for metric in metrics:
        write(ws.engine, partial(_fold, ws=ws, metric=metric, unsorted=unsorted))
    for month in months_between(FIRST, LAST):
        write(ws.engine, partial(_land, month=month, unsorted=unsorted))
    write(ws.engine, lambda connection: unsorted.drop(connection))
    return len(metrics) * DAYS * services


def _frame(connection: sa.Connection, services: int) -> None:
    """The batch, and one segment a service."""
    nothing = dict.fromkeys((f"rows_{fate.value}" for fate in RowFate), 0)
    connection.execute(
        tables.batch.insert().values(
            id=1,
            kind=BatchKind.IMPORT.value,
            source="bench",
            recipe="tidy",
            recipe_version=1,
            file_name="bench.csv",
            sha256="",
            rows_read=0,
            **nothing,
            first_day=FIRST,
            last_day=LAST,
            actor="bench",
            accepted_at=datetime(2026, 11, 2, 8, 0),  # noqa: DTZ001  # the store keeps plain UTC
            note="",
        )
    )
    names = [{"service": f"Service {number:05d}"} for number in range(services)]
    new, parts = number_segments({"{}": tables.ALL_SEGMENT}, names)
    segments = [{"id": number, "members": text} for text, number in new.items()]
    connection.execute(tables.segment.insert(), segments)
    wholes = [{"segment_id": number, "whole_id": whole} for number, whole in parts]
    connection.execute(tables.segment_part.insert(), wholes)


def _insert(connection: sa.Connection, metric: Metric, services: int) -> None:
    connection.execute(
        _FACTS,
        {
            "metric": metric.id,
            "first": FIRST,
            "days": DAYS,
            "services": services,
            "is_divided": metric.measure.fold in _DIVIDED,
        },
    )


def _fold(connection: sa.Connection, ws: Workspace, metric: Metric, unsorted: sa.Table) -> None:
    fact = tables.fact
    uses = parts.part_uses(ws.catalogue, metric)
    own = sa.select(fact).where(fact.c.part.in_({use.part for use in uses})).subquery()
    declared = ws.catalogue.organisation.calendar
    calendar = periods_of_days(FIRST, LAST, calendar=declared)
    facts = folding.in_periods(
        own, calendar, periods_of_days(FIRST, LAST, calendar=declared.by_name)
    )
    folded = folding.folded_parts(uses, facts, tables.segment, tables.segment_part)
    _keep(connection, unsorted, rollups.finished(folded, [metric], declared))
    if parts.has_days(metric):
        wholes = (tables.segment, tables.segment_part)
        _keep(connection, unsorted, daily_rollups(ws.catalogue, [metric], own, *wholes))
    months = (
        sa.select(unsorted)
        .where(unsorted.c.metric == metric.id, unsorted.c.grain == Grain.MONTH.value)
        .subquery()
    )
    _keep(connection, unsorted, rollups.longer_periods(months, calendar, ws.catalogue, [metric]))


def _keep(
    connection: sa.Connection, unsorted: sa.Table, folded: sa.Select[tuple[object, ...]]
) -> None:
    rows = folded.subquery()
    names = [c.name for c in unsorted.c]
    kept = [rows.c[n] for n in names if n in rows.c]
    query = sa.select(*kept, sa.literal(1), sa.false())
    connection.execute(unsorted.insert().from_select(names, query))


def _land(connection: sa.Connection, month: date, unsorted: sa.Table) -> None:
    """A month's rollups as its batch leaves them."""
    start = sa.func.greatest(unsorted.c.period, FIRST)
    here = sa.func.date_trunc(sa.literal_column("'month'"), start) == month
    rollups.add_rollups(connection, sa.select(unsorted).where(here).subquery())

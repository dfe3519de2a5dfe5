"""Is the store sound? Everything derived is worked out again and compared with what is kept."""

import sqlalchemy as sa

from kpi_engine.findings import Finding
from kpi_engine.services.recounting import counted_again
from kpi_engine.store import audit, tables
from kpi_engine.store.batches import read_batches
from kpi_engine.store.change import Change
from kpi_engine.store.recovery import unsaved_rows
from kpi_engine.store.versions import Tick, read_tick
from kpi_engine.terms import RowFate, Severity
from kpi_engine.units import format_count
from kpi_engine.workspace import Workspace


def examine(ws: Workspace) -> tuple[Finding, ...]:
    """Everything that does not hold in the store; empty when it is sound.

    Checked: the audit chain; that rows read are new, updated, identical, duplicate or rejected;
    that every row belongs to a batch that was saved; that facts and rollups are what the events
    and imported facts fold to.
    """
    with ws.reading() as connection:
        findings = [*_chain(connection), *_accounting(connection), *_unsaved(connection)]
        tick = read_tick(connection)
    return (*findings, *_derived(ws, tick))


def _chain(connection: sa.Connection) -> list[Finding]:
    line = audit.broken_line(connection)
    if line is None:
        return []
    return [
        Finding(
            severity=Severity.ERROR,
            place=f"audit line {line}",
            sentence="This line or one before it was changed after it was written.",
            next_step="Compare with the newest backup.",
        )
    ]


def _accounting(connection: sa.Connection) -> list[Finding]:
    return [
        Finding(
            severity=Severity.ERROR,
            place=f"batch {row['id']}",
            sentence="Its rows do not add up to the rows read.",
            next_step="Undo it and import the file again.",
        )
        for row in read_batches(connection)
        if row["rows_read"] != sum(row[f"rows_{fate.value}"] for fate in RowFate)
    ]


def _unsaved(connection: sa.Connection) -> list[Finding]:
    return [
        Finding(
            severity=Severity.ERROR,
            place=f"table {name}",
            sentence=f"{format_count(count)} rows belong to a batch that was never saved.",
            next_step="Close Plumbline and open it again: it takes them out.",
        )
        for name, count in unsaved_rows(connection).items()
    ]


def _derived(ws: Workspace, tick: Tick) -> list[Finding]:
    """Fold everything again in staging: whatever is staged differs from what is kept."""

    def read(change: Change) -> list[tuple[str, int]]:
        return [
            *_staged(change.connection, change.staging.like(tables.fact), "part"),
            *_staged(change.connection, change.staging.like(tables.hour_fact), "part"),
            *_staged(change.connection, change.staging.like(tables.rollup), "metric"),
        ]

    differing = counted_again(
        ws,
        ws.catalogue,
        tick,
        kinds=ws.catalogue.events,
        metrics=ws.catalogue.metrics,
        read=read,
    )
    return [
        Finding(
            severity=Severity.ERROR,
            place=name,
            sentence=f"{count} kept numbers differ from what the data fold to.",
            next_step="Have everything worked out again: definitions --again.",
        )
        for name, count in differing
    ]


def _staged(connection: sa.Connection, staged: sa.Table, name: str) -> list[tuple[str, int]]:
    query = sa.select(staged.c[name], sa.func.count()).group_by(staged.c[name])
    return [
        (str(key), int(count)) for key, count in connection.execute(query.order_by(staged.c[name]))
    ]

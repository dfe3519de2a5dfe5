"""Is the store sound? Everything derived is worked out again and compared with what is kept."""

import sqlalchemy as sa

from kpi_engine.catalogue.events import EventKind
from kpi_engine.findings import Finding
from kpi_engine.services.comparing import counted_parts
from kpi_engine.services.preparing import new_token
from kpi_engine.store import audit, stated, tables
from kpi_engine.store.batches import read_batches
from kpi_engine.store.change import Change, touched_table
from kpi_engine.store.classify import touch_event_months
from kpi_engine.store.derivation import derive_facts
from kpi_engine.store.engine import apart
from kpi_engine.store.hours import derive_hours
from kpi_engine.store.leaves import place_events, stage_segments
from kpi_engine.store.recovery import unsaved_rows
from kpi_engine.store.refolding import derive_rollups
from kpi_engine.store.staging import close_staging, open_staging, prepare_tables
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
    staging = open_staging(ws.engine, ws.staging_folder, token=new_token())
    prepare_tables(ws.engine, staging, None)
    kinds = list(ws.catalogue.events.values())

    def work(connection: sa.Connection) -> list[tuple[str, int]]:
        change = Change(
            connection=connection,
            staging=staging,
            catalogue=ws.catalogue,
            before=tick,
            tick=tick,
            batch_id=tick.as_of + 1,
        )
        staging.create(connection, touched_table(staging))
        stage_segments(change, [])
        kept = _kept_parts(connection)
        there = [
            kind
            for kind in kinds
            if kept.intersection(counted_parts(change, kind)) or _has_events(connection, kind)
        ]
        for kind in there:
            _count_again(change, kind)
        stated.touch_fact_months(change, tables.fact)
        parts = {*ws.catalogue.metrics, *(p for kind in kinds for p in counted_parts(change, kind))}
        derive_rollups(change, there, parts)
        return [
            *_staged(connection, staging.like(tables.fact), "part"),
            *_staged(connection, staging.like(tables.hour_fact), "part"),
            *_staged(connection, staging.like(tables.rollup), "metric"),
        ]

    try:
        differing = apart(ws.engine, work)
    finally:
        close_staging(ws.engine, staging)
    return [
        Finding(
            severity=Severity.ERROR,
            place=name,
            sentence=f"{count} kept numbers differ from what the data fold to.",
            next_step="Import any file of this source again; its months are then folded anew.",
        )
        for name, count in differing
    ]


def _kept_parts(connection: sa.Connection) -> set[str]:
    """Parts of which any number was ever kept."""
    kept = (sa.select(table.c.part) for table in (tables.fact, tables.hour_fact))
    return set(connection.execute(sa.union(*kept)).scalars())


def _has_events(connection: sa.Connection, kind: EventKind) -> bool:
    table = tables.event_table(kind)
    return connection.execute(sa.select(sa.exists().select_from(table))).scalar_one()


def _count_again(change: Change, kind: EventKind) -> None:
    table = tables.event_table(kind)
    touch_event_months(change, kind, table)
    place_events(change, kind)
    derive_facts(change, kind)
    derive_hours(change, kind)


def _staged(connection: sa.Connection, staged: sa.Table, name: str) -> list[tuple[str, int]]:
    query = sa.select(staged.c[name], sa.func.count()).group_by(staged.c[name])
    return [
        (str(key), int(count)) for key, count in connection.execute(query.order_by(staged.c[name]))
    ]

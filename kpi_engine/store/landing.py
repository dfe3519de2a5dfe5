"""From staging into the store: one transaction with batch, events, facts, rollups and audit."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from kpi_engine.errors import StoreError
from kpi_engine.store import audit, tables
from kpi_engine.store.rollups import add_rollups
from kpi_engine.store.staging import Staging
from kpi_engine.store.versions import read_tick

_FACT_ORDER = ("part", "day", "segment_id")
"""So a question about some days of a part reads the blocks that hold them, and no others."""


@dataclass(frozen=True, kw_only=True)
class BatchEntry:
    """What is written about a batch; see the ``batch`` table."""

    values: dict[str, Any]
    base: int

    @property
    def id(self) -> int:
        """The tick it becomes."""
        return self.base + 1


def land(connection: sa.Connection, staging: Staging, entry: BatchEntry) -> None:
    """Move a prepared change into the store.

    Raises:
        StoreError: The store has moved on since the change was prepared.
    """
    staging.on(connection)
    newest = read_tick(connection).as_of
    if newest != entry.base:
        raise StoreError(
            "Somebody else saved something since this was prepared.",
            hint="Prepare it again; nothing was saved.",
        )
    connection.execute(tables.batch.insert().values(id=entry.id, **entry.values))
    known = sa.select(sa.func.max(tables.segment.c.id)).scalar_subquery()
    for table, number in ((tables.segment_part, "segment_id"), (tables.segment, "id")):
        staged = staging.like(table)
        new = sa.select(*staged.c).where(staged.c[number] > known).order_by(staged.c[number])
        connection.execute(table.insert().from_select([c.name for c in table.columns], new))
    for table in _filled(staging):
        staged = staging.like(table)
        if table is tables.rollup:
            add_rollups(connection, staged)
            continue
        names = [c.name for c in table.columns]
        order = [staged.c[n] for n in _FACT_ORDER] if table is tables.fact else []
        rows = sa.select(*(staged.c[n] for n in names)).order_by(*order)
        connection.execute(table.insert().from_select(names, rows))
    audit.add_line(
        connection,
        at=entry.values["accepted_at"],
        actor=entry.values["actor"],
        action=entry.values["kind"],
        detail=f"batch {entry.id}: {entry.values['file_name']} {entry.values['note']}".strip(),
    )


def _filled(staging: Staging) -> list[sa.Table]:
    """Store tables that this staging has rows for."""
    events = [name for name in staging.tables if name.startswith("event_")]
    wanted = [*events, "fact", "hour_fact", "rollup"]
    return [tables.metadata.tables[name] for name in wanted if name in staging.tables]


def utc_naive(moment: datetime) -> datetime:
    """An aware instant as the store keeps it: UTC without a zone mark.

    Raises:
        ValueError: The instant carries no zone.
    """
    if moment.tzinfo is None:
        raise ValueError("an instant needs a zone")
    return moment.astimezone(UTC).replace(tzinfo=None)

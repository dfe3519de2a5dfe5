"""A change in the making: the store as it will stand once the staged rows are in it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import sqlalchemy as sa

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.events import EventKind
from kpi_engine.store import tables
from kpi_engine.store.staging import Staging
from kpi_engine.store.versions import Tick, effective, holds


@dataclass(frozen=True, kw_only=True)
class Change:
    """A change in the making.

    Attributes:
        before: The clock before it.
        tick: The clock after it: its own batch counts.
        batch_id: The batch it will be.
        placed: First and last day for which events of a kind have been placed.
    """

    connection: sa.Connection
    staging: Staging
    catalogue: Catalogue
    before: Tick
    tick: Tick
    batch_id: int
    placed: dict[str, tuple[date, date] | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.staging.on(self.connection)

    @property
    def zone(self) -> str:
        """Days are cut here."""
        return self.catalogue.organisation.time_zone

    def events(self, kind: EventKind) -> sa.FromClause:
        """Effective events once the change is made."""
        table = tables.event_table(kind)
        now = effective(table, kind.key, self.tick)
        staged = self.staged_events(kind)
        if staged is None:
            return now
        same = sa.and_(*(staged.c[k] == now.c[k] for k in kind.key))
        names = [c.name for c in table.columns]
        kept = sa.select(*(now.c[n] for n in names)).where(~sa.exists().where(same))
        return kept.union_all(
            sa.select(*(staged.c[n] for n in names)).where(holds(staged))
        ).subquery()

    def staged_events(self, kind: EventKind) -> sa.Table | None:
        """The versions this change brings, or None when it brings none of the kind."""
        return self.staging.tables.get(tables.event_table(kind).name)

    def facts(self, *only: Callable[[sa.FromClause], sa.ColumnElement[bool]]) -> sa.FromClause:
        """Effective facts once the change is made; ``only`` limits what is read, by key columns."""
        staged = self.staging.like(tables.fact)
        now = effective(
            tables.fact, tables.FACT_KEY, self.tick, *(test(tables.fact) for test in only)
        )
        same = sa.and_(*(staged.c[k] == now.c[k] for k in tables.FACT_KEY))
        names = [c.name for c in tables.fact.columns]
        kept = sa.select(*(now.c[n] for n in names)).where(~sa.exists().where(same))
        added = sa.select(*(staged.c[n] for n in names)).where(*(test(staged) for test in only))
        return kept.union_all(added).subquery()

    def touched(self) -> sa.Select[Any]:
        """Months whose facts and rollups are worked out again."""
        return sa.select(touched_table(self.staging).c.month)


def touched_table(staging: Staging) -> sa.Table:
    """One row a month that the change touches."""
    return staging.table("touched", [sa.Column("month", sa.Date)])


def leaf_table(staging: Staging, kind: EventKind) -> sa.Table:
    """The segment of each combination of a kind's dimensions."""
    columns = [sa.Column(name, sa.String) for name in kind.dimensions]
    return staging.table(f"leaf_{kind.id}", [*columns, sa.Column("segment_id", sa.Integer)])

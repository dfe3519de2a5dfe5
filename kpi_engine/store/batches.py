"""Batches as their history lines show them."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from kpi_engine.catalogue.events import EventKind
from kpi_engine.store.tables import batch, event_table
from kpi_engine.store.versions import read_tick


def read_batches(connection: sa.Connection) -> list[dict[str, Any]]:
    """Every batch, newest first, with ``undone_by``: the standing batch that took it back."""
    rows = connection.execute(sa.select(batch).order_by(batch.c.id.desc())).mappings().all()
    undone = set(read_tick(connection).undone)
    undoing = {row["undoes"]: row["id"] for row in reversed(rows) if row["id"] not in undone}
    return [
        {**row, "undone_by": undoing.get(row["id"]) if row["id"] in undone else None}
        for row in rows
    ]


def read_same_file(connection: sa.Connection, sha256: str) -> int | None:
    """The newest batch that still counts and brought in exactly this file, or None."""
    tick = read_tick(connection)
    query = sa.select(sa.func.max(batch.c.id)).where(batch.c.sha256 == sha256)
    if tick.undone:
        query = query.where(batch.c.id.not_in(tick.undone))
    found = connection.execute(query).scalar()
    return None if found is None else int(found)


def read_last_accepted(connection: sa.Connection, *, as_of: int) -> datetime | None:
    """When the newest batch up to a tick was accepted (UTC, no zone mark); None without any."""
    query = sa.select(sa.func.max(batch.c.accepted_at)).where(batch.c.id <= as_of)
    found: datetime | None = connection.execute(query).scalar()
    return found


def read_undoes(connection: sa.Connection) -> list[tuple[int, int | None]]:
    """Every batch with the batch it takes back, if any."""
    return [
        (row.id, row.undoes) for row in connection.execute(sa.select(batch.c.id, batch.c.undoes))
    ]


def has_events(connection: sa.Connection, kind: EventKind, number: int) -> bool:
    """Whether a batch brought events of a kind."""
    table = event_table(kind)
    found = sa.select(sa.exists().where(table.c.batch_id == number))
    return bool(connection.execute(found).scalar())

"""What somebody did, line after line, each chained to the one before."""

import hashlib
from datetime import datetime

import sqlalchemy as sa

from kpi_engine.store.tables import audit


def add_line(
    connection: sa.Connection, *, at: datetime, actor: str, action: str, detail: str
) -> None:
    """Append a line; its chain is SHA-256 over the chain before and what this line says."""
    last = connection.execute(sa.select(audit).order_by(audit.c.id.desc()).limit(1)).first()
    number, before = (last.id + 1, last.chain) if last else (1, "")
    connection.execute(
        audit.insert().values(
            id=number,
            happened_at=at,
            actor=actor,
            action=action,
            detail=detail,
            chain=chain(before, at=at, actor=actor, action=action, detail=detail),
        )
    )


def chain(before: str, *, at: datetime, actor: str, action: str, detail: str) -> str:
    """The fingerprint of a line and all lines before it."""
    said = "\x1f".join((before, at.isoformat(), actor, action, detail))
    return hashlib.sha256(said.encode()).hexdigest()


def broken_line(connection: sa.Connection) -> int | None:
    """The first line whose chain does not fit what it says, or None."""
    before = ""
    for row in connection.execute(sa.select(audit).order_by(audit.c.id)):
        expected = chain(
            before, at=row.happened_at, actor=row.actor, action=row.action, detail=row.detail
        )
        if row.chain != expected:
            return int(row.id)
        before = row.chain
    return None

"""What was asked with SQL: every query that was run or refused, added and never changed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from kpi_engine.store import tables


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One query, as it was asked.

    Attributes:
        asked_at: UTC, without a zone.
        as_of: The tick that it looked at, or would have.
        rows: Rows handed back; None where it was refused.
        seconds: Until there was an answer.
        refused: Why, in a sentence; empty where it was not.
    """

    asked_at: datetime
    actor: str
    text: str
    as_of: int
    rows: int | None
    seconds: float
    refused: str

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return vars(self) | {"asked_at": self.asked_at.isoformat()}


def add_asked(connection: sa.Connection, one: Asked) -> None:
    """Keep a query."""
    connection.execute(tables.sql_query.insert().values(**vars(one)))


def read_asked(connection: sa.Connection, *, actor: str, limit: int) -> tuple[Asked, ...]:
    """What somebody asked, the newest first, each text once."""
    query = tables.sql_query
    rank = sa.func.row_number().over(partition_by=query.c.text, order_by=query.c.asked_at.desc())
    own = sa.select(*query.c, rank.label("newest")).where(query.c.actor == actor).subquery()
    newest = (
        sa.select(*(own.c[column.name] for column in query.c))
        .where(own.c.newest == 1)
        .order_by(own.c.asked_at.desc())
        .limit(limit)
    )
    return tuple(Asked(**row._mapping) for row in connection.execute(newest))

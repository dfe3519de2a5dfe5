"""What went well, as somebody put it."""

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from kpi_engine.store import tables


@dataclass(frozen=True, kw_only=True)
class Win:
    """Something that went well.

    Attributes:
        key: Of what it is about.
        published_at: UTC, without a zone.
    """

    key: str
    month: date
    text: str
    actor: str
    published_at: datetime


def read_wins(connection: sa.Connection) -> tuple[Win, ...]:
    """Every win, the newest first."""
    rows = connection.execute(sa.select(tables.win).order_by(tables.win.c.published_at.desc()))
    return tuple(Win(**row._mapping) for row in rows)


def add_win(connection: sa.Connection, one: Win) -> None:
    """Keep a win."""
    connection.execute(tables.win.insert().values(**vars(one)))

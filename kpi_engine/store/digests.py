"""Digests as they were told, and alerts that somebody put off."""

import json
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from kpi_engine.store import tables


@dataclass(frozen=True, kw_only=True)
class Digest:
    """What was told at one time.

    Attributes:
        open_keys: Every alert that was open then, also those told before.
        made_at: UTC, without a zone.
    """

    number: int
    as_of: int
    open_keys: frozenset[str]
    text: str
    actor: str
    made_at: datetime


@dataclass(frozen=True, kw_only=True)
class Snooze:
    """An alert that somebody put off.

    Attributes:
        until: First day on which it counts again.
        snoozed_at: UTC, without a zone.
    """

    key: str
    until: date
    reason: str
    actor: str
    snoozed_at: datetime


def read_last_digest(connection: sa.Connection) -> Digest | None:
    """What was told last; None where nothing was yet."""
    newest = sa.select(tables.digest).order_by(tables.digest.c.number.desc()).limit(1)
    row = connection.execute(newest).first()
    if row is None:
        return None
    return Digest(**dict(row._mapping) | {"open_keys": frozenset(json.loads(row.open_keys))})


def read_snoozes(connection: sa.Connection) -> dict[str, Snooze]:
    """The newest of each alert."""
    rows = connection.execute(sa.select(tables.snooze).order_by(tables.snooze.c.snoozed_at))
    return {row.key: Snooze(**row._mapping) for row in rows}


def add_digest(connection: sa.Connection, one: Digest) -> None:
    """Keep what was told."""
    keys = json.dumps(sorted(one.open_keys))
    connection.execute(tables.digest.insert().values(**vars(one) | {"open_keys": keys}))


def add_snooze(connection: sa.Connection, one: Snooze) -> None:
    """Keep what was put off; an earlier one of the same alert counts no more."""
    connection.execute(tables.snooze.insert().values(**vars(one)))

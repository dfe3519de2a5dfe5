"""How a source was read before: what somebody said about it, kept by the names in its header."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from kpi_engine.store.tables import source_mapping


@dataclass(frozen=True, kw_only=True)
class Mapping:
    """One version of how a source is read.

    Attributes:
        signature: Of its header; see :func:`signature_of`.
        version: 1 for the first.
        recipe: The source it is read as.
        said: What somebody said about it, as plain values.
        actor: Who.
        noted_at: When (UTC, without a zone mark).
    """

    signature: str
    version: int
    recipe: str
    said: dict[str, Any]
    actor: str
    noted_at: datetime


def signature_of(header: Sequence[str]) -> str:
    """What tells a source by its column names, whatever their order and case."""
    names = sorted(name.strip().lower() for name in header)
    return hashlib.sha256("\x1f".join(names).encode()).hexdigest()


def read_mapping(connection: sa.Connection, signature: str) -> Mapping | None:
    """The newest mapping of a source; None when nobody ever said anything."""
    table = source_mapping
    row = connection.execute(
        sa.select(table)
        .where(table.c.signature == signature)
        .order_by(table.c.version.desc())
        .limit(1)
    ).first()
    if row is None:
        return None
    return Mapping(
        signature=row.signature,
        version=row.version,
        recipe=row.recipe,
        said=json.loads(row.said),
        actor=row.actor,
        noted_at=row.noted_at,
    )


def note_mapping(
    connection: sa.Connection,
    *,
    signature: str,
    recipe: str,
    said: dict[str, Any],
    actor: str,
    at: datetime,
) -> None:
    """Keep a new version, unless it says what the newest one says."""
    newest = read_mapping(connection, signature)
    if newest is not None and (newest.recipe, newest.said) == (recipe, said):
        return
    connection.execute(
        source_mapping.insert().values(
            signature=signature,
            version=newest.version + 1 if newest else 1,
            recipe=recipe,
            said=json.dumps(said, sort_keys=True),
            actor=actor,
            noted_at=at,
        )
    )

"""The history of definitions: each version, from the change on with which it first counted."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime

import sqlalchemy as sa

from kpi_engine.store.tables import definition


def record_definitions(
    connection: sa.Connection, texts: Mapping[tuple[str, str], str], *, at: datetime
) -> None:
    """Keep every definition that is new or reads differently than its newest version.

    Args:
        connection: In a write transaction.
        texts: YAML text by kind and id.
        at: When (UTC, without a zone).
    """
    newest = (
        sa.select(
            definition.c.kind,
            definition.c.id,
            sa.func.arg_max(definition.c.sha256, definition.c.valid_from),
        )
        .group_by(definition.c.kind, definition.c.id)
        .order_by(definition.c.kind)
    )
    known = {(kind, name): digest for kind, name, digest in connection.execute(newest)}
    rows = []
    for (kind, name), text in texts.items():
        digest = hashlib.sha256(text.encode()).hexdigest()
        if known.get((kind, name)) != digest:
            rows.append(
                {"kind": kind, "id": name, "text": text, "sha256": digest, "valid_from": at}
            )
    if rows:
        connection.execute(definition.insert(), rows)


def read_valid_from(
    connection: sa.Connection, *, kind: str, names: Iterable[str]
) -> datetime | None:
    """When the newest version of any of these definitions first counted (UTC, without a zone)."""
    newest = sa.select(sa.func.max(definition.c.valid_from))
    found: datetime | None = connection.execute(
        newest.where(definition.c.kind == kind, definition.c.id.in_(list(names)))
    ).scalar_one()
    return found

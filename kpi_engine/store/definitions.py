"""The history of definitions: each version, from the change on with which it first counted."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from kpi_engine.store.tables import batch, definition, edition
from kpi_engine.terms import BatchKind

Key = tuple[str, str]
"""Kind and id of a definition."""


@dataclass(frozen=True, kw_only=True)
class Version:
    """One version of one definition.

    Attributes:
        kind: metric, link, target, baseline, assumption, event, initiative, organisation, recipe.
        text: YAML; empty from when it is declared no more.
        valid_from: When it first counted: UTC, without a zone.
    """

    kind: str
    id: str
    text: str
    valid_from: datetime

    @property
    def key(self) -> Key:
        """Tells it apart from versions of other definitions."""
        return self.kind, self.id


def record_definitions(
    connection: sa.Connection, texts: Mapping[Key, str], *, at: datetime
) -> None:
    """Keep every definition that is new or reads differently than its newest version.

    One that is not declared any more gets a version without a text.

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
    for (kind, name), text in (dict.fromkeys(known, "") | dict(texts)).items():
        digest = hashlib.sha256(text.encode()).hexdigest()
        if known.get((kind, name)) != digest:
            rows.append(
                {"kind": kind, "id": name, "text": text, "sha256": digest, "valid_from": at}
            )
    if rows:
        connection.execute(definition.insert(), rows)


def read_versions(connection: sa.Connection) -> tuple[Version, ...]:
    """Every version of every definition, the oldest first."""
    c = definition.c
    query = sa.select(c.kind, c.id, c.text, c.valid_from).order_by(c.valid_from, c.kind, c.id)
    return tuple(Version(**row._mapping) for row in connection.execute(query))


def read_texts(connection: sa.Connection) -> dict[Key, str]:
    """The newest text by kind and id of every definition that was still declared then."""
    newest = {one.key: one.text for one in read_versions(connection)}
    return {key: text for key, text in newest.items() if text}


def read_edits(connection: sa.Connection, key: Key) -> tuple[tuple[str, int], ...]:
    """Texts of one definition, oldest first, each with the first batch that followed definitions.

    0 where no number has become another since that text first counted.
    """
    c, made = definition.c, batch.c
    since = sa.func.min(made.id).filter(made.kind == BatchKind.EDIT.value)
    query = (
        sa.select(c.text, sa.func.coalesce(since, 0))
        .outerjoin(batch, made.accepted_at >= c.valid_from)
        .where(c.kind == key[0], c.id == key[1])
        .group_by(c.text, c.valid_from)
        .order_by(c.valid_from)
    )
    return tuple((text, int(number)) for text, number in connection.execute(query))


def read_newest_change(connection: sa.Connection) -> datetime | None:
    """When any definition last changed (UTC, without a zone); None while nothing was kept."""
    query = sa.select(sa.func.max(definition.c.valid_from))
    found: datetime | None = connection.execute(query).scalar_one()
    return found


def read_valid_from(
    connection: sa.Connection, *, kind: str, names: Iterable[str]
) -> datetime | None:
    """When the newest version of any of these definitions first counted (UTC, without a zone)."""
    newest = sa.select(sa.func.max(definition.c.valid_from))
    found: datetime | None = connection.execute(
        newest.where(definition.c.kind == kind, definition.c.id.in_(list(names)))
    ).scalar_one()
    return found


def read_months_judged_otherwise(connection: sa.Connection) -> tuple[date, ...]:
    """Months after whose newest edition a target or a measure was declared otherwise."""
    c, judges = edition.c, definition.c.kind.in_(["target", "metric"])
    published = (
        sa.select(c.month, sa.func.arg_max(c.published_at, c.number).label("at"))
        .group_by(c.month)
        .subquery()
    )
    later = sa.exists().where(judges, definition.c.valid_from > published.c.at)
    query = sa.select(published.c.month).where(later).order_by(published.c.month)
    return tuple(connection.execute(query).scalars())

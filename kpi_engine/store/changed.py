"""Updated rows of a prepared file, each beside the version that is stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from kpi_engine.store import tables
from kpi_engine.store.segments import spelled_segments
from kpi_engine.store.staging import Staging
from kpi_engine.store.versions import effective_few, holds, read_tick

_OF_THE_VERSION = ("batch_id", "is_update", "is_gone")


@dataclass(frozen=True, kw_only=True)
class ChangedRow:
    """One event or fact that is stored with other values than the file has.

    Attributes:
        key: What says which one it is; a fact's segment as files spell it.
        stored: Its other columns as they stand.
        comes: The same columns as they would be saved.
    """

    key: Mapping[str, Any]
    stored: Mapping[str, Any]
    comes: Mapping[str, Any]


def read_changed_rows(
    connection: sa.Connection,
    staging: Staging,
    table: sa.Table,
    key: Sequence[str],
    *,
    base: int,
    limit: int | None,
) -> list[ChangedRow]:
    """One row an event or fact that is updated, in the order of their keys.

    Args:
        connection: To the store.
        staging: Has the versions that the file brings.
        table: The store table they are of.
        key: Its natural key.
        base: The tick they were compared with.
        limit: At most this many; None for all.
    """
    staged, few = staging.changes(table), staging.changes(table).alias("few")
    wanted = (
        sa.select(*(few.c[k] for k in key))
        .where(~few.c.is_new, holds(few))
        .order_by(*(few.c[k] for k in key))
        .limit(limit)
        .subquery("wanted")
    )
    of_them = sa.exists().where(*(wanted.c[k] == table.c[k] for k in key))
    stored = effective_few(table, key, read_tick(connection, base), of_them)
    content = [c.name for c in table.columns if c.name not in (*key, *_OF_THE_VERSION)]
    source = staged.join(stored, sa.and_(*(stored.c[k] == staged.c[k] for k in key)))
    named: dict[str, sa.ColumnElement[Any]] = {k: staged.c[k] for k in key}
    if "segment_id" in named:
        spelled = spelled_segments()
        source = source.join(spelled, spelled.c.id == staged.c.segment_id)
        named = {**named, "segment_id": spelled.c.segment}
    query = (
        sa.select(*named.values(), *(stored.c[n] for n in content), *(staged.c[n] for n in content))
        .select_from(source)
        .where(~staged.c.is_new, holds(staged))
        .order_by(*(staged.c[k] for k in key))
    )
    first, second = len(key), len(key) + len(content)
    return [
        ChangedRow(
            key=dict(zip(key, row[:first], strict=True)),
            stored=dict(zip(content, row[first:second], strict=True)),
            comes=dict(zip(content, row[second:], strict=True)),
        )
        for row in map(tuple, connection.execute(query))
    ]


FACT = tables.fact, tables.FACT_KEY
"""Where facts are, and what says which one it is."""

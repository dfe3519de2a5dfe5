"""Which version counts: the newest one of an active batch, up to a tick.

Facts, events and rollups are added, never edited. A batch that is undone stops counting from the
undoing batch on; an undo that is itself undone brings it back. A version may also say that its
event is gone, or that its fact no longer holds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from kpi_engine.store.tables import batch


@dataclass(frozen=True, kw_only=True)
class Tick:
    """A point of the clock.

    Attributes:
        as_of: Batches up to this one count.
        undone: Batches up to it that have been taken back by then.
    """

    as_of: int
    undone: tuple[int, ...]


def read_tick(connection: sa.Connection, as_of: int | None = None) -> Tick:
    """The tick ``as_of``, or the newest one."""
    rows = [
        (row.id, row.undoes) for row in connection.execute(sa.select(batch.c.id, batch.c.undoes))
    ]
    newest = max((number for number, _ in rows), default=0)
    limit = newest if as_of is None else min(as_of, newest)
    return Tick(as_of=limit, undone=undone_batches(rows, limit))


def undone_batches(undoes: Sequence[tuple[int, int | None]], as_of: int) -> tuple[int, ...]:
    """Batches that do not count at ``as_of``, oldest first.

    Args:
        undoes: Every batch with the batch it takes back, or None.
        as_of: Later batches are left aside.

    Examples:
        >>> undone_batches([(1, None), (2, 1), (3, 2)], 2)
        (1,)
        >>> undone_batches([(1, None), (2, 1), (3, 2)], 3)
        (2,)
    """
    undone: set[int] = set()
    for number, target in sorted(undoes, reverse=True):
        if number <= as_of and target is not None and number not in undone:
            undone.add(target)
    return tuple(sorted(undone))


def effective(
    table: sa.FromClause, key: Sequence[str], tick: Tick, *only: sa.ColumnElement[bool]
) -> sa.Subquery:
    """One row a key: its newest version at ``tick``; keys without a counting version are absent.

    So are events that are gone. A fact that no longer holds has a NULL numerator.

    Nearly all keys have one version, so only those that were ever updated are ranked.

    Args:
        table: Facts, events or rollups, with ``batch_id`` and ``is_update``.
        key: Columns that say which one it is.
        tick: The point of the clock.
        only: Conditions on key columns alone, to read less.
    """
    columns = table.c
    counts = counting(table, tick, only)
    versions = table.alias("versions")
    updated = sa.exists().where(
        versions.c.is_update, *(versions.c[k].is_not_distinct_from(columns[k]) for k in key)
    )
    return (
        sa.select(*columns)
        .where(*counts, ~updated)
        .union_all(_newest(table, key, [*counts, updated]))
        .subquery()
    )


def effective_few(
    table: sa.FromClause, key: Sequence[str], tick: Tick, *only: sa.ColumnElement[bool]
) -> sa.Subquery:
    """The same rows as :func:`effective`, where ``only`` leaves few: one pass over all of it.

    Looking for keys that were ever updated would read the whole table again; so would a ranking,
    which the engine turns into a search for the rows that come first.
    """
    rest = [column for column in table.c if column.name not in key]
    newest = sa.func.arg_max(sa.func.row(*rest), table.c.batch_id)
    packed = (
        sa.select(*(table.c[k] for k in key), newest.label("newest"))
        .where(*counting(table, tick, only))
        .group_by(*(table.c[k] for k in key))
        .subquery()
    )
    fields = {
        column.name: sa.func.struct_extract(
            packed.c.newest, sa.literal_column(str(place)), type_=column.type
        )
        for place, column in enumerate(rest, start=1)
    }
    rows = sa.select(
        *(packed.c[c.name] if c.name in key else fields[c.name].label(c.name) for c in table.c)
    )
    if "is_gone" in fields:
        rows = rows.where(fields["is_gone"].is_distinct_from(sa.true()))
    return rows.subquery()


def counting(
    table: sa.FromClause, tick: Tick, only: Sequence[sa.ColumnElement[bool]]
) -> list[sa.ColumnElement[bool]]:
    """Conditions under which a version counts at a tick, whether or not it is the newest."""
    counts = [table.c.batch_id <= tick.as_of, *only]
    if tick.undone:
        counts.append(table.c.batch_id.not_in(tick.undone))
    return counts


def _newest(
    table: sa.FromClause, key: Sequence[str], where: Sequence[sa.ColumnElement[bool]]
) -> sa.Select[Any]:
    rank = sa.func.row_number().over(
        partition_by=[table.c[k] for k in key], order_by=table.c.batch_id.desc()
    )
    ranked = sa.select(*table.c, rank.label("newest")).where(*where).subquery()
    newest = sa.select(*(ranked.c[c.name] for c in table.c)).where(ranked.c.newest == 1)
    return newest.where(holds(ranked)) if "is_gone" in table.c else newest


def holds(versions: sa.FromClause) -> sa.ColumnElement[bool]:
    """Whether versions of events or facts say that something is so, not that it is no more."""
    if "is_gone" in versions.c:
        return versions.c.is_gone.is_distinct_from(sa.true())
    return versions.c.numerator.is_not(None)


def differs(one: sa.ColumnElement[Any], other: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """Whether two numbers differ by more than the order in which their parts were added."""
    noise = sa.func.greatest(sa.func.abs(one), sa.func.abs(other)) * 1e-12
    close = sa.func.coalesce(sa.func.abs(one - other) <= noise, False)
    return sa.and_(one.is_distinct_from(other), ~close)


def literal_values(
    rows: Sequence[Sequence[Any]], **columns: sa.types.TypeEngine[Any]
) -> sa.Subquery:
    """A small table of constants, one row each, to join with.

    Each column is bound as one list: statements over other constants are compiled once for all.
    """
    listed = zip(*rows, strict=True)
    return sa.select(
        *(
            unnested(bound(cells, of), of).label(name)
            for (name, of), cells in zip(columns.items(), listed, strict=True)
        )
    ).subquery("constants")


def bound(cells: Sequence[Any], of: sa.types.TypeEngine[Any]) -> sa.ColumnElement[Any]:
    """A list of constants, bound as one value."""
    listed: sa.types.TypeEngine[Any] = sa.ARRAY(of)
    return sa.cast(sa.literal(list(cells), listed), listed)


def unnested(cells: sa.ColumnElement[Any], of: sa.types.TypeEngine[Any]) -> sa.ColumnElement[Any]:
    """A list as rows; several lists in one statement go side by side."""
    return sa.func.unnest(cells, type_=of)

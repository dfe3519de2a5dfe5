"""What a process that was killed while it saved left behind."""

from functools import partial

import sqlalchemy as sa

from kpi_engine.store import tables
from kpi_engine.store.engine import write
from kpi_engine.store.migrations import known_columns


def unsaved_rows(connection: sa.Connection) -> dict[str, int]:
    """Rows of batches that were never saved, by their table; tables without any are left out.

    A kill in the middle of a commit leaves a write-ahead log without its end. DuckDB (1.5.6) rolls
    back what it replays of it, but for large blocks of rows that had been written ahead: they stay,
    and the batch that they name does not exist. The next batch would take its number, and them.
    """
    counts = [
        sa.select(sa.literal(name), sa.func.count()).where(_is_unsaved(_versioned(name)))
        for name, columns in sorted(known_columns(connection).items())
        if "batch_id" in columns and name != tables.rollup.name
    ]
    found = connection.execute(sa.union_all(*counts)) if counts else ()
    return {str(name): int(count) for name, count in found if count}


def drop_unsaved(engine: sa.Engine) -> dict[str, int]:
    """Take rows out that no batch stands for; which tables had how many.

    Only for a store that nobody else has open: what is being saved has no batch yet either.
    """
    with engine.connect() as connection:
        found = unsaved_rows(connection)
    if found:
        write(engine, partial(_drop, names=list(found)))
    return found


def _drop(connection: sa.Connection, *, names: list[str]) -> None:
    for name in names:
        table = _versioned(name)
        connection.execute(sa.delete(table).where(_is_unsaved(table)))


def _versioned(name: str) -> sa.TableClause:
    return sa.table(name, sa.column("batch_id"))


def _is_unsaved(table: sa.TableClause) -> sa.ColumnElement[bool]:
    """Whether a row of a table names a batch above the newest."""
    newest = sa.select(sa.func.coalesce(sa.func.max(tables.batch.c.id), 0)).scalar_subquery()
    return table.c.batch_id > newest

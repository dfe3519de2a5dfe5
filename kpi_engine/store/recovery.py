"""What a process that was killed while it saved left behind."""

from functools import partial

import sqlalchemy as sa

from kpi_engine.store import tables
from kpi_engine.store.engine import write

_COLUMNS = sa.table(
    "columns",
    sa.column("table_catalog"),
    sa.column("table_name"),
    sa.column("column_name"),
    schema="information_schema",
)


def unsaved_rows(connection: sa.Connection) -> dict[str, int]:
    """Rows of batches that were never saved, by their table; tables without any are left out.

    A kill in the middle of a commit leaves a write-ahead log without its end. DuckDB (1.5.6) rolls
    back what it replays of it, but for large blocks of rows that had been written ahead: they stay,
    and the batch that they name does not exist. The next batch would take its number, and them.
    """
    newest = sa.select(sa.func.coalesce(sa.func.max(tables.batch.c.id), 0)).scalar_subquery()
    c = _COLUMNS.c
    versioned = (
        sa.select(c.table_name)
        .where(c.column_name == "batch_id", c.table_catalog == sa.func.current_database())
        .order_by(c.table_name)
    )
    counts = [
        sa.select(sa.literal(str(name)), sa.func.count()).where(
            sa.table(name, sa.column("batch_id")).c.batch_id > newest
        )
        for name in connection.execute(versioned).scalars()
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
    newest = sa.select(sa.func.coalesce(sa.func.max(tables.batch.c.id), 0)).scalar_subquery()
    for name in names:
        table = sa.table(name, sa.column("batch_id"))
        connection.execute(sa.delete(table).where(table.c.batch_id > newest))

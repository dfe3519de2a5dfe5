"""Numbered steps from an empty or older store to the present one, each in its own transaction."""

from collections.abc import Callable, Collection, Iterable
from functools import partial

import sqlalchemy as sa

from kpi_engine.catalogue.events import EventKind
from kpi_engine.store import tables
from kpi_engine.store.engine import write


def _first_tables(connection: sa.Connection) -> None:
    """Everything of the first release."""
    first = (
        tables.batch,
        tables.segment,
        tables.segment_part,
        tables.fact,
        tables.hour_fact,
        tables.rollup,
        tables.definition,
        tables.audit,
        tables.schema_version,
    )
    tables.metadata.create_all(connection, list(first))
    connection.execute(tables.segment.insert().values(id=tables.ALL_SEGMENT, members="{}"))
    connection.execute(
        tables.segment_part.insert().values(
            segment_id=tables.ALL_SEGMENT, whole_id=tables.ALL_SEGMENT
        )
    )


def _source_mapping(connection: sa.Connection) -> None:
    """Where it is remembered how a source is read."""
    tables.metadata.create_all(connection, [tables.source_mapping])


def _rows_gone(connection: sa.Connection) -> None:
    """How many stored events or facts a batch took out."""
    connection.exec_driver_sql(
        "ALTER TABLE batch ADD COLUMN IF NOT EXISTS rows_gone BIGINT DEFAULT 0"
    )


def _estimates(connection: sa.Connection) -> None:
    """What was estimated of links."""
    tables.metadata.create_all(connection, [tables.estimate])


def _predictions(connection: sa.Connection) -> None:
    """What was forecast."""
    tables.metadata.create_all(connection, [tables.prediction])


def _month_close(connection: sa.Connection) -> None:
    """What a month is closed with."""
    closing = (tables.comment, tables.sign_off, tables.edition, tables.reopening)
    tables.metadata.create_all(connection, list(closing))


def _digests(connection: sa.Connection) -> None:
    """What was told, what was put off, what was done, and what went well."""
    told = (tables.digest, tables.snooze, tables.action_done, tables.win)
    tables.metadata.create_all(connection, list(told))


def _rollups_apart(connection: sa.Connection) -> None:
    """Rollups over everything lie together: a page reads them without passing those of segments."""
    tables.metadata.create_all(connection, [tables.rollup_whole, tables.rollup_part])
    rows = tables.rollup.c
    is_whole = rows.segment_id == tables.ALL_SEGMENT
    for table, here in ((tables.rollup_whole, is_whole), (tables.rollup_part, ~is_whole)):
        found = sa.select(*rows).where(here).order_by(rows.metric, rows.segment_id)
        connection.execute(table.insert().from_select([c.name for c in rows], found))
    tables.rollup.drop(connection)
    connection.exec_driver_sql(
        "CREATE VIEW rollup AS SELECT * FROM rollup_whole UNION ALL SELECT * FROM rollup_part"
    )


def _sql_queries(connection: sa.Connection) -> None:
    """What was asked with SQL."""
    tables.metadata.create_all(connection, [tables.sql_query])


def _scenarios(connection: sa.Connection) -> None:
    """What-ifs under a name."""
    tables.metadata.create_all(connection, [tables.scenario])


def _saved_views(connection: sa.Connection) -> None:
    """Views that somebody named."""
    tables.metadata.create_all(connection, [tables.saved_view])


def _days(connection: sa.Connection) -> None:
    """Where rollups of days lie, and the batches of which they are still to be folded."""
    tables.metadata.create_all(connection, [tables.rollup_day, tables.days_to_fold])
    has_facts = sa.select(sa.exists().select_from(tables.fact)).scalar_subquery()
    batches = sa.select(tables.batch.c.id).where(has_facts)
    connection.execute(tables.days_to_fold.insert().from_select(["batch_id"], batches))


STEPS: tuple[Callable[[sa.Connection], None], ...] = (
    _first_tables,
    _source_mapping,
    _rows_gone,
    _estimates,
    _predictions,
    _month_close,
    _digests,
    _rollups_apart,
    _sql_queries,
    _scenarios,
    _saved_views,
    _days,
)
"""A released step never changes; a change of the tables is a new step. Constant defaults only,
and no ALTER with a function: a killed process could not replay it."""


_COLUMNS = sa.table(
    "columns",
    sa.column("table_catalog"),
    sa.column("table_name"),
    sa.column("column_name"),
    schema="information_schema",
)


def migrate(engine: sa.Engine, kinds: Iterable[EventKind]) -> None:
    """Bring the store to the present schema, and add what event kinds newly declare."""
    with engine.connect() as connection:
        known = known_columns(connection)
    done = _version(engine) if tables.schema_version.name in known else 0
    for number, step in enumerate(STEPS[done:], start=done + 1):
        write(engine, partial(_apply, number=number, step=step))
    missing = []
    for table in tables.event_tables(kinds).values():
        if table.name in known:
            _add_columns(engine, table, known[table.name])
        else:
            missing.append(table)
    if missing:
        write(engine, lambda connection: tables.metadata.create_all(connection, missing))


def known_columns(connection: sa.Connection) -> dict[str, set[str]]:
    """Names of the columns of every table: asked once, asking for each table takes long."""
    c, found = _COLUMNS.c, dict[str, set[str]]()
    query = sa.select(c.table_name, c.column_name)
    # Staging areas are databases of their own, with tables of the same names.
    for table, column in connection.execute(
        query.where(c.table_catalog == sa.func.current_database())
    ):
        found.setdefault(table, set()).add(column)
    return found


def _add_columns(engine: sa.Engine, table: sa.Table, known: Collection[str]) -> None:
    """Columns declared since the table was made; events that are there have nothing in them."""
    for column in table.columns:
        if column.name not in known:
            kind = column.type.compile(engine.dialect)
            added = f"ALTER TABLE {table.name} ADD COLUMN {column.name} {kind}"
            write(engine, partial(_execute, added))


def _execute(statement: str, connection: sa.Connection) -> None:
    connection.exec_driver_sql(statement)


def _apply(
    connection: sa.Connection, *, number: int, step: Callable[[sa.Connection], None]
) -> None:
    step(connection)
    connection.execute(tables.schema_version.insert().values(number=number))


def _version(engine: sa.Engine) -> int:
    with engine.connect() as connection:
        number = connection.execute(sa.select(sa.func.max(tables.schema_version.c.number))).scalar()
    return int(number or 0)

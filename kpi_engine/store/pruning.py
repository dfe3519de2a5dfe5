"""What is left of a copy of the store: the versions that count at a tick, and no other table.

Whoever reads the copy need not ask which version counts. Views over it are plain scans, and what
they do not show is not there.
"""

from collections.abc import Iterable, Iterator, Mapping

import sqlalchemy as sa

from kpi_engine.catalogue.events import EventKind
from kpi_engine.store import tables
from kpi_engine.store.versions import Tick, holds

_PLAIN = (tables.batch.name, tables.segment.name, tables.rollup.name)
_ROLLUPS = (tables.rollup_whole, tables.rollup_part, tables.rollup_day)


def pruning(tick: Tick, kinds: Iterable[EventKind], known: Iterable[str]) -> Iterator[str]:
    """Statements, in order.

    Args:
        tick: What counts.
        kinds: Event kinds that are shown.
        known: Names of all tables in the copy.
    """
    keys: Mapping[str, tuple[sa.Table, tuple[str, ...]]] = {
        tables.fact.name: (tables.fact, tables.FACT_KEY),
        tables.hour_fact.name: (tables.hour_fact, tables.HOUR_KEY),
        **{table.name: (table, tables.ROLLUP_KEY) for table in _ROLLUPS},
        **{(table := tables.event_table(one)).name: (table, one.key) for one in kinds},
    }
    for name in sorted(set(known) - set(keys) - set(_PLAIN)):
        yield f'DROP TABLE "{name}"'
    for table, key in keys.values():
        for statement in _versions(table, key, tick):
            yield str(statement.compile(compile_kwargs={"literal_binds": True}))


def _versions(table: sa.Table, key: tuple[str, ...], tick: Tick) -> Iterator[sa.Delete]:
    """Take out what does not count, then what is not the newest, then what is no more."""
    after = table.c.batch_id > tick.as_of
    yield sa.delete(table).where(sa.or_(after, table.c.batch_id.in_(tick.undone)))
    # Nearly all keys have one version. Those that may have more are found by a number, in little
    # memory; two keys of one number are told apart where they are ranked.
    at: sa.ColumnElement[int] = sa.literal_column("rowid", sa.BigInteger)
    number = sa.func.hash(*(table.c[name] for name in key))
    updated = sa.select(number).where(table.c.is_update)
    rank = sa.func.row_number().over(
        partition_by=[table.c[name] for name in key], order_by=table.c.batch_id.desc()
    )
    ranked = sa.select(at.label("at"), rank.label("newest")).where(number.in_(updated)).subquery()
    yield sa.delete(table).where(at.in_(sa.select(ranked.c["at"]).where(ranked.c.newest > 1)))
    if table not in _ROLLUPS:
        yield sa.delete(table).where(sa.not_(holds(table)))

"""Rollups of days for a store that was filled before they were kept."""

import logging
from collections.abc import Sequence
from pathlib import Path

import sqlalchemy as sa

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.store import stated, tables
from kpi_engine.store.batches import read_undoes
from kpi_engine.store.change import Change, touched_table
from kpi_engine.store.engine import apart, write
from kpi_engine.store.leaves import stage_segments
from kpi_engine.store.refolding import derive_days
from kpi_engine.store.rollups import add_rollups
from kpi_engine.store.staging import Staging, close_staging, open_staging, prepare_tables
from kpi_engine.store.versions import Tick, undone_batches

_LOG = logging.getLogger(__name__)
_TOKEN = "stage_0000000000d1"  # noqa: S105  # names a staging area, opens nothing


def fold_days(engine: sa.Engine, folder: Path, catalogue: Catalogue) -> None:
    """Fold the days that every batch changed, as it would have done; nothing where all is folded.

    One batch after another, each in a transaction: whoever is killed goes on where it stopped.

    Args:
        engine: The store.
        folder: Where staging areas lie.
        catalogue: Definitions in force.
    """
    with engine.connect() as connection:
        waiting = connection.execute(sa.select(tables.days_to_fold.c.batch_id)).scalars().all()
        undoes = read_undoes(connection)
    if not waiting:
        return
    staging = open_staging(engine, folder, token=_TOKEN, large=True)
    try:
        for number, batch in enumerate(sorted(waiting), start=1):
            _LOG.warning("Folding days, once: batch %d of %d.", number, len(waiting))
            prepare_tables(engine, staging, None)
            _fold_batch(engine, staging, catalogue, batch, undoes)
    finally:
        close_staging(engine, staging)


def _fold_batch(
    engine: sa.Engine,
    staging: Staging,
    catalogue: Catalogue,
    batch: int,
    undoes: Sequence[tuple[int, int | None]],
) -> None:
    undone, before = (set(undone_batches(undoes, tick)) for tick in (batch, batch - 1))
    tick = Tick(as_of=batch, undone=tuple(sorted(undone)))
    counts_otherwise = sorted({batch} | undone ^ before)

    def stage(connection: sa.Connection) -> None:
        change = Change(
            connection=connection,
            staging=staging,
            catalogue=catalogue,
            before=tick,
            tick=tick,
            batch_id=batch,
        )
        staging.create(connection, touched_table(staging))
        stage_segments(change, [])
        is_other = tables.fact.c.batch_id.in_(counts_otherwise)
        derive_days(change, stated.touch_fact_months(change, tables.fact, is_other))

    def keep(connection: sa.Connection) -> None:
        staging.on(connection)
        add_rollups(connection, staging.like(tables.rollup))
        done = tables.days_to_fold.c.batch_id == batch
        connection.execute(sa.delete(tables.days_to_fold).where(done))

    apart(engine, stage)
    write(engine, keep)

"""What a change in the making makes of one metric, read before it is saved or dropped."""

from datetime import date

import sqlalchemy as sa

from kpi_engine.store import tables
from kpi_engine.store.change import Change
from kpi_engine.terms import Grain


def read_staged_values(change: Change, metric: str, *, grain: Grain) -> dict[date, float | None]:
    """Values over all segments by period, where they are others than what is kept."""
    staged = change.staging.like(tables.rollup)
    query = sa.select(staged.c.period, staged.c.value).where(
        staged.c.metric == metric,
        staged.c.grain == grain.value,
        staged.c.segment_id == tables.ALL_SEGMENT,
    )
    return {row.period: row.value for row in change.connection.execute(query)}

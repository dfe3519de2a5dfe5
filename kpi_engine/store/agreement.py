"""Do the parts of a total add up to it? Reads what a stated total and its segments say."""

import json
from collections.abc import Sequence
from datetime import date

import pandas as pd
import sqlalchemy as sa

from kpi_engine.store import tables
from kpi_engine.store.reads import read_frame
from kpi_engine.store.segments import read_segments
from kpi_engine.store.versions import effective_few, read_tick
from kpi_engine.terms import Grain

COLUMNS = ["metric", "period", "dimension", "whole", "parts"]


def read_totals(
    connection: sa.Connection, *, metrics: Sequence[str], first: date, last: date, as_of: int
) -> pd.DataFrame:
    """One row a metric, month and dimension that it is sliced by: the total, and its parts added.

    Args:
        connection: To the store.
        metrics: Ids of sums.
        first: First month.
        last: Last month, included.
        as_of: Tick.
    """
    dimensions = _dimensions(connection)
    if not dimensions or not metrics:
        return pd.DataFrame(columns=COLUMNS)
    rollup = tables.rollup
    now = effective_few(
        rollup,
        tables.ROLLUP_KEY,
        read_tick(connection, as_of),
        rollup.c.grain == Grain.MONTH.value,
        rollup.c.metric.in_(list(metrics)),
        rollup.c.period.between(first, last),
        rollup.c.segment_id.in_([tables.ALL_SEGMENT, *dimensions]),
    )
    query = sa.select(now.c.metric, now.c.period, now.c.segment_id, now.c.value).where(
        now.c.value.is_not(None)
    )
    rows = read_frame(connection, query)
    rows["dimension"] = rows["segment_id"].map(dimensions)
    key = ["metric", "period"]
    wholes = rows.loc[rows["segment_id"] == tables.ALL_SEGMENT, [*key, "value"]]
    parts = rows.loc[rows["segment_id"] != tables.ALL_SEGMENT]
    added = parts.groupby([*key, "dimension"], as_index=False)["value"].sum()
    both = added.merge(wholes, on=key, suffixes=("_parts", "_whole"))
    named = both.rename(columns={"value_parts": "parts", "value_whole": "whole"})
    return named[COLUMNS].sort_values(["metric", "period", "dimension"], ignore_index=True)


def _dimensions(connection: sa.Connection) -> dict[int, str]:
    """The dimension of every segment that names a single member."""
    found = {number: json.loads(text) for text, number in read_segments(connection).items()}
    return {number: next(iter(members)) for number, members in found.items() if len(members) == 1}

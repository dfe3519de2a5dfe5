"""Do totals agree with their parts? Reads slices beside totals, and what totals are made of."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd
import sqlalchemy as sa

from kpi_engine.fiscal import FiscalCalendar
from kpi_engine.store import tables
from kpi_engine.store.periods import month_of
from kpi_engine.store.reads import read_frame
from kpi_engine.store.segments import read_segments
from kpi_engine.store.versions import effective, effective_few, read_tick
from kpi_engine.terms import Grain

_TOTAL_COLUMNS = ["metric", "period", "dimension", "whole", "parts"]
_KEY = ["metric", "period"]


def read_slices(
    connection: sa.Connection, *, metrics: Sequence[str], first: date, last: date, as_of: int
) -> pd.DataFrame:
    """One row a metric, month and member of one dimension with a value: dimension, member, value.

    The total has no dimension and no member.

    Args:
        connection: To the store.
        metrics: Ids.
        first: First month.
        last: Last month, included.
        as_of: Tick.
    """
    members = {number: list(found.items()) for number, found in _members(connection).items()}
    single = {number: found[0] for number, found in members.items() if len(found) == 1}
    rollup = tables.rollup
    now = effective_few(
        rollup,
        tables.ROLLUP_KEY,
        read_tick(connection, as_of),
        rollup.c.grain == Grain.MONTH.value,
        rollup.c.metric.in_(list(metrics)),
        rollup.c.period.between(first, last),
        rollup.c.segment_id.in_([tables.ALL_SEGMENT, *single]),
    )
    query = sa.select(now.c.metric, now.c.period, now.c.segment_id, now.c.value).where(
        now.c.value.is_not(None)
    )
    rows = read_frame(connection, query)
    named = [single.get(number, (None, None)) for number in rows["segment_id"]]
    rows["dimension"] = [dimension for dimension, _ in named]
    rows["member"] = [member for _, member in named]
    return rows.drop(columns="segment_id")


def totals(slices: pd.DataFrame, metrics: Sequence[str]) -> pd.DataFrame:
    """One row a metric, month and dimension that it is sliced by: the total, and its parts added.

    Args:
        slices: The rows of :func:`read_slices`.
        metrics: Ids of sums.
    """
    rows = slices.loc[slices["metric"].isin(metrics)]
    wholes = rows.loc[rows["dimension"].isna(), [*_KEY, "value"]]
    parts = rows.loc[rows["dimension"].notna()]
    if parts.empty:
        return pd.DataFrame(columns=_TOTAL_COLUMNS)
    added = parts.groupby([*_KEY, "dimension"], as_index=False)["value"].sum()
    both = added.merge(wholes, on=_KEY, suffixes=("_parts", "_whole"))
    named = both.rename(columns={"value_parts": "parts", "value_whole": "whole"})
    return named[_TOTAL_COLUMNS].sort_values([*_KEY, "dimension"], ignore_index=True)


def read_segments_of(
    connection: sa.Connection,
    calendar: FiscalCalendar,
    *,
    parts: Iterable[str],
    months: Iterable[date],
    as_of: int,
) -> dict[tuple[str, date], list[Mapping[str, str]]]:
    """The segments for which facts of a part are there, by part and month; of whole facts none.

    It reads facts, so ask it of few parts and months.
    """
    asked = sorted(set(months))
    if not asked:
        return {}
    fact = tables.fact
    now = effective(
        fact,
        tables.FACT_KEY,
        read_tick(connection, as_of),
        fact.c.part.in_(sorted(set(parts))),
        fact.c.grain.in_([Grain.DAY.value, Grain.MONTH.value]),
        _month(fact, calendar).in_(asked),
    )
    month = _month(now, calendar).label("month")
    query = sa.select(now.c.part, month, now.c.segment_id).distinct()
    members = _members(connection)
    found: dict[tuple[str, date], list[Mapping[str, str]]] = {}
    for row in connection.execute(query.where(now.c.numerator.is_not(None))):
        found.setdefault((row.part, row.month), []).append(members[row.segment_id])
    return found


def _month(fact: sa.FromClause, calendar: FiscalCalendar) -> sa.ColumnElement[Any]:
    """The month of a fact of a day, or stated for a whole month."""
    is_whole = fact.c.grain == Grain.MONTH.value
    return sa.case((is_whole, fact.c.day), else_=month_of(fact.c.day, calendar))


def _members(connection: sa.Connection) -> dict[int, Mapping[str, str]]:
    """What every segment names, by its number."""
    return {number: json.loads(text) for text, number in read_segments(connection).items()}

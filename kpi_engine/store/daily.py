"""Metrics by the day, folded from their facts when asked for: rollups begin with the week."""

from collections.abc import Mapping, Sequence
from datetime import date

import pandas as pd
import sqlalchemy as sa

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.models import Metric
from kpi_engine.store import folding, rollups, tables
from kpi_engine.store.parts import RANKED, part_uses
from kpi_engine.store.reads import read_frame
from kpi_engine.store.segments import read_segment_id
from kpi_engine.store.versions import effective, read_tick
from kpi_engine.terms import Grain

DAILY_COLUMNS = ["metric", "period", "numerator", "denominator", "value"]


def read_daily(
    connection: sa.Connection,
    catalogue: Catalogue,
    metrics: Sequence[Metric],
    *,
    first: date,
    last: date,
    as_of: int,
    segment: Mapping[str, str],
) -> pd.DataFrame:
    """One row a metric and day with facts of that very day: numerator, denominator, value.

    Medians and quantiles rank the events of longer periods, so they have no days here; nor has
    what is stated per week.

    Args:
        connection: To the store.
        catalogue: Definitions in force.
        metrics: Asked for.
        first: Earliest day.
        last: Latest day, included.
        as_of: Tick.
        segment: Members; empty for all.
    """
    folded = [m for m in metrics if m.measure.fold not in RANKED and not m.measure.per_week]
    number = read_segment_id(connection, segment)
    if number is None or not folded:
        return pd.DataFrame(columns=DAILY_COLUMNS)
    uses = [use for metric in folded for use in part_uses(catalogue, metric)]
    fact = tables.fact
    facts = effective(
        fact,
        tables.FACT_KEY,
        read_tick(connection, as_of),
        fact.c.part.in_(sorted({use.part for use in uses})),
        fact.c.grain == Grain.DAY.value,
        fact.c.day.between(first, last),
    )
    placed = sa.select(
        facts, sa.literal(Grain.DAY.value).label("period_grain"), facts.c.day.label("period")
    ).subquery()
    wholes = (
        sa.select(tables.segment_part)
        .where(tables.segment_part.c.whole_id == number)
        .subquery("wholes")
    )
    parts = folding.folded_parts(uses, placed, tables.segment, wholes)
    rows = rollups.finished(parts, folded, catalogue.organisation.calendar).subquery()
    query = (
        sa.select(*(rows.c[name] for name in DAILY_COLUMNS))
        .where(rows.c.value.is_not(None))
        .order_by(rows.c.metric, rows.c.period)
    )
    return read_frame(connection, query)

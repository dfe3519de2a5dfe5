"""Metrics by the day, folded from their facts when asked for: rollups begin with the week."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd
import sqlalchemy as sa

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.metrics import Metric
from kpi_engine.store import folding, rollups, tables
from kpi_engine.store.counters import exact_sum
from kpi_engine.store.parts import RANKED, PartUse, part_uses
from kpi_engine.store.reads import read_frame
from kpi_engine.store.segments import read_segment_id
from kpi_engine.store.versions import Tick, counting, effective, literal_values, read_tick
from kpi_engine.terms import Grain

DAILY_COLUMNS = ["metric", "period", "numerator", "denominator", "value"]
_KEY = ("metric", "role", "component", "whole_id", "period_grain", "period")


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
    number = read_segment_id(connection, segment)
    if number is None or not any(has_days(metric) for metric in metrics):
        return pd.DataFrame(columns=DAILY_COLUMNS)
    rows = daily_values(
        connection,
        catalogue,
        metrics,
        tick=read_tick(connection, as_of),
        days=lambda day: day.between(first, last),
        wholes=[number],
    )
    query = (
        sa.select(*(rows.c[name] for name in DAILY_COLUMNS))
        .where(rows.c.value.is_not(None))
        .order_by(rows.c.metric, rows.c.period)
    )
    return read_frame(connection, query)


def has_days(metric: Metric) -> bool:
    """Whether a metric folds to days at all."""
    return metric.measure.fold not in RANKED and not metric.measure.per_week


def daily_values(
    connection: sa.Connection,
    catalogue: Catalogue,
    metrics: Sequence[Metric],
    *,
    tick: Tick,
    days: Callable[[sa.ColumnElement[Any]], sa.ColumnElement[bool]],
    wholes: sa.Select[Any] | Sequence[int],
) -> sa.Subquery:
    """One row a metric, segment and day: as rollups have it.

    A day has one fact a part and segment, so that facts are added at once and which of them count
    is settled among the sums: of millions of facts, these are few. Which version of a fact counts
    is asked only where any was ever updated: looking for those takes ten times as long as adding.

    Args:
        connection: To the store.
        catalogue: Definitions in force.
        metrics: Those without days are left out; at least one has some.
        tick: The point of the clock.
        days: Which days.
        wholes: Ids of the segments that facts are added to.
    """
    folded = [metric for metric in metrics if has_days(metric)]
    uses = [use for metric in folded for use in part_uses(catalogue, metric)]
    fact = tables.fact
    asked = [
        fact.c.part.in_(sorted({use.part for use in uses})),
        fact.c.grain == Grain.DAY.value,
        days(fact.c.day),
    ]
    added = _added(_versions(connection, asked, tick), wholes)
    parts = folding.pivoted(_chosen(uses, added), uses)
    return rollups.finished(parts, folded, catalogue.organisation.calendar).subquery()


def _versions(
    connection: sa.Connection, asked: Sequence[sa.ColumnElement[bool]], tick: Tick
) -> sa.Subquery:
    """The facts that count among those asked for."""
    fact = tables.fact
    updated = sa.select(sa.exists().where(*asked, fact.c.is_update == sa.true()))
    if connection.execute(updated).scalar():
        return effective(sa.select(fact).where(*asked).subquery("asked"), tables.FACT_KEY, tick)
    return sa.select(fact).where(*counting(fact, tick, asked)).subquery()


def _added(versions: sa.Subquery, wholes: sa.Select[Any] | Sequence[int]) -> sa.Subquery:
    """One row a part, whole, day and set of dimensions: its facts added."""
    facts = versions.c
    part, segment = tables.segment_part, tables.segment
    into = (
        sa.select(
            part.c.segment_id,
            part.c.whole_id,
            folding.stated_set(part, segment).label("stated_set"),
        )
        .join(segment, segment.c.id == part.c.segment_id)
        .where(part.c.whole_id.in_(wholes))
        .cte("leaves")
    )
    key = (facts.part, into.c.whole_id, facts.day, into.c.stated_set)
    return (
        sa.select(
            *key,
            exact_sum(facts.numerator).label("numerator"),
            exact_sum(facts.denominator).label("denominator"),
            sa.func.count(facts.denominator).label("paired"),
            sa.func.count().label("facts"),
        )
        .join(into, into.c.segment_id == facts.segment_id)
        .where(facts.numerator.is_not(None))
        .group_by(*key)
        .subquery()
    )


def _chosen(uses: Sequence[PartUse], added: sa.Subquery) -> sa.Subquery:
    """One row a metric, role, component, whole and day: the one set of facts that counts.

    What was counted from events comes first, over all sets of dimensions; see ``folding``.
    """
    use = literal_values(
        [(u.metric, u.role, u.component, u.part, u.source, u.weight) for u in uses],
        metric=sa.String(),
        role=sa.String(),
        component=sa.String(),
        part=sa.String(),
        source=sa.Integer(),
        weight=sa.Integer(),
    )
    a, u = added.c, use.c
    is_counted = u.source == 0
    group = sa.case((is_counted, "0"), else_=a.stated_set)
    key = [u.metric, u.role, u.component, a.whole_id]
    all_paired = sa.func.sum(a.paired) == sa.func.sum(a.facts)
    summed = (
        sa.select(
            *key,
            sa.literal(Grain.DAY.value).label("period_grain"),
            a.day.label("period"),
            group.label("group"),
            a.part,
            (exact_sum(a.numerator) * sa.func.any_value(u.weight)).label("numerator"),
            sa.case((all_paired, exact_sum(a.denominator))).label("denominator"),
            sa.func.sum(a.facts).label("facts"),
            sa.cast(None, sa.BigInteger).label("day_mask"),
        )
        .join(use, u.part == a.part)
        .group_by(*key, a.day, group, a.part)
        .subquery()
    )
    s = summed.c
    # By one value: only so does the engine keep the first of each instead of sorting all.
    first = sa.func.row_number().over(
        partition_by=[s[name] for name in _KEY], order_by=sa.func.concat(s.group, s.part)
    )
    ranked = sa.select(summed, first.label("first")).subquery()
    return sa.select(ranked).where(ranked.c.first == 1).subquery()

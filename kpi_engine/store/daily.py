"""Facts folded by the day.

A day has one fact a part and segment: facts are added at once, and which of them count is settled
among the sums. Longer periods, of which facts of days, weeks and months may each know something,
are folded in :mod:`kpi_engine.store.folding`; the rules are the same.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.metrics import Metric
from kpi_engine.store import folding, rollups
from kpi_engine.store.counters import exact_sum
from kpi_engine.store.parts import PartUse, part_uses
from kpi_engine.store.versions import literal_values
from kpi_engine.terms import Grain


def daily_rollups(
    catalogue: Catalogue,
    metrics: Sequence[Metric],
    facts: sa.FromClause,
    segments: sa.FromClause,
    segment_parts: sa.FromClause,
) -> sa.Select[Any]:
    """One rollup row a metric, segment and day.

    Args:
        catalogue: Definitions in force.
        metrics: All have days; at least one.
        facts: Those that count; what is stated for longer than a day is left out.
        segments: Every segment.
        segment_parts: Which segments count towards which.
    """
    uses = [use for metric in metrics for use in part_uses(catalogue, metric)]
    added = _added(uses, facts, folding.numbered_sets(segments, segment_parts))
    parts = folding.pivoted(_chosen(uses, added), uses)
    return rollups.finished(parts, metrics, catalogue.organisation.calendar)


def _added(uses: Sequence[PartUse], facts: sa.FromClause, wholes: sa.CTE) -> sa.Subquery:
    """One row a part, whole, day and set: its facts added; what was counted is one set."""
    part = literal_values(
        [(name, number, use.source) for name, (number, use) in _numbered(uses).items()],
        part=sa.String(),
        number=sa.Integer(),
        source=sa.Integer(),
    )
    f, p, w = facts.c, part.c, wholes.c
    set_ = sa.case((p.source == 0, 0), else_=w.stated_set)
    key = (p.number, w.whole_id, f.day, set_)
    return (
        sa.select(
            *key[:3],
            set_.label("set"),
            exact_sum(f.numerator).label("numerator"),
            exact_sum(f.denominator).label("denominator"),
            sa.func.count(f.denominator).label("paired"),
            sa.func.count().label("facts"),
        )
        .join_from(facts, part, p.part == f.part)
        .join(wholes, w.segment_id == f.segment_id)
        .where(f.numerator.is_not(None), f.grain == Grain.DAY.value)
        .group_by(*key)
        .subquery()
    )


def _numbered(uses: Sequence[PartUse]) -> dict[str, tuple[int, PartUse]]:
    """A use of each part by its name, numbered: rows are grouped by numbers faster."""
    by_name = {use.part: use for use in uses}
    return {name: (number, by_name[name]) for number, name in enumerate(sorted(by_name))}


def _chosen(uses: Sequence[PartUse], added: sa.Subquery) -> sa.Subquery:
    """One row a metric, role, component, whole and day: the one set of facts that counts."""
    numbers = _numbered(uses)
    names = dict.fromkeys((u.metric, u.role, u.component) for u in uses)
    slots = {name: number for number, name in enumerate(names)}
    use = literal_values(
        [
            (u.metric, u.role, slots[u.metric, u.role, u.component], numbers[u.part][0], u.weight)
            for u in uses
        ],
        metric=sa.String(),
        role=sa.String(),
        slot=sa.Integer(),
        number=sa.Integer(),
        weight=sa.Integer(),
    )
    a, u = added.c, use.c
    first = sa.func.row_number().over(
        partition_by=[u.slot, a.whole_id, a.day], order_by=a.set * len(numbers) + a.number
    )
    ranked = (
        sa.select(
            u.metric,
            u.role,
            a.whole_id,
            sa.literal(Grain.DAY.value).label("period_grain"),
            a.day.label("period"),
            (a.numerator * u.weight).label("numerator"),
            sa.case((a.paired == a.facts, a.denominator)).label("denominator"),
            a.facts,
            sa.literal_column("1", sa.BigInteger).label("day_mask"),
            first.label("first"),
        )
        .join(use, u.number == a.number)
        .subquery()
    )
    return sa.select(ranked).where(ranked.c.first == 1).subquery()

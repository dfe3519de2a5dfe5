"""From folded parts to rollups: values, longer periods, medians and quantiles."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.models import Metric
from kpi_engine.store.counters import exact_sum
from kpi_engine.store.parts import PAIRED, RANKED, has_stock_below
from kpi_engine.store.periods import period_days, period_start
from kpi_engine.store.versions import literal_values
from kpi_engine.terms import Fold, Grain


def finished(parts: sa.Subquery, metrics: Sequence[Metric], *, grain: Grain) -> sa.Select[Any]:
    """One rollup row a metric, segment, period: numerator, denominator, value, days.

    A share that was imported without its parts counts for the single period it was given for.
    """
    how = literal_values(
        [
            (
                m.id,
                m.measure.fold in PAIRED + RANKED,
                m.measure.scale,
                m.measure.per_week,
                m.measure.minus_one,
            )
            for m in metrics
        ],
        metric=sa.String(),
        is_paired=sa.Boolean(),
        scale=sa.Double(),
        per_week=sa.Boolean(),
        minus_one=sa.Boolean(),
    )
    p = parts.c
    has_parts = sa.and_(p.numerator.is_not(None), p.denominator.is_not(None))
    stated = p.own_numerator - sa.case(
        (how.c.minus_one, sa.func.coalesce(p.own_denominator, 0.0)), else_=0.0
    )
    numerator = sa.case((~how.c.is_paired, p.numerator), (has_parts, p.numerator), else_=stated)
    denominator = sa.case(
        (how.c.is_paired, sa.case((has_parts, p.denominator), else_=p.own_denominator)),
        (how.c.per_week, period_days(p.period, grain) / sa.literal_column("7.0")),
    )
    alone = sa.and_(how.c.is_paired, ~has_parts, p.own_denominator.is_(None))
    value = sa.case(
        (sa.and_(alone, p.own_facts == 1), p.own_numerator),
        (alone, None),
        (
            sa.or_(how.c.is_paired, how.c.per_week),
            numerator / sa.func.nullif(denominator, 0.0) * how.c.scale,
        ),
        else_=numerator,
    )
    return (
        sa.select(
            p.metric,
            p.segment_id,
            sa.literal(grain.value).label("grain"),
            p.period,
            numerator.label("numerator"),
            denominator.label("denominator"),
            value.label("value"),
            sa.cast(sa.func.bit_count(p.day_mask), sa.Integer).label("days"),
        )
        .join(how, how.c.metric == p.metric)
        .where(numerator.is_not(None))
    )


_MONTHS = {Grain.QUARTER: 3, Grain.YEAR: 12}


def longer_periods(
    months: sa.FromClause, catalogue: Catalogue, metrics: Sequence[Metric], *, grain: Grain
) -> sa.Select[Any]:
    """Quarters or fiscal years from month rollups: sums of parts, or the last month of a stock.

    A sum is known once all its months are. A month without parts (a bare share) makes its quarter
    and year unknown, not averaged. A stock in the denominator (headcount) is averaged, so that
    hours per employee add up over months.
    """
    how = literal_values(
        [
            (
                m.id,
                m.measure.fold in PAIRED or m.measure.per_week,
                m.measure.fold is Fold.LAST,
                m.measure.fold is Fold.SUM,
                has_stock_below(catalogue, m),
                m.measure.scale,
            )
            for m in metrics
        ],
        metric=sa.String(),
        divides=sa.Boolean(),
        keeps_last=sa.Boolean(),
        is_sum=sa.Boolean(),
        stock_below=sa.Boolean(),
        scale=sa.Double(),
    )
    c = months.c
    start = catalogue.organisation.year_starts_in
    period = period_start(c.period, grain, year_starts_in=start)
    newest = sa.func.arg_max
    keeps_last = sa.func.bool_or(how.c.keeps_last)
    numerator = sa.case((keeps_last, newest(c.numerator, c.period)), else_=exact_sum(c.numerator))
    all_paired = sa.func.count(c.denominator) == sa.func.count(c.numerator)
    denominator = sa.case(
        (
            sa.and_(all_paired, sa.func.bool_or(how.c.stock_below)),
            sa.func.round(sa.func.favg(c.denominator), 9),
        ),
        (all_paired, exact_sum(c.denominator)),
    )
    divides = sa.func.bool_or(how.c.divides)
    scale = sa.func.max(how.c.scale)
    is_torn = sa.and_(sa.func.bool_or(how.c.is_sum), sa.func.count() < _MONTHS[grain])
    value = sa.case(
        (is_torn, None),
        (divides, numerator / sa.func.nullif(denominator, 0.0) * scale),
        else_=numerator,
    )
    return (
        sa.select(
            c.metric,
            c.segment_id,
            sa.literal(grain.value).label("grain"),
            period.label("period"),
            numerator.label("numerator"),
            denominator.label("denominator"),
            value.label("value"),
            sa.cast(sa.func.sum(c.days), sa.Integer).label("days"),
        )
        .join(how, how.c.metric == c.metric)
        .group_by(c.metric, c.segment_id, period)
    )


def quantiles(
    values: sa.FromClause,
    calendar: sa.FromClause,
    segment_parts: sa.FromClause,
    metric: Metric,
    *,
    grain: Grain,
) -> sa.Select[Any]:
    """Median or quantile of event values per segment and period.

    Args:
        values: One row an event: day, segment_id, value.
        calendar: One row a grain and day: period; other days are left out.
        segment_parts: Which segments count towards which.
        metric: Folds as a median or quantile.
        grain: Period to rank within.
    """
    days, period = calendar.c, calendar.c.period
    here = sa.and_(days.grain == grain.value, days.day == values.c.day)
    placed = (
        sa.select(values.c.segment_id, period, values.c.value)
        .join_from(values, calendar, here)
        .subquery()
    )
    # Days are counted from the few pairs of segment and day: distinct counts of events are slow.
    leaf_days = (
        sa.select(values.c.segment_id, period, values.c.day)
        .join_from(values, calendar, here)
        .distinct()
        .subquery()
    )
    share: sa.ColumnElement[Any] = sa.literal_column(str(metric.measure.quantile or 0.5))
    ranked = _over_wholes(
        placed,
        segment_parts,
        sa.func.count().label("events"),
        sa.func.quantile_cont(placed.c.value, share).label("value"),
    )
    counted = _over_wholes(
        leaf_days, segment_parts, sa.func.count(sa.distinct(leaf_days.c.day)).label("days")
    )
    same = sa.and_(counted.c.whole_id == ranked.c.whole_id, counted.c.period == ranked.c.period)
    return sa.select(
        sa.literal(metric.id).label("metric"),
        ranked.c.whole_id.label("segment_id"),
        sa.literal(grain.value).label("grain"),
        ranked.c.period,
        sa.cast(None, sa.Double).label("numerator"),
        sa.cast(ranked.c.events, sa.Double).label("denominator"),
        ranked.c.value,
        sa.cast(counted.c.days, sa.Integer).label("days"),
    ).join_from(ranked, counted, same)


def _over_wholes(
    leaves: sa.Subquery, segment_parts: sa.FromClause, *measured: sa.ColumnElement[Any]
) -> sa.Subquery:
    """One row a whole that segments count towards, and period."""
    key = (segment_parts.c.whole_id, leaves.c.period)
    same = segment_parts.c.segment_id == leaves.c.segment_id
    return (
        sa.select(*key, *measured).join_from(leaves, segment_parts, same).group_by(*key).subquery()
    )

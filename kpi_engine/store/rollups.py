"""From folded parts to rollups: values, longer periods, medians and quantiles."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.metrics import Metric
from kpi_engine.fiscal import FiscalCalendar
from kpi_engine.periods import MONTHS_IN
from kpi_engine.store import tables
from kpi_engine.store.counters import exact_sum
from kpi_engine.store.parts import PAIRED, RANKED, has_stock_below, stands_for
from kpi_engine.store.periods import longer_of, period_days
from kpi_engine.store.versions import literal_values
from kpi_engine.terms import Fold, Grain


def add_rollups(connection: sa.Connection, rows: sa.FromClause) -> None:
    """Write rollups into the tables they lie in, those of one measure side by side.

    Pages read months folded over everything: among the days, and among the rollups of thousands of
    segments, they would have to be looked for.
    """
    names = [column.name for column in tables.rollup.columns]
    is_day = rows.c.grain == Grain.DAY.value
    is_whole = rows.c.segment_id == tables.ALL_SEGMENT
    for table, here in (
        (tables.rollup_whole, ~is_day & is_whole),
        (tables.rollup_part, ~is_day & ~is_whole),
        (tables.rollup_day, is_day),
    ):
        found = sa.select(*(rows.c[name] for name in names)).where(here)
        ordered = found.order_by(rows.c.metric, rows.c.segment_id)
        connection.execute(table.insert().from_select(names, ordered))


def finished(
    parts: sa.Subquery, metrics: Sequence[Metric], calendar: FiscalCalendar
) -> sa.Select[Any]:
    """One rollup row a metric, segment, period: numerator, denominator, value, days.

    A share that was imported without its parts counts for the single period it was given for; of
    several nothing is known, so they have no row.
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
        (how.c.per_week, _days_in(p.period_grain, p.period, calendar) / sa.literal_column("7.0")),
    )
    alone = sa.and_(how.c.is_paired, ~has_parts, p.own_denominator.is_(None))
    value = sa.case(
        (alone, p.own_numerator),
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
            p.period_grain.label("grain"),
            p.period,
            numerator.label("numerator"),
            denominator.label("denominator"),
            value.label("value"),
            sa.cast(sa.func.bit_count(p.day_mask), sa.Integer).label("days"),
        )
        .join(how, how.c.metric == p.metric)
        .where(numerator.is_not(None), sa.or_(~alone, p.own_facts == 1))
    )


def _days_in(
    grain: sa.ColumnElement[Any], period: sa.ColumnElement[Any], calendar: FiscalCalendar
) -> sa.ColumnElement[Any]:
    folded = (Grain.WEEK, Grain.MONTH, Grain.QUARTER)
    return sa.case({one.value: period_days(period, one, calendar) for one in folded}, value=grain)


def longer_periods(
    months: sa.FromClause,
    calendar: sa.FromClause,
    catalogue: Catalogue,
    metrics: Sequence[Metric],
) -> sa.Select[Any]:
    """Quarters or fiscal years from month rollups: sums of parts, or the last month of a stock.

    One that is still running is folded so far. One that lacks a month before its newest has no
    value, whatever it folds; a stock needs only its newest. ``days`` is NULL where whole months
    were given for all of it, and otherwise says what is short.

    Months without parts (bare shares, stated medians) are not averaged: their quarter and year
    are unknown, unless one month speaks for all of it. A stock in the denominator (headcount) is
    averaged, so that hours per employee add up over months.

    Args:
        months: Month rollups.
        calendar: One row a grain and day that names a month: period; others are left out.
        catalogue: Definitions in force.
        metrics: Whose months they are.
    """
    folded = _months_added(months, calendar, catalogue, metrics).subquery()
    f = folded.c
    is_apart = sa.or_(f.ranks, sa.and_(f.divides, f.denominator.is_(None)))
    speaks_for_all = sa.and_(f.months == 1, f.there == f.whole)
    is_short = sa.or_(f.months_by_day > 0, f.there < f.whole)
    return sa.select(
        f.metric,
        f.segment_id,
        f.grain,
        f.period,
        sa.case((~is_apart, f.numerator)).label("numerator"),
        f.denominator,
        sa.case(
            (sa.and_(~f.keeps_last, f.there < f.reach), None),
            (speaks_for_all, f.newest),
            (f.divides, f.numerator / sa.func.nullif(f.denominator, 0.0) * f.scale),
            else_=f.numerator,
        ).label("value"),
        sa.case((is_short, sa.cast(f.days, sa.Integer))).label("days"),
    ).where(sa.or_(~is_apart, speaks_for_all))


def _months_added(
    months: sa.FromClause,
    calendar: sa.FromClause,
    catalogue: Catalogue,
    metrics: Sequence[Metric],
) -> sa.Select[Any]:
    """One row a metric, segment and longer period: its months added, and how many those are."""
    how = literal_values(
        [
            (
                m.id,
                m.measure.fold in PAIRED or m.measure.per_week,
                m.measure.fold in RANKED,
                m.measure.fold is Fold.LAST,
                has_stock_below(catalogue, m),
                m.measure.scale,
                stands_for(m).value,
            )
            for m in metrics
        ],
        metric=sa.String(),
        divides=sa.Boolean(),
        ranks=sa.Boolean(),
        keeps_last=sa.Boolean(),
        stock_below=sa.Boolean(),
        scale=sa.Double(),
        stands_for=sa.String(),
    )
    c, longer = months.c, calendar.c
    whole = sa.case({grain.value: MONTHS_IN[grain] for grain in _LONGER}, value=longer.grain)
    keeps_last, stock_below = (sa.func.bool_or(how.c[n]) for n in ("keeps_last", "stock_below"))
    newest = sa.func.arg_max(c.numerator, c.period)
    all_paired = sa.func.count(c.denominator) == sa.func.count(c.numerator)
    mean = sa.func.round(sa.func.favg(c.denominator), 9)
    declared = catalogue.organisation.calendar
    there, reach = _extent(c.period, how.c.stands_for, of=longer.period, calendar=declared)
    whole_month = period_days(c.period, Grain.MONTH, declared)
    return (
        sa.select(
            c.metric,
            c.segment_id,
            longer.grain,
            longer.period,
            sa.case((keeps_last, newest), else_=exact_sum(c.numerator)).label("numerator"),
            sa.case(
                (sa.and_(all_paired, stock_below), mean), (all_paired, exact_sum(c.denominator))
            ).label("denominator"),
            sa.func.arg_max(c.value, c.period).label("newest"),
            sa.func.count().label("months"),
            sa.func.count(c.days).label("months_by_day"),
            sa.func.sum(sa.func.coalesce(c.days, whole_month)).label("days"),
            whole.label("whole"),
            sa.func.least(there, whole).label("there"),
            sa.func.least(reach, whole).label("reach"),
            keeps_last.label("keeps_last"),
            sa.func.bool_or(how.c.divides).label("divides"),
            sa.func.bool_or(how.c.ranks).label("ranks"),
            sa.func.max(how.c.scale).label("scale"),
        )
        .join(how, how.c.metric == c.metric)
        .join(
            calendar,
            sa.and_(longer.day == c.period, longer.grain.in_([g.value for g in _LONGER])),
        )
        .where(c.numerator.is_not(None))
        .group_by(c.metric, c.segment_id, longer.grain, longer.period)
    )


_LONGER = (Grain.QUARTER, Grain.YEAR)


def _extent(
    month: sa.ColumnElement[Any],
    stands_for: sa.ColumnElement[Any],
    *,
    of: sa.ColumnElement[Any],
    calendar: FiscalCalendar,
) -> tuple[sa.ColumnElement[Any], sa.ColumnElement[Any]]:
    """How many months of a longer period are there, and how far into it the newest reaches.

    Args:
        month: Months that are there, grouped by the period.
        stands_for: Grain that one of them speaks for.
        of: The longer period.
        calendar: Where years start.
    """
    starts = {g.value: longer_of(month, g, calendar=calendar) for g in _LONGER}
    said = sa.case(starts, value=stands_for, else_=month)
    months = sa.case({g.value: MONTHS_IN[g] for g in _LONGER}, value=stands_for, else_=1)
    step = sa.func.max(months)
    reach = sa.func.date_diff(sa.literal_column("'month'"), of, sa.func.max(said)) + step
    return sa.func.count(sa.distinct(said)) * step, reach


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

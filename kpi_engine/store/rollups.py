"""From facts to rollups: metrics folded over segments and periods.

Sums are folded first and divided last. Where facts of several origins cover the same month, one
origin counts: what was counted from events before what was imported as a number, a stated total
before a sum of parts, days before whole months.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.models import Metric
from kpi_engine.store.counters import exact_sum, month_of
from kpi_engine.store.versions import literal_values
from kpi_engine.terms import Fold, Grain

_PAIRED = (Fold.RATIO, Fold.WEIGHTED_MEAN)
_RANKED = (Fold.MEDIAN, Fold.QUANTILE)


@dataclass(frozen=True, kw_only=True)
class PartUse:
    """One part a metric is made of.

    Attributes:
        metric: The metric.
        role: ``numerator``, ``denominator``, or ``own`` for facts imported for the metric itself.
        component: The part as the measure names it; its facts may have several origins.
        part: Name the facts are stored under.
        source: 0 for counted from events, 1 for imported.
        weight: -1 for what is taken off.
        keeps_last: The part is a stock: the last day counts, not the sum.
    """

    metric: str
    role: str
    component: str
    part: str
    source: int
    weight: int
    keeps_last: bool


def part_uses(catalogue: Catalogue, metric: Metric) -> list[PartUse]:
    """Every part of a metric, parts of parts included.

    A complement or a "minus one" is folded into the numerator (1 - a/b = (b - a)/b), so that every
    stored share is simply its numerator over its denominator.
    """
    measure = metric.measure
    if measure.fold not in _PAIRED + _RANKED:
        counted = _origins(catalogue, measure.value) if measure.value else []
        origins = [*counted, (metric.id, 1)]
        return _uses(catalogue, metric, "numerator", metric.id, 1, origins)
    uses = _uses(catalogue, metric, "own", metric.id, 1, [(metric.id, 1)])
    if measure.numerator and measure.denominator:
        top = {measure.numerator: -1 if measure.complement else 1}
        if measure.complement:
            top[measure.denominator] = 1
        if measure.minus_one:
            top[measure.denominator] = -1
        if measure.numerator_minus:
            top[measure.numerator_minus] = -1
        for part, weight in top.items():
            uses += _uses(catalogue, metric, "numerator", part, weight, _origins(catalogue, part))
        below = measure.denominator
        uses += _uses(catalogue, metric, "denominator", below, 1, _origins(catalogue, below))
    return uses


def has_stock_below(catalogue: Catalogue, metric: Metric) -> bool:
    """Whether the denominator is a stock, such as headcount: averaged over longer periods."""
    below = catalogue.metrics.get(metric.measure.denominator or "")
    return below is not None and below.measure.fold is Fold.LAST


def _origins(catalogue: Catalogue, part: str) -> list[tuple[str, int]]:
    """Names a part's facts are stored under, with their source."""
    inner = catalogue.metrics.get(part)
    if inner is None:
        return [(part, 0)]
    deeper = _origins(catalogue, inner.measure.value) if inner.measure.value else []
    return [*deeper, (part, 1)]


def _uses(
    catalogue: Catalogue,
    metric: Metric,
    role: str,
    component: str,
    weight: int,
    origins: Sequence[tuple[str, int]],
) -> list[PartUse]:
    inner = catalogue.metrics.get(component, metric)
    keeps_last = inner.measure.fold is Fold.LAST
    return [
        PartUse(
            metric=metric.id,
            role=role,
            component=component,
            part=part,
            source=source,
            weight=weight,
            keeps_last=keeps_last,
        )
        for part, source in origins
    ]


def folded_parts(
    uses: Sequence[PartUse],
    facts: sa.FromClause,
    segments: sa.FromClause,
    segment_parts: sa.FromClause,
    *,
    grain: Grain,
) -> sa.Subquery:
    """One row a metric, segment and period (week, month or quarter): the folded parts.

    Columns: metric, segment_id, period, numerator, denominator, own_numerator, own_denominator,
    own_facts, day_mask (a bit a day on which every part has a fact; NULL for whole periods).
    """
    use = literal_values(
        [(u.metric, u.role, u.component, u.part, u.source, u.weight, u.keeps_last) for u in uses],
        metric=sa.String(),
        role=sa.String(),
        component=sa.String(),
        part=sa.String(),
        source=sa.Integer(),
        weight=sa.Integer(),
        keeps_last=sa.Boolean(),
    )
    counted = _with_common_days(use, facts, _apart(uses))
    c = counted.c
    period = c.day if grain is Grain.QUARTER else period_start(c.day, grain, year_starts_in=1)
    key = [c.metric, c.role, c.component, c.source, c.weight, c.segment_id, c.grain]

    def fold(column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
        newest = sa.func.arg_max(column, c.day)
        return sa.case((sa.func.bool_or(c.keeps_last), newest), else_=exact_sum(column))

    by_leaf = (
        sa.select(
            *key,
            period.label("period"),
            fold(c.numerator).label("numerator"),
            fold(c.denominator).label("denominator"),
            sa.func.count(c.denominator).label("paired"),
            sa.func.count().label("facts"),
            sa.case((c.grain == Grain.DAY.value, sa.func.bit_or(_day_bit(c.day, grain)))).label(
                "day_mask"
            ),
        )
        .where(c.grain.in_(_GRAINS_READ[grain]))
        .group_by(*key, period)
        .subquery()
    )
    return _pivoted(_whole(_best_of_leaf(by_leaf), segments, segment_parts), uses)


_GRAINS_READ = {
    Grain.WEEK: ("day", "week"),
    Grain.MONTH: ("day", "month"),
    Grain.QUARTER: ("quarter",),
}
"""Facts a period is folded from; quarters are folded from months, and stated ones stand beside."""


def _apart(uses: Sequence[PartUse]) -> list[str]:
    """Ratios whose numerator and denominator come from different sources of days."""
    origins: dict[str, dict[str, set[str]]] = {}
    for u in uses:
        kind = u.part.partition(".")[0] if u.source == 0 else u.part
        origins.setdefault(u.metric, {}).setdefault(u.role, set()).add(kind)
    return [
        metric
        for metric, roles in origins.items()
        if {"numerator", "denominator"} <= set(roles) and roles["numerator"] != roles["denominator"]
    ]


def _with_common_days(use: sa.Values, facts: sa.FromClause, apart: Sequence[str]) -> sa.Subquery:
    """Facts with the uses they serve; a ratio's numerator only on days its denominator has too.

    Orders of thirty days over visits of ten would be no ratio of anything. Where the denominator
    is known for whole months only, every day of the numerator counts.
    """
    f = facts.c
    known = (
        sa.select(use, f.segment_id, f.grain, f.day, f.numerator, f.denominator)
        .select_from(facts.join(use, use.c.part == f.part))
        .where(f.numerator.is_not(None))
        .cte("known")
    )
    if not apart:
        return sa.select(known).subquery()
    below = sa.and_(
        known.c.metric.in_(apart), known.c.role == "denominator", known.c.grain == "day"
    )
    month = month_of(known.c.day)
    days = sa.select(known.c.metric, known.c.day).where(below).distinct().cte("denominator_days")
    months = (
        sa.select(known.c.metric, month.label("month"))
        .where(below)
        .distinct()
        .cte("denominator_months")
    )
    has_day = sa.exists().where(days.c.metric == known.c.metric, days.c.day == known.c.day)
    by_day = sa.exists().where(months.c.metric == known.c.metric, months.c.month == month)
    stands_alone = sa.or_(
        known.c.metric.not_in(apart), known.c.role != "numerator", known.c.grain != "day"
    )
    return sa.select(known).where(sa.or_(stands_alone, ~by_day, has_day)).subquery()


def _best_of_leaf(by_leaf: sa.Subquery) -> sa.Subquery:
    """One row a metric, role, component, segment and period: its best origin only."""
    leaf = by_leaf.c
    origin = leaf.source * 2 + sa.case((leaf.grain == "day", 0), else_=1)
    first = sa.func.row_number().over(
        partition_by=[leaf.metric, leaf.role, leaf.component, leaf.segment_id, leaf.period],
        order_by=origin,
    )
    ranked = sa.select(by_leaf, first.label("first")).subquery()
    return sa.select(ranked).where(ranked.c.first == 1).subquery()


def _whole(
    leaves: sa.Subquery, segments: sa.FromClause, segment_parts: sa.FromClause
) -> sa.Subquery:
    """One row a metric, role, component, whole and period: one set of parts that do not overlap.

    What was counted from events comes first, then a stated total, then the stated parts of one
    set of dimensions: the fewest dimensions, then by their names. Sets are never mixed.
    """
    leaf, part = leaves.c, segment_parts.c
    dimensions = sa.cast(sa.func.json_keys(segments.c.members), sa.String)
    count = sa.func.json_array_length(sa.func.to_json(sa.func.json_keys(segments.c.members)))
    group = sa.case(
        (leaf.source == 0, "0"),
        (leaf.segment_id == part.whole_id, "1"),
        else_=sa.func.concat("2", count, dimensions),
    )
    key = [leaf.metric, leaf.role, leaf.component, part.whole_id, leaf.period]
    all_paired = sa.func.sum(leaf.paired) == sa.func.sum(leaf.facts)
    by_day = sa.func.bool_and(leaf.grain == "day")
    summed = (
        sa.select(
            *key,
            group.label("group"),
            exact_sum(leaf.numerator * leaf.weight).label("numerator"),
            sa.case((all_paired, exact_sum(leaf.denominator))).label("denominator"),
            sa.func.sum(leaf.facts).label("facts"),
            sa.case((by_day, sa.func.bit_or(leaf.day_mask))).label("day_mask"),
        )
        .join(segment_parts, part.segment_id == leaf.segment_id)
        .join(segments, segments.c.id == leaf.segment_id)
        .group_by(*key, group)
        .subquery()
    )
    w = summed.c
    first = sa.func.row_number().over(
        partition_by=[w.metric, w.role, w.component, w.whole_id, w.period], order_by=w.group
    )
    ranked = sa.select(summed, first.label("first")).subquery()
    return sa.select(ranked).where(ranked.c.first == 1).subquery()


def _pivoted(chosen: sa.Subquery, uses: Sequence[PartUse]) -> sa.Subquery:
    """One row a metric, segment and period; a role counts only with all its components."""
    components: dict[tuple[str, str], set[str]] = {}
    for u in uses:
        components.setdefault((u.metric, u.role), set()).add(u.component)
    needed = literal_values(
        [(metric, role, len(names)) for (metric, role), names in components.items()],
        metric=sa.String(),
        role=sa.String(),
        needed=sa.Integer(),
    )
    c = chosen.c
    key = [c.metric, c.whole_id, c.period]
    by_role = (
        sa.select(
            *key,
            c.role,
            exact_sum(c.numerator).label("numerator"),
            exact_sum(c.denominator).label("denominator"),
            sa.func.sum(c.facts).label("facts"),
            sa.func.bit_and(c.day_mask).label("day_mask"),
        )
        .join(needed, sa.and_(needed.c.metric == c.metric, needed.c.role == c.role))
        .group_by(*key, c.role, needed.c.needed)
        .having(sa.func.count() == needed.c.needed)
        .subquery()
    )
    r = by_role.c

    def of(role: str, column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
        return sa.func.max(sa.case((r.role == role, column)))

    return (
        sa.select(
            r.metric,
            r.whole_id.label("segment_id"),
            r.period,
            of("numerator", r.numerator).label("numerator"),
            of("denominator", r.numerator).label("denominator"),
            of("own", r.numerator).label("own_numerator"),
            of("own", r.denominator).label("own_denominator"),
            of("own", r.facts).label("own_facts"),
            sa.func.coalesce(
                sa.func.bit_and(sa.case((r.role != "own", r.day_mask))),
                sa.func.bit_and(r.day_mask),
            ).label("day_mask"),
        )
        .group_by(r.metric, r.whole_id, r.period)
        .subquery()
    )


def finished(parts: sa.Subquery, metrics: Sequence[Metric], *, grain: Grain) -> sa.Select[Any]:
    """One rollup row a metric, segment, period: numerator, denominator, value, days.

    A share that was imported without its parts counts for the single period it was given for.
    """
    how = literal_values(
        [
            (
                m.id,
                m.measure.fold in _PAIRED + _RANKED,
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
                m.measure.fold in _PAIRED or m.measure.per_week,
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


def period_start(
    day: sa.ColumnElement[Any], grain: Grain, *, year_starts_in: int
) -> sa.ColumnElement[Any]:
    """First day of the period a day lies in; years start in the fiscal month."""
    if grain is Grain.WEEK:
        return week_of(day)
    if grain is Grain.MONTH:
        return month_of(day)
    step: sa.ColumnElement[Any] = sa.literal_column(f"INTERVAL {year_starts_in - 1} MONTH")
    unit: sa.ColumnElement[Any] = sa.literal_column(
        "'quarter'" if grain is Grain.QUARTER else "'year'"
    )
    return sa.cast(sa.func.date_trunc(unit, day - step) + step, sa.Date)


def week_of(day: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """Monday of the week a day lies in."""
    return sa.cast(sa.func.date_trunc(sa.literal_column("'week'"), day), sa.Date)


def period_days(period: sa.ColumnElement[Any], grain: Grain) -> sa.ColumnElement[Any]:
    """How many days a period has."""
    unit: sa.ColumnElement[Any] = sa.literal_column(f"INTERVAL 1 {grain.value.upper()}")
    return sa.func.date_diff(sa.literal_column("'day'"), period, sa.cast(period + unit, sa.Date))


def _day_bit(day: sa.ColumnElement[Any], grain: Grain) -> sa.ColumnElement[Any]:
    """A bit a day of the period, so that days can be counted once over segments."""
    one: sa.ColumnElement[Any] = sa.literal_column("CAST(1 AS BIGINT)")
    number = "day" if grain is Grain.MONTH else "isodow"
    return one.op("<<")(sa.cast(sa.extract(number, day), sa.Integer))

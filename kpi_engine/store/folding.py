"""From facts to the folded parts of a period: one set of facts a number, none counted twice.

Sums are folded first and divided last. Where facts of several origins cover the same month, one set
counts: for a segment what was counted from events before imported numbers, days before whole
months; for a total what was counted, then what was stated for it, then one set of dimensions.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from kpi_engine.store.counters import exact_sum
from kpi_engine.store.parts import PartUse
from kpi_engine.store.versions import literal_values
from kpi_engine.terms import Grain


def folded_parts(
    uses: Sequence[PartUse],
    facts: sa.FromClause,
    segments: sa.FromClause,
    segment_parts: sa.FromClause,
) -> sa.Subquery:
    """One row a metric, segment and period: the folded parts.

    Columns: metric, segment_id, period_grain, period, numerator, denominator, own_numerator,
    own_denominator, own_facts, day_mask (a bit a day on which every part has a fact; NULL for
    whole periods).

    Args:
        uses: Parts of the metrics.
        facts: As :func:`in_periods` gives them.
        segments: Every segment.
        segment_parts: Which segments count towards which.
    """
    leaves = _best_of_leaf(_by_leaf(uses, facts))
    return pivoted(_whole(leaves, segments, segment_parts), uses)


def leaves_that_count(
    uses: Sequence[PartUse],
    facts: sa.FromClause,
    segments: sa.FromClause,
    segment_parts: sa.FromClause,
) -> sa.Select[Any]:
    """One row a metric, role, component, whole, period and segment whose facts count towards it.

    Columns: those keys (whole_id and segment_id), source, grain, weight, numerator, denominator,
    facts, day_mask, last_day.

    Args:
        uses: Parts of the metrics.
        facts: As :func:`in_periods` gives them.
        segments: Every segment.
        segment_parts: Which segments count towards which.
    """
    wholes = numbered_sets(segments, segment_parts)
    leaf, part = _best_of_leaf(_by_leaf(uses, facts)).c, wholes.c
    group = sa.case((leaf.source == 0, 0), else_=part.stated_set)
    key = [leaf.metric, leaf.role, leaf.component, part.whole_id, *(leaf[n] for n in _PERIOD)]
    names = ("segment_id", "source", "grain", "weight", "numerator", "denominator", "facts")
    rank = sa.func.rank().over(partition_by=key, order_by=group).label("rank")
    ranked = (
        sa.select(*key, *(leaf[n] for n in (*names, "day_mask", "last_day")), rank)
        .join(wholes, part.segment_id == leaf.segment_id)
        .subquery()
    )
    return sa.select(ranked).where(ranked.c.rank == 1)


def _by_leaf(uses: Sequence[PartUse], facts: sa.FromClause) -> sa.Subquery:
    """One row a metric, role, component, origin, segment and period: its facts folded."""
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
    key = [c.metric, c.role, c.component, c.source, c.weight, c.segment_id, c.grain]
    key += [c.period_grain, c.period]

    def fold(column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
        newest = sa.func.arg_max(column, c.day)
        return sa.case((sa.func.bool_or(c.keeps_last), newest), else_=exact_sum(column))

    return (
        sa.select(
            *key,
            fold(c.numerator).label("numerator"),
            fold(c.denominator).label("denominator"),
            sa.func.count(c.denominator).label("paired"),
            sa.func.count().label("facts"),
            sa.case((c.grain == Grain.DAY.value, sa.func.bit_or(_day_bit(c.day)))).label(
                "day_mask"
            ),
            sa.func.max(c.day).label("last_day"),
        )
        .group_by(*key)
        .subquery()
    )


def in_periods(facts: sa.FromClause, calendar: sa.FromClause, names: sa.FromClause) -> sa.Subquery:
    """One row a fact and period it is folded into: the fact, period_grain, period.

    Days make weeks and months; what was stated for a whole period makes that period. Quarters are
    folded from months, and stated ones stand beside.

    Args:
        facts: As stored.
        calendar: One row a grain and day: period; other days are left out.
        names: The same by the days that name periods.
    """
    f, days = facts.c, calendar.c
    of_days = sa.select(sa.literal(Grain.DAY.value).label("of"), calendar).where(
        days.grain.in_(_OF_DAYS)
    )
    of_their_own = sa.select(names.c.grain, names).where(names.c.grain != Grain.YEAR.value)
    made = of_days.union_all(of_their_own).subquery("made")
    period = sa.case((f.grain == Grain.QUARTER.value, f.day), else_=made.c.period)
    return (
        sa.select(facts, made.c.grain.label("period_grain"), period.label("period"))
        .join_from(facts, made, sa.and_(made.c.of == f.grain, made.c.day == f.day))
        .subquery()
    )


_OF_DAYS = (Grain.WEEK.value, Grain.MONTH.value)


_PERIOD = ("period_grain", "period")
"""Which period a row is of."""
_READ = ("segment_id", "grain", "day", *_PERIOD, "numerator", "denominator")


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


def _with_common_days(use: sa.Subquery, facts: sa.FromClause, apart: Sequence[str]) -> sa.Subquery:
    """Facts with the uses they serve; a ratio's numerator only on days its denominator has too.

    Orders of thirty days over visits of ten would be no ratio of anything. Where the denominator
    is known for whole months (or weeks) only, every day of the numerator counts.
    """
    f = facts.c
    known = (
        sa.select(use, *(f[name] for name in _READ))
        .select_from(facts.join(use, use.c.part == f.part))
        .where(f.numerator.is_not(None))
        .cte("known")
    )
    if not apart:
        return sa.select(known).subquery()
    below = sa.and_(
        known.c.metric.in_(apart), known.c.role == "denominator", known.c.grain == "day"
    )
    days = sa.select(known.c.metric, known.c.day).where(below).distinct().cte("denominator_days")
    periods = (
        sa.select(known.c.metric, known.c.period_grain, known.c.period)
        .where(below)
        .distinct()
        .cte("denominator_periods")
    )
    has_day = sa.exists().where(days.c.metric == known.c.metric, days.c.day == known.c.day)
    by_day = sa.exists().where(*(periods.c[name] == known.c[name] for name in ("metric", *_PERIOD)))
    stands_alone = sa.or_(
        known.c.metric.not_in(apart), known.c.role != "numerator", known.c.grain != "day"
    )
    return sa.select(known).where(sa.or_(stands_alone, ~by_day, has_day)).subquery()


def _best_of_leaf(by_leaf: sa.Subquery) -> sa.Subquery:
    """One row a metric, role, component, segment and period: its best origin only."""
    leaf = by_leaf.c
    origin = leaf.source * 2 + sa.case((leaf.grain == "day", 0), else_=1)
    first = sa.func.row_number().over(
        partition_by=[
            leaf.metric,
            leaf.role,
            leaf.component,
            leaf.segment_id,
            *(leaf[n] for n in _PERIOD),
        ],
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
    wholes = numbered_sets(segments, segment_parts)
    leaf, part = leaves.c, wholes.c
    group = sa.case((leaf.source == 0, 0), else_=part.stated_set)
    key = [leaf.metric, leaf.role, leaf.component, part.whole_id, *(leaf[n] for n in _PERIOD)]
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
        .join(wholes, part.segment_id == leaf.segment_id)
        .group_by(*key, group)
        .subquery()
    )
    w = summed.c
    first = sa.func.row_number().over(
        partition_by=[w.metric, w.role, w.component, w.whole_id, *(w[n] for n in _PERIOD)],
        order_by=w.group,
    )
    ranked = sa.select(summed, first.label("first")).subquery()
    return sa.select(ranked).where(ranked.c.first == 1).subquery()


def numbered_sets(segments: sa.FromClause, segment_parts: sa.FromClause) -> sa.CTE:
    """One row a segment and a whole it counts towards: which set of stated facts it belongs to.

    Sets are numbered in the order in which they count.

    Args:
        segments: Every segment.
        segment_parts: Which segments count towards which.
    """
    part, names = segment_parts.c, sa.func.json_keys(segments.c.members)
    count = sa.func.json_array_length(sa.func.to_json(names))
    order = sa.case(
        (part.segment_id == part.whole_id, "1"),
        else_=sa.func.concat("2", count, sa.cast(names, sa.String)),
    )
    number = sa.cast(sa.func.dense_rank().over(order_by=order), sa.Integer)
    return (
        sa.select(part.segment_id, part.whole_id, number.label("stated_set"))
        .join(segments, segments.c.id == part.segment_id)
        .cte("wholes")
    )


def pivoted(chosen: sa.Subquery, uses: Sequence[PartUse]) -> sa.Subquery:
    """One row a metric, segment and period; a role counts only with all its components.

    Args:
        chosen: One row a metric, role, component, whole and period.
        uses: Parts of the metrics.
    """
    components = dict.fromkeys((u.metric, u.role, u.component) for u in uses)
    needed = Counter((metric, role) for metric, role, _ in components)
    names = dict.fromkeys(u.metric for u in uses)
    roles = ("numerator", "denominator", "own")
    there = literal_values(
        [(name, *(needed[name, role] for role in roles)) for name in names],
        metric=sa.String(),
        numerator=sa.Integer(),
        denominator=sa.Integer(),
        own=sa.Integer(),
    )
    c = chosen.c
    key = [c.metric, c.whole_id, *(c[n] for n in _PERIOD)]

    def of(role: str, fold: _Fold, column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
        here = c.role == role
        is_whole = sa.func.count(sa.case((here, 1))) == sa.func.any_value(there.c[role])
        return sa.case((is_whole, fold(sa.case((here, column)))))

    upper, lower, own = (of(role, sa.func.bit_and, c.day_mask) for role in roles)
    return (
        sa.select(
            c.metric,
            c.whole_id.label("segment_id"),
            *(c[n] for n in _PERIOD),
            of("numerator", exact_sum, c.numerator).label("numerator"),
            of("denominator", exact_sum, c.numerator).label("denominator"),
            of("own", exact_sum, c.numerator).label("own_numerator"),
            of("own", exact_sum, c.denominator).label("own_denominator"),
            of("own", sa.func.sum, c.facts).label("own_facts"),
            sa.func.coalesce(upper.op("&")(lower), upper, lower, own).label("day_mask"),
        )
        .join(there, there.c.metric == c.metric)
        .group_by(*key)
        .subquery()
    )


_Fold = Callable[[sa.ColumnElement[Any]], sa.ColumnElement[Any]]


def days_in(mask: int, between: tuple[date, date]) -> list[date]:
    """The days of a period whose bit is set in a ``day_mask``.

    Args:
        mask: Of the period.
        between: Its first and last day, fewer than 63 apart.
    """
    first, last = between
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [day for day in days if mask >> (day.toordinal() - 1) % 63 & 1]


def _day_bit(day: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """A bit a day, so that days can be counted once over segments: no month has 63 days."""
    one: sa.ColumnElement[Any] = sa.literal_column("CAST(1 AS BIGINT)")
    number: sa.ColumnElement[Any] = sa.func.date_diff(
        sa.literal_column("'day'"), sa.literal_column("DATE '0001-01-01'"), day
    )
    return one.op("<<")(number.op("%")(sa.literal_column("63")))

"""From events to daily facts: the touched months counted again, and what differs staged.

An import and an undo take the same way: the events as they will stand after the change are counted
for every month that was touched, and only what differs from the store is staged.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from kpi_engine.catalogue.events import EventKind, SpanMinutes, Stock
from kpi_engine.periods import last_day
from kpi_engine.store import counters, spans, tables
from kpi_engine.store.change import Change, leaf_table, touched_table
from kpi_engine.store.placing import on_leaf, place, placed_table
from kpi_engine.store.staging import Staging
from kpi_engine.store.versions import differs, effective
from kpi_engine.terms import Grain

_SPAN_KINDS = ("outage", "check")
_FRESH = ("part", "segment_id", "day", "numerator")


def derive_facts(change: Change, kind: EventKind) -> None:
    """Fill ``fresh`` for a kind's touched months, then stage what differs from the store."""
    connection, staging = change.connection, change.staging
    fresh = fresh_table(staging)
    staging.create(connection, fresh)
    place(change, kind)
    _count_days(change, kind, fresh)
    _count_stocks(change, kind, fresh)
    minutes = kind
    if kind.id in _SPAN_KINDS:
        minutes = change.catalogue.events["outage"]
        _count_minutes(change, minutes, fresh)
    names = [f"{kind.id}.{name}" for name in kind.counters]
    names += [f"{minutes.id}.{name}" for name in minutes.counters]
    _stage_differences(change, fresh, sorted(set(names)))


def fresh_table(staging: Staging) -> sa.Table:
    """Daily facts as the events now say, before they are compared with the store."""
    return staging.table(
        "fresh",
        [
            sa.Column("part", sa.String),
            sa.Column("segment_id", sa.Integer),
            sa.Column("day", sa.Date),
            sa.Column("numerator", sa.Double),
        ],
    )


def _count_days(change: Change, kind: EventKind, fresh: sa.Table) -> None:
    placed = placed_table(change.staging, kind)
    for query in counters.daily_counts(kind, placed, months=change.touched(), zone=change.zone):
        daily = query.cte("daily")
        names = [c.name for c in daily.c if c.name not in ("day", "segment_id")]
        rows = sa.union_all(
            *(
                sa.select(
                    sa.literal(f"{kind.id}.{name}"), daily.c.segment_id, daily.c.day, daily.c[name]
                ).where(daily.c[name].is_not(None))
                for name in names
            )
        )
        change.connection.execute(fresh.insert().from_select(_FRESH, rows))


def _count_stocks(change: Change, kind: EventKind, fresh: sa.Table) -> None:
    """Stocks are counted over all time: a change long ago moves every later day."""
    leaf = leaf_table(change.staging, kind)
    events = change.events(kind)
    for name, counter in kind.counters.items():
        if not isinstance(counter, Stock):
            continue
        moves = counters.stock_changes(kind, counter, events, zone=change.zone).subquery()
        by_leaf = (
            sa.select(leaf.c.segment_id, moves.c.day, moves.c.change)
            .join(leaf, on_leaf(moves, leaf, kind.dimensions))
            .subquery()
        )
        last = counters.last_instant(kind, events, zone=change.zone).scalar_subquery()
        starts = (
            sa.select(by_leaf.c.segment_id, sa.func.min(by_leaf.c.day).label("first"))
            .group_by(by_leaf.c.segment_id)
            .subquery()
        )
        one_day: sa.ColumnElement[Any] = sa.literal_column("INTERVAL 1 DAY")
        days = sa.func.unnest(
            sa.func.generate_series(
                sa.cast(starts.c.first, sa.TIMESTAMP), sa.cast(last, sa.TIMESTAMP), one_day
            )
        )
        calendar = sa.select(starts.c.segment_id, sa.cast(days, sa.Date).label("day")).subquery()
        running = sa.func.sum(sa.func.coalesce(by_leaf.c.change, 0)).over(
            partition_by=calendar.c.segment_id, order_by=calendar.c.day
        )
        rows = sa.select(
            sa.literal(f"{kind.id}.{name}"), calendar.c.segment_id, calendar.c.day, running
        ).outerjoin(
            by_leaf,
            sa.and_(by_leaf.c.segment_id == calendar.c.segment_id, by_leaf.c.day == calendar.c.day),
        )
        change.connection.execute(fresh.insert().from_select(_FRESH, rows))


def _count_minutes(change: Change, kind: EventKind, fresh: sa.Table) -> None:
    touched = touched_table(change.staging)
    bounds = change.connection.execute(
        sa.select(sa.func.min(touched.c.month), sa.func.max(touched.c.month))
    ).one()
    if bounds[0] is None:
        return
    leaf = leaf_table(change.staging, kind)
    intervals = spans.state_intervals(
        change.events(kind),
        change.events(change.catalogue.events["check"]),
        first=bounds[0],
        last=last_day(bounds[1]),
        zone=change.zone,
    )
    daily = spans.daily_minutes(intervals, zone=change.zone).cte("daily")
    rows = sa.union_all(
        *(
            sa.select(
                sa.literal(f"{kind.id}.{name}"),
                leaf.c.segment_id,
                daily.c.day,
                daily.c[counter.measures],
            )
            .join(leaf, on_leaf(daily, leaf, kind.dimensions))
            .where(counters.calendar_month(daily.c.day).in_(change.touched()))
            for name, counter in kind.counters.items()
            if isinstance(counter, SpanMinutes)
        )
    )
    change.connection.execute(fresh.insert().from_select(_FRESH, rows))


def _stage_differences(change: Change, fresh: sa.Table, parts: Sequence[str]) -> None:
    """New daily facts, changed ones, and NULL for those that no longer hold."""
    stocks = [
        f"{kind.id}.{name}"
        for kind in change.catalogue.events.values()
        for name, counter in kind.counters.items()
        if isinstance(counter, Stock)
    ]
    fact = tables.fact
    reach = (
        fact.c.part.in_(parts),
        fact.c.grain == Grain.DAY.value,
        sa.or_(fact.c.part.in_(stocks), counters.calendar_month(fact.c.day).in_(change.touched())),
    )
    old = effective(fact, tables.FACT_KEY, change.tick, *reach)
    same = sa.and_(
        fresh.c.part == old.c.part, fresh.c.segment_id == old.c.segment_id, fresh.c.day == old.c.day
    )
    key = [sa.func.coalesce(fresh.c[k], old.c[k]) for k in ("part", "segment_id", "day")]
    differing = (
        sa.select(
            key[0].label("part"), key[1].label("segment_id"), key[2].label("day"), fresh.c.numerator
        )
        .select_from(fresh.join(old, same, full=True))
        .where(differs(fresh.c.numerator, old.c.numerator))
        .subquery()
    )
    versions = fact.alias("every_version")
    existed = sa.exists().where(
        versions.c.part.in_(parts),
        versions.c.part == differing.c.part,
        versions.c.segment_id == differing.c.segment_id,
        versions.c.day == differing.c.day,
    )
    rows = sa.select(
        differing.c.part,
        differing.c.segment_id,
        sa.literal(Grain.DAY.value),
        differing.c.day,
        differing.c.numerator,
        sa.cast(None, sa.Double),
        sa.literal(change.batch_id),
        existed,
    )
    names = [c.name for c in fact.columns]
    change.connection.execute(change.staging.like(fact).insert().from_select(names, rows))
    _touch_months_of_stocks(change)


def _touch_months_of_stocks(change: Change) -> None:
    """A stock may have moved in months that no event touched: fold them again too."""
    staged, touched = change.staging.like(tables.fact), touched_table(change.staging)
    month = counters.calendar_month(staged.c.day)
    rows = sa.select(month).where(month.not_in(sa.select(touched.c.month))).distinct()
    change.connection.execute(touched.insert().from_select(["month"], rows))

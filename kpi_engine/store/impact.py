"""What a staged change would do to the months of the scorecard."""

from collections.abc import Collection
from datetime import date
from typing import Any

import sqlalchemy as sa

from kpi_engine.catalogue.events import EventKind
from kpi_engine.catalogue.organisation import Organisation
from kpi_engine.fiscal import FiscalCalendar
from kpi_engine.store import tables
from kpi_engine.store.counters import local_day
from kpi_engine.store.periods import first_day, month_of, period_days
from kpi_engine.store.staging import Staging
from kpi_engine.store.versions import Tick, effective_few, holds
from kpi_engine.terms import Grain

_SHOWN = (Grain.MONTH.value, Grain.QUARTER.value)


def read_changes(
    connection: sa.Connection,
    staging: Staging,
    *,
    before: Tick,
    after: Tick,
    segments: Collection[tuple[str, int]] = (),
) -> list[dict[str, Any]]:
    """One row a metric, segment and month or quarter that changes.

    What is stored and what is there after, each with its days that have data.

    Args:
        connection: To the store.
        staging: Has the rollups that the change brings.
        before: The clock as it stands.
        after: The clock once the change is made; a batch that only one of the two counts changes
            figures without a staged row.
        segments: Metric and segment that are read besides what is folded over all segments.
    """
    rollup, names = tables.rollup, tables.ROLLUP_KEY
    staged = staging.like(rollup)
    toggled = set(before.undone) ^ set(after.undone)
    by_itself = _shown_keys(rollup, segments, rollup.c.batch_id.in_(sorted(toggled)))
    keys = _shown_keys(staged, segments).union(by_itself).subquery("touched_rollups")
    now, kept = (
        effective_few(rollup, names, tick, *_is_shown(rollup, segments)).alias(name)
        for name, tick in (("now", before), ("kept", after))
    )

    def same(other: sa.FromClause) -> sa.ColumnElement[bool]:
        return sa.and_(*(other.c[name] == keys.c[name] for name in names))

    is_staged = staged.c.metric.is_not(None)
    then = sa.case((is_staged, staged.c.value), else_=kept.c.value)
    query = (
        sa.select(
            keys.c.metric,
            keys.c.segment_id,
            keys.c.grain,
            keys.c.period.label("month"),
            now.c.value.label("stored"),
            now.c.days.label("stored_days"),
            then.label("after"),
            sa.case((is_staged, staged.c.days), else_=kept.c.days).label("after_days"),
        )
        .select_from(
            keys.outerjoin(staged, same(staged))
            .outerjoin(now, same(now))
            .outerjoin(kept, same(kept))
        )
        .where(then.is_distinct_from(now.c.value))
        .order_by(keys.c.metric, keys.c.segment_id, keys.c.period)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def _is_shown(
    rollup: sa.FromClause, segments: Collection[tuple[str, int]]
) -> tuple[sa.ColumnElement[bool], ...]:
    """What the scorecard shows: months and quarters, over all segments and of some."""
    c = rollup.c
    of_one = [sa.and_(c.metric == metric, c.segment_id == number) for metric, number in segments]
    return (
        c.grain.in_(_SHOWN),
        # Stated twice: a list of numbers tells the engine where not to look.
        c.segment_id.in_(sorted({tables.ALL_SEGMENT, *(number for _, number in segments)})),
        sa.or_(c.segment_id == tables.ALL_SEGMENT, *of_one),
    )


def _shown_keys(
    rollup: sa.FromClause, segments: Collection[tuple[str, int]], *only: sa.ColumnElement[bool]
) -> sa.Select[Any]:
    keys = (rollup.c[name] for name in tables.ROLLUP_KEY)
    return sa.select(*keys).where(*_is_shown(rollup, segments), *only)


def read_days(
    connection: sa.Connection, staging: Staging, kind: EventKind | None, organisation: Organisation
) -> tuple[date | None, date | None]:
    """First and last day of the staged events or facts; a period's fact reaches to its end."""
    zone, calendar = organisation.time_zone, organisation.calendar
    if kind is None:
        fact = staging.like(tables.fact)
        day = sa.cast(fact.c.day, sa.Date)
        is_named = fact.c.grain.in_([Grain.MONTH.value, Grain.QUARTER.value])
        start = sa.case((is_named, first_day(day, calendar)), else_=day)
        days = sa.case(
            {
                grain.value: period_days(day, grain, calendar)
                for grain in (Grain.WEEK, Grain.MONTH, Grain.QUARTER)
            },
            value=fact.c.grain,
            else_=1,
        )
        end = start + sa.cast(days, sa.Integer) - 1
        row = connection.execute(sa.select(sa.func.min(start), sa.func.max(end))).one()
        return row[0], row[1]
    staged = staging.like(tables.event_table(kind))
    names = kind.happens_at
    before_midnight: sa.ColumnElement[Any] = sa.literal_column("INTERVAL 1 MICROSECOND")
    instants = [
        local_day(staged.c[n] - before_midnight if n == "ended_at" else staged.c[n], zone)
        for n in names
    ]
    first = sa.func.min(instants[0])
    last = sa.func.greatest(*(sa.func.max(day) for day in instants))
    row = connection.execute(sa.select(first, last)).one()
    return row[0], row[1]


def has_weeks(connection: sa.Connection, staging: Staging) -> bool:
    """Whether any staged fact speaks of a whole week."""
    fact = staging.like(tables.fact)
    query = sa.select(sa.exists().where(fact.c.grain == Grain.WEEK.value))
    return bool(connection.execute(query).scalar())


def read_stated_quarters(connection: sa.Connection, staging: Staging) -> list[str]:
    """Parts of which something is stated for whole quarters."""
    fact = staging.like(tables.fact)
    query = sa.select(fact.c.part).where(fact.c.grain == Grain.QUARTER.value).distinct()
    return [str(part) for part in connection.execute(query.order_by(fact.c.part)).scalars()]


def read_unused(
    connection: sa.Connection, staging: Staging, calendar: FiscalCalendar
) -> list[tuple[str, date, date]]:
    """Stated metrics that change no figure: metric, first and last month stated.

    Better figures are there already: counted from events, by the day, or a stated total.
    """
    fact, rollup = staging.like(tables.fact), staging.like(tables.rollup)
    by_day = fact.c.grain == Grain.DAY.value
    grain = sa.case((by_day, Grain.MONTH.value), else_=fact.c.grain)
    period = sa.case((by_day, month_of(fact.c.day, calendar)), else_=fact.c.day)
    moves = sa.exists().where(
        rollup.c.metric == fact.c.part,
        rollup.c.segment_id == fact.c.segment_id,
        rollup.c.grain == grain,
        rollup.c.period == period,
    )
    query = (
        sa.select(fact.c.part, sa.func.min(period), sa.func.max(period))
        .where(~moves, holds(fact))
        .group_by(fact.c.part)
        .order_by(fact.c.part)
    )
    return [(str(part), first, last) for part, first, last in connection.execute(query)]

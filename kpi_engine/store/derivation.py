"""What a change of events or facts means for facts and rollups: worked out in staging.

An import and an undo take the same way: the events and facts as they will stand after the change
are folded again for every month that was touched, and only what differs from the store is staged.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.events import Counter, EventKind, SpanMinutes, Stock
from kpi_engine.catalogue.models import Metric
from kpi_engine.periods import add_months, last_day
from kpi_engine.store import counters, rollups, spans, tables
from kpi_engine.store.staging import Staging
from kpi_engine.store.versions import Tick, differs, effective
from kpi_engine.terms import Fold, Grain

_SPAN_KINDS = ("outage", "check")
_RANKED = (Fold.MEDIAN, Fold.QUANTILE)
Ranked = tuple[Metric, EventKind, Counter]
"""A metric that ranks the values of a counter, and the kind of event that has them."""
_FRESH = ("part", "segment_id", "day", "numerator")


@dataclass(frozen=True, kw_only=True)
class Change:
    """A change in the making.

    Attributes:
        before: The clock before it.
        tick: The clock after it: its own batch counts.
        batch_id: The batch it will be.
        placed: First and last day for which events of a kind have been placed.
    """

    connection: sa.Connection
    staging: Staging
    catalogue: Catalogue
    before: Tick
    tick: Tick
    batch_id: int
    placed: dict[str, tuple[date, date] | None] = field(default_factory=dict)

    @property
    def zone(self) -> str:
        """Days are cut here."""
        return self.catalogue.organisation.time_zone

    def events(self, kind: EventKind) -> sa.FromClause:
        """Effective events once the change is made."""
        table = tables.event_table(kind)
        now = effective(table, kind.key, self.tick)
        staged = self.staged_events(kind)
        if staged is None:
            return now
        same = sa.and_(*(staged.c[k] == now.c[k] for k in kind.key))
        names = [c.name for c in table.columns]
        kept = sa.select(*(now.c[n] for n in names)).where(~sa.exists().where(same))
        return kept.union_all(sa.select(*(staged.c[n] for n in names))).subquery()

    def staged_events(self, kind: EventKind) -> sa.Table | None:
        """The versions this change brings, or None when it brings none of the kind."""
        return self.staging.metadata.tables.get(
            f"{self.staging.token}.{tables.event_table(kind).name}"
        )

    def facts(self, *only: Callable[[sa.FromClause], sa.ColumnElement[bool]]) -> sa.FromClause:
        """Effective facts once the change is made; ``only`` limits what is read, by key columns."""
        return self._with_staged(tables.fact, tables.FACT_KEY, *only)

    def months(self) -> sa.FromClause:
        """Effective month rollups once the change is made."""
        return self._with_staged(
            tables.rollup, tables.ROLLUP_KEY, lambda t: t.c.grain == Grain.MONTH.value
        )

    def _with_staged(
        self,
        table: sa.Table,
        key: Sequence[str],
        *only: Callable[[sa.FromClause], sa.ColumnElement[bool]],
    ) -> sa.FromClause:
        staged = self.staging.like(table)
        now = effective(table, key, self.tick, *(test(table) for test in only))
        same = sa.and_(*(staged.c[k] == now.c[k] for k in key))
        names = [c.name for c in table.columns]
        kept = sa.select(*(now.c[n] for n in names)).where(~sa.exists().where(same))
        added = sa.select(*(staged.c[n] for n in names)).where(*(test(staged) for test in only))
        return kept.union_all(added).subquery()

    def touched(self) -> sa.Select[Any]:
        """Months whose facts and rollups are worked out again."""
        return sa.select(touched_table(self.staging).c.month)


def touched_table(staging: Staging) -> sa.Table:
    """One row a month that the change touches."""
    return staging.table("touched", [sa.Column("month", sa.Date)])


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


def leaf_table(staging: Staging, kind: EventKind) -> sa.Table:
    """The segment of each combination of a kind's dimensions."""
    columns = [sa.Column(name, sa.String) for name in kind.dimensions]
    return staging.table(f"leaf_{kind.id}", [*columns, sa.Column("segment_id", sa.Integer)])


def derive_facts(change: Change, kind: EventKind) -> None:
    """Fill ``fresh`` for a kind's touched months, then stage what differs from the store."""
    connection, staging = change.connection, change.staging
    fresh = fresh_table(staging)
    staging.create(connection, fresh)
    _place(change, kind)
    _count_days(change, kind, fresh)
    _count_stocks(change, kind, fresh)
    minutes = kind
    if kind.id in _SPAN_KINDS:
        minutes = change.catalogue.events["outage"]
        _count_minutes(change, minutes, fresh)
    names = [f"{kind.id}.{name}" for name in kind.counters]
    names += [f"{minutes.id}.{name}" for name in minutes.counters]
    _stage_differences(change, fresh, sorted(set(names)))


def _on_leaf(
    query: sa.FromClause, leaf: sa.Table, dimensions: Sequence[str]
) -> sa.ColumnElement[bool]:
    if not dimensions:
        return sa.true()
    return sa.and_(*(query.c[d].is_not_distinct_from(leaf.c[d]) for d in dimensions))


def placed_table(staging: Staging, kind: EventKind) -> sa.Table:
    """Effective events near the touched months: their segment, and the day of each instant."""
    days: list[sa.Column[Any]] = [
        sa.Column(counters.day_column(name), sa.Date) for name in counters.counted_instants(kind)
    ]
    kept: list[sa.Column[Any]] = [
        sa.Column(name, tables.column_type(kind.columns[name]))
        for name in counters.counted_columns(kind)
    ]
    segment = sa.Column("segment_id", sa.Integer)
    return staging.table(f"placed_{kind.id}", [segment, *days, *kept])


def _place(change: Change, kind: EventKind) -> None:
    """Work out once which segment and which days events count in, for all who count them.

    Values that are ranked are ranked over whole years and weeks, so their events are wanted that
    far. Nothing is done when enough is there already.
    """
    reach = _reach(change, Grain.YEAR if _ranked_metrics(change, kind) else Grain.MONTH)
    instants = counters.counted_instants(kind)
    placed, leaf = placed_table(change.staging, kind), leaf_table(change.staging, kind)
    if kind.id in change.placed and change.placed[kind.id] == reach:
        return
    change.placed[kind.id] = reach
    change.staging.create(change.connection, placed)
    if reach is None or not instants:
        return
    start, end = spans.utc_bounds(*reach, change.zone)
    events = change.events(kind)
    days = [counters.local_day(events.c[name], change.zone) for name in instants]
    kept = [events.c[c.name] for c in placed.c if c.name in events.c]
    near = sa.or_(*(sa.and_(events.c[n] >= start, events.c[n] < end) for n in instants))
    rows = (
        sa.select(leaf.c.segment_id, *days, *kept)
        .select_from(events.join(leaf, _on_leaf(events, leaf, kind.dimensions)))
        .where(near)
    )
    change.connection.execute(placed.insert().from_select([c.name for c in placed.c], rows))


def _reach(change: Change, grain: Grain) -> tuple[date, date] | None:
    """First and last day of the touched months, for years with the weeks that overlap them."""
    touched = touched_table(change.staging)
    start = change.catalogue.organisation.year_starts_in
    first, last = change.connection.execute(
        sa.select(
            *(
                rollups.period_start(edge(touched.c.month), grain, year_starts_in=start)
                for edge in (sa.func.min, sa.func.max)
            )
        )
    ).one()
    if first is None:
        return None
    if grain is Grain.MONTH:
        return first, last_day(last)
    week = timedelta(days=6)
    return first - week, last_day(add_months(last, 11)) + week


def _count_days(change: Change, kind: EventKind, fresh: sa.Table) -> None:
    placed = placed_table(change.staging, kind)
    for query in counters.daily_counts(kind, placed, months=change.touched()):
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
            .join(leaf, _on_leaf(moves, leaf, kind.dimensions))
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
            .join(leaf, _on_leaf(daily, leaf, kind.dimensions))
            .where(counters.month_of(daily.c.day).in_(change.touched()))
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
    stored = effective(fact, tables.FACT_KEY, change.tick, fact.c.part.in_(parts))
    reach = sa.or_(stored.c.part.in_(stocks), counters.month_of(stored.c.day).in_(change.touched()))
    old = sa.select(stored).where(stored.c.grain == Grain.DAY.value, reach).subquery()
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
    month = counters.month_of(staged.c.day)
    rows = sa.select(month).where(month.not_in(sa.select(touched.c.month))).distinct()
    change.connection.execute(touched.insert().from_select(["month"], rows))


def derive_rollups(change: Change, kinds: Iterable[EventKind], parts: Iterable[str]) -> None:
    """Stage every rollup that differs once the change is made.

    Args:
        change: With events and facts staged.
        kinds: Event kinds whose values the affected metrics rank; their events are placed.
        parts: Names of facts that changed.
    """
    metrics = _affected(change.catalogue, parts)
    ids = {metric.id for metric in metrics}
    ranked = [r for kind in kinds for r in _ranked_metrics(change, kind) if r[0].id in ids]
    fresh, affected = _rollup_table(change.staging), _affected_table(change.staging)
    change.staging.create(change.connection, fresh, affected)
    if metrics:
        rows = [{"metric": metric.id} for metric in metrics]
        change.connection.execute(affected.insert(), rows)
    _fold(change, metrics, fresh, (Grain.WEEK, Grain.MONTH))
    if ranked:
        _stage_calendar(change)
    _rank(change, ranked, (Grain.WEEK, Grain.MONTH), fresh)
    _stage_rollups(change, fresh, (Grain.WEEK, Grain.MONTH))
    change.staging.create(change.connection, fresh)
    _fold_longer(change, metrics, fresh)
    _fold(change, metrics, fresh, (Grain.QUARTER,))
    _rank(change, ranked, (Grain.QUARTER, Grain.YEAR), fresh)
    _stage_rollups(change, fresh, (Grain.QUARTER, Grain.YEAR))


def ranked_kinds(catalogue: Catalogue, parts: Iterable[str]) -> list[EventKind]:
    """Kinds whose events are ranked by the metrics that a change of ``parts`` affects."""
    owners = {
        (metric.measure.value or "").partition(".")[0]
        for metric in _affected(catalogue, parts)
        if metric.measure.fold in _RANKED
    }
    return [kind for name, kind in catalogue.events.items() if name in owners]


def _affected(catalogue: Catalogue, parts: Iterable[str]) -> list[Metric]:
    named = set(parts)
    using = {m.id: m for m in catalogue.metrics_using(named)}
    using |= {i: catalogue.metrics[i] for i in named if i in catalogue.metrics}
    return list(using.values())


def _affected_table(staging: Staging) -> sa.Table:
    """One row a metric whose rollups may change."""
    return staging.table("affected", [sa.Column("metric", sa.String)])


def _rollup_table(staging: Staging) -> sa.Table:
    columns = [c for c in tables.rollup.columns if c.name not in ("batch_id", "is_update")]
    return staging.table("fresh_rollup", [sa.Column(c.name, c.type) for c in columns])


def _fold(
    change: Change, metrics: Sequence[Metric], fresh: sa.Table, grains: Sequence[Grain]
) -> None:
    """Fold facts into periods; a stated quarter replaces what its months fold to."""
    uses = [use for m in metrics for use in rollups.part_uses(change.catalogue, m)]
    if not uses:
        return
    part_names = sorted({use.part for use in uses})
    names = [c.name for c in fresh.c]
    segments, parts = (change.staging.like(t) for t in (tables.segment, tables.segment_part))
    for grain in grains:
        facts = change.facts(partial(_of_parts, names=part_names), _by_day(_near(change, grain)))
        folded = rollups.folded_parts(uses, facts, segments, parts, grain=grain)
        rows = rollups.finished(folded, metrics, grain=grain)
        if grain is not Grain.QUARTER:
            change.connection.execute(fresh.insert().from_select(names, rows))
            continue
        stated = change.staging.table("stated", [sa.Column(c.name, c.type) for c in fresh.c])
        change.staging.create(change.connection, stated)
        change.connection.execute(stated.insert().from_select(names, rows))
        _replace(change, fresh, stated)


def _replace(change: Change, fresh: sa.Table, better: sa.Table) -> None:
    """Rows of ``better`` into ``fresh``, in place of those with the same key."""
    same = sa.exists().where(*(better.c[k] == fresh.c[k] for k in tables.ROLLUP_KEY))
    change.connection.execute(sa.delete(fresh).where(same))
    names = [c.name for c in fresh.c]
    change.connection.execute(fresh.insert().from_select(names, sa.select(better)))


def _of_parts(facts: sa.FromClause, names: Sequence[str]) -> sa.ColumnElement[bool]:
    return facts.c.part.in_(names)


def _by_day(
    near: Callable[[sa.ColumnElement[Any]], sa.ColumnElement[bool]],
) -> Callable[[sa.FromClause], sa.ColumnElement[bool]]:
    return lambda facts: near(facts.c.day)


def _near(
    change: Change, grain: Grain
) -> Callable[[sa.ColumnElement[Any]], sa.ColumnElement[bool]]:
    """Whether a day belongs to a period of ``grain`` that overlaps a touched month."""
    touched = touched_table(change.staging)
    start = change.catalogue.organisation.year_starts_in

    def week(day: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
        monday = rollups.week_of(day)
        months = sa.select(touched.c.month)
        sunday = sa.cast(monday + sa.literal_column("6"), sa.Date)
        return sa.or_(counters.month_of(monday).in_(months), counters.month_of(sunday).in_(months))

    def longer(day: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
        periods = sa.select(rollups.period_start(touched.c.month, grain, year_starts_in=start))
        return rollups.period_start(day, grain, year_starts_in=start).in_(periods)

    return week if grain is Grain.WEEK else longer


def _ranked_metrics(change: Change, kind: EventKind) -> list[Ranked]:
    found = []
    for metric in change.catalogue.metrics.values():
        owner, _, name = (metric.measure.value or "").partition(".")
        counter = kind.counters.get(name) if owner == kind.id else None
        if metric.measure.fold in _RANKED and isinstance(counter, Counter):
            found.append((metric, kind, counter))
    return found


def calendar_table(staging: Staging) -> sa.Table:
    """One row a grain and day of the periods that are worked out again: the period."""
    day, period = sa.Column("day", sa.Date), sa.Column("period", sa.Date)
    return staging.table("calendar", [sa.Column("grain", sa.String), day, period])


def _stage_calendar(change: Change) -> None:
    """Work out once in which periods a day lies: asking it of every event takes longer."""
    calendar, reach = calendar_table(change.staging), _reach(change, Grain.YEAR)
    change.staging.create(change.connection, calendar)
    if reach is None:
        return
    start = change.catalogue.organisation.year_starts_in
    one_day: sa.ColumnElement[Any] = sa.literal_column("INTERVAL 1 DAY")
    instants = sa.func.generate_series(
        *(sa.cast(sa.literal(day), sa.TIMESTAMP) for day in reach), one_day
    )
    day = sa.select(sa.cast(sa.func.unnest(instants), sa.Date).label("day")).subquery().c.day
    rows = sa.union_all(
        *(
            sa.select(
                sa.literal(grain.value), day, rollups.period_start(day, grain, year_starts_in=start)
            ).where(_near(change, grain)(day))
            for grain in (Grain.WEEK, Grain.MONTH, Grain.QUARTER, Grain.YEAR)
        )
    )
    change.connection.execute(calendar.insert().from_select(["grain", "day", "period"], rows))


def _rank(
    change: Change, ranked: Sequence[Ranked], grains: Sequence[Grain], fresh: sa.Table
) -> None:
    """Medians and quantiles straight from events; they replace a number that was imported."""
    if not ranked:
        return
    names = [c.name for c in fresh.c]
    placings = change.staging.table("ranked", [sa.Column(c.name, c.type) for c in fresh.c])
    change.staging.create(change.connection, placings)
    for metric, kind, counter in ranked:
        _place(change, kind)
        values = counters.event_values(counter, placed_table(change.staging, kind)).subquery()
        for grain in grains:
            rows = rollups.quantiles(
                values,
                calendar_table(change.staging),
                change.staging.like(tables.segment_part),
                metric,
                grain=grain,
            )
            change.connection.execute(placings.insert().from_select(names, rows))
    _replace(change, fresh, placings)


def _fold_longer(change: Change, metrics: Sequence[Metric], fresh: sa.Table) -> None:
    if not metrics:
        return
    months = change.months()
    ids = [m.id for m in metrics]
    for grain in (Grain.QUARTER, Grain.YEAR):
        near = _near(change, grain)
        some = (
            sa.select(months)
            .where(
                months.c.metric.in_(ids),
                months.c.numerator.is_not(None),
                near(months.c.period),
            )
            .subquery()
        )
        rows = rollups.longer_periods(some, change.catalogue, metrics, grain=grain)
        change.connection.execute(fresh.insert().from_select([c.name for c in fresh.c], rows))


def _stage_rollups(change: Change, fresh: sa.Table, grains: Sequence[Grain]) -> None:
    """Stage new and changed rollups, and NULL where a value no longer exists."""
    rollup = tables.rollup
    names = [g.value for g in grains]
    stored = effective(rollup, tables.ROLLUP_KEY, change.tick, rollup.c.grain.in_(names))
    affected = sa.select(_affected_table(change.staging).c.metric)
    tests = [
        sa.and_(stored.c.grain == grain.value, _near(change, grain)(stored.c.period))
        for grain in grains
    ]
    old = sa.select(stored).where(stored.c.metric.in_(affected), sa.or_(*tests)).subquery()
    same = sa.and_(*(fresh.c[k] == old.c[k] for k in tables.ROLLUP_KEY))
    measured = ("numerator", "denominator", "value", "days")
    has_changed = sa.or_(*(differs(fresh.c[n], old.c[n]) for n in measured))
    key = [sa.func.coalesce(fresh.c[k], old.c[k]).label(k) for k in tables.ROLLUP_KEY]
    changed = (
        sa.select(*key, *(fresh.c[n] for n in measured))
        .select_from(fresh.join(old, same, full=True))
        .where(has_changed)
        .subquery()
    )
    versions = rollup.alias("versions")
    existed = sa.exists().where(*(versions.c[k] == changed.c[k] for k in tables.ROLLUP_KEY))
    rows = sa.select(
        *(changed.c[k] for k in tables.ROLLUP_KEY),
        *(changed.c[n] for n in measured),
        sa.literal(change.batch_id),
        existed,
    )
    columns = [c.name for c in rollup.columns]
    change.connection.execute(change.staging.like(rollup).insert().from_select(columns, rows))

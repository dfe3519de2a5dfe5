"""Which segment and which days events count in, worked out once for all who count them."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from kpi_engine.catalogue.events import Counter, EventKind
from kpi_engine.catalogue.metrics import Metric
from kpi_engine.periods import add_months, last_day
from kpi_engine.store import counters, spans, tables
from kpi_engine.store.change import Change, leaf_table, touched_table
from kpi_engine.store.staging import Staging
from kpi_engine.terms import Fold, Grain

RANKED = (Fold.MEDIAN, Fold.QUANTILE)
Ranked = tuple[Metric, EventKind, Counter]
"""A metric that ranks the values of a counter, and the kind of event that has them."""


def on_leaf(
    query: sa.FromClause, leaf: sa.Table, dimensions: Sequence[str]
) -> sa.ColumnElement[bool]:
    """Joins events to the segment of their dimensions."""
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


def place(change: Change, kind: EventKind) -> None:
    """Work out once which segment and which days events count in, for all who count them.

    Values that are ranked are ranked over whole years and weeks, so their events are wanted that
    far. Nothing is done when enough is there already.
    """
    reach = reach_of(change, Grain.YEAR if ranked_metrics(change, kind) else Grain.MONTH)
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
        .select_from(events.join(leaf, on_leaf(events, leaf, kind.dimensions)))
        .where(near)
    )
    change.connection.execute(placed.insert().from_select([c.name for c in placed.c], rows))


def reach_of(change: Change, grain: Grain) -> tuple[date, date] | None:
    """First and last day of the touched months, for years with the weeks that overlap them.

    Days that only name a month of such a year are among them.
    """
    touched = touched_table(change.staging)
    first, last = change.connection.execute(
        sa.select(sa.func.min(touched.c.month), sa.func.max(touched.c.month))
    ).one()
    if first is None:
        return None
    if grain is Grain.MONTH:
        return first, last_day(last)
    calendar = change.catalogue.organisation.calendar
    opens = calendar.year_of(calendar.month_of(first))
    ends = add_months(calendar.year_of(calendar.month_of(last_day(last))), 11)
    week = timedelta(days=6)
    return (
        min(opens, calendar.first_day(opens)) - week,
        max(last_day(ends), calendar.last_day(ends)) + week,
    )


def ranked_metrics(change: Change, kind: EventKind) -> list[Ranked]:
    """Metrics that rank values of a kind's events."""
    found = []
    for metric in change.catalogue.metrics.values():
        owner, _, name = (metric.measure.value or "").partition(".")
        counter = kind.counters.get(name) if owner == kind.id else None
        if metric.measure.fold in RANKED and isinstance(counter, Counter):
            found.append((metric, kind, counter))
    return found

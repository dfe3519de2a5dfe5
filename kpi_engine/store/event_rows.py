"""The events behind a count, a stock or a median: those that count, with batch and file."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.events import Counter, EventKind, SpanMinutes, Stock
from kpi_engine.store import spans, tables
from kpi_engine.store.asked_rows import BATCHES, events_view
from kpi_engine.store.counters import counter_value, local_day, stock_span
from kpi_engine.store.versions import Tick, effective

AMOUNT = "counts_for"
"""What a row adds to the number."""
_STATES = {
    "down": ("down",),
    "agreed": ("up", "down"),
    "up": ("up",),
    "planned": ("planned",),
}


def events_of(
    catalogue: Catalogue,
    part: str,
    *,
    first: date,
    last: date,
    tick: Tick | None,
    segment: Mapping[str, str],
    days: Sequence[date] = (),
) -> sa.Select[Any] | None:
    """One row an event that counts: its columns, ``counts_for``, batch and file.

    Minutes of a state are stretches without overlaps; they come from several events, so they have
    no batch of their own.

    Args:
        catalogue: Definitions in force.
        part: A counter of an event kind: ``ticket.resolved``.
        first: First day it counts on.
        last: Last day; a stock counts on this day only.
        tick: The point of the clock; None for a query over the documented views.
        segment: Members; empty for all.
        days: Only these of the days; empty for all of them.

    Returns:
        None for what is no counter.
    """
    name, _, counted = part.partition(".")
    kind = catalogue.events.get(name)
    counter = kind.counters.get(counted) if kind else None
    if kind is None or counter is None:
        return None
    zone = catalogue.organisation.time_zone
    if isinstance(counter, SpanMinutes):
        return _stretches(catalogue, counter, first, last, tick, segment)
    events = _events(kind, tick)
    if isinstance(counter, Stock):
        return _open(kind, counter, events, on=last, segment=segment, zone=zone)
    value = counter_value(counter, events, zone=zone)
    day = local_day(events.c[counter.at], zone)
    query = _listed(kind, events, value, segment).where(
        value.is_not(None), day.between(first, last)
    )
    query = query.where(day.in_(list(days))) if days else query
    return query.order_by(events.c[counter.at], *(events.c[key] for key in kind.key))


def _events(kind: EventKind, tick: Tick | None) -> sa.FromClause:
    """Those that count at a tick; without one, the view of them, which holds no others."""
    return effective(tables.event_table(kind), kind.key, tick) if tick else events_view(kind)


def _open(
    kind: EventKind,
    stock: Stock,
    events: sa.FromClause,
    *,
    on: date,
    segment: Mapping[str, str],
    zone: str,
) -> sa.Select[Any]:
    """Events that are open at the end of a day."""
    counts, opens, closes = stock_span(stock, events, zone=zone)
    query = _listed(kind, events, sa.literal(1.0), segment)
    return query.where(counts, opens <= on, sa.or_(closes.is_(None), closes > on)).order_by(
        events.c[stock.opens], *(events.c[key] for key in kind.key)
    )


def _listed(
    kind: EventKind,
    events: sa.FromClause,
    value: sa.ColumnElement[Any],
    segment: Mapping[str, str],
) -> sa.Select[Any]:
    batch = BATCHES if isinstance(events, sa.Table) else tables.batch
    return (
        sa.select(
            *(events.c[name] for name in kind.columns),
            value.label(AMOUNT),
            events.c.batch_id.label("batch"),
            batch.c.file_name.label("file"),
        )
        .join(batch, batch.c.id == events.c.batch_id)
        .where(*_within(kind, events, segment))
    )


def _within(
    kind: EventKind, events: sa.FromClause, segment: Mapping[str, str]
) -> list[sa.ColumnElement[bool]]:
    """A member of one dimension takes in all with it; several name one combination."""
    if len(segment) < 2:
        return [events.c[name] == member for name, member in segment.items()]
    return [events.c[n].is_not_distinct_from(segment.get(n)) for n in kind.dimensions]


def _stretches(
    catalogue: Catalogue,
    counter: SpanMinutes,
    first: date,
    last: date,
    tick: Tick | None,
    segment: Mapping[str, str],
) -> sa.Select[Any]:
    """Stretches of the states that a counter measures, cut at the first and last day."""
    outages, checks = (catalogue.events[name] for name in ("outage", "check"))
    found = spans.state_intervals(
        _events(outages, tick),
        _events(checks, tick),
        first=first,
        last=last,
        zone=catalogue.organisation.time_zone,
    ).c
    minutes = (sa.func.epoch_us(found.until) - sa.func.epoch_us(found.at)) / 60_000_000.0
    query = (
        sa.select(
            found.service,
            found.state,
            found.at.label("started_at"),
            found.until.label("ended_at"),
            minutes.label(AMOUNT),
        )
        .where(found.state.in_(_STATES[counter.measures]))
        .order_by(found.at, found.service)
    )
    return query.where(found.service == segment["service"]) if "service" in segment else query


def is_ranked(catalogue: Catalogue, part: str) -> bool:
    """Whether a part is a counter whose single values can be ranked."""
    name, _, counted = part.partition(".")
    kind = catalogue.events.get(name)
    return kind is not None and isinstance(kind.counters.get(counted), Counter)

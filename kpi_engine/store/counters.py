"""From events to daily facts and to the values that quantiles rank: counters, compiled."""

from typing import Any

import sqlalchemy as sa

from kpi_engine.catalogue.events import Condition, Counter, EventKind, Stock

_MICROSECONDS = {
    "minutes": 60_000_000.0,
    "hours": 3_600_000_000.0,
    "days": 86_400_000_000.0,
    "wall_days": 86_400_000_000.0,
}


def local_day(instant: sa.ColumnElement[Any], zone: str) -> sa.ColumnElement[Any]:
    """The day an instant (UTC) falls on in ``zone``."""
    return sa.cast(_local(instant, zone), sa.Date)


def local_hour(instant: sa.ColumnElement[Any], zone: str) -> sa.ColumnElement[Any]:
    """Start of the hour an instant (UTC) falls in, by the clock in ``zone``."""
    return sa.func.date_trunc(sa.literal_column("'hour'"), _local(instant, zone))


def _local(instant: sa.ColumnElement[Any], zone: str) -> sa.ColumnElement[Any]:
    """What the clock on the wall in ``zone`` shows at an instant (UTC)."""
    if zone == "UTC":
        return instant
    return sa.func.timezone(zone, sa.func.timezone("UTC", instant))


def exact_sum(numbers: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """A sum that does not depend on the order of its rows: compensated, to nine decimals."""
    return sa.func.round(sa.func.fsum(numbers), 9)


def calendar_month(day: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """First day of the calendar month, the stretch by which changes are worked out again.

    Which days a month of the scorecard has is declared (``periods.month_of``). Facts of days do
    not depend on it, only what they are folded into.
    """
    return sa.cast(sa.func.date_trunc(sa.literal_column("'month'"), day), sa.Date)


def counter_value(counter: Counter, events: sa.FromClause, *, zone: str) -> sa.ColumnElement[Any]:
    """What one event counts for; NULL when it does not count or has nothing to count.

    Args:
        counter: Of a kind of event.
        events: Those of the kind.
        zone: On whose walls days begin: a day in which clocks change is one day too.
    """
    columns = events.c
    if counter.value is None:
        value: sa.ColumnElement[Any] = sa.literal(1.0)
    elif isinstance(counter.value, tuple):
        by = zone if counter.unit == "wall_days" else "UTC"
        start, end = (sa.func.epoch_us(_local(columns[name], by)) for name in counter.value)
        span = end - start
        value = span / sa.literal_column(str(_MICROSECONDS[counter.unit]))
    else:
        value = sa.cast(columns[counter.value], sa.Double)
    if counter.times:
        value = value * sa.func.coalesce(columns[counter.times], 1)
    for name in counter.minus:
        value = value - sa.func.coalesce(columns[name], 0)
    if counter.scale != 1.0:
        value = value * counter.scale
    if not counter.where:
        return value
    return sa.case((_holds(counter.where, events), value))


def _holds(where: dict[str, Condition], events: sa.FromClause) -> sa.ColumnElement[bool]:
    tests: list[sa.ColumnElement[bool]] = []
    for name, condition in where.items():
        column = events.c[name]
        if condition.equals is not None:
            tests.append(column == condition.equals)
        if condition.is_not is not None:
            tests.append(column.is_distinct_from(condition.is_not))
        if condition.is_in is not None:
            tests.append(column.in_(condition.is_in))
        if condition.at_least is not None:
            tests.append(column >= condition.at_least)
        if condition.at_most is not None:
            tests.append(column <= condition.at_most)
        if condition.is_missing is not None:
            tests.append(column.is_(None) if condition.is_missing else column.is_not(None))
    return sa.and_(*tests)


def counted_instants(kind: EventKind) -> list[str]:
    """Instants on whose days events of a kind are counted."""
    plain = [c.at for c in kind.counters.values() if isinstance(c, Counter)]
    return list(dict.fromkeys(plain))


def counted_columns(kind: EventKind) -> list[str]:
    """Columns that decide what an event counts for."""
    used: set[str] = set()
    for counter in kind.counters.values():
        if isinstance(counter, Counter):
            value = counter.value or ()
            used |= {value} if isinstance(value, str) else set(value)
            used |= {*counter.where, *counter.minus, *filter(None, [counter.times])}
    return [name for name in kind.columns if name in used]


def day_column(instant: str) -> str:
    """Name of the column with the day of an instant, where it has been worked out."""
    return f"{instant}_day"


def daily_counts(
    kind: EventKind, placed: sa.FromClause, *, months: sa.Select[Any], zone: str
) -> list[sa.Select[Any]]:
    """One query a counted instant: day, segment_id, and a column a counter.

    Where an event counts on a day, counters that found nothing are 0 there, not missing.

    Args:
        kind: The declared event kind.
        placed: Events with their segment_id and the days of their instants.
        months: Only these months.
        zone: The organisation's.
    """
    by_instant: dict[str, dict[str, Counter]] = {at: {} for at in counted_instants(kind)}
    for name, counter in kind.counters.items():
        if isinstance(counter, Counter):
            by_instant[counter.at][name] = counter
    queries = []
    for instant, counters in by_instant.items():
        day, segment = placed.c[day_column(instant)], placed.c.segment_id
        sums = [_daily_sum(counter, placed, zone).label(name) for name, counter in counters.items()]
        query = sa.select(day.label("day"), segment, *sums).where(calendar_month(day).in_(months))
        queries.append(query.group_by(day, segment))
    return queries


def _daily_sum(counter: Counter, events: sa.FromClause, zone: str) -> sa.ColumnElement[Any]:
    value = counter_value(counter, events, zone=zone)
    return sa.cast(sa.func.count(value), sa.Double) if counter.value is None else exact_sum(value)


def event_values(counter: Counter, placed: sa.FromClause, *, zone: str) -> sa.Select[Any]:
    """One row an event that has a value: day, segment_id, value."""
    value, day = counter_value(counter, placed, zone=zone), placed.c[day_column(counter.at)]
    return sa.select(day.label("day"), placed.c.segment_id, value.label("value")).where(
        day.is_not(None), value.is_not(None)
    )


def stock_changes(
    kind: EventKind, stock: Stock, events: sa.FromClause, *, zone: str
) -> sa.Select[Any]:
    """One row a day, segment: how many more are open at the day's end than the day before.

    An event counts from the day it has been open for longer than ``older_than_days``, to the day
    before it closes.
    """
    counts, first, closes = stock_span(stock, events, zone=zone)
    dims = [events.c[name] for name in kind.dimensions]
    rises = sa.select(first.label("day"), *dims, sa.literal(1).label("change"))
    falls = sa.select(closes.label("day"), *dims, sa.literal(-1).label("change"))
    both = rises.where(counts).union_all(falls.where(counts, closes.is_not(None))).subquery()
    by = [both.c.day, *(both.c[name] for name in kind.dimensions)]
    return sa.select(*by, sa.func.sum(both.c.change).label("change")).group_by(*by)


def stock_span(
    stock: Stock, events: sa.FromClause, *, zone: str
) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[Any], sa.ColumnElement[Any]]:
    """Whether an event ever counts, the first day on which it does, and the day it closes.

    It counts to the day before it closes; without such a day it still does.
    """
    opens = local_day(events.c[stock.opens], zone)
    last = [events.c[name] for name in stock.closes]
    closes = local_day(sa.func.coalesce(*last) if len(last) > 1 else last[0], zone)
    wait = stock.older_than_days + (1 if stock.older_than_days else 0)
    first = sa.cast(opens + sa.literal_column(str(wait)), sa.Date)
    is_over = [sa.func.coalesce(_holds({n: c}, events), False) for n, c in stock.unless.items()]
    counts = sa.and_(
        events.c[stock.opens].is_not(None),
        sa.or_(sa.and_(closes.is_(None), *(~over for over in is_over)), closes > first),
    )
    return counts, first, closes


def last_instant(kind: EventKind, events: sa.FromClause, *, zone: str) -> sa.Select[Any]:
    """The last day on which anything is known to have happened."""
    instants = [name for name, of in kind.columns.items() if of == "instant"]
    latest = [sa.func.max(events.c[name]) for name in instants]
    return sa.select(local_day(sa.func.greatest(*latest), zone))

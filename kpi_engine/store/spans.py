"""When services were up, down or in planned maintenance, from spans and from single checks.

Overlaps count once: at every instant planned beats down, and down beats up. A check says the state
until the next check of the same service, but for at most 24 hours. A service of which outages are
listed counts as watched from the first to the last month of its list, in every month in which
neither checks nor "up" spans say what was watched.
"""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from kpi_engine.store.counters import calendar_month, exact_sum, local_day

CHECK_HOLDS_HOURS = 24
_MINUTE: sa.ColumnElement[Any] = sa.literal_column("60000000.0")


def utc_bounds(first: date, last: date, zone: str) -> tuple[datetime, datetime]:
    """Start of ``first`` and end of ``last`` in ``zone``, as UTC without a zone mark."""
    local = ZoneInfo(zone)
    edges = (
        datetime.combine(day, time(), tzinfo=local).astimezone(ZoneInfo("UTC")).replace(tzinfo=None)
        for day in (first, last + timedelta(days=1))
    )
    start, end = edges
    return start, end


def state_intervals(
    outages: sa.FromClause,
    checks: sa.FromClause,
    *,
    first: date,
    last: date,
    zone: str,
) -> sa.Subquery:
    """One row an interval of one service in one state, without overlaps: service, at, until, state.

    Args:
        outages: Effective ``outage`` events.
        checks: Effective ``check`` events.
        first: Intervals are clipped to start on this day (in ``zone``) or later.
        last: ... and to end with this day.
        zone: The organisation's zone.
    """
    start, end = utc_bounds(first, last, zone)
    spans = _spans(outages, checks, start=start, end=end, zone=zone)
    edges = _edges(spans, start=start, end=end)
    swept = sa.select(
        edges.c.service,
        edges.c.at,
        _in_turn(sa.func.lead(edges.c.at), edges).label("until"),
        *(_in_turn(sa.func.sum(edges.c[s]), edges).label(s) for s in ("up", "down", "planned")),
    ).subquery()
    state = sa.case((swept.c.planned > 0, "planned"), (swept.c.down > 0, "down"), else_="up")
    return (
        sa.select(swept.c.service, swept.c.at, swept.c.until, state.label("state"))
        .where(swept.c.until.is_not(None), swept.c.up + swept.c.down + swept.c.planned > 0)
        .subquery()
    )


def _in_turn(function: sa.FunctionElement[Any], edges: sa.Subquery) -> sa.ColumnElement[Any]:
    """A window over one service's edges in time order."""
    return function.over(partition_by=edges.c.service, order_by=edges.c.at)


def _spans(
    outages: sa.FromClause, checks: sa.FromClause, *, start: datetime, end: datetime, zone: str
) -> sa.Subquery:
    """Spans of all origins that overlap ``start`` to ``end``."""
    listed = sa.select(
        outages.c.service,
        outages.c.started_at.label("at"),
        outages.c.ended_at.label("until"),
        outages.c.state,
    ).where(outages.c.ended_at > start, outages.c.started_at < end)
    return listed.union_all(
        _checked(checks, start=start, end=end),
        _watched(outages, checks, start=start, end=end, zone=zone),
    ).subquery()


def _checked(checks: sa.FromClause, *, start: datetime, end: datetime) -> sa.Select[Any]:
    """The span each check speaks for; the last check of a service speaks for none yet."""
    reach = timedelta(hours=CHECK_HOLDS_HOURS)
    hold: sa.ColumnElement[Any] = sa.literal_column(f"INTERVAL {CHECK_HOLDS_HOURS} HOUR")
    following = sa.func.lead(checks.c.checked_at).over(
        partition_by=checks.c.service, order_by=checks.c.checked_at
    )
    until = sa.func.least(following, checks.c.checked_at + hold)
    near = (
        sa.select(
            checks.c.service,
            checks.c.checked_at.label("at"),
            until.label("until"),
            sa.case((checks.c.is_up, "up"), else_="down").label("state"),
        )
        .where(checks.c.checked_at >= start - reach, checks.c.checked_at < end + reach)
        .subquery()
    )
    last = last_checks(checks)
    return sa.select(near).where(
        ~sa.exists().where(last.c.service == near.c.service, last.c.checked_at == near.c.at)
    )


def last_checks(checks: sa.FromClause) -> sa.Subquery:
    """One row a service: the instant of its last check."""
    at = sa.func.max(checks.c.checked_at).label("checked_at")
    return sa.select(checks.c.service, at).group_by(checks.c.service).subquery()


def _watched(
    outages: sa.FromClause,
    checks: sa.FromClause,
    *,
    start: datetime,
    end: datetime,
    zone: str,
) -> sa.Select[Any]:
    """A span "up" over each month of an outage list in which nothing else says what was watched."""
    month: sa.ColumnElement[Any] = sa.literal_column("INTERVAL 1 MONTH")
    listed = listed_months(outages, zone=zone)
    said = _said_months(outages, checks, start=start, end=end, zone=zone)
    same = sa.and_(said.c.service == listed.c.service, said.c.month == listed.c.month)
    local = sa.cast(listed.c.month, sa.TIMESTAMP)

    def to_utc(instant: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
        return sa.func.timezone("UTC", sa.func.timezone(zone, instant))

    return sa.select(
        listed.c.service,
        to_utc(local).label("at"),
        to_utc(local + month).label("until"),
        sa.literal("up").label("state"),
    ).where(~sa.exists().where(same))


def listed_months(outages: sa.FromClause, *, zone: str) -> sa.Subquery:
    """One row a service and month, from the first to the last month of its list of spans."""
    before_midnight: sa.ColumnElement[Any] = sa.literal_column("INTERVAL 1 MICROSECOND")
    last_moment = sa.func.greatest(outages.c.ended_at - before_midnight, outages.c.started_at)
    first = calendar_month(local_day(sa.func.min(outages.c.started_at), zone))
    last = calendar_month(local_day(sa.func.max(last_moment), zone))
    one_month: sa.ColumnElement[Any] = sa.literal_column("INTERVAL 1 MONTH")
    months = sa.func.generate_series(
        sa.cast(first, sa.TIMESTAMP), sa.cast(last, sa.TIMESTAMP), one_month
    )
    reach = sa.select(outages.c.service, months.label("months")).group_by(outages.c.service)
    spread = reach.subquery()
    month = sa.cast(sa.func.unnest(spread.c.months), sa.Date)
    return sa.select(spread.c.service, month.label("month")).subquery()


def _said_months(
    outages: sa.FromClause,
    checks: sa.FromClause,
    *,
    start: datetime,
    end: datetime,
    zone: str,
) -> sa.Subquery:
    """One row a service and month in which checks or "up" spans say what was watched."""
    ups = sa.and_(outages.c.state == "up", outages.c.ended_at > start, outages.c.started_at < end)
    checked = sa.and_(checks.c.checked_at >= start, checks.c.checked_at < end)
    return sa.union(
        *(
            sa.select(
                outages.c.service, calendar_month(local_day(outages.c[edge], zone)).label("month")
            ).where(ups)
            for edge in ("started_at", "ended_at")
        ),
        sa.select(checks.c.service, calendar_month(local_day(checks.c.checked_at, zone))).where(
            checked
        ),
    ).subquery()


def _edges(spans: sa.Subquery, *, start: datetime, end: datetime) -> sa.Subquery:
    """One row a service and instant: how many spans of each state begin less how many end."""
    opens = sa.func.greatest(spans.c.at, start)
    closes = sa.func.least(spans.c.until, end)
    overlaps = sa.and_(spans.c.until > start, spans.c.at < end, spans.c.until > spans.c.at)
    both = (
        sa.select(spans.c.service, opens.label("at"), spans.c.state, sa.literal(1).label("step"))
        .where(overlaps)
        .union_all(
            sa.select(spans.c.service, closes.label("at"), spans.c.state, sa.literal(-1)).where(
                overlaps
            )
        )
        .subquery()
    )
    sums = (
        sa.func.coalesce(sa.func.sum(sa.case((both.c.state == s, both.c.step))), 0).label(s)
        for s in ("up", "down", "planned")
    )
    return (
        sa.select(both.c.service, both.c.at, *sums).group_by(both.c.service, both.c.at).subquery()
    )


def daily_minutes(intervals: sa.Subquery, *, zone: str) -> sa.Select[Any]:
    """One row a day and service: minutes down, agreed (watched, not planned), up and planned.

    Days have the length they have in ``zone``: 23, 24 or 25 hours.
    """
    i = intervals.c
    one_us: sa.ColumnElement[Any] = sa.literal_column("INTERVAL 1 MICROSECOND")
    one_day: sa.ColumnElement[Any] = sa.literal_column("INTERVAL 1 DAY")
    days = sa.func.unnest(
        sa.func.generate_series(
            sa.cast(local_day(i.at, zone), sa.TIMESTAMP),
            sa.cast(local_day(i.until - one_us, zone), sa.TIMESTAMP),
            one_day,
        )
    )
    pieces = sa.select(i.service, i.at, i.until, i.state, days.label("local_start")).subquery()

    def utc(local: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
        return sa.func.timezone("UTC", sa.func.timezone(zone, local))

    starts = sa.func.greatest(pieces.c.at, utc(pieces.c.local_start))
    ends = sa.func.least(pieces.c.until, utc(pieces.c.local_start + one_day))
    minutes = (sa.func.epoch_us(ends) - sa.func.epoch_us(starts)) / _MINUTE
    day = sa.cast(pieces.c.local_start, sa.Date)

    def total(*states: str) -> sa.ColumnElement[Any]:
        return sa.func.coalesce(exact_sum(sa.case((pieces.c.state.in_(states), minutes))), 0.0)

    return sa.select(
        day.label("day"),
        pieces.c.service,
        total("down").label("down"),
        total("up", "down").label("agreed"),
        total("up").label("up"),
        total("planned").label("planned"),
    ).group_by(day, pieces.c.service)


def to_local(instant: sa.ColumnElement[Any], zone: str) -> sa.ColumnElement[Any]:
    """A UTC instant as the clock on the wall in ``zone`` shows it."""
    if zone == "UTC":
        return instant
    return sa.func.timezone(zone, sa.func.timezone("UTC", instant))


def is_local_midnight(instant: sa.ColumnElement[Any], zone: str) -> sa.ColumnElement[bool]:
    """Whether a day begins in ``zone`` at an instant (UTC)."""
    local = to_local(instant, zone)
    return sa.func.date_trunc(sa.literal_column("'day'"), local) == local


def merged_down(intervals: sa.Subquery) -> sa.Subquery:
    """One row an unbroken stretch of downtime: service, started_at, ended_at (UTC)."""
    i = intervals.c
    before = sa.func.lag(i.until).over(partition_by=i.service, order_by=i.at)
    starts = sa.case((before.is_not_distinct_from(i.at), 0), else_=1)
    down = sa.select(i.service, i.at, i.until, starts.label("starts")).where(i.state == "down")
    marked = down.subquery()
    number = sa.func.sum(marked.c.starts).over(partition_by=marked.c.service, order_by=marked.c.at)
    numbered = sa.select(*marked.c, number.label("number")).subquery()
    n = numbered.c
    return (
        sa.select(
            n.service,
            sa.func.min(n.at).label("started_at"),
            sa.func.max(n.until).label("ended_at"),
        )
        .group_by(n.service, n.number)
        .subquery()
    )

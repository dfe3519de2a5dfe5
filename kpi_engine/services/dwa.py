"""Demand-weighted availability (N6), worked out in one place: the same number everywhere."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from hashlib import sha256

import pandas as pd

from kpi_engine.catalogue.links import LostOrders
from kpi_engine.mapping.demand import DEFAULT_CONFIG, Demand, expected_demand
from kpi_engine.mapping.impact import (
    Outage,
    expected_orders_in_outage,
    joined,
    outages_between,
)
from kpi_engine.services.look import Look
from kpi_engine.store import reads
from kpi_engine.terms import Grain

DWA = "it.dwa"
AVAILABILITY = "it.availability"
ORDERS = "biz.orders"
INPUTS = (AVAILABILITY, ORDERS)
"""Whose figures move with it: nothing is stored of its own."""
BASELINE = timedelta(days=7 * DEFAULT_CONFIG.baseline_weeks)

_Row = tuple[str, date, float, float, float, int]
_ROWS: dict[bytes, _Row | None] = {}
"""What was worked out in this process, by all that it is made of; the oldest goes first."""
_MOST_ROWS = 10_000
_LOCK = threading.Lock()


def read_dwa(look: Look, *, first: date, last: date, segment: Mapping[str, str]) -> pd.DataFrame:
    """Demand-weighted availability of each month from ``first`` to ``last``.

    The share of expected orders that fell into time when the shop was up. A month in which
    nobody watched the shop, or in which nothing was ordered, has no row: not watching is not
    being up. The open month counts up to its last day with orders.

    Args:
        look: At the store; its links say which services orders depend on.
        first: First month.
        last: Last month, included.
        segment: Which service must be up; empty means the ones that orders depend on. While
            no link says which these are, no month has a row, unless only one is watched.

    Returns:
        The columns of ``read_values``: expected orders in open time over all expected orders;
        days are days with orders that were also watched.
    """
    services = [segment] if segment else order_services(look)
    watched = watched_days(look, first=first, last=last, services=services)
    if not watched:
        return pd.DataFrame(columns=reads.VALUE_COLUMNS)
    bounds = {month: look.calendar.bounds(month) for month in watched}
    start, closing = bounds[min(watched)][0] - BASELINE, bounds[max(watched)][1]
    orders = look.order_hours(first=start, last=closing)
    spans = read_service_spans(look, first=start, last=closing, services=services)
    holidays = look.holidays(first=start, last=closing)
    orders = orders.sort_values("hour")
    rows = [
        _Month(
            month=month,
            bounds=bounds[month],
            orders=_around(bounds[month], orders, orders["hour"]),
            spans=spans.loc[_touching(bounds[month], spans)],
            holidays=holidays,
            watched=days,
            zone=look.zone,
        ).row()
        for month, days in sorted(watched.items())
    ]
    return pd.DataFrame([row for row in rows if row is not None], columns=reads.VALUE_COLUMNS)


def read_dwa_outages(look: Look, *, month: date, segment: Mapping[str, str]) -> pd.DataFrame:
    """What a month's availability lacks: one row an outage of the services that orders depend on.

    Columns: started_at, ended_at (UTC, no zone mark) and counts_for, the orders that were expected
    in it.
    """
    columns = ["started_at", "ended_at", "counts_for"]
    services = [segment] if segment else order_services(look)
    watched = watched_days(look, first=month, last=month, services=services)
    if month not in watched:
        return pd.DataFrame(columns=columns)
    bounds = look.calendar.bounds(month)
    start, closing = bounds[0] - BASELINE, bounds[1]
    orders = look.order_hours(first=start, last=closing).sort_values("hour")
    spans = read_service_spans(look, first=start, last=closing, services=services)
    made = _Month(
        month=month,
        bounds=bounds,
        orders=_around(bounds, orders, orders["hour"]),
        spans=spans.loc[_touching(bounds, spans)],
        holidays=look.holidays(first=start, last=closing),
        watched=watched[month],
        zone=look.zone,
    )
    return pd.DataFrame(made.outages(), columns=columns)


def _around(bounds: tuple[date, date], orders: pd.DataFrame, hours: pd.Series) -> pd.DataFrame:
    """Hours of a month and its baseline, of all hours in their order."""
    first, last = bounds
    ends = pd.Timestamp(first - BASELINE), pd.Timestamp(last + timedelta(days=1))
    low, high = hours.searchsorted(ends)
    return orders.iloc[low:high]


def _touching(bounds: tuple[date, date], spans: pd.DataFrame) -> pd.Series:
    """Which outages lie near a month and its baseline; a day's room covers any time zone."""
    first, last = bounds[0] - BASELINE - timedelta(days=1), bounds[1] + timedelta(days=2)
    return (spans["ended_at"] >= pd.Timestamp(first)) & (spans["started_at"] < pd.Timestamp(last))


def order_services(look: Look) -> tuple[dict[str, str], ...]:
    """The services that orders depend on, as the lost-orders links declare; each once.

    Empty when no link names one: not every service that is watched stops orders. Where only one
    is watched, it is that one.
    """
    declared = [
        dict(link.counting.service)
        for link in look.catalogue.links.values()
        if isinstance(link.counting, LostOrders) and link.counting.service
    ]
    unique = [one for place, one in enumerate(declared) if one not in declared[:place]]
    if unique or len(look.watched_services()) > 1:
        return tuple(unique)
    return ({},)


def read_service_spans(
    look: Look, *, first: date, last: date, services: Sequence[Mapping[str, str]]
) -> pd.DataFrame:
    """Unplanned outages of some services; an empty one stands for all."""
    frames = [look.down_spans(first=first, last=last, segment=service) for service in services]
    return frames[0] if len(frames) == 1 else pd.concat(frames, ignore_index=True)


def watched_days(
    look: Look, *, first: date, last: date, services: Sequence[Mapping[str, str]]
) -> dict[date, int]:
    """Days of each month on which the availability of any of some services was measured."""
    found: dict[date, int] = {}
    for service in services:
        frame = reads.read_values(
            look.conn,
            metrics=[AVAILABILITY],
            grain=Grain.MONTH,
            first=first,
            last=last,
            as_of=look.as_of,
            segment=service,
        )
        for row in frame.itertuples(index=False):
            if not pd.isna(row.value):
                days = 31 if pd.isna(row.days) else int(row.days)
                found[row.period] = max(days, found.get(row.period, 0))
    return found


def last_order_day(orders: pd.DataFrame, *, first: date, last: date) -> date | None:
    """The last day of a month with an order, None without any: later days are not known yet."""
    after = pd.Timestamp(last + timedelta(days=1))
    hours = orders.loc[(orders["hour"] >= pd.Timestamp(first)) & (orders["hour"] < after), "hour"]
    return None if hours.empty else datetime.fromisoformat(hours.max().isoformat()).date()


@dataclass(frozen=True, kw_only=True)
class _Month:
    """All that a month's availability is made of.

    Attributes:
        bounds: First and last day of the month.
        orders: Hours of the month and its baseline.
        spans: Outages near them.
        watched: Days on which the shop was watched.
    """

    month: date
    bounds: tuple[date, date]
    orders: pd.DataFrame
    spans: pd.DataFrame
    holidays: frozenset[date]
    watched: int
    zone: tzinfo

    def row(self) -> _Row | None:
        """The month's row; worked out once for the same orders, outages and days.

        Every page asks for the same three years, of which hardly a month ever changes.
        """
        key = self._digest()
        with _LOCK:
            if key in _ROWS:
                return _ROWS[key]
        row = self._worked_out()
        with _LOCK:
            while len(_ROWS) >= _MOST_ROWS:
                del _ROWS[next(iter(_ROWS))]
            _ROWS[key] = row
        return row

    def _digest(self) -> bytes:
        said = (self.month, self.bounds, sorted(self.holidays), self.watched, str(self.zone))
        digest = sha256(repr(said).encode())
        for frame in (self.orders, self.spans):
            digest.update(pd.util.hash_pandas_object(frame, index=False).to_numpy().tobytes())
        return digest.digest()

    def outages(self) -> list[tuple[datetime, datetime, float]]:
        """Start, end and expected orders of each stretch in which something was down."""
        found = self._expected()
        if found is None:
            return []
        _, demand, outages = found
        return [
            (one.started_at, one.ended_at, demand.between(one.started_at, one.ended_at)[0])
            for one in joined(outages)
        ]

    def _expected(self) -> tuple[date, Demand, tuple[Outage, ...]] | None:
        """The last day with orders, what was expected to it, and when something was down."""
        zone, orders, spans = self.zone, self.orders, self.spans
        first, end = self.bounds
        last = last_order_day(orders, first=first, last=end)
        if last is None:
            return None
        demand = expected_demand(
            orders, spans, first=first, last=last, holidays=self.holidays, zone=zone
        )
        if demand.total <= 0:
            return None
        return last, demand, tuple(outages_between(spans, first=first, last=last, zone=zone))

    def _worked_out(self) -> _Row | None:
        found = self._expected()
        if found is None:
            return None
        month, orders, (first, _) = self.month, self.orders, self.bounds
        last, demand, outages = found
        down = expected_orders_in_outage(demand, outages)
        up = max(0.0, demand.total - down)
        after = pd.Timestamp(last + timedelta(days=1))
        ordered = orders.loc[(orders["hour"] >= pd.Timestamp(first)) & (orders["hour"] < after)]
        days = min(self.watched, int(ordered["hour"].dt.normalize().nunique()))
        return DWA, month, up, demand.total, up / demand.total, days

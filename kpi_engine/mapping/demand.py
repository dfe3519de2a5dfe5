"""What customers would have ordered in each hour: the baseline that lost orders rest on."""

import math
from collections.abc import Set
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo

import numpy as np
import pandas as pd

from kpi_engine.mapping.baseline import (
    HOURS_A_WEEK,
    Bools,
    Floats,
    dispersion_of,
    fitted_rates,
    relative_error,
    spread_of_days,
    sums_by,
    window_sums,
)
from kpi_engine.mapping.wall_clock import HOURS_A_DAY, hour_edges, midnight


@dataclass(frozen=True, kw_only=True)
class DemandConfig:
    """How the baseline is taken.

    Attributes:
        baseline_weeks: Weeks looked at. They end with the last day asked for, never later, so
            that what is said about a month does not move when the next one arrives.
        level_days: Days on either side of a day that its level is taken from. A sales week can
            bring twice the orders of the weeks before; its hours keep their pattern.
        rounds: Pattern and level are fitted in turns this often; they settle after two.
    """

    baseline_weeks: int = 12
    level_days: int = 3
    rounds: int = 3


DEFAULT_CONFIG = DemandConfig()


@dataclass(frozen=True, kw_only=True)
class Demand:
    """Expected orders of every hour on the wall from ``start`` to ``end``.

    Attributes:
        start: When the first hour, a midnight of the organisation, starts: UTC.
        edges: When each hour starts, in hours since ``start``, and when the last one ends.
        expected: Orders expected in each hour, without any outage.
        pattern_error: Relative standard error of the hour's place in the week.
        level_error: Relative standard error of the level of the hour's day.
        dispersion: Variance over mean of hourly orders round the expected; 1 is pure chance.
        day_spread: Relative standard deviation of whole days, beyond what chance makes.
    """

    start: datetime
    edges: Floats
    expected: Floats
    pattern_error: Floats
    level_error: Floats
    dispersion: float
    day_spread: float
    config: DemandConfig = field(default=DEFAULT_CONFIG)

    @property
    def end(self) -> datetime:
        """The instant (UTC) at which the last hour ends."""
        return self.start + timedelta(hours=float(self.edges[-1]))

    @property
    def total(self) -> float:
        """Expected orders of all hours."""
        return float(self.expected.sum())

    def between(self, started_at: datetime, ended_at: datetime) -> tuple[float, float]:
        """Expected orders of a span and the standard deviation of what would have come.

        Hours count by the minutes they share with the span, whose ends are UTC. The deviation
        holds the doubt about pattern and level as well as the chance that no baseline removes.
        """
        shares = _shares(self.start, self.edges, started_at, ended_at)
        touched = np.flatnonzero(shares)
        if len(touched) == 0:
            return 0.0, 0.0
        expected = self.expected[touched] * shares[touched]
        days = touched // HOURS_A_DAY
        of_day = sums_by(days - days[0], expected)
        level = sums_by(days - days[0], expected * self.level_error[touched])
        variance = (
            float(((expected * self.pattern_error[touched]) ** 2).sum())
            + float((level**2).sum())
            + float(((of_day * self.day_spread) ** 2).sum())
            + self.dispersion * float(expected.sum())
        )
        return float(expected.sum()), math.sqrt(variance)


def expected_demand(
    order_hours: pd.DataFrame,
    down_spans: pd.DataFrame,
    *,
    first: date,
    last: date,
    holidays: Set[date] = frozenset(),
    zone: tzinfo = UTC,
    config: DemandConfig = DEFAULT_CONFIG,
) -> Demand:
    """Expected orders of each hour from ``first`` to ``last``: hour of the week times level.

    The baseline is the same hour of the week in the twelve weeks up to ``last``, without hours
    that touch an outage and without holidays; it is scaled by the level of the days round the
    one in question. A day without a single order is a day without data, not a day of zero
    orders. An hour of the week on which there never was a day with data expects nothing; one
    that was down every time expects what its hour of the day brings on other weekdays.

    Args:
        order_hours: Columns hour (start, organisation zone) and orders; hours without orders
            may be absent. Hours outside the baseline are ignored.
        down_spans: Columns started_at and ended_at (UTC), for the whole baseline.
        first: First day to answer for.
        last: Last day to answer for, included.
        holidays: Days that say nothing about ordinary ones.
        zone: The organisation's.
        config: How the baseline is taken.
    """
    opening = min(first, last - timedelta(days=7 * config.baseline_weeks - 1))
    days = (last - opening).days + 1
    start = datetime.combine(opening, datetime.min.time())
    opens_at, edges = midnight(opening, zone), hour_edges(opening, last, zone)
    lengths = np.diff(edges)
    orders = _dense(order_hours, start, days * 24)
    day = np.arange(days * 24) // 24
    place = ((opening.weekday() * 24) + np.arange(days * 24)) % HOURS_A_WEEK
    seen = (sums_by(day, orders) > 0)[day]
    holiday = np.array([opening + timedelta(days=step) in holidays for step in range(days)])[day]
    usable = seen & ~holiday & (lengths == 1) & ~_touched(opens_at, edges, down_spans)
    pattern, level = fitted_rates(
        orders, usable, seen, place, day, rounds=config.rounds, reach=config.level_days
    )
    mean = pattern[place] * level[day]
    dispersion = dispersion_of(orders, mean, usable, place)
    window = window_sums(sums_by(day, mean * usable), config.level_days)
    asked = slice((first - opening).days * 24, None)
    support = sums_by(place, mean * usable, HOURS_A_WEEK)
    return Demand(
        start=midnight(first, zone),
        edges=edges[asked] - edges[asked][0],
        expected=(mean * lengths)[asked],
        pattern_error=relative_error(support, dispersion)[place][asked],
        level_error=relative_error(window, dispersion)[day][asked],
        dispersion=dispersion,
        day_spread=spread_of_days(orders, mean, usable, day, dispersion),
        config=config,
    )


def _dense(order_hours: pd.DataFrame, start: datetime, length: int) -> Floats:
    """Orders per hour from ``start`` on, 0 where the frame has no row."""
    offsets = (order_hours["hour"] - pd.Timestamp(start)) // pd.Timedelta(hours=1)
    inside = ((offsets >= 0) & (offsets < length)).to_numpy(dtype=bool)
    places = offsets.to_numpy(dtype=np.int64)[inside]
    counts = order_hours["orders"].to_numpy(dtype=np.float64)[inside]
    return sums_by(places, counts, length)


def _shares(start: datetime, edges: Floats, started_at: datetime, ended_at: datetime) -> Floats:
    """The share of each hour that lies inside a span; all instants are UTC."""
    begin = (started_at - start) / timedelta(hours=1)
    finish = (ended_at - start) / timedelta(hours=1)
    inside = np.minimum(edges[1:], finish) - np.maximum(edges[:-1], begin)
    lengths = np.diff(edges)
    shares = np.divide(inside, lengths, out=np.zeros_like(inside), where=lengths > 0)
    return np.asarray(np.clip(shares, 0.0, 1.0), dtype=np.float64)


def _touched(start: datetime, edges: Floats, spans: pd.DataFrame) -> Bools:
    """Which hours share at least a moment with any span."""
    opening, hour = pd.Timestamp(start), pd.Timedelta(hours=1)
    hours = [
        ((pd.to_datetime(spans[name]) - opening) / hour).to_numpy(dtype=np.float64)
        for name in ("started_at", "ended_at")
    ]
    found = np.zeros(len(edges) - 1, dtype=bool)
    for begin, finish in zip(*hours, strict=True):
        first = int(np.searchsorted(edges[1:], begin, side="right"))
        found[first : int(np.searchsorted(edges[:-1], finish, side="left"))] = True
    return found

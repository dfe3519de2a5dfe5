"""The demo company's shop: visits, page speed, failed requests, checkouts, orders, returns."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kpi_engine.demo.estate import SHOP, down_spans
from kpi_engine.demo.timeline import ZONE, Flags, Floats, Timeline, Whole, wandering, within

PAGE_LOAD_EFFECT = -0.20
"""Change of the logarithm of checkouts per visit for each second the page takes longer."""
ERROR_EFFECT = -3.0
"""Change of checkout success for each unit of the failed request rate (percent for percent)."""
RECOVERED_SHARE = 0.35
"""Share of the orders stopped by an outage that come back within two days."""
RECOVERY_HOURS = 48.0

_MONTH_SEASON = (0.86, 0.85, 0.92, 0.95, 0.97, 0.94, 0.90, 0.89, 0.97, 1.02, 1.24, 1.36)
_WEEKDAY = (1.14, 1.01, 0.98, 0.96, 0.92, 0.91, 1.10)
_PEAK_HOURS = ((12.5, 2.6, 0.55), (17.9, 2.2, 1.0), (20.8, 1.8, 0.62))
_ERROR_ECHO = (1.0, 0.45, 0.15)
"""How much of a failed release's errors are seen on its day and the two after it."""


@dataclass(frozen=True, kw_only=True)
class Shop:
    """What happened in the shop.

    Attributes:
        daily: One row a local day: ``sessions``, ``carts``, ``page_load`` (ms), ``requests``,
            ``failed_requests``, ``attempted``, ``completed``, ``page_load_effect`` (orders of
            the day gained or lost to page speed), ``release_errors`` (failed share, releases).
        orders: One row a completed checkout: ``ordered_at`` (UTC), sorted.
        stopped: One row a checkout that an outage stopped: ``outage`` (position among the
            shop's interruptions), ``recovered``.
        expected_stopped: For each interruption, the orders expected in its minutes.
    """

    daily: pd.DataFrame
    orders: pd.DataFrame
    stopped: pd.DataFrame
    expected_stopped: Floats


def simulate_shop(
    timeline: Timeline,
    *,
    states: pd.DataFrame,
    releases: pd.DataFrame,
    rng: np.random.Generator,
) -> Shop:
    """Visits become checkouts, checkouts become orders unless something stops them."""
    daily = _visits(timeline, rng)
    daily["release_errors"] = _release_errors(timeline, releases)
    daily["requests"] = (daily["sessions"] * 42).astype("int64")
    usual = 0.0009 * np.exp(rng.normal(0, 0.12, len(daily)))
    failing = usual + daily["release_errors"]
    daily["failed_requests"] = rng.binomial(daily["requests"], failing)
    base = 0.0212 + wandering(rng, count=len(daily), carry=0.5, spread=0.0009)
    decline = np.clip(base - ERROR_EFFECT * failing, 0.002, 0.5)
    attempts = _attempts(timeline, daily["wanted"].to_numpy(), rng)
    down = down_spans(states, SHOP)
    outage = within(attempts, down["started_at"], down["ended_at"])
    day = timeline.day_positions(pd.DatetimeIndex(attempts))
    accepted = rng.random(len(attempts)) >= decline.to_numpy()[day]
    stopped = _stopped(outage[accepted], rng)
    returning = _returning(stopped, down, timeline, rng)
    orders = pd.concat([attempts[accepted & (outage < 0)], returning]).sort_values()
    daily["attempted"] = _per_day(timeline, pd.concat([attempts, returning]))
    daily["completed"] = _per_day(timeline, orders)
    daily["carts"] = np.round(daily["attempted"] / _checkout_share(timeline, rng)).astype("int64")
    return Shop(
        daily=daily.drop(columns="wanted"),
        orders=pd.DataFrame({"ordered_at": orders.reset_index(drop=True)}),
        stopped=stopped,
        expected_stopped=_expected(timeline, daily["wanted"].to_numpy(), decline.to_numpy(), down),
    )


def hour_profile(timeline: Timeline) -> Floats:
    """For each hour its share of its day's checkouts; the shares of a 24-hour day add to 1."""
    hour = np.asarray(timeline.hours.tz_convert(ZONE).hour) + 0.5
    bumps = [w * np.exp(-(((hour - at) / width) ** 2)) for at, width, w in _PEAK_HOURS]
    shape = 0.09 + np.sum(bumps, axis=0)
    return np.asarray(shape / shape[:24].sum())


def _visits(timeline: Timeline, rng: np.random.Generator) -> pd.DataFrame:
    """Sessions, page speed and the checkouts wanted, per day."""
    days = timeline.days
    count = len(days)
    growth = 1 + 0.055 * np.arange(count) / 365.25
    sessions = (
        16_300
        * growth
        * yearly_season(days)
        * np.asarray(_WEEKDAY)[days.day_of_week]
        * np.exp(wandering(rng, count=count, carry=0.7, spread=0.045))
    )
    load = _page_load(timeline, rng)
    influence = np.exp(PAGE_LOAD_EFFECT * (load / 1000 - 2.4))
    noise = np.exp(wandering(rng, count=count, carry=0.5, spread=0.02))
    willing = 0.0262 * np.where(np.isin(days.month, (11, 12)), 1.06, 1.0) * noise
    wanted = sessions * willing * influence
    return pd.DataFrame(
        {
            "day": days,
            "sessions": sessions.round().astype("int64"),
            "page_load": load.round().astype("int64"),
            "wanted": wanted,
            "page_load_effect": wanted - sessions * willing,
        }
    )


def yearly_season(days: pd.DatetimeIndex) -> Floats:
    """Demand against an average day: a smooth year, Black Friday week, a quiet Christmas."""
    middles = np.arange(-1, 14) * 30.44 + 15.2
    factors = np.asarray([_MONTH_SEASON[month % 12] for month in range(-1, 14)])
    season = np.interp(days.day_of_year, middles, factors)
    for friday in black_fridays(days):
        since = np.asarray((days - friday).days)
        season = season * np.select(
            [since == 0, (since > 0) & (since <= 3), (since >= -4) & (since < 0)],
            [2.05, 1.36, 1.16],
            default=1.0,
        )
    holiday = (days.month == 12) & (days.day >= 24) & (days.day <= 26)
    return np.asarray(season * np.where(holiday, 0.5, 1.0))


def black_fridays(days: pd.DatetimeIndex) -> list[pd.Timestamp]:
    """The day after the fourth Thursday of November, each year."""
    thursdays = days[(days.month == 11) & (days.day_of_week == 3) & ((days.day - 1) // 7 == 3)]
    return [thursday + pd.Timedelta(days=1) for thursday in thursdays]


def _page_load(timeline: Timeline, rng: np.random.Generator) -> Floats:
    """Slow quarter of page loads in ms: faster after a picture service, heavier of late."""
    days = timeline.days
    faster = np.where(days >= pd.Timestamp(timeline.month_of(19)), -190.0, 0.0)
    heavier_from = pd.Timestamp(timeline.month_of(2))
    heavier = np.clip(np.asarray((days - heavier_from).days) / 70, 0, 1) * 520.0
    return 2520 + faster + heavier + wandering(rng, count=len(days), carry=0.8, spread=85.0)


def _release_errors(timeline: Timeline, releases: pd.DataFrame) -> Floats:
    """Share of requests that failed releases of the shop made fail, per day."""
    mine = releases[(releases["service"] == SHOP) & releases["caused_incident"]]
    positions = timeline.day_positions(pd.DatetimeIndex(mine["finished_at"]))
    errors = np.zeros(len(timeline.days) + len(_ERROR_ECHO))
    for days_later, share in enumerate(_ERROR_ECHO):
        np.add.at(errors, positions + days_later, share * mine["error_share"].to_numpy())
    return errors[: len(timeline.days)]


def _attempts(timeline: Timeline, wanted: Floats, rng: np.random.Generator) -> pd.Series:
    counts = rng.poisson(wanted[timeline.day_of_hour] * hour_profile(timeline))
    seconds = pd.to_timedelta(rng.integers(0, 3600, counts.sum()), unit="s")
    return pd.Series(timeline.hours.repeat(counts) + seconds).sort_values(ignore_index=True)


def _stopped(outage: Whole, rng: np.random.Generator) -> pd.DataFrame:
    """Checkouts an outage stopped; of each outage's the recovered share comes back."""
    stopped = pd.DataFrame({"outage": outage[outage >= 0]})
    order = stopped.assign(luck=rng.random(len(stopped))).groupby("outage")["luck"].rank()
    size = stopped.groupby("outage")["outage"].transform("size")
    recovered: Flags = np.asarray(order <= (size * RECOVERED_SHARE).round())
    return stopped.assign(recovered=recovered)


def _returning(
    stopped: pd.DataFrame, down: pd.DataFrame, timeline: Timeline, rng: np.random.Generator
) -> pd.Series:
    ends = down["ended_at"].iloc[stopped.loc[stopped["recovered"], "outage"]]
    seconds = rng.integers(600, int(RECOVERY_HOURS * 3600), len(ends))
    moments = (ends + pd.to_timedelta(seconds, unit="s")).reset_index(drop=True)
    return moments[moments < timeline.end]


def _per_day(timeline: Timeline, instants: pd.Series) -> Whole:
    positions = timeline.day_positions(pd.DatetimeIndex(instants))
    return np.bincount(positions, minlength=len(timeline.days))


def _checkout_share(timeline: Timeline, rng: np.random.Generator) -> Floats:
    """Share of filled carts that reach the checkout."""
    return 0.312 + wandering(rng, count=len(timeline.days), carry=0.6, spread=0.007)


def _expected(timeline: Timeline, wanted: Floats, decline: Floats, down: pd.DataFrame) -> Floats:
    """Orders expected in the minutes of each interruption, before chance."""
    rate = wanted[timeline.day_of_hour] * hour_profile(timeline)
    rate = rate * (1 - decline[timeline.day_of_hour]) / 60
    begin = timeline.start
    expected = np.zeros(len(down))
    for position, span in enumerate(zip(down["started_at"], down["ended_at"], strict=True)):
        first, last = ((moment - begin) / pd.Timedelta(minutes=1) for moment in span)
        minutes = np.arange(int(first), int(last))
        expected[position] = rate[minutes // 60].sum()
    return expected

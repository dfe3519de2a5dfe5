"""The demo company's systems: when they were down, what was released, how full the links were."""

import numpy as np
import pandas as pd

from kpi_engine.demo.timeline import ZONE, Flags, Floats, Timeline, after, wandering

SHOP, WAREHOUSE, OFFICE = "Online shop", "Warehouse system", "Office network"

FAILED_RELEASE_ERRORS = 0.021
"""Share of requests that the planted failed release made fail on its day."""

_OUTAGES_A_MONTH = {SHOP: 1.4, WAREHOUSE: 0.9, OFFICE: 0.4}
_TYPICAL_MINUTES = {SHOP: 11.0, WAREHOUSE: 24.0, OFFICE: 16.0}
_REASONS = ("Connection Timeout", "HTTP 503", "Keyword Not Found", "DNS Resolving Problem")
_LINKS = {"Office internet": 1.1, "Warehouse link": 0.8}


def simulate_states(timeline: Timeline, rng: np.random.Generator) -> pd.DataFrame:
    """Every service's states without a gap: one row a span.

    Returns:
        Columns ``service``, ``state`` (Up, Down, Paused), ``started_at``, ``ended_at`` (UTC, full
        minutes), ``reason``; sorted by service and start.
    """
    return pd.concat(
        [_states_of(service, timeline, rng) for service in (SHOP, WAREHOUSE, OFFICE)],
        ignore_index=True,
    )


def down_spans(states: pd.DataFrame, service: str) -> pd.DataFrame:
    """The unplanned interruptions of one service, oldest first."""
    mine = (states["service"] == service) & (states["state"] == "Down")
    return states[mine].reset_index(drop=True)


def _states_of(service: str, timeline: Timeline, rng: np.random.Generator) -> pd.DataFrame:
    spans = [*_planned(timeline), *_unplanned(service, timeline, rng)]
    if service == SHOP:
        spans.append((*timeline.outage, "Down", "HTTP 503"))
    rows = []
    clock = timeline.start
    for start, end, state, reason in sorted(spans, key=lambda span: span[0]):
        if start <= clock:
            continue
        rows.append((clock, start, "Up", "OK"))
        rows.append((start, end, state, reason))
        clock = end
    rows.append((clock, timeline.end, "Up", "OK"))
    frame = pd.DataFrame(rows, columns=["started_at", "ended_at", "state", "reason"])
    return frame.assign(service=service)


def _planned(timeline: Timeline) -> list[tuple[pd.Timestamp, pd.Timestamp, str, str]]:
    """One maintenance window a month: two hours early on the third Sunday."""
    sundays = timeline.days[(timeline.days.day_of_week == 6) & ((timeline.days.day - 1) // 7 == 2)]
    starts = [timeline.midnight(day.date()) + pd.Timedelta(hours=3) for day in sundays]
    return [(start, start + pd.Timedelta(hours=2), "Paused", "Maintenance") for start in starts]


def _unplanned(
    service: str, timeline: Timeline, rng: np.random.Generator
) -> list[tuple[pd.Timestamp, pd.Timestamp, str, str]]:
    """Interruptions at daytime; the last month's shop has the planted one only."""
    spans = []
    for back, month in enumerate(reversed(timeline.months)):
        count = max(rng.poisson(_OUTAGES_A_MONTH[service]), 1)
        days = rng.integers(0, 27, count)
        minutes = np.clip(_TYPICAL_MINUTES[service] * rng.lognormal(0, 0.6, count), 2, 55).round()
        hours = rng.integers(6, 23, count)
        reasons = rng.choice(_REASONS, count)
        if service == SHOP and back == 0:
            continue
        if service == OFFICE and back < 4:
            minutes = np.minimum(minutes, 12)
        for day, hour, length, reason in zip(days, hours, minutes, reasons, strict=True):
            start = timeline.midnight(month) + pd.Timedelta(days=int(day), hours=int(hour))
            spans.append((start, start + pd.Timedelta(minutes=length), "Down", str(reason)))
    return spans


def simulate_releases(timeline: Timeline, rng: np.random.Generator) -> pd.DataFrame:
    """Releases, slower and shakier in the last nine months than before.

    Returns:
        Columns ``deployment_id``, ``service``, ``environment``, ``started_at``, ``finished_at``,
        ``status``, ``commit_sha``, ``commit_at``, ``caused_incident``, ``restored_at`` (NaT when
        nothing had to be restored) and ``error_share``, the requests it made fail on its day.
    """
    workdays = timeline.days[timeline.days.day_of_week < 5]
    late = np.asarray(workdays >= pd.Timestamp(timeline.month_of(8)))
    counts = rng.poisson(np.where(late, 1.5, 1.86))
    days = workdays.repeat(counts)
    slow = late.repeat(counts)
    size = len(days)
    started = _at_work(days, rng)
    finished = after(started, rng.uniform(0.1, 0.6, size))
    production = rng.random(size) < 0.86
    failed = production & (rng.random(size) < np.where(slow, 0.105, 0.075))
    restored = after(finished, np.minimum(2.4 * rng.lognormal(0, 0.7, size), 20.0))
    month_ends = np.asarray(days.to_period("M") != (days + pd.Timedelta(days=1)).to_period("M"))
    restored = restored.where(~month_ends, after(finished, np.full(size, 1.5)))
    planted = _planted_failure(timeline, days, production)
    failed[planted] = True
    error_share = np.where(failed, 0.0045 * rng.lognormal(0, 0.5, size), 0.0)
    error_share[planted] = FAILED_RELEASE_ERRORS
    services = rng.choice([SHOP, WAREHOUSE], size, p=[0.7, 0.3])
    services[planted] = SHOP
    lead_hours = np.where(slow, 50.0, 37.0) * rng.lognormal(0, 0.45, size)
    return pd.DataFrame(
        {
            "deployment_id": [f"REL-{number:05d}" for number in range(1, size + 1)],
            "service": services,
            "environment": np.where(production, "production", "staging"),
            "started_at": started,
            "finished_at": finished,
            "status": "succeeded",
            "commit_sha": [f"{value:010x}" for value in rng.integers(0, 2**40, size)],
            "commit_at": after(started, -lead_hours),
            "caused_incident": failed,
            "restored_at": restored.where(failed),
            "error_share": error_share,
        }
    ).sort_values("started_at", ignore_index=True)


def _planted_failure(timeline: Timeline, days: pd.DatetimeIndex, production: Flags) -> int:
    """Position of the release that fails badly: the first of the last month's fourth week."""
    fourth_week = pd.Timestamp(timeline.last_month) + pd.Timedelta(days=18)
    return int(np.flatnonzero(np.asarray(days >= fourth_week) & production)[0])


def _at_work(days: pd.DatetimeIndex, rng: np.random.Generator) -> pd.Series:
    """An instant (UTC) between 9 and 17 o'clock on each day, to the full minute."""
    minutes = pd.to_timedelta(rng.integers(9 * 60, 17 * 60, len(days)), unit="min")
    return pd.Series((days + minutes).tz_localize(ZONE).tz_convert("UTC"))


def simulate_traffic(timeline: Timeline, rng: np.random.Generator) -> pd.DataFrame:
    """Hourly use of each link: columns ``link``, ``sampled_at`` (UTC), ``used_percent``."""
    clock = timeline.hours.tz_convert(ZONE)
    at_work = _office_load(np.asarray(clock.hour), np.asarray(clock.day_of_week))
    growth = 1 + 0.05 * np.arange(len(clock)) / len(clock)
    frames = []
    for link, size in _LINKS.items():
        noise = wandering(rng, count=len(clock), carry=0.6, spread=0.09)
        used = np.clip(size * growth * (8 + 38 * at_work) * np.exp(noise), 1, 99)
        frames.append(
            pd.DataFrame({"link": link, "sampled_at": timeline.hours, "used_percent": used})
        )
    return pd.concat(frames, ignore_index=True).round({"used_percent": 1})


def _office_load(hour: Floats, weekday: Floats) -> Floats:
    day = np.exp(-(((hour - 11.0) / 2.6) ** 2)) + 0.92 * np.exp(-(((hour - 15.0) / 2.2) ** 2))
    return np.asarray(np.clip(day, 0, 1.05) * np.where(weekday < 5, 1.0, 0.15))

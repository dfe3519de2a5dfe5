"""The demo company's service desk: tickets, who answered when, and which problems came back."""

import numpy as np
import pandas as pd

from kpi_engine.demo.estate import OFFICE, SHOP, WAREHOUSE
from kpi_engine.demo.timeline import ZONE, Flags, Floats, Timeline, Whole, after, local

REOPEN_SHARES = (0.08, 0.17)
"""Share of problems that come back: before the desk was asked to close faster, and after."""
REASSIGN_SHARES = (0.235, 0.085)
"""Share of tickets handed on to another team: before, and after."""

_TICKETS_A_DAY = (16.9, 16.0, 15.6, 15.3, 14.8, 3.1, 2.6)
_SERVICES = (SHOP, WAREHOUSE, OFFICE, "Workplace tools", "Finance system")
_SERVICE_SHARES = (0.14, 0.17, 0.15, 0.41, 0.13)
_CATEGORIES = ("Access", "Application", "Hardware", "Network", "Request")
_TEAMS = ("Service desk", "Applications", "Infrastructure", "Workplace")
_PRIORITY_SHARES = (0.008, 0.055, 0.547, 0.39)
_TYPICAL_HOURS = (1.6, 2.5, 3.95, 5.0)
_ALLOWED_HOURS = (4.0, 8.0, 24.0, 72.0)
_PEOPLE = (14.0, 4.5, 1.25, 1.0)
_MINUTES_LOST = (57.0, 37.0, 26.0, 18.0)
RETURN_COST = 6.0
"""How many times as long people cannot work because of a problem that comes back."""


def simulate_tickets(timeline: Timeline, rng: np.random.Generator) -> pd.DataFrame:
    """One row a ticket, as it stands when all is over.

    Returns:
        Columns ``number``, ``opened_at``, ``first_response_at``, ``first_resolved_at`` (NaT unless
        the problem came back), ``resolved_at``, ``closed_at`` (UTC, full minutes), ``priority`` (1
        to 4), ``category``, ``team``, ``service``, ``made_sla``, ``reopen_count``,
        ``reassignment_count``, ``affected_users``, ``lost_minutes``. Moments may lie after the
        last month: an export has to leave them out.
    """
    opened = _opened(timeline, rng)
    size = len(opened)
    hurried = np.asarray(opened >= timeline.midnight(timeline.month_of(3)))
    rank = rng.choice(4, size, p=_PRIORITY_SHARES)
    reopened = rng.random(size) < np.where(hurried, REOPEN_SHARES[1], REOPEN_SHARES[0])
    handed_on = rng.random(size) < np.where(hurried, REASSIGN_SHARES[1], REASSIGN_SHARES[0])
    hours = _hours_to_resolve(timeline, opened, rank, handed_on, rng)
    first_resolved = after(opened, hours)
    resolved = after(first_resolved, np.where(reopened, 2.5 * rng.lognormal(0, 0.9, size), 0.0))
    closed = after(resolved, np.where(rng.random(size) < 0.75, 72.0, rng.uniform(1, 60, size)))
    answered = _first_response(opened, rank, rng)
    people = np.where(rank < 2, 1 + rng.poisson(np.asarray(_PEOPLE)[rank] - 1), 1)
    return pd.DataFrame(
        {
            "number": [f"INC{10_000_000 + position:08d}" for position in range(1, size + 1)],
            "opened_at": opened,
            "first_response_at": answered.where(answered < first_resolved, first_resolved),
            "first_resolved_at": first_resolved.where(reopened),
            "resolved_at": resolved,
            "closed_at": closed,
            "priority": rank + 1,
            "category": rng.choice(_CATEGORIES, size, p=[0.24, 0.27, 0.16, 0.11, 0.22]),
            "team": np.where(handed_on, rng.choice(_TEAMS[1:], size), _TEAMS[0]),
            "service": rng.choice(_SERVICES, size, p=_SERVICE_SHARES),
            "made_sla": hours <= np.asarray(_ALLOWED_HOURS)[rank],
            "reopen_count": np.where(reopened, 1 + (rng.random(size) < 0.15), 0),
            "reassignment_count": np.where(handed_on, 1 + rng.poisson(0.5, size), 0),
            "affected_users": people,
            "lost_minutes": _minutes_lost(rank, hours, reopened, rng),
        }
    )


def ticket_updates(timeline: Timeline, tickets: pd.DataFrame) -> pd.DataFrame:
    """Every update the service desk made: one row an update, with what was known by then.

    Returns:
        The columns of ``simulate_tickets`` without ``first_resolved_at``, and ``state`` and
        ``updated_at``; what had not happened yet is missing. A problem that came back after the
        turn of a month was still being worked on when that month was exported.
    """
    parts = [
        _update(tickets, "New", "opened_at"),
        _update(tickets, "In Progress", "first_response_at"),
        _update(_resolved_first(timeline, tickets), "Resolved", "first_resolved_at"),
        _update(tickets, "Resolved", "resolved_at"),
        _update(tickets, "Closed", "closed_at"),
    ]
    updates = pd.concat(parts, ignore_index=True)
    updates = updates[updates["updated_at"] < timeline.end]
    return updates.drop(columns="first_resolved_at").sort_values(
        ["updated_at", "number"], kind="stable", ignore_index=True
    )


def _update(tickets: pd.DataFrame, state: str, moment: str) -> pd.DataFrame:
    rows = tickets.assign(state=state, updated_at=tickets[moment])
    for column in ("first_response_at", "resolved_at", "closed_at"):
        known = rows[column] <= rows["updated_at"]
        rows[column] = rows[column].where(known)
    rows["made_sla"] = rows["made_sla"].astype("boolean").where(rows["resolved_at"].notna())
    if state in ("New", "In Progress") or moment == "first_resolved_at":
        rows["reopen_count"] = 0
    if state == "New":
        rows = rows.assign(reassignment_count=0, team=_TEAMS[0])
    return rows


def _resolved_first(timeline: Timeline, tickets: pd.DataFrame) -> pd.DataFrame:
    """Problems that came back within the month in which they were first thought solved.

    They carry that first moment as ``resolved_at``.
    """
    back = tickets[tickets["first_resolved_at"].notna()]
    months = [local(back[c]).dt.to_period("M") for c in ("first_resolved_at", "resolved_at")]
    back = back[(months[0] == months[1]) & (back["first_resolved_at"] < timeline.end)]
    return back.assign(resolved_at=back["first_resolved_at"])


def _opened(timeline: Timeline, rng: np.random.Generator) -> pd.Series:
    days = timeline.days
    growth = 1 + 0.03 * np.arange(len(days)) / 365.25
    busier = np.where(np.isin(days.month, (11, 12)), 1.10, 1.0)
    counts = rng.poisson(np.asarray(_TICKETS_A_DAY)[days.day_of_week] * growth * busier * 1.16)
    repeated = days.repeat(counts)
    minutes = np.clip(rng.normal(12.2 * 60, 2.6 * 60, len(repeated)), 6 * 60, 22 * 60)
    moments = repeated + pd.to_timedelta(minutes.round(), unit="min")
    opened = moments.tz_localize(ZONE).tz_convert("UTC")
    return pd.Series(opened).sort_values(ignore_index=True)


def _hours_to_resolve(
    timeline: Timeline, opened: pd.Series, rank: Whole, handed_on: Flags, rng: np.random.Generator
) -> Floats:
    """Spread widely around a typical time; 3 % drag on for weeks."""
    month = timeline.month_of_day[timeline.day_positions(pd.DatetimeIndex(opened))]
    mood = np.exp(_moods(rng, len(timeline.months)))[month]
    hours = np.asarray(_TYPICAL_HOURS)[rank] * mood * np.where(handed_on, 2.1, 0.92)
    hours = hours * rng.lognormal(0, 1.05, len(rank))
    drags_on = rng.random(len(rank)) < 0.03
    return np.where(drags_on, rng.uniform(300, 2_000, len(rank)), hours)


def _moods(rng: np.random.Generator, count: int) -> Floats:
    """How far each month's typical time to resolve lies from the usual, as a logarithm."""
    return np.asarray(rng.normal(0, 0.07, count) + np.where(np.arange(count) >= count - 2, 0.1, 0))


def _first_response(opened: pd.Series, rank: Whole, rng: np.random.Generator) -> pd.Series:
    """When somebody first answered: the same day, so that no export is caught in between."""
    typical = np.asarray((6.0, 14.0, 38.0, 55.0))[rank] / 60
    answered = after(opened, typical * rng.lognormal(0, 0.8, len(rank)) + 1 / 60)
    midnight = (local(opened).dt.normalize() + pd.Timedelta(days=1)).dt.tz_localize(ZONE)
    latest = midnight.dt.tz_convert("UTC") - pd.Timedelta(minutes=1)
    return answered.where(answered < latest, latest)


def _minutes_lost(rank: Whole, hours: Floats, reopened: Flags, rng: np.random.Generator) -> Whole:
    """Working minutes one affected person lost: more when it took longer or came back."""
    typical = np.asarray(_MINUTES_LOST)[rank] * np.clip(hours / 5.0, 0.4, 4.0) ** 0.45
    minutes = typical * np.where(reopened, RETURN_COST, 1.0) * rng.lognormal(0, 0.5, len(rank))
    return np.asarray(np.clip(minutes, 3, 900).round(), dtype=np.int64)

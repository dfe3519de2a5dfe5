"""Marlow & Finch, a made-up online retailer: three years of it from one seed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from kpi_engine.demo import estate, monthly, people, service_desk, shop
from kpi_engine.demo.baskets import simulate_lines
from kpi_engine.demo.timeline import Floats, Timeline

LAST_MONTH = date(2026, 10, 1)
SEED = 1848
"""The company that the demo, its tests and its pictures show."""

PARTS = (
    "states",
    "releases",
    "traffic",
    "shop",
    "baskets",
    "tickets",
    "milestones",
    "answers",
    "values",
    "shares",
)
"""Each part draws from a stream of its own, so that a change in one leaves the others alone."""


@dataclass(frozen=True, kw_only=True)
class World:
    """Everything that happened, before anybody exported anything."""

    timeline: Timeline
    seed: int
    states: pd.DataFrame
    releases: pd.DataFrame
    traffic: pd.DataFrame
    shop: shop.Shop
    lines: pd.DataFrame
    tickets: pd.DataFrame
    updates: pd.DataFrame
    milestones: pd.DataFrame
    answers: pd.DataFrame
    values: pd.DataFrame
    shares: pd.DataFrame


def simulate(*, last_month: date, seed: int) -> World:
    """The same company for the same seed and last month, every time.

    Args:
        last_month: First day of the newest month; data run to its end.
        seed: Any whole number that is not negative.
    """
    timeline = Timeline(last_month)
    chance = _streams(seed)
    states = estate.simulate_states(timeline, chance["states"])
    releases = estate.simulate_releases(timeline, chance["releases"])
    sales = shop.simulate_shop(timeline, states=states, releases=releases, rng=chance["shop"])
    tickets = service_desk.simulate_tickets(timeline, chance["tickets"])
    critical = tickets.loc[tickets["priority"] <= 2, "opened_at"]
    return World(
        timeline=timeline,
        seed=seed,
        states=states,
        releases=releases,
        traffic=estate.simulate_traffic(timeline, chance["traffic"]),
        shop=sales,
        lines=simulate_lines(timeline, sales.orders, chance["baskets"]),
        tickets=tickets,
        updates=service_desk.ticket_updates(timeline, tickets),
        milestones=people.simulate_milestones(timeline, chance["milestones"]),
        answers=people.simulate_answers(timeline, chance["answers"]),
        values=monthly.simulate_values(
            timeline,
            orders=per_month(timeline, sales.orders["ordered_at"]),
            critical=per_month(timeline, critical),
            rng=chance["values"],
        ),
        shares=monthly.simulate_shares(timeline, chance["shares"]),
    )


def per_month(timeline: Timeline, instants: pd.Series) -> Floats:
    """How many instants (UTC) fall into each local month of the timeline."""
    positions = timeline.month_of_day[timeline.day_positions(pd.DatetimeIndex(instants))]
    return np.bincount(positions, minlength=len(timeline.months)).astype(float)


def _streams(seed: int) -> Mapping[str, np.random.Generator]:
    return {part: np.random.default_rng([seed, number]) for number, part in enumerate(PARTS)}

"""What the demo company's other systems report once a month: costs, staff, licences, demos."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kpi_engine.demo.timeline import Floats, Timeline, wandering

DEMO_SHORTFALL = (0.020, 0.028, 0.040, 0.046)
"""How much of the sales demos broke off, on top of the usual, in the last four months."""


@dataclass(frozen=True, kw_only=True)
class Course:
    """How a monthly number moves over the three years.

    Attributes:
        start: Level in the first month.
        end: Level in the last month; a straight line in between.
        spread: Standard deviation of the drift around the line, as a share of the level.
        winter: Added at its peak in January, taken off in July, as a share of the level.
        digits: Digits behind the decimal mark.
        out_of: For shares: how many there are in the first and the last month.
    """

    start: float
    end: float
    spread: float = 0.02
    winter: float = 0.0
    digits: int = 0
    out_of: tuple[float, float] | None = None


VALUES: Mapping[str, Course] = {
    "base.headcount": Course(start=318, end=342, spread=0.004),
    "base.active_users": Course(start=344, end=371, spread=0.005),
    "base.it_budget": Course(start=88_000, end=96_000, spread=0.0, digits=-2),
    "base.it_spend": Course(start=87_400, end=98_300, spread=0.018),
    "it.patch": Course(start=1.6, end=1.1, spread=0.5),
    "it.automation": Course(start=182, end=426, spread=0.03, digits=1),
}
SHARES: Mapping[str, Course] = {
    "biz.sales_cycle": Course(start=42.0, end=38.5, spread=0.025, out_of=(58, 74)),
    "it.poor_calls": Course(
        start=0.0150, end=0.0138, spread=0.05, winter=0.22, out_of=(8_600, 10_400)
    ),
    "it.restore": Course(start=0.965, end=0.965, spread=0.012, out_of=(24, 24)),
    "it.license_use": Course(start=0.79, end=0.87, spread=0.008, out_of=(905, 980)),
    "it.adoption": Course(start=0.585, end=0.717, spread=0.012, out_of=(318, 342)),
    "biz.demo_ok": Course(start=0.968, end=0.970, spread=0.0025, out_of=(560, 680)),
    "biz.churn": Course(
        start=0.0206, end=0.0188, spread=0.03, winter=0.16, out_of=(38_500, 45_200)
    ),
}
COST_TO_SERVE = Course(start=4.62, end=4.09, spread=0.010, digits=2)
"""Operating cost of one order; the ledger reports it times the orders of the month."""
HOURS_LOST_TO_CRITICAL = 0.42
"""Hours of operational delay each critical incident adds to the usual 16."""
SAVED_PER_HOUR = 34.0
"""What the controllers credit for one hour of work done by software, in money."""
EXPECTED_LOSS = (218_000.0, 171_000.0)
"""Yearly loss expected from attacks and failed recoveries, estimated each quarter: first, last."""


def simulate_values(
    timeline: Timeline, *, orders: Floats, critical: Floats, rng: np.random.Generator
) -> pd.DataFrame:
    """Plain monthly numbers.

    Args:
        timeline: The three years.
        orders: Orders of each month.
        critical: Critical incidents of each month.
        rng: Chance.

    Returns:
        Columns ``month``, ``metric``, ``value``; sorted by month.
    """
    series: dict[str, Floats] = {
        metric: follow(timeline, course, rng) for metric, course in VALUES.items()
    }
    series["it.patch"] = series["it.patch"].clip(min=0.0)
    series["base.operating_cost"] = np.round(follow(timeline, COST_TO_SERVE, rng) * orders)
    delay = 16.0 + HOURS_LOST_TO_CRITICAL * critical + rng.normal(0, 1.4, len(critical))
    series["biz.op_delay"] = np.round(delay.clip(min=0.0), 1)
    series["biz.auto_saving"] = np.round(series["it.automation"] * SAVED_PER_HOUR)
    series["biz.expected_loss"] = np.round(np.linspace(*EXPECTED_LOSS, len(critical)), -3)
    rows = pd.concat(
        [
            pd.DataFrame({"month": timeline.months, "metric": metric, "value": values})
            for metric, values in series.items()
        ]
    )
    between = rows["month"].map(lambda month: month.month % 3 != 0)
    rows = rows[~(between & (rows["metric"] == "biz.expected_loss"))]
    return rows.sort_values("month", kind="stable", ignore_index=True)


def simulate_shares(timeline: Timeline, rng: np.random.Generator) -> pd.DataFrame:
    """Monthly shares with their parts.

    Returns:
        Columns ``month``, ``metric``, ``numerator``, ``denominator``; sorted by month.
    """
    frames = []
    for metric, course in SHARES.items():
        share = follow(timeline, course, rng)
        if metric == "biz.demo_ok":
            share[-len(DEMO_SHORTFALL) :] -= DEMO_SHORTFALL
        whole = np.linspace(*(course.out_of or (1.0, 1.0)), len(share))
        whole = np.round(whole * rng.normal(1, 0.006, len(share)))
        part = np.round(share * whole)
        frames.append(
            pd.DataFrame(
                {
                    "month": timeline.months,
                    "metric": metric,
                    "numerator": part,
                    "denominator": whole,
                }
            )
        )
    return pd.concat(frames).sort_values("month", kind="stable", ignore_index=True)


def follow(timeline: Timeline, course: Course, rng: np.random.Generator) -> Floats:
    """One course, month by month; shares are not rounded."""
    count = len(timeline.months)
    line = np.linspace(course.start, course.end, count)
    phase = np.asarray([month.month - 1 for month in timeline.months]) * np.pi / 6
    drift = wandering(rng, count=count, carry=0.5, spread=course.spread)
    values = line * (1 + course.winter * np.cos(phase) + drift)
    return values if course.out_of else np.round(values, course.digits)

"""What the demo company's people did and said: milestones delivered, survey answers given."""

import numpy as np
import pandas as pd

from kpi_engine.demo.timeline import ZONE, Floats, Timeline, Whole, wandering

_TEAMS = ("Shop", "Fulfilment", "Customer care", "Data and finance")
_ITEMS_A_MONTH = 26
_LATE_RECORDED_SHARE = 0.7
"""Share of the restated month's items whose approval was first recorded too late."""
_ANSWERS = {"tools": 210, "customers": 430, "recommend": 380}
_TOOLS_MONTHS = (3, 6, 9, 12)


def simulate_milestones(timeline: Timeline, rng: np.random.Generator) -> pd.DataFrame:
    """Ideas from approval to delivery, slower since nine months ago.

    Returns:
        Columns ``item_id``, ``team``, ``approved_at``, ``recorded_approved_at`` (what the first
        export said: too late for many items of the month before the last), ``due_at``,
        ``delivered_at`` (UTC, local midnights), ``on_time``. All were delivered by the end.
    """
    delivered = _delivery_days(timeline, rng)
    size = len(delivered)
    month = timeline.month_of_day[np.asarray((delivered - timeline.days[0]).days)]
    slow = month >= len(timeline.months) - 9
    days = np.where(slow, 33.6, 29.2) * rng.lognormal(0, 0.14, size)
    approved = delivered - pd.to_timedelta(days.round(), unit="D")
    late_days = _lateness(slow, rng)
    due = delivered - pd.to_timedelta(late_days, unit="D")
    first_of_month = delivered.to_period("M").to_timestamp()
    month_end = first_of_month + pd.offsets.MonthEnd(0)
    due = due.where(late_days >= 0, np.minimum(due, month_end))
    restated = month == len(timeline.months) - 2
    wrong = restated & (rng.random(size) < _LATE_RECORDED_SHARE)
    delay = np.where(wrong, rng.integers(2, 6, size), 0)
    return pd.DataFrame(
        {
            "item_id": [f"PRJ-{number:04d}" for number in range(1, size + 1)],
            "team": rng.choice(_TEAMS, size),
            "approved_at": _begin(approved),
            "recorded_approved_at": _begin(approved + pd.to_timedelta(delay, unit="D")),
            "due_at": _begin(due),
            "delivered_at": _begin(delivered),
            "on_time": late_days <= 0,
        }
    )


def _delivery_days(timeline: Timeline, rng: np.random.Generator) -> pd.DatetimeIndex:
    workdays = timeline.days[timeline.days.day_of_week < 5]
    return workdays[np.sort(rng.choice(len(workdays), _ITEMS_A_MONTH * len(timeline.months)))]


def _lateness(slow: np.ndarray, rng: np.random.Generator) -> Whole:
    """Days past the due day; negative when early."""
    late = rng.random(len(slow)) < np.where(slow, 0.17, 0.12)
    return np.where(late, 1 + rng.poisson(5, len(slow)), -rng.integers(0, 5, len(slow)))


def _begin(days: pd.DatetimeIndex) -> pd.Series:
    """The instant (UTC) each local day begins."""
    return pd.Series(days.tz_localize(ZONE).tz_convert("UTC"))


def simulate_answers(timeline: Timeline, rng: np.random.Generator) -> pd.DataFrame:
    """One row a survey answer: staff on their tools each quarter, customers each month.

    Returns:
        Columns ``survey``, ``response_id``, ``answered_at`` (UTC), ``score``; sorted by time.
    """
    count = len(timeline.months)
    pleased = {
        "tools": np.linspace(0.655, 0.742, count) + rng.normal(0, 0.004, count),
        "customers": 0.824 + wandering(rng, count=count, carry=0.5, spread=0.013),
        "recommend": 0.525 + wandering(rng, count=count, carry=0.6, spread=0.018),
    }
    frames = [
        _answers_of(survey, position, pleased[survey][position], timeline, rng)
        for position, month in enumerate(timeline.months)
        for survey in _ANSWERS
        if survey != "tools" or month.month in _TOOLS_MONTHS
    ]
    answers = pd.concat(frames).sort_values("answered_at", kind="stable", ignore_index=True)
    answers["response_id"] = [f"R{number:06d}" for number in range(1, len(answers) + 1)]
    return answers[["survey", "response_id", "answered_at", "score"]]


def _answers_of(
    survey: str,
    position: int,
    pleased: float,
    timeline: Timeline,
    rng: np.random.Generator,
) -> pd.DataFrame:
    size = rng.poisson(_ANSWERS[survey])
    days = np.flatnonzero(timeline.month_of_day == position)
    fortnight = days[8:22] if survey == "tools" else days
    day = timeline.days[rng.choice(fortnight, size)]
    moments = day + pd.to_timedelta(rng.integers(8 * 3600, 21 * 3600, size), unit="s")
    scores = _scores(survey, pleased, size, rng)
    return pd.DataFrame(
        {
            "survey": survey,
            "answered_at": moments.tz_localize(ZONE).tz_convert("UTC"),
            "score": scores,
        }
    )


def _scores(survey: str, pleased: float, size: int, rng: np.random.Generator) -> Floats:
    """Recommendation runs from 0 to 10 (pleased: 9 or 10), the others from 1 to 5 (4 or 5)."""
    is_pleased = rng.permutation(size) < round(pleased * size)
    if survey == "recommend":
        others = rng.choice([3, 4, 5, 6, 7, 8], size, p=[0.06, 0.06, 0.10, 0.13, 0.30, 0.35])
        return np.where(is_pleased, rng.choice([9, 10], size, p=[0.6, 0.4]), others)
    others = rng.choice([1, 2, 3], size, p=[0.14, 0.26, 0.60])
    return np.where(is_pleased, rng.choice([4, 5], size, p=[0.58, 0.42]), others)

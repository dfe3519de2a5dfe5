"""What would it take: the value of one driver at which an outcome reaches a goal, and how sure."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import optimize

from kpi_engine.catalogue.metrics import Metric
from kpi_engine.errors import ImpossibleSettingError, StoreError, UnknownNameError
from kpi_engine.maths.intervals import Estimate
from kpi_engine.services.levers import Lever
from kpi_engine.services.readings import Reading
from kpi_engine.services.whatif import Setting
from kpi_engine.terms import Direction, Reach
from kpi_engine.units import format_value

_BEYOND = 10.0
"""A driver without a natural end is tried up to so many times the most it ever was."""
_STEPS = 32
"""Places at which a curve is looked at before the first crossing is narrowed down."""

_EXACT = 1e-9
"""Of the way to go: closer is there."""


@dataclass(frozen=True, kw_only=True)
class Needed:
    """What a driver would have to be for one end of the outcome's range to reach the goal.

    Attributes:
        value: In the lever's unit; None where ``reach`` is never, the present one where already.
    """

    reach: Reach
    value: float | None

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {"reach": self.reach.value, "value": self.value}


@dataclass(frozen=True, kw_only=True)
class GoalSeek:
    """What one driver would have to be, all others as they are set.

    Attributes:
        outcome: The month as it was.
        goal: The value of the outcome that is asked for.
        before: The outcome with the other drivers as set and this one as it is.
        settings: The other drivers that are set otherwise, by link id.
        set_to: Where this driver is set.
        as_set: The outcome with all of them as they are set, this one too.
        is_reached: That is at the goal or past it.
        is_sure: Even the unfavourable end of it is.
        best: The least that may do: with everything unknown at its most favourable end.
        likely: What it most likely takes.
        sure: What it takes to be there even at the unfavourable end of the 90 % range.
        edge: The setting that does most for the outcome among those that were seen; None where
            turning it makes nothing better.
        at_edge: The outcome with that setting.
    """

    outcome: Reading
    as_of: int
    lever: Lever
    goal: float
    before: Estimate
    settings: Mapping[str, float]
    set_to: float
    as_set: Estimate
    is_reached: bool
    is_sure: bool
    best: Needed
    likely: Needed
    sure: Needed
    edge: float | None
    at_edge: Estimate | None

    @property
    def reach(self) -> Reach:
        """Whether it can most likely be reached, and how."""
        return self.likely.reach

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "outcome": self.outcome.to_dict(),
            "as_of": self.as_of,
            "lever": self.lever.to_dict(),
            "goal": self.goal,
            "before": self.before.to_dict(),
            "settings": dict(self.settings),
            "set_to": self.set_to,
            "as_set": self.as_set.to_dict(),
            "is_reached": self.is_reached,
            "is_sure": self.is_sure,
            "best": self.best.to_dict(),
            "likely": self.likely.to_dict(),
            "sure": self.sure.to_dict(),
            "edge": self.edge,
            "at_edge": self.at_edge.to_dict() if self.at_edge else None,
        }


def goal_of(outcome: Reading) -> float | None:
    """The target of an outcome's month; of a range the end that is nearer. None without one."""
    target = outcome.judgement.target
    if isinstance(target, tuple):
        level = outcome.value if outcome.value is not None else target[0]
        return min(target, key=lambda end: abs(end - level))
    return target


def check_goal(outcome: Reading, goal: float) -> None:
    """Refuse what an outcome can never be: a share of more than all, less than nothing.

    Raises:
        ImpossibleSettingError: With the ends of what it can be.
    """
    metric = outcome.metric
    low, high = metric.ends
    if not (math.isfinite(goal) and low <= goal <= high):
        said = (
            format_value(goal, unit=metric.unit, decimals=metric.decimals)
            if math.isfinite(goal)
            else f"{goal:g}"
        )
        raise ImpossibleSettingError(outcome.label, said, hint=f"It can be {_range(metric)}.")


def _range(metric: Metric) -> str:
    """What a measure can be, in words."""
    low, high = metric.ends
    if math.isinf(low):
        return "any number"
    least = format_value(low, unit=metric.unit, decimals=0) if low else "0"
    if math.isinf(high):
        return f"any number from {least} on"
    return f"{least} to {format_value(high, unit=metric.unit, decimals=0)}"


def seek_goal(
    setting: Setting,
    link: str,
    *,
    goal: float | None = None,
    settings: Mapping[str, float] | None = None,
) -> GoalSeek:
    """What one driver would have to be for the outcome to reach a goal.

    Asked are the middle and both ends of the outcome's range, each by itself. Where the effect is
    in proportion and no other doubt comes in, each is a division; else the curve is looked at from
    where the driver is towards better, and its first crossing is narrowed down (Brent 1973). What
    was seen of the driver is tried first; beyond it the answer says so.

    Args:
        setting: The outcome's month.
        link: Whose driver is turned.
        goal: Value of the outcome, in its unit; None for its target.
        settings: Drivers set otherwise, by link id. Where ``link`` itself is set is only said
            beside the answer, which starts from its month.

    Raises:
        ImpossibleSettingError: A driver, or the outcome, cannot have such a value.
        StoreError: Nothing is aimed for, and no goal was named.
        UnknownNameError: A link has no lever here.
    """
    levers = {lever.link.id: lever for lever in setting.levers}
    if link not in levers:
        raise UnknownNameError("lever", link, levers)
    outcome, lever = setting.explanation.outcome, levers[link]
    wanted = goal_of(outcome) if goal is None else goal
    if wanted is None:
        raise StoreError(f"{outcome.label} has no target.", hint="Name the value to be reached.")
    check_goal(outcome, wanted)
    others = {
        name: value
        for name, value in (settings or {}).items()
        if name != link and not (name in levers and value == levers[name].now)
    }
    search = _Search(setting, lever, others, wanted)
    best, likely, sure = (search.needed(end) for end in search.ends)
    set_to = (settings or {}).get(link, lever.now)
    as_set = setting.after({**others, link: set_to})
    return GoalSeek(
        outcome=outcome,
        as_of=setting.explanation.as_of,
        lever=lever,
        goal=wanted,
        before=search.before,
        settings=others,
        set_to=set_to,
        as_set=as_set,
        is_reached=search.past(as_set.mid) >= 0,
        is_sure=search.past(getattr(as_set, search.ends[-1])) >= 0,
        best=best,
        likely=likely,
        sure=sure,
        edge=search.edge,
        at_edge=setting.after({**others, link: search.edge}) if search.edge is not None else None,
    )


class _Search:
    """One driver turned until the outcome's middle, or an end of its range, is where it should."""

    def __init__(
        self, setting: Setting, lever: Lever, others: Mapping[str, float], goal: float
    ) -> None:
        self._setting, self._lever, self._others, self._goal = setting, lever, others, goal
        self.before = setting.after(others)
        direction = setting.explanation.outcome.metric.direction
        is_up = self.before.mid < goal
        if direction is not Direction.IN_RANGE:
            is_up = direction is not Direction.LOWER_IS_BETTER
        self._sign = 1.0 if is_up else -1.0
        self.ends = ("high", "mid", "low") if is_up else ("low", "mid", "high")

    @property
    def edge(self) -> float | None:
        towards, (low, high) = self._way(), self._lever.reach
        return None if towards == 0 else high if towards > 0 else low

    def needed(self, end: str) -> Needed:
        lever = self._lever
        if self._gap(end, lever.now) >= 0:
            return Needed(reach=Reach.ALREADY, value=lever.now)
        towards = self._way()
        found = None
        if towards and lever.is_proportional and not self._others:
            found = self._by_division(end, towards)
        elif towards:
            found = self._by_search(end, towards)
        if found is None:
            return Needed(reach=Reach.NEVER, value=None)
        return Needed(reach=Reach.SEEN if lever.is_seen(found) else Reach.UNSEEN, value=found)

    def past(self, value: float) -> float:
        """How far a value of the outcome is past the goal, positive where it is reached."""
        return float((value - self._goal) * self._sign)

    def _gap(self, end: str, value: float) -> float:
        """How far an end is past the goal, positive where it is reached."""
        after = self._setting.after({**self._others, self._lever.link.id: value})
        return self.past(getattr(after, end))

    def _by_division(self, end: str, towards: float) -> float | None:
        """The way to go, divided by how far an end comes with one step."""
        lever, step = self._lever, self._lever.step * towards
        if not lever.can_be(lever.now + step):
            step = (self._furthest(towards) - lever.now) / 2
        missing = self._gap(end, lever.now)
        came = (self._gap(end, lever.now + step) - missing) / step
        if came * towards <= 0:
            return None
        value = lever.now - missing / came
        furthest = self._furthest(towards)
        if (furthest - value) * towards < 0:
            return None
        if abs(self._gap(end, value)) > _EXACT * abs(missing):
            return self._by_search(end, towards)  # an end of the outcome's own scale came between
        return value

    def _by_search(self, end: str, towards: float) -> float | None:
        """The first setting on the way that does: among those that were seen, then beyond them."""
        lever = self._lever
        start, nearest = lever.now, lever.reach[1] if towards > 0 else lever.reach[0]
        if (nearest - start) * towards > 0:
            found = self._first(end, start, nearest)
            if found is not None:
                return found
            start = nearest
        return self._first(end, start, self._furthest(towards))

    def _way(self) -> float:
        """The direction in which the driver makes the outcome better: 1, -1, or 0 for neither."""
        lever = self._lever
        step = lever.step
        if not lever.can_be(lever.now + step):
            step = (lever.ends[0] - lever.now) / 2
        after = self._setting.after({lever.link.id: lever.now + step}).mid
        level = self._setting.after({}).mid
        return float(np.sign((after - level) * self._sign * step))

    def _furthest(self, towards: float) -> float:
        lever = self._lever
        least, most = lever.ends
        size = max(*map(abs, lever.seen), abs(lever.now), lever.step)
        return max(least, -size * _BEYOND) if towards < 0 else min(most, size * _BEYOND)

    def _first(self, end: str, start: float, edge: float) -> float | None:
        """The setting nearest to ``start`` at which an end reaches the goal; None up to ``edge``.

        A pessimistic end may come nearer to the goal and fall behind again, as the doubt about the
        effect grows with the change: so the whole way is looked at, not only its end.
        """
        places = np.linspace(start, edge, _STEPS + 1)
        before, gap = float(places[0]), self._gap_or_none(end, float(places[0]))
        for place in map(float, places[1:]):
            after = self._gap_or_none(end, place)
            if after is None or gap is None:
                return None
            if after >= 0:
                return float(
                    optimize.brentq(
                        lambda value: self._gap(end, value), before, place, xtol=1e-12, rtol=1e-10
                    )
                )
            before, gap = place, after
        return None

    def _gap_or_none(self, end: str, value: float) -> float | None:
        """None where the driver's scale has no such place: nothing takes no logarithm."""
        try:
            return self._gap(end, value)
        except ImpossibleSettingError:
            return None

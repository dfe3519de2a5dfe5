"""A value against its target: status, score and how sure the status is (box A2)."""

import math
from dataclasses import dataclass

from kpi_engine.maths.intervals import wilson_interval
from kpi_engine.terms import Direction, Status

Bound = float | tuple[float, float]

SCORE_AT_RED_LINE = 10 / 3
SCORE_AT_TARGET = 20 / 3
_NOISE = 1e-9
"""Relative difference that only binary arithmetic can make: 1 - 0.9 is 0.1 less 3e-17."""


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """One value judged against one target.

    Attributes:
        target: What was aimed for; two numbers for a range; None when there is no target.
        red_line: The outer boundary; two numbers for a range.
        score: 0 to 10, 3.3 at the red line and 6.7 at the target; None when not judged.
        budget_used: Failures over allowed failures, for metrics judged in failure space.
        is_uncertain: So few were counted that the 90 % interval of the share straddles the target.
        is_placeholder: Nobody has agreed this target; it cannot drive the headline.
        stretch: What would be better than the target; no status rests on it. None without one.
    """

    status: Status
    target: Bound | None = None
    red_line: Bound | None = None
    score: float | None = None
    budget_used: float | None = None
    is_uncertain: bool = False
    is_placeholder: bool = False
    stretch: float | None = None


def kpi_status(
    value: float | None,
    *,
    target: Bound | None,
    red_line: Bound | None,
    direction: Direction,
) -> Status:
    """Judge one value against its target. Unrounded values are compared.

    Args:
        value: In the metric's unit, or None (or not a number) when nothing was measured.
        target: At or better than this is on target; two numbers for IN_RANGE.
        red_line: Past this is off target; on the bad side of ``target``. None leaves no
            room between on and off.
        direction: Which way is good.

    Returns:
        NO_DATA when there is no value: a missing number is never red and never zero.
        NOT_JUDGED when no direction is good or nothing is aimed for.

    Examples:
        >>> kpi_status(26.0, target=24.0, red_line=28.0, direction=Direction.LOWER_IS_BETTER)
        <Status.NEAR_TARGET: 'near_target'>
    """
    if value is None or math.isnan(value):
        return Status.NO_DATA
    if direction is Direction.NONE or target is None:
        return Status.NOT_JUDGED
    if _reaches(value, target, direction):
        return Status.ON_TARGET
    if red_line is not None and _reaches(value, red_line, direction):
        return Status.NEAR_TARGET
    return Status.OFF_TARGET


def judge(
    value: float | None,
    *,
    target: Bound | None,
    red_line: Bound | None,
    direction: Direction,
    failure_space: bool = False,
    numerator: float | None = None,
    denominator: float | None = None,
    is_placeholder: bool = False,
) -> Judgement:
    """Everything one value and one target say together.

    Args:
        value: In the metric's unit, or None when nothing was measured.
        target: As for ``kpi_status``.
        red_line: As for ``kpi_status``.
        direction: Which way is good.
        failure_space: Judge by what went wrong (1 - value). The status is the same, because
            the score is linear; what is added is how much of the allowed failure is used up.
        numerator: Upper part of a share, when the value is ``numerator / denominator`` or one
            minus it; parts of anything else are ignored.
        denominator: Lower part of a share.
        is_placeholder: Nobody has agreed the target.
    """
    status = kpi_status(value, target=target, red_line=red_line, direction=direction)
    if value is None or target is None or status in (Status.NO_DATA, Status.NOT_JUDGED):
        return Judgement(
            status=status, target=target, red_line=red_line, is_placeholder=is_placeholder
        )
    return Judgement(
        status=status,
        target=target,
        red_line=red_line,
        score=_score(value, target, red_line),
        budget_used=_budget_used(value, target) if failure_space else None,
        is_uncertain=_straddles(value, target, numerator, denominator),
        is_placeholder=is_placeholder,
    )


def _reaches(value: float, bound: Bound, direction: Direction) -> bool:
    """Whether ``value`` is at or on the good side of ``bound``."""
    if isinstance(bound, tuple):
        low, high = bound
        return _at_least(value, low) and _at_least(high, value)
    if direction is Direction.LOWER_IS_BETTER:
        return _at_least(bound, value)
    return _at_least(value, bound)


def _at_least(value: float, bound: float) -> bool:
    return value >= bound or math.isclose(value, bound, rel_tol=_NOISE, abs_tol=1e-12)


def _score(value: float, target: Bound, red_line: Bound | None) -> float | None:
    """0 to 10, as Spider Impact scores; one formula for higher and lower is better.

    In a range the middle is best (10); from either end it falls to the red line of that side.
    """
    if red_line is None:
        return None
    if not isinstance(target, tuple) and not isinstance(red_line, tuple):
        return _linear(value, target, red_line)
    if not isinstance(target, tuple) or not isinstance(red_line, tuple):
        return None
    low, high = target
    if value < low:
        return _linear(value, low, red_line[0])
    if value > high:
        return _linear(value, high, red_line[1])
    middle, half = (low + high) / 2, (high - low) / 2
    away = abs(value - middle) / half if half else 0.0
    return SCORE_AT_TARGET + (10 - SCORE_AT_TARGET) * (1 - away)


def _linear(value: float, target: float, red_line: float) -> float | None:
    if target == red_line:
        return None
    score = SCORE_AT_RED_LINE + SCORE_AT_RED_LINE * (value - red_line) / (target - red_line)
    return min(10.0, max(0.0, score))


def _budget_used(value: float, target: Bound) -> float | None:
    """Failures over allowed failures; None when nothing at all is allowed to fail."""
    if isinstance(target, tuple) or target >= 1:
        return None
    return (1 - value) / (1 - target)


def _straddles(
    value: float, target: Bound, numerator: float | None, denominator: float | None
) -> bool:
    """Whether chance alone could put the share on the other side of the target."""
    if numerator is None or denominator is None or denominator <= 0:
        return False
    if not 0 <= numerator <= denominator:
        return False
    share = numerator / denominator
    if math.isclose(value, 1 - share, abs_tol=1e-9) and not math.isclose(value, share):
        numerator = denominator - numerator
    elif not math.isclose(value, share, abs_tol=1e-9):
        return False
    interval = wilson_interval(numerator, denominator)
    bounds = target if isinstance(target, tuple) else (target,)
    return interval is not None and any(interval[0] < bound < interval[1] for bound in bounds)

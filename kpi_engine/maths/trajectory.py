"""Where a year will end, against its target: on track, off track, or too early to tell."""

from kpi_engine.maths.status import Bound, kpi_status
from kpi_engine.terms import Direction, Status, Trajectory


def trajectory(
    low: float, high: float, *, target: Bound | None, direction: Direction, is_over: bool
) -> Trajectory:
    """What a range says of a target.

    Args:
        low: Lower end of the range; once the year is over, its value.
        high: Upper end of the range; once the year is over, its value.
        target: Of the whole year; two numbers for a range.
        direction: Which way is good.
        is_over: Every month of the year is in.

    Returns:
        NOT_JUDGED without a target or where no direction is good; TOO_EARLY as long as both
        meeting and missing it lie within the range.

    Examples:
        >>> trajectory(90, 99, target=100, direction=Direction.HIGHER_IS_BETTER, is_over=False)
        <Trajectory.OFF_TRACK: 'off_track'>
    """
    if target is None or direction is Direction.NONE:
        return Trajectory.NOT_JUDGED
    meets = [
        kpi_status(end, target=target, red_line=None, direction=direction) is Status.ON_TARGET
        for end in (low, high)
    ]
    if is_over:
        return Trajectory.MET if all(meets) else Trajectory.NOT_MET
    if all(meets):
        return Trajectory.ON_TRACK
    holds_target = isinstance(target, tuple) and low < target[0] and target[1] < high
    return Trajectory.TOO_EARLY if any(meets) or holds_target else Trajectory.OFF_TRACK

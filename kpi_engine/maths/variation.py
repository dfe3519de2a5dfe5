"""A value against its own history: usual range and verdict (XmR limits)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from kpi_engine.terms import Direction, Variation

WINDOW_MONTHS = 24
"""History shown."""
BASELINE_MONTHS = 16
"""The limits rest on the first so many months of the whole history, so that they hold still."""
FEWEST_VALUES = 12
"""With fewer values no limits are drawn and nothing is judged."""
SHIFT_MONTHS = 8
"""So many in a row on one side of the mean are a shift, even inside the limits."""
LIMIT_FACTOR = 2.66
"""3 / 1.128: three standard deviations, estimated from moving ranges of two."""
_NOISE = 1e-9
"""Relative difference that only arithmetic makes: a metric that never moves has no signals."""


@dataclass(frozen=True, kw_only=True)
class UsualRange:
    """Natural process limits: mean +/- 2.66 x the mean moving range of the baseline.

    Attributes:
        baseline_months: How many months with a value the limits rest on.
    """

    mean: float
    low: float
    high: float
    baseline_months: int


@dataclass(frozen=True, kw_only=True)
class VariationVerdict:
    """How the newest value stands in its history.

    Attributes:
        run: Months in a row, this one included, that got the same verdict; 0 when usual.
    """

    variation: Variation
    run: int = 0


def usual_range(values: Sequence[float | None]) -> UsualRange | None:
    """The range a metric stays in when nothing special happens.

    The moving range is taken between neighbouring months only, so a gap does not count as a
    change.

    Args:
        values: One a month from the first there ever was, oldest first, None for a month
            without data.

    Returns:
        None when the baseline holds fewer than 12 values.

    Examples:
        >>> found = usual_range([10.0, 12.0] * 8)
        >>> round(found.low, 2), found.mean, round(found.high, 2)
        (5.68, 11.0, 16.32)
    """
    baseline = [_number(values[place]) for place in baseline_places(values)]
    known = [value for value in baseline if value is not None]
    steps = [
        abs(now - before)
        for before, now in pairwise(baseline)
        if before is not None and now is not None
    ]
    if len(known) < FEWEST_VALUES or not steps:
        return None
    mean = math.fsum(known) / len(known)
    reach = LIMIT_FACTOR * math.fsum(steps) / len(steps)
    return UsualRange(mean=mean, low=mean - reach, high=mean + reach, baseline_months=len(known))


def baseline_places(values: Sequence[float | None]) -> range:
    """Places of the months that the limits rest on: the first 16 from the first with a value.

    With gaps it goes on until 12 months have a value. Later months never change it.
    """
    known = [place for place, value in enumerate(values) if _number(value) is not None]
    if not known:
        return range(0)
    last = known[0] + BASELINE_MONTHS - 1
    if len(known) >= FEWEST_VALUES:
        last = max(last, known[FEWEST_VALUES - 1])
    return range(known[0], min(last + 1, len(values)))


def is_outside(value: float | None, range_: UsualRange | None) -> bool:
    """Whether a month lies outside its usual range; False when either is not known."""
    number = _number(value)
    return number is not None and range_ is not None and _side_outside(number, range_) != 0


def variation_verdict(
    values: Sequence[float | None], range_: UsualRange | None, *, direction: Direction
) -> VariationVerdict:
    """What the newest value says about the process behind it.

    A month is a signal when it lies outside the limits, or is the eighth or a later one in a
    row on one side of the mean. The first seven stay what they were called at the time, so that
    a run grows by one a month.

    Args:
        values: One a month from the first there ever was, oldest first, ending with the month
            judged; None for no data.
        range_: From ``usual_range``; None when there is too little history.
        direction: Which way is good.

    Returns:
        NOT_JUDGED without a value or without a range.
    """
    if range_ is None or not values or _number(values[-1]) is None:
        return VariationVerdict(variation=Variation.NOT_JUDGED)
    signals = _signals([_number(value) for value in values], range_)
    newest = signals[-1]
    if newest == 0:
        return VariationVerdict(variation=Variation.USUAL)
    run = 0
    for side in reversed(signals):
        if side != newest:
            break
        run += 1
    return VariationVerdict(variation=_word(newest, direction), run=run)


def _signals(values: Sequence[float | None], range_: UsualRange) -> list[int]:
    """For each month, as it stood then: 1 a signal upwards, -1 downwards, 0 none."""
    found: list[int] = []
    last_side, in_a_row = 0, 0
    for value in values:
        side = 0 if value is None else _side(value, range_.mean)
        in_a_row = in_a_row + 1 if side == last_side else 1
        last_side = side
        outside = 0 if value is None else _side_outside(value, range_)
        found.append(side if in_a_row >= SHIFT_MONTHS else outside)
    return found


def _side_outside(value: float, range_: UsualRange) -> int:
    above, below = value - range_.high, range_.low - value
    noise = _NOISE * max(abs(range_.high), abs(range_.low))
    return int(above > noise) - int(below > noise)


def _word(side: int, direction: Direction) -> Variation:
    if direction is Direction.HIGHER_IS_BETTER:
        return Variation.BETTER if side > 0 else Variation.WORSE
    if direction is Direction.LOWER_IS_BETTER:
        return Variation.BETTER if side < 0 else Variation.WORSE
    return Variation.UNUSUAL


def _side(value: float, mean: float) -> int:
    if math.isclose(value, mean, rel_tol=_NOISE):
        return 0
    return 1 if value > mean else -1


def _number(value: float | None) -> float | None:
    """None for a missing value however it is written."""
    return None if value is None or math.isnan(value) else value

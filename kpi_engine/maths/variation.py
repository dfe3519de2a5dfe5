"""A value against its own history: process limits, special causes and assurance (XmR chart).

Rules and constants are those of NHS England's "Making Data Count", as its public R package
NHSRplotthedots (``ptd_spc`` with outliers screened and limits fixed after 12 points) works them
out. On a series without gaps the results are the same.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

from kpi_engine.terms import Assurance, Direction, SpecialCause, Variation

WINDOW_MONTHS = 24
"""History shown."""
BASELINE_POINTS = 12
"""The limits rest on the first so many values and then hold still."""
FEWEST_POINTS = 6
"""With fewer values no limits are drawn; from here to the baseline's end they are on trial."""
IN_A_ROW = 7
"""So many in a row on one side of the mean are a shift, and so many that rise or fall a trend."""
LIMIT_FACTOR = 2.66
"""3 / 1.128: three standard deviations, estimated from moving ranges of two."""
NEAR_LIMIT = 2 / 3
"""A value past this share of the way from the mean to a limit is near it."""
SCREEN_FACTOR = 3.267
"""D4, the upper limit of a moving range of two: larger ones are left out, once."""
_NOISE = 1e-9
"""Relative difference that only arithmetic makes: a metric that never moves has no signals."""
_Item = TypeVar("_Item")


@dataclass(frozen=True, kw_only=True)
class UsualRange:
    """Natural process limits: mean +/- 2.66 x the mean moving range of the baseline.

    Attributes:
        points: How many values the limits rest on.
        first: Place in the series at which they begin to hold: its first value, or the first after
            somebody set a new baseline.
        last: Place of the last value they rest on.
    """

    mean: float
    low: float
    high: float
    points: int
    first: int
    last: int

    @property
    def is_trial(self) -> bool:
        """Whether values still to come will move the limits."""
        return self.points < BASELINE_POINTS


@dataclass(frozen=True, kw_only=True)
class ChartPoint:
    """One period of a chart, judged by all that is known.

    Attributes:
        value: None in a gap.
        range_: The limits that hold there; None with too little history.
        causes: What sets it apart, what weighs most first; empty for usual variation.
        way: Where the first of them points: 1 up, -1 down, 0 without any. A trend points where it
            goes, everything else to the side of the mean on which the value lies.
    """

    value: float | None
    range_: UsualRange | None
    causes: tuple[SpecialCause, ...] = ()
    way: int = 0


@dataclass(frozen=True, kw_only=True)
class VariationVerdict:
    """How the newest value stands in its history.

    Attributes:
        run: Periods in a row, this one included, that got the same verdict; 0 when usual. The value
            that a trend starts from is not one of them.
        causes: What sets the newest value apart, what weighs most first.
        way: Where the first of them points: 1 up, -1 down, 0 when usual.
        is_trial: The limits it is held against rest on fewer than 12 values.
    """

    variation: Variation
    run: int = 0
    causes: tuple[SpecialCause, ...] = ()
    way: int = 0
    is_trial: bool = False

    @property
    def is_signal(self) -> bool:
        """Whether it is news: usual variation is none, nor is what limits on trial say."""
        is_special = self.variation in (Variation.BETTER, Variation.WORSE, Variation.UNUSUAL)
        return is_special and not self.is_trial

    @property
    def is_steady(self) -> bool:
        """Whether the newest value is as usual, and the limits hold: what comes next is known."""
        return self.variation is Variation.USUAL and not self.is_trial


def control_chart(
    values: Sequence[float | None], *, new_baselines: Iterable[int] = ()
) -> tuple[ChartPoint, ...]:
    """Every period of a series with its limits and what sets it apart.

    Each stretch between new baselines is a chart of its own: no moving range and no run crosses
    into it. A gap is no change, and it ends a run. All seven values of a shift or a trend are set
    apart once the seventh is in; of two in three near a limit, with all three on one side of the
    mean, the two that are near.

    Args:
        values: One a period, oldest first; None for a period without data.
        new_baselines: Places at which new limits begin.

    Examples:
        >>> chart = control_chart([10.0, 12.0] * 6 + [17.0])
        >>> round(chart[-1].range_.high, 2), chart[-1].causes
        (16.32, (<SpecialCause.OUTSIDE: 'outside'>,))
    """
    numbers = [_number(value) for value in values]
    starts = sorted({0, *(place for place in new_baselines if 0 < place < len(numbers))})
    found: list[ChartPoint] = []
    for start, end in zip(starts, [*starts[1:], len(numbers)], strict=True):
        found += _stretch(numbers[start:end], start)
    return tuple(found)


def usual_range(values: Sequence[float | None], *, first: int = 0) -> UsualRange | None:
    """The range a metric stays in when nothing special happens.

    Moving ranges are taken between neighbouring periods only, so that a gap does not count as a
    change. Those of at least 3.267 times their mean are left out, once.

    Args:
        values: One a period from the first of this baseline, oldest first, None for no data.
        first: Place of the first in the whole series.

    Returns:
        None with fewer than six values, or without two neighbours.

    Examples:
        >>> found = usual_range([10.0, 12.0] * 8)
        >>> round(found.low, 2), found.mean, round(found.high, 2), found.points
        (5.68, 11.0, 16.32, 12)
    """
    numbers = [_number(value) for value in values]
    known = [place for place, value in enumerate(numbers) if value is not None][:BASELINE_POINTS]
    if len(known) < FEWEST_POINTS:
        return None
    baseline = numbers[: known[-1] + 1]
    steps = [
        abs(now - before)
        for before, now in pairwise(baseline)
        if before is not None and now is not None
    ]
    if not steps:
        return None
    mean = math.fsum(value for value in baseline if value is not None) / len(known)
    reach = LIMIT_FACTOR * _screened_mean(steps)
    return UsualRange(
        mean=mean,
        low=mean - reach,
        high=mean + reach,
        points=len(known),
        first=first + known[0],
        last=first + known[-1],
    )


def variation_verdict(chart: Sequence[ChartPoint], *, direction: Direction) -> VariationVerdict:
    """What the newest value says about the process behind it.

    Args:
        chart: From ``control_chart``, ending with the period judged.
        direction: Which way is good.

    Returns:
        NOT_JUDGED without a value, or with too little history.
    """
    newest = chart[-1] if chart else None
    if newest is None or newest.range_ is None or newest.value is None:
        return VariationVerdict(variation=Variation.NOT_JUDGED)
    is_trial = newest.range_.is_trial
    if not newest.causes:
        return VariationVerdict(variation=Variation.USUAL, is_trial=is_trial)
    run = 0
    for before, point in reversed([*pairwise([None, *chart])]):
        if point is None or point.way != newest.way or _only_starts_a_trend(point, before):
            break
        run += 1
    return VariationVerdict(
        variation=_word(newest.way, direction),
        run=run,
        causes=newest.causes,
        way=newest.way,
        is_trial=is_trial,
    )


def _only_starts_a_trend(point: ChartPoint, before: ChartPoint | None) -> bool:
    """Whether a trend starts from this value: it is set apart with it, and did not go its way."""
    if point.causes[:1] != (SpecialCause.TREND,):
        return False
    if before is None or before.value is None or point.value is None:
        return True
    return _way(before.value, point.value) != point.way


def assurance(
    range_: UsualRange | None,
    target: float | tuple[float, float] | None,
    *,
    direction: Direction,
) -> Assurance:
    """Whether the process as it is will meet its target.

    A target beyond both limits is met, or missed, in every usual period; between them chance
    decides. Of a target that is a range both ends count.

    Args:
        range_: The newest limits.
        target: In the metric's unit; a range has two ends.
        direction: Which way is good.

    Returns:
        NOT_JUDGED without limits, target or direction.
    """
    if range_ is None or target is None or direction is Direction.NONE:
        return Assurance.NOT_JUDGED
    if isinstance(target, tuple):
        low, high = target
        if low <= range_.low and range_.high <= high:
            return Assurance.MET
        is_apart = range_.high < low or high < range_.low
        return Assurance.MISSED if is_apart else Assurance.HIT_AND_MISS
    is_higher_good = direction is Direction.HIGHER_IS_BETTER
    if target > range_.high:
        return Assurance.MISSED if is_higher_good else Assurance.MET
    if target < range_.low:
        return Assurance.MET if is_higher_good else Assurance.MISSED
    return Assurance.HIT_AND_MISS


def _stretch(values: Sequence[float | None], first: int) -> list[ChartPoint]:
    """One baseline's part of a chart."""
    range_ = usual_range(values, first=first)
    if range_ is None:
        return [ChartPoint(value=value, range_=None) for value in values]
    sides = [0 if value is None else _side(value, range_) for value in values]
    near = [value is not None and _is_near(value, range_) for value in values]
    ways = [_way(before, now) for before, now in pairwise(values)]
    is_so = {
        SpecialCause.OUTSIDE: [_is_outside(value, range_) for value in values],
        SpecialCause.TREND: _in_trend(ways),
        SpecialCause.NEAR_LIMIT: _two_of_three(near, sides),
        SpecialCause.SHIFT: _in_shift(sides),
    }
    points = []
    for place, value in enumerate(values):
        causes = tuple(cause for cause in is_so if is_so[cause][place])
        way = sides[place] if causes else 0
        if causes[:1] == (SpecialCause.TREND,):
            goes_on = is_so[SpecialCause.TREND][place + 1 : place + 2] == [True]
            way = ways[place if goes_on else place - 1]
        points.append(ChartPoint(value=value, range_=range_, causes=causes, way=way))
    return points


def _in_shift(sides: Sequence[int]) -> list[bool]:
    """Part of seven in a row on one side of the mean."""
    return _in_windows(sides, IN_A_ROW, lambda window: set(window) in ({1}, {-1}))


def _in_trend(ways: Sequence[int]) -> list[bool]:
    """Part of seven in a row of which each is above, or each below, the one before."""
    is_step = _in_windows(ways, IN_A_ROW - 1, lambda window: set(window) in ({1}, {-1}))
    return [before or after for before, after in pairwise([False, *is_step, False])]


def _two_of_three(near: Sequence[bool], sides: Sequence[int]) -> list[bool]:
    """Near a limit, with another of three in a row that all lie on one side of the mean."""

    def is_close(window: Sequence[tuple[bool, int]]) -> bool:
        return sum(is_near for is_near, _ in window) > 1 and {s for _, s in window} in ({1}, {-1})

    in_three = _in_windows(list(zip(near, sides, strict=True)), 3, is_close)
    return [is_part and is_near for is_part, is_near in zip(in_three, near, strict=True)]


def _in_windows(
    items: Sequence[_Item], length: int, holds: Callable[[Sequence[_Item]], bool]
) -> list[bool]:
    """Whether each item lies in some window of a length for which something holds."""
    found = [False] * len(items)
    for start in range(len(items) - length + 1):
        if holds(items[start : start + length]):
            found[start : start + length] = [True] * length
    return found


def _screened_mean(steps: Sequence[float]) -> float:
    mean = math.fsum(steps) / len(steps)
    kept = [step for step in steps if step < SCREEN_FACTOR * mean]
    return math.fsum(kept) / len(kept) if kept else mean


def _is_outside(value: float | None, range_: UsualRange) -> bool:
    return value is not None and _beyond(value, range_.low, range_.high, range_) != 0


def _is_near(value: float, range_: UsualRange) -> bool:
    reach = (range_.high - range_.mean) * NEAR_LIMIT
    is_past = _beyond(value, range_.mean - reach, range_.mean + reach, range_) != 0
    return is_past and not _is_outside(value, range_)


def _side(value: float, range_: UsualRange) -> int:
    return _beyond(value, range_.mean, range_.mean, range_)


def _beyond(value: float, low: float, high: float, range_: UsualRange) -> int:
    """1 above ``high``, -1 below ``low``, by more than arithmetic can make on this scale."""
    noise = _NOISE * max(abs(range_.high), abs(range_.low))
    return int(value - high > noise) - int(low - value > noise)


def _way(before: float | None, now: float | None) -> int:
    """1 rising, -1 falling, 0 level or not known."""
    if before is None or now is None or math.isclose(before, now, rel_tol=_NOISE):
        return 0
    return 1 if now > before else -1


def _word(side: int, direction: Direction) -> Variation:
    if direction is Direction.HIGHER_IS_BETTER:
        return Variation.BETTER if side > 0 else Variation.WORSE
    if direction is Direction.LOWER_IS_BETTER:
        return Variation.BETTER if side < 0 else Variation.WORSE
    return Variation.UNUSUAL


def _number(value: float | None) -> float | None:
    """None for a missing value however it is written."""
    return None if value is None or math.isnan(value) else value

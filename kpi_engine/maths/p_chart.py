"""Shares against their own history where what they are of varies: p-chart, and p'-chart.

The p-chart is Shewhart's, as in Montgomery, "Introduction to Statistical Quality Control" (7.2.2):
limits at the mean share plus and minus three standard errors of so many cases, which step with
their number. With many cases even the ordinary unrest of a process exceeds them; then the limits
are widened by how much the shares move from one period to the next: Laney (2002), "Improved
control charts for attributes", Quality Engineering 14(4), 531-537.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from kpi_engine.maths.variation import BASELINE_POINTS, FEWEST_POINTS

SIGMAS = 3.0
_D2 = 1.128
"""The mean moving range of two, in standard deviations."""
_ONE_SIDED_95 = 1.6448536269514722
_NOISE = 1e-9

Part = tuple[float, float] | None
"""Numerator and denominator; None in a gap."""


@dataclass(frozen=True, kw_only=True)
class SharePoint:
    """One period of the chart.

    Attributes:
        share: None in a gap.
        low: Lower limit, never below 0; None in a gap.
        high: Upper limit, never above 1; None in a gap.
        is_outside: The share lies beyond a limit.
    """

    share: float | None
    low: float | None
    high: float | None
    is_outside: bool = False


@dataclass(frozen=True, kw_only=True)
class ShareChart:
    """A p-chart, or a p'-chart where shares move more than their number of cases explains.

    Attributes:
        mean: The summed numerators over the summed denominators of the baseline.
        spread: How much shares move from period to period, in standard errors of their cases: 1
            where chance explains all of it.
        spread_by_chance: Above this, it is more than chance.
        is_widened: The limits are those of the p'-chart.
        baseline: How many periods mean and spread rest on.
    """

    mean: float
    spread: float
    spread_by_chance: float
    is_widened: bool
    baseline: int
    points: tuple[SharePoint, ...]


def share_chart(parts: Sequence[Part], *, baseline: int = BASELINE_POINTS) -> ShareChart | None:
    """Limits of shares whose number of cases varies.

    Mean and spread rest on the first ``baseline`` periods and then hold still, as those of the
    XmR chart do; with fewer, on all there are.

    Args:
        parts: One a period, oldest first; numerators between 0 and their denominator.
        baseline: On how many values the limits rest.

    Returns:
        None with fewer than six values, where all or nothing happens in each, or where a part is
        no share of its whole.

    Examples:
        >>> chart = share_chart([(12, 100), (8, 80), (6, 80), (9, 100), (10, 110), (12, 110)])
        >>> round(chart.mean, 4), round(chart.points[0].high, 4), chart.is_widened
        (0.0983, 0.1876, False)
    """
    known = [part for part in parts if part is not None and part[1] > 0]
    if any(not 0 <= above <= below for above, below in known):
        return None
    rests_on = known[:baseline]
    if len(rests_on) < FEWEST_POINTS:
        return None
    mean = math.fsum(above for above, _ in rests_on) / math.fsum(below for _, below in rests_on)
    if not 0 < mean < 1:
        return None
    spread = _spread(rests_on, mean)
    by_chance = 1 + _ONE_SIDED_95 * _spread_error(len(rests_on))
    is_widened = spread > by_chance
    reach = SIGMAS * (spread if is_widened else 1.0)
    return ShareChart(
        mean=mean,
        spread=spread,
        spread_by_chance=by_chance,
        is_widened=is_widened,
        baseline=len(rests_on),
        points=tuple(_point(part, mean, reach) for part in parts),
    )


def _spread(parts: Sequence[tuple[float, float]], mean: float) -> float:
    """Laney's sigma of z: the mean moving range of standardised shares over 1.128."""
    z = [(above / below - mean) / _error(mean, below) for above, below in parts]
    steps = [abs(now - before) for before, now in pairwise(z)]
    return math.fsum(steps) / len(steps) / _D2


def _spread_error(count: int) -> float:
    """Standard error of a standard deviation from moving ranges of two, for one of 1.

    Cryer and Ryan (1990), "The estimation of sigma for an X chart", Journal of Quality
    Technology 22(3), 187-192.
    """
    return math.sqrt(0.8264 * count - 1.082) / (count - 1)


def _error(mean: float, cases: float) -> float:
    return math.sqrt(mean * (1 - mean) / cases)


def _point(part: Part, mean: float, reach: float) -> SharePoint:
    if part is None or part[1] <= 0:
        return SharePoint(share=None, low=None, high=None)
    share, half = part[0] / part[1], reach * _error(mean, part[1])
    low, high = max(0.0, mean - half), min(1.0, mean + half)
    is_outside = share - high > _NOISE or low - share > _NOISE
    return SharePoint(share=share, low=low, high=high, is_outside=is_outside)

"""Ranges: estimates with a low, a mid and a high, and intervals of shares."""

import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Self

NORMAL_90 = 1.6448536269514722
"""Standard normal quantile at 95 %: both sides of it hold 90 %."""


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """An estimated number and the 90 % range it likely lies in; ``low <= mid <= high``."""

    low: float
    mid: float
    high: float

    def __post_init__(self) -> None:
        if not self.low <= self.mid <= self.high:
            raise ValueError(f"not ordered: {self.low}, {self.mid}, {self.high}")

    @classmethod
    def exact(cls, value: float) -> Self:
        """A counted number: no range."""
        return cls(low=value, mid=value, high=value)

    @classmethod
    def of(cls, one: float, mid: float, other: float) -> Self:
        """An estimate from two ends in either order."""
        return cls(low=min(one, mid, other), mid=mid, high=max(one, mid, other))

    def __mul__(self, factor: float) -> "Estimate":
        return Estimate.of(self.low * factor, self.mid * factor, self.high * factor)

    @property
    def spans_zero(self) -> bool:
        """Whether not even the direction is certain."""
        return self.low < 0 < self.high

    def to_dict(self) -> dict[str, float]:
        """Plain values, ready for JSON."""
        return asdict(self)


def sum_of_estimates(estimates: Iterable[Estimate]) -> Estimate | None:
    """The sum of independent estimates: half-widths add in squares, each side by itself.

    Unclear estimates belong in the sum too: dropping them would bias the total.

    Returns:
        None when there is nothing to add: an empty sum of estimates is not known to be 0.

    Examples:
        >>> three = Estimate(low=7, mid=10, high=14)
        >>> four = Estimate(low=16, mid=20, high=23)
        >>> sum_of_estimates([three, four])
        Estimate(low=25.0, mid=30.0, high=35.0)
    """
    parts = tuple(estimates)
    if not parts:
        return None
    mid = math.fsum(part.mid for part in parts)
    below = math.hypot(*(part.mid - part.low for part in parts))
    above = math.hypot(*(part.high - part.mid for part in parts))
    return Estimate(low=mid - below, mid=mid, high=mid + above)


def wilson_interval(
    successes: float, trials: float, *, z: float = NORMAL_90
) -> tuple[float, float] | None:
    """Where the share behind ``successes`` of ``trials`` likely lies (Wilson 1927).

    Args:
        successes: From 0 to ``trials``; need not be whole.
        trials: How many were tried.
        z: Normal quantile; the default gives a 90 % interval.

    Returns:
        Two fractions inside 0 to 1, or None when nothing was tried.

    Raises:
        ValueError: More successes than trials, or fewer than none.
    """
    if not 0 <= successes <= max(trials, 0):
        raise ValueError(f"{successes} of {trials} is not a share")
    if trials == 0:
        return None
    share, spread = successes / trials, z * z / trials
    centre = (share + spread / 2) / (1 + spread)
    half = z / (1 + spread) * math.sqrt(share * (1 - share) / trials + spread / (4 * trials))
    return max(0.0, centre - half), min(1.0, centre + half)

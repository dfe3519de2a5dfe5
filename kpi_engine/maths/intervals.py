"""Ranges: estimates with a low, a mid and a high, and intervals of shares."""

from dataclasses import asdict, dataclass
from typing import Self


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

    def times(self, other: "Estimate") -> "Estimate":
        """The product of two independent estimates by its exact corners."""
        corners = [a * b for a in (self.low, self.high) for b in (other.low, other.high)]
        mid = self.mid * other.mid
        return Estimate(low=min(*corners, mid), mid=mid, high=max(*corners, mid))

    @property
    def spans_zero(self) -> bool:
        """Whether not even the direction is certain."""
        return self.low < 0 < self.high

    def to_dict(self) -> dict[str, float]:
        """Plain values, ready for JSON."""
        return asdict(self)

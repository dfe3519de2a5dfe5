"""What a share's movement is made of across segments: their own changes, and the shift between."""

from collections.abc import Mapping
from dataclasses import dataclass

Fraction = tuple[float, float]
"""Numerator and denominator."""


@dataclass(frozen=True, kw_only=True)
class Mix:
    """A movement of a whole, taken apart by its segments.

    Attributes:
        own: What the segments' own changes did.
        shift: What came from more of the whole standing in better or worse segments.
        is_reversed: Every segment moved against the whole (Simpson's paradox): only the shift
            between them made the whole go the way it went.
    """

    own: float
    shift: float
    is_reversed: bool


def rate_and_mix(before: Mapping[str, Fraction], now: Mapping[str, Fraction]) -> Mix | None:
    """Take the movement of a ratio apart; the two parts add up to it exactly.

    Each segment's change counts by its average share of the denominator, each shift of shares by
    the segment's average level (Kitagawa 1955, "Components of a difference between two rates").

    Args:
        before: Segments that make up the whole, a period earlier.
        now: The same segments now; one that is missing on a side stood still at the level it has.

    Returns:
        None where a whole is empty or fewer than two segments have anything in them.

    Examples:
        >>> mix = rate_and_mix({"a": (90, 100), "b": (10, 50)}, {"a": (46, 50), "b": (22, 100)})
        >>> round(mix.own, 3), round(mix.shift, 3), mix.is_reversed
        (0.02, -0.233, True)
    """
    whole_before, whole_now = _whole(before), _whole(now)
    names = [
        name for name in dict.fromkeys((*before, *now)) if _size(before, name) + _size(now, name)
    ]
    if not whole_before or not whole_now or len(names) < 2:
        return None
    own = shift = 0.0
    changes = []
    for name in names:
        weights = _size(before, name) / whole_before, _size(now, name) / whole_now
        levels = _level(before, now, name), _level(now, before, name)
        own += (weights[0] + weights[1]) / 2 * (levels[1] - levels[0])
        shift += (weights[1] - weights[0]) * (levels[0] + levels[1]) / 2
        changes.append(levels[1] - levels[0])
    moved = own + shift
    return Mix(own=own, shift=shift, is_reversed=all(change * moved < 0 for change in changes))


def _whole(parts: Mapping[str, Fraction]) -> float:
    return sum(below for _, below in parts.values())


def _size(parts: Mapping[str, Fraction], name: str) -> float:
    return parts.get(name, (0.0, 0.0))[1]


def _level(parts: Mapping[str, Fraction], other: Mapping[str, Fraction], name: str) -> float:
    above, below = parts.get(name, (0.0, 0.0))
    if not below:
        above, below = other[name]
    return above / below

"""What a share's movement is made of across segments: their own changes, and the shift between."""

import math
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


@dataclass(frozen=True, kw_only=True)
class Share:
    """What one segment did to the movement of a whole.

    Attributes:
        own: What its own change did.
        shift: What came from more or less of the whole standing in it, beside the average.
    """

    own: float
    shift: float

    @property
    def both(self) -> float:
        """Its part of the movement; those of all segments add up to it."""
        return self.own + self.shift


def shares_of_change(
    before: Mapping[str, Fraction], now: Mapping[str, Fraction]
) -> dict[str, Share] | None:
    """Take the movement of a ratio apart by segments; all parts add up to it exactly.

    Each segment's change counts by its average share of the denominator, each shift of shares by
    how far the segment's average level lies from that of the whole (Kitagawa 1955, "Components of
    a difference between two rates"; what is taken off for the whole adds up to nothing).

    Args:
        before: Segments that make up the whole, a period earlier.
        now: The same segments now; one that is missing on a side stood still at the level it has.
            One without a denominator has no level: what it has above (returns in a month without
            orders) counts as it is.

    Returns:
        None where a whole is empty.
    """
    whole_before, whole_now = _whole(before), _whole(now)
    if not whole_before or not whole_now:
        return None
    middle = (_above(before) / whole_before + _above(now) / whole_now) / 2
    found = {}
    for name in dict.fromkeys((*before, *now)):
        bare = _bare(now, name) / whole_now - _bare(before, name) / whole_before
        if not _size(before, name) + _size(now, name):
            if bare:
                found[name] = Share(own=bare, shift=0.0)
            continue
        weights = _size(before, name) / whole_before, _size(now, name) / whole_now
        levels = _level(before, now, name), _level(now, before, name)
        found[name] = Share(
            own=(weights[0] + weights[1]) / 2 * (levels[1] - levels[0]) + bare,
            shift=(weights[1] - weights[0]) * ((levels[0] + levels[1]) / 2 - middle),
        )
    return found


def rate_and_mix(before: Mapping[str, Fraction], now: Mapping[str, Fraction]) -> Mix | None:
    """Take the movement of a ratio apart; the two parts add up to it exactly.

    Args:
        before: Segments that make up the whole, a period earlier.
        now: The same segments now; as in ``shares_of_change``.

    Returns:
        None where a whole is empty or fewer than two segments have anything in them.

    Examples:
        >>> mix = rate_and_mix({"a": (90, 100), "b": (10, 50)}, {"a": (46, 50), "b": (22, 100)})
        >>> round(mix.own, 3), round(mix.shift, 3), mix.is_reversed
        (0.02, -0.233, True)
    """
    shares = shares_of_change(before, now)
    if shares is None or len(shares) < 2:
        return None
    own = math.fsum(share.own for share in shares.values())
    shift = math.fsum(share.shift for share in shares.values())
    changes = [
        _level(now, before, name) - _level(before, now, name)
        for name in shares
        if _size(before, name) + _size(now, name)
    ]
    moved = own + shift
    return Mix(own=own, shift=shift, is_reversed=all(change * moved < 0 for change in changes))


def _above(parts: Mapping[str, Fraction]) -> float:
    return sum(above for above, _ in parts.values())


def _whole(parts: Mapping[str, Fraction]) -> float:
    return sum(below for _, below in parts.values())


def _size(parts: Mapping[str, Fraction], name: str) -> float:
    return parts.get(name, (0.0, 0.0))[1]


def _bare(parts: Mapping[str, Fraction], name: str) -> float:
    """What stands above nothing."""
    above, below = parts.get(name, (0.0, 0.0))
    return 0.0 if below else above


def _level(parts: Mapping[str, Fraction], other: Mapping[str, Fraction], name: str) -> float:
    above, below = parts.get(name, (0.0, 0.0))
    if not below:
        above, below = other[name]
    return above / below

"""Identity links: what a movement is made of by arithmetic. The parts always add up to it."""

import math
from collections.abc import Sequence
from itertools import permutations

RECONCILES_WITHIN = 1e-9
"""Relative difference that only binary arithmetic can make."""


def product_parts(before: Sequence[float], now: Sequence[float]) -> tuple[float, ...]:
    """How much of the change of a product each factor accounts for.

    Each factor is changed from ``before`` to ``now`` in turn; a factor's part is what its turn
    adds, averaged over every order of turns. So no factor is favoured for standing first, and
    the parts add up to the change whatever the signs and even when a factor was zero (where
    logarithms fail).

    Args:
        before: The factors a period earlier.
        now: The same factors now.

    Raises:
        ValueError: The two do not have the same number of factors.

    Examples:
        >>> product_parts([100.0, 50.0], [120.0, 45.0])  # 5000 to 5400: orders, order value
        (950.0, -550.0)
    """
    if len(before) != len(now):
        raise ValueError(f"{len(before)} factors before, {len(now)} now")
    gains: list[list[float]] = [[] for _ in before]
    for order in permutations(range(len(before))):
        factors = list(before)
        product = math.prod(factors)
        for place in order:
            factors[place] = now[place]
            after = math.prod(factors)
            gains[place].append(after - product)
            product = after
    return tuple(math.fsum(found) / len(found) for found in gains)


def ratio_parts(
    before: tuple[float, float], now: tuple[float, float]
) -> tuple[float, float] | None:
    """How much of the change of a ratio comes from its numerator, how much from its denominator.

    Args:
        before: Numerator and denominator a period earlier.
        now: Numerator and denominator now.

    Returns:
        Two parts that add up to the change; None when a denominator is 0.

    Examples:
        >>> upper, lower = ratio_parts((96.0, 100.0), (99.0, 110.0))  # 96 % to 90 %
        >>> round(upper, 6), round(lower, 6)
        (0.028636, -0.088636)
    """
    if before[1] == 0 or now[1] == 0:
        return None
    upper, lower = product_parts((before[0], 1 / before[1]), (now[0], 1 / now[1]))
    return upper, lower


def reconciles(parts: Sequence[float], movement: float, *, size: float) -> bool:
    """Whether parts add up to a movement of a number of about ``size``."""
    return abs(math.fsum(parts) - movement) <= RECONCILES_WITHIN * max(1.0, abs(size))

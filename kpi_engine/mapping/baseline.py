"""The arithmetic of the order baseline: hour of the week times level of the day, and its noise."""

import math

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

HOURS_A_WEEK = 168
_FEWEST_DAYS = 8
"""With fewer days their spread cannot be told from chance."""


def sums_by(places: Ints, weights: Floats, length: int = 0) -> Floats:
    """Weights added up by place."""
    return np.asarray(np.bincount(places, weights=weights, minlength=length), dtype=np.float64)


def fitted_rates(
    orders: Floats, usable: Bools, seen: Bools, place: Ints, day: Ints, *, rounds: int, reach: int
) -> tuple[Floats, Floats]:
    """Orders per hour of the week and the level of each day, fitted in turns."""
    level: Floats = np.ones(int(day[-1]) + 1, dtype=np.float64)
    counted = sums_by(place, orders * usable, HOURS_A_WEEK)
    of_days = window_sums(sums_by(day, orders * usable), reach)
    pattern = np.zeros(HOURS_A_WEEK)
    for _ in range(rounds):
        weights = sums_by(place, level[day] * usable, HOURS_A_WEEK)
        pattern = _filled(
            counted, weights, sums_by(place, seen.astype(np.float64), HOURS_A_WEEK) > 0
        )
        base = window_sums(sums_by(day, pattern[place] * usable), reach)
        level = _quotient(of_days, base, otherwise=1.0)
    return pattern, level


def _filled(counted: Floats, weights: Floats, open_: Bools) -> Floats:
    """Rates per hour of the week; hours that were always down borrow from their hour of day."""
    rates = _quotient(counted, weights, otherwise=0.0)
    hour = np.arange(HOURS_A_WEEK) % 24
    borrowed = _quotient(sums_by(hour, counted), sums_by(hour, weights), otherwise=0.0)[hour]
    return np.where(open_ & (weights == 0), borrowed, rates)


def window_sums(of_days: Floats, reach: int) -> Floats:
    """Sums over each day and ``reach`` days on either side, as far as there are days."""
    sums = np.concatenate([[0.0], np.cumsum(of_days)])
    places = np.arange(len(of_days))
    last = np.minimum(places + reach + 1, len(of_days))
    return np.asarray(sums[last] - sums[np.maximum(places - reach, 0)], dtype=np.float64)


def dispersion_of(orders: Floats, mean: Floats, usable: Bools, place: Ints) -> float:
    """Pearson's variance over mean, never below that of pure chance."""
    counts = usable & (mean > 0)
    free = int(counts.sum()) - len(np.unique(place[counts])) - 1
    if free < 1:
        return 1.0
    squares = (orders[counts] - mean[counts]) ** 2 / mean[counts]
    return max(1.0, float(squares.sum()) / free)


def relative_error(support: Floats, dispersion: float) -> Floats:
    """Relative standard error of a rate that rests on so many expected orders.

    A rate that rests on none was borrowed: it may be out by all of itself.
    """
    return np.sqrt(_quotient(np.full_like(support, dispersion), support, otherwise=1.0))


def _quotient(upper: Floats, lower: Floats, *, otherwise: float) -> Floats:
    """One over the other, ``otherwise`` where there is nothing to divide by."""
    filled = np.full_like(lower, otherwise)
    return np.asarray(np.divide(upper, lower, out=filled, where=lower > 0), dtype=np.float64)


def spread_of_days(
    orders: Floats, mean: Floats, usable: Bools, day: Ints, dispersion: float
) -> float:
    """How much whole days differ from what is expected, beyond what their hours' noise makes."""
    expected = sums_by(day, mean * usable)
    counted = sums_by(day, orders * usable)
    busy = expected > 0
    if int(busy.sum()) < _FEWEST_DAYS:
        return 0.0
    ratios = counted[busy] / expected[busy]
    beyond = float(ratios.var(ddof=1)) - float((dispersion / expected[busy]).mean())
    return math.sqrt(max(0.0, beyond))

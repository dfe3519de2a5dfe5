"""Two series side by side: do they move together, at which delay, and is that more than chance?

Each series is first cleared of what makes unrelated series look alike: its trend and its bend, its
weekdays (days), the wave of the year (with a year of it), and its carry-over from one period to
the next (an autoregression of order 1; Haugh 1976, "Checking the independence of two
covariance-stationary time series", JASA 71). What is left is correlated at each lag. The band holds
what chance alone would give in 95 of 100 such pairs at the lag where it gives most: its ends are
those of one lag (Fisher 1921) widened for the number of lags tried (Sidak 1967).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from scipy import stats

FEWEST_POINTS = 24
"""Periods in which both have a value, below which nothing is said."""
FEWEST_PAIRS = 20
"""Of those, how many pairs must be left at the longest delay."""
CONFIDENCE = 0.95
_DAYS_IN_YEAR = 365.25
_DRAWS = 400
_SEED = 20
"""Draws are always the same, so that the same data give the same answer."""

Values = Mapping[date, float]


@dataclass(frozen=True, kw_only=True)
class LagPoint:
    """How two series go together at one delay.

    Attributes:
        lag: Periods by which the second follows the first; negative where it goes ahead.
        correlation: Of what is left of both once cleared, -1 to 1.
        pairs: How many pairs of periods it rests on.
    """

    lag: int
    correlation: float
    pairs: int


@dataclass(frozen=True, kw_only=True)
class LagScan:
    """All delays that were tried.

    Attributes:
        band: Correlations up to this size are no more than chance, over all lags tried.
        carry_over: Of the first series and the second: what of a period is still in the next.
        has_wave: The wave of the year was taken out.
    """

    points: tuple[LagPoint, ...]
    band: float
    carry_over: tuple[float, float]
    has_wave: bool

    @property
    def clearest(self) -> LagPoint:
        """The lag at which they go together most."""
        return max(self.points, key=lambda point: abs(point.correlation))

    def at(self, lag: int) -> LagPoint | None:
        """One lag; None where it was not tried."""
        return next((point for point in self.points if point.lag == lag), None)

    def is_more_than_chance(self, point: LagPoint) -> bool:
        """Whether a lag lies beyond the band."""
        return abs(point.correlation) > self.band


@dataclass(frozen=True, kw_only=True)
class Slope:
    """The straight line through pairs, with the range that resampled stretches of time give.

    Attributes:
        middle: Change of the second series for one more of the first, in their units.
        low: Lower end of the 90 % range.
        high: Upper end.
        line: (first, mid, low, high) at points along it.
    """

    middle: float
    low: float
    high: float
    line: tuple[tuple[float, float, float, float], ...]


def lag_scan(
    periods: Sequence[date], first: Values, second: Values, *, most: int, is_daily: bool
) -> LagScan | None:
    """How two series go together at every lag from ``-most`` to ``most``.

    Args:
        periods: All of them, in order and without gaps.
        first: What may come before.
        second: What may follow.
        most: The longest lag tried.
        is_daily: Weekdays are taken out as well.

    Returns:
        None with fewer than 24 values, or 20 pairs at any lag, or where a series never moves.
    """
    cleared = [_cleared(periods, values, is_daily=is_daily) for values in (first, second)]
    if cleared[0] is None or cleared[1] is None:
        return None
    (one, carry_one, fitted), (two, carry_two, _) = cleared[0], cleared[1]
    points = [_at(lag, one, two) for lag in range(-most, most + 1)]
    known = [point for point in points if point is not None]
    if len(known) < len(points):
        return None
    return LagScan(
        points=tuple(known),
        band=chance_band(min(point.pairs for point in known), lags=len(known), fitted=fitted),
        carry_over=(carry_one, carry_two),
        has_wave=_has_wave(periods),
    )


def chance_band(pairs: int, *, lags: int, fitted: int = 0) -> float:
    """The correlation that chance exceeds at any of some lags in 5 of 100 cases.

    Args:
        pairs: Pairs of periods.
        lags: How many lags are tried.
        fitted: Figures already taken out of each series, which leave fewer to tell from.

    Examples:
        >>> round(chance_band(100, lags=1), 3), round(chance_band(100, lags=17), 3)
        (0.196, 0.292)
    """
    each = 1 - (1 - (1 - CONFIDENCE)) ** (1 / lags)
    left = max(pairs - fitted - 3, 1)
    return math.tanh(float(stats.norm.ppf(1 - each / 2)) / math.sqrt(left))


def slope(pairs: Sequence[tuple[float, float]]) -> Slope | None:
    """The straight line through pairs in the order of time.

    Its range comes from pairs drawn again in stretches, so that neighbours in time stay together
    (Kuensch 1989, moving blocks).

    Returns:
        None with fewer than 24 pairs, or where the first of them never moves.
    """
    if len(pairs) < FEWEST_POINTS:
        return None
    x, y = (np.array(side, dtype=float) for side in zip(*pairs, strict=True))
    if np.ptp(x) <= 1e-12 * max(1.0, float(np.abs(x).max())):
        return None
    grid = np.linspace(x.min(), x.max(), 25)
    drawn = np.array([_fitted(x[rows], y[rows], grid) for rows in _blocks(len(x))])
    steepness, lines = drawn[:, 0], drawn[:, 1:]
    whole = _fitted(x, y, grid)
    low, high = np.quantile(lines, [0.05, 0.95], axis=0)
    ends = np.quantile(steepness, [0.05, 0.95])
    return Slope(
        middle=float(whole[0]),
        low=float(min(ends[0], whole[0])),
        high=float(max(ends[1], whole[0])),
        line=tuple(
            (float(a), float(b), float(min(c, b)), float(max(d, b)))
            for a, b, c, d in zip(grid, whole[1:], low, high, strict=True)
        ),
    )


def _cleared(
    periods: Sequence[date], values: Values, *, is_daily: bool
) -> tuple[dict[int, float], float, int] | None:
    """What is left of a series by place, its carry-over, and how many figures were taken out."""
    places = [place for place, period in enumerate(periods) if period in values]
    if len(places) < FEWEST_POINTS:
        return None
    y = np.array([values[periods[place]] for place in places], dtype=float)
    if np.ptp(y) <= 1e-12 * max(1.0, float(np.abs(y).max())):
        return None
    usual = _usual(periods, places, is_daily=is_daily)
    rest = y - usual @ np.linalg.lstsq(usual, y, rcond=None)[0]
    left = dict(zip(places, rest, strict=True))
    steps = [(left[place - 1], left[place]) for place in places if place - 1 in left]
    below = sum(before * before for before, _ in steps)
    carry = sum(before * now for before, now in steps) / below if below > 0 else 0.0
    new = {
        place: float(left[place] - carry * left[place - 1]) for place in places if place - 1 in left
    }
    return new, float(carry), usual.shape[1]


def _usual(periods: Sequence[date], places: Sequence[int], *, is_daily: bool) -> np.ndarray:
    """Columns of what is taken out: level, trend, bend, weekdays, the wave of the year."""
    way = np.array(places) / max(len(periods) - 1, 1) * 2 - 1
    columns = [np.ones(len(places)), way, way**2]
    days = [periods[place] for place in places]
    if is_daily:
        columns += [np.array([day.weekday() == n for day in days], dtype=float) for n in range(6)]
    if _has_wave(periods):
        turn = np.array([2 * math.pi * day.toordinal() / _DAYS_IN_YEAR for day in days])
        columns += [np.sin(turn), np.cos(turn)]
    return np.column_stack(columns)


def _has_wave(periods: Sequence[date]) -> bool:
    return bool(periods) and (periods[-1] - periods[0]).days >= _DAYS_IN_YEAR - 31


def _at(lag: int, one: Mapping[int, float], two: Mapping[int, float]) -> LagPoint | None:
    pairs = [(value, two[place + lag]) for place, value in one.items() if place + lag in two]
    if len(pairs) < FEWEST_PAIRS:
        return None
    x, y = (np.array(side) for side in zip(*pairs, strict=True))
    if np.std(x) == 0 or np.std(y) == 0:
        return None
    return LagPoint(lag=lag, correlation=float(np.corrcoef(x, y)[0, 1]), pairs=len(pairs))


def _fitted(x: np.ndarray, y: np.ndarray, grid: np.ndarray) -> np.ndarray:
    """The slope of the least squares line, then its height along the grid."""
    spread = x - x.mean()
    below = float(spread @ spread)
    steep = float(spread @ y) / below if below > 0 else 0.0
    return np.concatenate([[steep], y.mean() + steep * (grid - x.mean())])


def _blocks(count: int) -> list[np.ndarray]:
    """Rows of each draw: stretches of neighbours, as many as make up the whole."""
    length = max(2, round(count ** (1 / 3)) + 1)
    random = np.random.default_rng(_SEED)
    starts = random.integers(0, count - length + 1, size=(_DRAWS, math.ceil(count / length)))
    return [(row[:, None] + np.arange(length)[None, :]).reshape(-1)[:count] for row in starts]

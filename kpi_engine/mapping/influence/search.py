"""What the search for a lag costs: the p-value and the range of the shape that was selected."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import optimize, special, stats

from kpi_engine.mapping.influence.background import Floats, Ints
from kpi_engine.mapping.influence.config import InfluenceConfig
from kpi_engine.mapping.influence.posterior import Posterior

_FARTHEST = 8.0
"""Standard errors from the estimate beyond which no range reaches."""
_CLOSE = 0.01
"""Standard errors by which the end of a range may be off."""
_DIGITS = 6
"""Of a vector's entries that are told apart."""
_MOST_TRUTHS = 6
"""So many shapes are taken for the true one in turn; the rest are hardly believed."""


@dataclass(frozen=True, kw_only=True)
class Selection:
    """The shape that fits best, and what chance alone would have made of the search.

    Attributes:
        place: Of the shape.
        p: How often the best of all shapes would fit so well with no effect at all.
    """

    place: int
    p: float


@dataclass(frozen=True, kw_only=True)
class _Chance:
    """Simulated data sets without any effect.

    Attributes:
        along: How much of the noise lies along each shape, in standard errors.
        size: Squared length of the noise.
    """

    along: Floats
    size: Floats


def select(found: Posterior, config: InfluenceConfig) -> tuple[Selection, "Law"]:
    """Pick the best shape, pay for having looked at all, and keep the law for ranges."""
    handicaps = np.asarray([config.tail_handicap * shape.is_tail for shape in found.shapes])
    fits = found.t**2 - handicaps
    place = int(np.argmax(fits))
    law = Law(found, handicaps, place, config)
    return Selection(place=place, p=law.p_value(float(fits[place]))), law


@lru_cache(maxsize=32)
def _noise(log2_draws: int, wide: int, free: int, seed: int) -> tuple[Floats, Floats]:
    """Standard normal draws and a chi square beside them, evenly spread (Sobol 1967)."""
    spread = stats.qmc.Sobol(wide + 1, rng=np.random.default_rng(seed)).random_base2(log2_draws)
    shares = np.clip(spread, 1e-9, 1 - 1e-9)
    return stats.norm.ppf(shares[:, :-1]), stats.chi2.ppf(shares[:, -1], free)


class Law:
    """What the search does on data of which the truth is known, by simulation."""

    def __init__(
        self, found: Posterior, handicaps: Floats, place: int, config: InfluenceConfig
    ) -> None:
        self._found, self._handicaps, self._place, self._config = found, handicaps, place, config
        self._chance = self._simulate()
        self._reached: dict[tuple[int, float], float] = {}

    def p_value(self, fit: float) -> float:
        """How often chance makes the best shape fit at least so well."""
        best = self._fits(self._chance.along, self._chance.size).max(axis=1)
        return float((1 + np.count_nonzero(best >= fit)) / (1 + len(best)))

    def range_of(self, level: float) -> tuple[float, float]:
        """Where the effect lies: every truth under which the estimate would not be odd.

        Each believable shape is taken for the true one in turn, by its weight. The range then
        takes in what every shape says that is nearly as good as the best.
        """
        found, place = self._found, self._place
        middle, error = found.effects[place], found.errors[place]
        odd = (1 - level) / 2
        low = self._bound(-1, odd)
        high = self._bound(1, odd)
        reach = stats.t.ppf(1 - odd, found.free)
        weights = found.shape_weights
        for near in np.flatnonzero(weights >= self._config.plausible_share * weights.max()):
            low = min(low, found.effects[near] - reach * found.errors[near])
            high = max(high, found.effects[near] + reach * found.errors[near])
        return float(min(low, middle - 1e-12 * error)), float(max(high, middle + 1e-12 * error))

    def _simulate(self) -> _Chance:
        values, vectors = np.linalg.eigh(self._found.correlations)
        kept = values > 1e-8 * values.max()
        # Which way a vector points is nobody's choice; rounding must not decide it either where two
        # entries are as large as each other.
        at = np.round(np.abs(vectors), _DIGITS).argmax(axis=0)
        largest = np.take_along_axis(vectors, at[None, :], axis=0)
        roots = (vectors * np.sign(largest))[:, kept] * np.sqrt(values[kept])
        free, wide = self._found.free, roots.shape[1]
        # Tails are combinations of lags: they span no more than there is room for.
        outside = max(1, free + 1 - min(wide, free))
        inside, rest = _noise(self._config.log2_draws, wide, outside, self._config.seed)
        return _Chance(along=inside @ roots.T, size=(inside**2).sum(axis=1) + rest)

    def _fits(self, along: Floats, size: Floats) -> Floats:
        """Squared t of each shape, less its handicap."""
        fits = np.square(along)
        fits /= np.maximum(size[:, None] - fits, 1e-9)
        fits *= self._found.free
        fits -= self._handicaps
        return fits

    def _bound(self, side: int, odd: float) -> float:
        """The truth farthest to one side that is not odd, reached without crossing one that is."""
        found = self._found
        middle, error = found.effects[self._place], found.errors[self._place]
        bar, reach = float(special.ndtri(odd)), 0.0
        while reach < _FARTHEST and self._depth(side, reach) >= bar:
            reach += 1.0
        if reach > 0 and self._depth(side, reach) < bar:
            reach = optimize.brentq(
                lambda steps: self._depth(side, steps) - bar, reach - 1.0, reach, xtol=_CLOSE
            )
        return float(middle + side * reach * error)

    def _depth(self, side: int, steps: float) -> float:
        """How odd the estimate would be so many errors off the truth, as a normal deviate."""
        key = (side, steps)
        if key not in self._reached:
            found = self._found
            off = side * steps
            truth = found.effects[self._place] + off * found.errors[self._place]
            least = 0.5 / 2**self._config.log2_range_draws
            share = np.clip(self._share_beyond(truth, -off, side), least, 1 - least)
            self._reached[key] = float(special.ndtri(share))
        return self._reached[key]

    def _share_beyond(self, truth: float, seen: float, side: int) -> float:
        """How often the estimate lands as far from a truth as it did, or farther, on that side."""
        found, count = self._found, 2**self._config.log2_range_draws
        along, size = self._chance.along[:count], self._chance.size[:count]
        weights = found.shape_weights
        likely = np.argsort(-weights)[:_MOST_TRUTHS]
        likely = likely[weights[likely] >= 0.02 * weights.max()]
        share = 0.0
        for true in likely:
            moved = truth / found.errors[true]
            here = along + moved * found.correlations[true]
            length = size + moved**2 + 2 * moved * along[:, true]
            picked = np.argmax(self._fits(here, length), axis=1)
            off = self._errors_of(here, length, picked, truth)
            beyond = off <= seen if side > 0 else off >= seen
            share += weights[true] * float(np.mean(beyond))
        return share / float(weights[likely].sum())

    def _errors_of(self, along: Floats, size: Floats, picked: Ints, truth: float) -> Floats:
        rows = np.arange(len(picked))
        here = along[rows, picked]
        scale = np.sqrt(np.maximum(size - here**2, 1e-9) / self._found.free)
        return np.asarray((here - truth / self._found.errors[picked]) / scale, dtype=np.float64)

"""Series to make scenarios of: noise that remembers, walks, seasons, shifts, gaps."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from kpi_engine.terms import Grain

Floats = npt.NDArray[np.float64]

PAST = 150
"""Periods before the outcome's first one: what is felt of a driver is felt from the start."""
LONGEST_LAG = {Grain.MONTH: 3, Grain.WEEK: 4, Grain.DAY: 7}
"""How far a lag is searched for, from 0."""
_YEAR = {Grain.MONTH: 12.0, Grain.WEEK: 52.18, Grain.DAY: 365.25}
_FADING = {Grain.MONTH: 0.65, Grain.WEEK: 0.7, Grain.DAY: 0.8}


@dataclass(frozen=True, kw_only=True)
class Maker:
    """Makes series of one draw, all as long: `PAST` periods and those of the outcome.

    Attributes:
        rng: Where chance comes from.
        count: Periods of the outcome.
        grain: Of the periods.
        at: Share of the outcome's time that has passed; below 0 before it.
    """

    rng: np.random.Generator
    count: int
    grain: Grain
    at: Floats = field(init=False)

    def __post_init__(self) -> None:
        steps = np.arange(-PAST, self.count, dtype=np.float64)
        object.__setattr__(self, "at", steps / self.count)

    @property
    def length(self) -> int:
        return PAST + self.count

    def remembering(self, rho: float, *, shocks: Floats | None = None) -> Floats:
        """First-order autocorrelated noise of variance one, of normal shocks or given ones."""
        found = self.rng.standard_normal(self.length + PAST) if shocks is None else shocks.copy()
        share = np.sqrt(1 - rho**2)
        for place in range(1, len(found)):
            found[place] = rho * found[place - 1] + share * found[place]
        return found[-self.length :]

    def heavy_tailed(self, rho: float) -> Floats:
        """The same of shocks by Student's t with 3 degrees of freedom."""
        shocks = self.rng.standard_t(3, self.length + PAST) / np.sqrt(3)
        return self.remembering(rho, shocks=shocks)

    def walk(self) -> Floats:
        return np.cumsum(self.rng.standard_normal(self.length))

    def cycle(self) -> Floats:
        """A cycle that drifts: second-order autoregression around 20 periods long, variance one."""
        shrink, turn = 0.9, 2 * np.pi / 20
        found = self.rng.standard_normal(self.length + PAST)
        for place in range(2, len(found)):
            found[place] += (
                2 * shrink * np.cos(turn) * found[place - 1] - shrink**2 * found[place - 2]
            )
        return found[-self.length :] / found.std()

    def smooth(self) -> Floats:
        """Three slow waves over the whole time."""
        waves = [
            self.rng.standard_normal() * np.cos(np.pi * n * self.at + self.rng.uniform(0, 6)) / n
            for n in (1, 2, 3)
        ]
        return 2 * np.sum(waves, axis=0)

    def season(self) -> Floats:
        """By month any pattern; by day and week two yearly waves, and weekdays."""
        step = np.arange(self.length)
        if self.grain is Grain.MONTH:
            return 1.5 * self.rng.standard_normal(12)[step % 12]
        turn = 2 * np.pi * step / _YEAR[self.grain]
        waves = [
            self.rng.standard_normal() * np.cos(n * turn + self.rng.uniform(0, 6)) for n in (1, 2)
        ]
        days = self.rng.standard_normal(7)[step % 7] if self.grain is Grain.DAY else 0.0
        return 1.5 * np.sum(waves, axis=0) + days

    def adoption(self) -> Floats:
        """An S-shaped rise by 4, somewhere in the middle, slow or fast."""
        steep = self.rng.uniform(6, 14)
        return 4 / (1 + np.exp(-(self.at - self.rng.uniform(0.3, 0.7)) * steep))

    def shift(self, *, at: float | None = None) -> Floats:
        """A level that jumps by 2 to 4 once and stays."""
        place = self.rng.uniform(0.2, 0.8) if at is None else at
        return self.rng.choice([-1, 1]) * self.rng.uniform(2, 4) * (self.at >= place)

    def skewed(self) -> Floats:
        """Hours down: mostly next to nothing, sometimes a lot; variance one."""
        return self.rng.gamma(0.4, 1.0, self.length) / np.sqrt(0.4)

    def jumping(self) -> Floats:
        """Still but for three or four jumps within the outcome's time."""
        found = np.zeros(self.length)
        for place in self.rng.choice(self.count, int(self.rng.integers(3, 5)), replace=False):
            found[PAST + place :] += self.rng.standard_normal()
        return found / max(found[PAST:].std(), 1e-9)

    def shares(self, odds: Floats) -> Floats:
        """Shares of few cases, 25 to 80 a period, by the logarithm of their odds."""
        cases = self.rng.integers(25, 81, self.length)
        return self.rng.binomial(cases, 1 / (1 + np.exp(-odds))) / cases

    def counts(self) -> Floats:
        """Counts of which about every third is zero."""
        return self.rng.poisson(np.exp(-0.8 + 0.6 * self.remembering(0.5))).astype(np.float64)

    def felt(self, driver: Floats, lag: int, *, fading: bool = False) -> Floats:
        """What is felt of a driver after a lag, at once or fading; weights add up to one."""
        weights = np.power(_FADING[self.grain] if fading else 0.0, np.arange(60))
        found = np.convolve(driver, weights / weights.sum())[: self.length]
        return np.concatenate([np.zeros(lag), found[: self.length - lag]])

    def any_lag(self) -> int:
        return int(self.rng.integers(0, LONGEST_LAG[self.grain] + 1))

    def spoiled(self, values: Floats) -> Floats:
        """One value in 30 thrown 4 to 8 standard deviations off, one in 20 missing."""
        found = values.copy()
        odd = self._some(30)
        sides = self.rng.choice([-1, 1], len(odd))
        found[odd] += sides * self.rng.uniform(4, 8, len(odd))
        found[self._some(20)] = np.nan
        return found

    def without_past(self, values: Floats) -> Floats:
        """Not known before the outcome's first period."""
        return np.where(self.at < 0, np.nan, values)

    def with_hole(self, values: Floats) -> Floats:
        """A tenth missing in one stretch."""
        found = values.copy()
        long = max(2, round(0.1 * self.count))
        start = PAST + int(self.rng.integers(0, self.count - long))
        found[start : start + long] = np.nan
        return found

    def without_bad(self, values: Floats) -> Floats:
        """Half of the values in the worst fifth were never reported."""
        found = values.copy()
        is_bad = values < np.quantile(values[PAST:], 0.2)
        found[is_bad & (self.rng.random(self.length) < 0.5)] = np.nan
        return found

    def _some(self, one_in: int) -> npt.NDArray[np.int64]:
        return self.rng.choice(self.length, max(1, self.length // one_in), replace=False)

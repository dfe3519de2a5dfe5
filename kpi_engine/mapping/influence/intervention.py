"""Did a dated change do what was expected? A step in an interrupted time series.

Segmented regression (Wagner et al. 2002) with one difference: no autocorrelation is chosen, all
are averaged, tilted towards strong ones, because short series hide how long their errors last.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import numpy as np
from scipy import optimize, stats

from kpi_engine.catalogue.initiatives import FEWEST_MONTHS
from kpi_engine.mapping.influence.background import Floats, Ints, background
from kpi_engine.mapping.influence.config import DEFAULT_CONFIG, InfluenceConfig
from kpi_engine.mapping.influence.inner_products import InnerProducts
from kpi_engine.mapping.influence.memory import Memory
from kpi_engine.maths.intervals import Estimate
from kpi_engine.terms import Grain

_TILT = 0.05
_FEWEST_FREE = 5
_MOST_PLACEBOS = 12


class Outcome(StrEnum):
    """What became of a dated change."""

    WORKED = "worked"
    """It moved the outcome the way and about as far as expected."""
    WORKED_LESS = "worked_less"
    """It moved the outcome the way expected, by less."""
    NOTHING_SEEN = "nothing_seen"
    """If it did anything, then less than expected."""
    WORSE = "worse"
    """The outcome moved the other way."""
    TOO_EARLY = "too_early"
    """The range holds both nothing and what was expected, or any change where nobody said how
    large a one was."""
    TOO_SHORT = "too_short"
    """Too few periods before or after."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """The change of level at a date.

    Attributes:
        at: First day of the period in which it began.
        likely: Change of the outcome once it is fully in force, with its 90 % range.
        p: How often chance would have made a step of this size or more.
        before: Periods with a value before it.
        after: Periods with a value from it on.
        free: Degrees of freedom.
        rho: Autocorrelation of the errors, averaged.
    """

    at: date
    likely: Estimate
    p: float
    before: int
    after: int
    free: int
    rho: float


@dataclass(frozen=True, kw_only=True)
class BeforeAfter:
    """A dated change and what it did.

    Attributes:
        step: None where there are too few periods.
        placebos: The same at dates on which nothing happened, all before the change.
    """

    outcome: Outcome
    step: Step | None
    placebos: tuple[Step, ...]

    @property
    def false_placebos(self) -> int:
        """How many dates on which nothing happened look like a change."""
        return sum(one.likely.low > 0 or one.likely.high < 0 for one in self.placebos)


def before_after(
    values: Floats,
    *,
    periods: Sequence[date],
    grain: Grain,
    changed: date,
    sign: int,
    expected: Estimate | None,
    ramp: int = 0,
    controls: Floats | None = None,
    config: InfluenceConfig = DEFAULT_CONFIG,
) -> BeforeAfter:
    """Judge a dated change against what was expected of it.

    Args:
        values: The outcome, one a period; NaN where there is none.
        periods: First days of all periods, without a gap.
        grain: Of the periods.
        changed: First day of the period in which it began.
        sign: Which way the outcome should move, 1 or -1.
        expected: The change of it that was expected, in its unit; None where nobody said.
        ramp: Periods over which it comes into force, evenly; 0: at once.
        controls: Series that the change did not touch and that move as the outcome does, a column
            each.
        config: How autocorrelations are averaged.
    """
    step = step_at(
        values,
        periods=periods,
        grain=grain,
        changed=changed,
        ramp=ramp,
        controls=controls,
        config=config,
    )
    if step is None:
        return BeforeAfter(outcome=Outcome.TOO_SHORT, step=None, placebos=())
    placebos = _placebos(
        values,
        periods=periods,
        grain=grain,
        changed=changed,
        ramp=ramp,
        controls=controls,
        config=config,
    )
    return BeforeAfter(outcome=_judged(step.likely, sign, expected), step=step, placebos=placebos)


def step_at(
    values: Floats,
    *,
    periods: Sequence[date],
    grain: Grain,
    changed: date,
    ramp: int = 0,
    controls: Floats | None = None,
    config: InfluenceConfig = DEFAULT_CONFIG,
) -> Step | None:
    """The change of level at a date, trend and season allowed for; None with too few periods."""
    since = np.asarray([(period >= changed) for period in periods])
    step = np.clip((np.cumsum(since)) / (ramp + 1), 0.0, 1.0)
    backdrop = background(periods, grain=grain, controls=controls, config=config, with_slow=False)
    known = ~np.isnan(values) & ~np.isnan(backdrop).any(axis=1)
    rows = np.flatnonzero(known)
    before, after = int((known & ~since).sum()), int((known & since).sum())
    if min(before, after) < FEWEST_MONTHS:
        return None
    columns = np.column_stack([step, np.where(known, values, 0.0)])
    return _step(backdrop, columns, rows, changed, (before, after), config)


def _step(
    backdrop: Floats,
    columns: Floats,
    rows: Ints,
    changed: date,
    sides: tuple[int, int],
    config: InfluenceConfig,
) -> Step | None:
    memories = [Memory(rho) for rho in config.rhos]
    found = InnerProducts(backdrop, columns, rows).of(rows, memories)
    free = found.free - 1
    squares, along = found.matrices[:, 0, 0], found.matrices[:, 0, 1]
    if free < _FEWEST_FREE or squares.min() <= 0:
        return None
    effects = along / squares
    rest = np.maximum(found.matrices[:, 1, 1] - along**2 / squares, 1e-300)
    errors = np.sqrt(rest / free / squares)
    rhos = np.asarray(config.rhos)
    logs = found.log_likelihood - 0.5 * np.log(squares) - 0.5 * free * np.log(rest)
    weights = np.exp(logs - logs.max()) * (_TILT + rhos)
    weights /= weights.sum()
    below = _Mixture(weights, effects, errors, free)
    tail = below(0.0)
    return Step(
        at=changed,
        likely=Estimate.of(below.quantile(0.05), float(weights @ effects), below.quantile(0.95)),
        p=float(2 * min(tail, 1 - tail)),
        before=sides[0],
        after=sides[1],
        free=free,
        rho=float(weights @ rhos),
    )


class _Mixture:
    """Student's t distributions, weighted: what is believed of an effect."""

    def __init__(self, weights: Floats, middles: Floats, scales: Floats, free: int) -> None:
        self._weights, self._middles, self._scales, self._free = weights, middles, scales, free

    def __call__(self, value: float) -> float:
        """How much of it lies below a value."""
        return float(
            self._weights @ stats.t.cdf((value - self._middles) / self._scales, self._free)
        )

    def quantile(self, share: float) -> float:
        """The value below which a share of it lies."""
        reach = stats.t.ppf(0.999999, self._free) * self._scales
        low, high = float((self._middles - reach).min()), float((self._middles + reach).max())
        return float(optimize.brentq(lambda value: self(value) - share, low, high))


def _placebos(
    values: Floats,
    *,
    periods: Sequence[date],
    grain: Grain,
    changed: date,
    ramp: int,
    controls: Floats | None,
    config: InfluenceConfig,
) -> tuple[Step, ...]:
    """Steps at dates before the change, on data from before it, evenly spread."""
    count = sum(period < changed for period in periods)
    places = np.arange(FEWEST_MONTHS, count - FEWEST_MONTHS + 1)
    if len(places) > _MOST_PLACEBOS:
        places = places[np.linspace(0, len(places) - 1, _MOST_PLACEBOS).astype(int)]
    found = [
        step_at(
            values[:count],
            periods=periods[:count],
            grain=grain,
            changed=periods[int(place)],
            ramp=ramp,
            controls=None if controls is None else controls[:count],
            config=config,
        )
        for place in places
    ]
    return tuple(one for one in found if one is not None)


def _judged(likely: Estimate, sign: int, expected: Estimate | None) -> Outcome:
    """The change against the least that was expected: any at all where nobody said."""
    low, high = sorted((likely.low * sign, likely.high * sign))
    least = min(abs(expected.low), abs(expected.high)) if expected else 0.0
    if high < 0:
        return Outcome.WORSE
    if low > 0:
        return Outcome.WORKED if high >= least else Outcome.WORKED_LESS
    return Outcome.TOO_EARLY if high >= least else Outcome.NOTHING_SEEN

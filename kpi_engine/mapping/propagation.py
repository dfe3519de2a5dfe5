"""Doubt carried through products and sums: joint draws, so that what is shared is shared."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy import stats

from kpi_engine.catalogue.models import Assumption
from kpi_engine.maths.intervals import NORMAL_90, Estimate

Floats = npt.NDArray[np.float64]

_LOG2_DRAWS = 12
_SEED = 20_260


@dataclass(frozen=True, kw_only=True)
class Factor:
    """One assumption in a product.

    Attributes:
        assumption: Its id.
        is_rest: What is multiplied is one minus it: what does *not* come back.
    """

    assumption: str
    is_rest: bool = False

    def of(self, value: float | Floats) -> float | Floats:
        """What is multiplied."""
        return 1.0 - value if self.is_rest else value


@dataclass(frozen=True, kw_only=True)
class Product:
    """An amount that data give, times assumptions, times measured prices.

    Attributes:
        label: What the data part is, for a reader: "Effect of page load time".
        basis: The data part, with its range.
        factors: Assumptions it is multiplied by.
        price: Everything that is multiplied and known exactly, with the sign.
    """

    label: str
    basis: Estimate
    factors: tuple[Factor, ...] = ()
    price: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Swing:
    """How far one thing that is not known exactly moves a total.

    Attributes:
        label: What is not known exactly.
        assumption: Its id; empty for an estimated effect.
        low: The total with it at one end, all else in the middle.
        high: The total with it at the other end.
    """

    label: str
    assumption: str
    low: float
    high: float

    @property
    def width(self) -> float:
        """How far the ends lie apart."""
        return abs(self.high - self.low)


def total(products: Sequence[Product], assumptions: Mapping[str, Assumption]) -> Estimate | None:
    """The sum of products as a 90 % range.

    Every assumption is drawn once and used wherever it stands, so that doubts which are shared do
    not cancel out. What is drawn is normal on either side of the middle, with 5 % beyond each end.
    The draws are evenly spread and always the same ones.

    Returns:
        None of nothing: an empty sum is not known to be 0.

    Raises:
        KeyError: An assumption is not declared.
    """
    if not products:
        return None
    names = sorted({factor.assumption for one in products for factor in one.factors})
    draws = _draws(len(names) + len(products))
    drawn = {
        name: _split_normal(_range(assumptions[name]), draws[:, place])
        for place, name in enumerate(names)
    }
    summed = np.zeros(len(draws))
    for place, one in enumerate(products, start=len(names)):
        value = _split_normal(one.basis, draws[:, place]) * one.price
        for factor in one.factors:
            value = value * factor.of(drawn[factor.assumption])
        summed += value
    low, high = np.quantile(summed, [0.05, 0.95])
    return Estimate.of(float(low), _middle(products, assumptions, {}), float(high))


def swings(products: Sequence[Product], assumptions: Mapping[str, Assumption]) -> list[Swing]:
    """How far each unknown moves the total by itself, the widest first (a tornado)."""
    names = sorted({factor.assumption for one in products for factor in one.factors})
    found = [
        Swing(
            label=assumptions[name].label,
            assumption=name,
            low=_middle(products, assumptions, {name: assumptions[name].low}),
            high=_middle(products, assumptions, {name: assumptions[name].high}),
        )
        for name in names
    ]
    whole = _middle(products, assumptions, {})
    for one in products:
        rest = whole - _middle([one], assumptions, {})
        ends = [
            rest
            + _middle([Product(**{**vars(one), "basis": Estimate.exact(end)})], assumptions, {})
            for end in (one.basis.low, one.basis.high)
        ]
        found.append(Swing(label=one.label, assumption="", low=ends[0], high=ends[1]))
    return sorted((one for one in found if one.width > 0), key=lambda one: -one.width)


def _middle(
    products: Sequence[Product], assumptions: Mapping[str, Assumption], fixed: Mapping[str, float]
) -> float:
    summed = 0.0
    for one in products:
        value = one.basis.mid * one.price
        for factor in one.factors:
            mid = fixed.get(factor.assumption, assumptions[factor.assumption].mid)
            value *= float(factor.of(mid))
        summed += value
    return summed


def _range(assumption: Assumption) -> Estimate:
    return Estimate(low=assumption.low, mid=assumption.mid, high=assumption.high)


def _split_normal(of: Estimate, standard: Floats) -> Floats:
    below, above = (of.mid - of.low) / NORMAL_90, (of.high - of.mid) / NORMAL_90
    return np.asarray(of.mid + standard * np.where(standard < 0, below, above), dtype=np.float64)


@lru_cache(maxsize=16)
def _draws(columns: int) -> Floats:
    """Standard normal draws, evenly spread (Sobol 1967)."""
    spread = stats.qmc.Sobol(columns, rng=np.random.default_rng(_SEED)).random_base2(_LOG2_DRAWS)
    return np.asarray(stats.norm.ppf(np.clip(spread, 1e-9, 1 - 1e-9)), dtype=np.float64)

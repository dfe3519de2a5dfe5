"""Doubt carried through products and sums: joint draws, so that what is shared is shared."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy import stats

from kpi_engine.catalogue.links import Assumption
from kpi_engine.errors import UnknownNameError
from kpi_engine.maths.intervals import NORMAL_90, Estimate
from kpi_engine.units import Ranged

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


def product(one: Product, assumptions: Mapping[str, Ranged]) -> Estimate:
    """One product as a 90 % range; otherwise as ``total``."""
    return total([one], assumptions) or Estimate.exact(0.0)


def total(products: Sequence[Product], assumptions: Mapping[str, Ranged]) -> Estimate | None:
    """The sum of products as a 90 % range.

    Every assumption is drawn once and used wherever it stands, so that doubts which are shared do
    not cancel out. What is drawn is normal on either side of the middle, with 5 % beyond each end.
    The draws are evenly spread and always the same ones. Of one unknown alone the ends are exact.

    Returns:
        None of nothing: an empty sum is not known to be 0.

    Raises:
        UnknownNameError: An assumption is not declared.
    """
    if not products:
        return None
    names = sorted({factor.assumption for one in products for factor in one.factors})
    for name in names:
        if name not in assumptions:
            raise UnknownNameError("assumption", name, assumptions)
    middle = _middle(products, assumptions, {})
    ranges = [*(assumptions[name] for name in names), *(one.basis for one in products)]
    if sum(one.low != one.high for one in ranges) <= 1:
        alone = next(_moved_alone(products, assumptions), None)
        return Estimate.of(alone.low, middle, alone.high) if alone else Estimate.exact(middle)
    draws = _draws(len(ranges))
    drawn = {
        name: _split_normal(assumptions[name], draws[:, place]) for place, name in enumerate(names)
    }
    summed = np.zeros(len(draws))
    for place, one in enumerate(products, start=len(names)):
        value = _split_normal(one.basis, draws[:, place]) * one.price
        for factor in one.factors:
            value = value * factor.of(drawn[factor.assumption])
        summed += value
    low, high = np.quantile(summed, [0.05, 0.95])
    return Estimate.of(float(low), middle, float(high))


def swings(products: Sequence[Product], assumptions: Mapping[str, Assumption]) -> list[Swing]:
    """How far each unknown moves the total by itself, the widest first (a tornado)."""
    found = [
        replace(one, label=assumptions[one.assumption].label) if one.assumption else one
        for one in _moved_alone(products, assumptions)
    ]
    return sorted(found, key=lambda one: -one.width)


@dataclass(frozen=True, kw_only=True)
class Narrowing:
    """How much less doubt there would be about a total if one thing were known exactly.

    Attributes:
        label: What is not known exactly.
        assumption: Its id; empty for an estimated effect.
        owner: Who answers for the assumption; empty for an estimated effect.
        now: The total as it is known.
        then: The total if that one thing were known to be its middle, all else as it is.
    """

    label: str
    assumption: str
    owner: str
    now: Estimate
    then: Estimate

    @property
    def share(self) -> float:
        """Of the width of the range, what would go: 0 nothing, 1 all of it."""
        width = self.now.high - self.now.low
        return 1.0 - (self.then.high - self.then.low) / width if width else 0.0


def narrowings(
    products: Sequence[Product], assumptions: Mapping[str, Assumption]
) -> list[Narrowing]:
    """What each missing fact would do to the range of a total, the most telling first (N14).

    Unlike in a tornado all else keeps its doubt: half of two equal doubts takes away less than
    half of the range.
    """
    now = total(products, assumptions)
    if now is None:
        return []
    found = []
    for one in _moved_alone(products, assumptions):
        known: dict[str, Ranged] = dict(assumptions)
        if one.assumption:
            known[one.assumption] = Estimate.exact(assumptions[one.assumption].mid)
        fixed = [
            replace(part, basis=Estimate.exact(part.basis.mid))
            if not one.assumption and part.label == one.label
            else part
            for part in products
        ]
        named = assumptions[one.assumption] if one.assumption else None
        found.append(
            Narrowing(
                label=named.label if named else one.label,
                assumption=one.assumption,
                owner=named.owner if named else "",
                now=now,
                then=total(fixed, known) or now,
            )
        )
    return sorted(found, key=lambda one: -one.share)


def _moved_alone(products: Sequence[Product], assumptions: Mapping[str, Ranged]) -> Iterator[Swing]:
    """The total with one unknown at its ends, all else in the middle; what is exact is left out."""
    for name in sorted({factor.assumption for one in products for factor in one.factors}):
        spread = assumptions[name]
        low, high = (
            _middle(products, assumptions, {name: end}) for end in (spread.low, spread.high)
        )
        if low != high:
            yield Swing(label=name, assumption=name, low=low, high=high)
    for place, one in enumerate(products):
        others = [*products[:place], *products[place + 1 :]]
        low, high = (
            _middle([*others, replace(one, basis=Estimate.exact(end))], assumptions, {})
            for end in (one.basis.low, one.basis.high)
        )
        if low != high:
            yield Swing(label=one.label, assumption="", low=low, high=high)


def _middle(
    products: Sequence[Product], assumptions: Mapping[str, Ranged], fixed: Mapping[str, float]
) -> float:
    summed = 0.0
    for one in products:
        value = one.basis.mid * one.price
        for factor in one.factors:
            mid = fixed.get(factor.assumption, assumptions[factor.assumption].mid)
            value *= float(factor.of(mid))
        summed += value
    return summed


def _split_normal(of: Ranged, standard: Floats) -> Floats:
    """What is negative is drawn as the mirror image: what is won back is what was lost."""
    below, above = (of.mid - of.low) / NORMAL_90, (of.high - of.mid) / NORMAL_90
    outwards = standard if of.mid >= 0 else -standard
    return np.asarray(of.mid + outwards * np.where(outwards < 0, below, above), dtype=np.float64)


@lru_cache(maxsize=16)
def _draws(columns: int) -> Floats:
    """Standard normal draws, evenly spread (Sobol 1967)."""
    spread = stats.qmc.Sobol(columns, rng=np.random.default_rng(_SEED)).random_base2(_LOG2_DRAWS)
    return np.asarray(stats.norm.ppf(np.clip(spread, 1e-9, 1 - 1e-9)), dtype=np.float64)

"""How a driver may be felt: after a lag, at once or fading. Each shape is one column."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kpi_engine.mapping.influence.background import Floats

_TAIL_ENDS = 0.02
"""A tail is cut where it has faded to this share of its first period."""


@dataclass(frozen=True)
class Shape:
    """One way in which a sustained change of the driver is felt; its weights add up to one.

    Attributes:
        lag: Periods until it is first felt.
        decay: Share of the effect that each later period keeps of the one before; 0: none.
    """

    lag: int
    decay: float

    @property
    def is_tail(self) -> bool:
        """Whether it is felt over several periods."""
        return self.decay > 0


def bridged(values: Floats, *, longest: int) -> Floats:
    """A driver with gaps of up to ``longest`` periods bridged by a straight line.

    Longer gaps, and those at either end, stay missing. So does what is infinite: it is known, and
    has no place on the driver's scale.
    """
    found = np.asarray(values, dtype=np.float64).copy()
    missing = np.isnan(found)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], missing.astype(np.int8), [0]])))
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        if start > 0 and end < len(found) and end - start <= longest:
            ends = [start - 1, end]
            found[start:end] = np.interp(np.arange(start, end), ends, found[ends])
    return np.where(np.isfinite(found), found, np.nan)


def shaped(values: Floats, shape: Shape) -> Floats:
    """What is felt of a driver in each period; NaN where its lagged value is not known.

    A tail that reaches back before the first value is made of what there is.
    """
    return _later(_fading(values, shape.decay), shape.lag)


def shaped_by_each(values: Floats, shapes: Sequence[Shape]) -> Floats:
    """The same for many shapes, a column each: those that fade alike differ by their lags only."""
    fading = {decay: _fading(values, decay) for decay in {shape.decay for shape in shapes}}
    return np.column_stack([_later(fading[shape.decay], shape.lag) for shape in shapes])


def _fading(values: Floats, decay: float) -> Floats:
    """What is felt where the first of it is felt at once."""
    length = math.ceil(math.log(_TAIL_ENDS) / math.log(decay)) if decay > 0 else 1
    weights = np.power(decay, np.arange(length))
    known = ~np.isnan(values)
    total = _past(np.where(known, values, 0.0), weights)
    weight = _past(known.astype(np.float64), weights)
    felt = np.divide(total, weight, out=np.full(len(values), np.nan), where=weight > 0)
    return np.where(known, felt, np.nan)


def next_value(values: Floats) -> Floats:
    """The driver one period later; the newest stands for its own next."""
    found = _later(values, -1)
    found[-1] = values[-1]
    return found


def _past(values: Floats, weights: npt.NDArray[np.float64]) -> Floats:
    return np.asarray(np.convolve(values, weights)[: len(values)], dtype=np.float64)


def _later(values: Floats, periods: int) -> Floats:
    found = np.full(len(values), np.nan)
    if periods >= len(values):
        return found
    if periods >= 0:
        found[periods:] = values[: len(values) - periods]
    else:
        found[:periods] = values[-periods:]
    return found

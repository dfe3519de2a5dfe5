"""What a month will bring, and what a link makes of it: fixed before the month, to be held to it.

A link forecasts no driver. It says what the outcome will be whatever its driver does, so what is
kept before the month is a rule, and what the driver did is put in once it is known.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from kpi_engine.mapping.influence.background import Floats
from kpi_engine.terms import Grain


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """A month's value as it is expected, on the outcome's scale: Student's t.

    Attributes:
        mid: The middle.
        scale: How wide it is; larger than a standard error, for all that is not known.
        free: Degrees of freedom.
    """

    mid: float
    scale: float
    free: int

    def range_of(self, level: float) -> tuple[float, float]:
        """Where the value should lie with this probability."""
        reach = float(stats.t.ppf((1 + level) / 2, self.free)) * self.scale
        return self.mid - reach, self.mid + reach


@dataclass(frozen=True, kw_only=True)
class ShapeEffect:
    """One way in which a driver may be felt, and what it then does to a month.

    Attributes:
        lag: Periods until it is first felt.
        decay: Share of the effect that each later period keeps of the one before.
        weight: How much it is believed.
        effect: Change of the month's outcome, on its scale, for +1 of what is felt.
        error: Its standard error.
    """

    lag: int
    decay: float
    weight: float
    effect: float
    error: float


@dataclass(frozen=True, kw_only=True)
class ShapeForecast:
    """What one shape makes of a month.

    Attributes:
        shape: The shape and its effect.
        usual: What would be felt of the driver in the month if it went on as its own past says.
        mid: The outcome's middle in that case, on its scale.
        spread: Its standard deviation in that case.
    """

    shape: ShapeEffect
    usual: float
    mid: float
    spread: float


@dataclass(frozen=True, kw_only=True)
class LinkForecast:
    """A month as a link sees it, fixed before the month: it holds whatever the driver will do.

    Attributes:
        grain: Of the series that the shapes are of.
        shapes: Every shape that is believed.
        free: Degrees of freedom.
    """

    grain: Grain
    shapes: tuple[ShapeForecast, ...]
    free: int

    @property
    def usual(self) -> Forecast:
        """The month if the driver goes on as its own past says."""
        return self.given([one.usual for one in self.shapes])

    def given(self, felt: Sequence[float]) -> Forecast:
        """The month once it is known what was felt of the driver, one number a shape.

        Only what the driver did beyond its own usual course makes a difference, and only there
        does the doubt about its effect widen the range.
        """
        away = np.subtract(felt, [one.usual for one in self.shapes])
        effects = np.asarray([one.shape.effect for one in self.shapes])
        errors = np.asarray([one.shape.error for one in self.shapes])
        mids = np.asarray([one.mid for one in self.shapes]) + effects * away
        variances = np.asarray([one.spread for one in self.shapes]) ** 2 + (errors * away) ** 2
        weights = np.asarray([one.shape.weight for one in self.shapes])
        return student(weights / weights.sum(), mids, variances, self.free)


def excess(free: int) -> float:
    """Variance of Student's t with a scale of one."""
    return free / (free - 2)


def moments(weights: Floats, mids: Floats, variances: Floats) -> tuple[float, float]:
    """Mean and variance of a mixture."""
    mid = float(weights @ mids)
    return mid, max(0.0, float(weights @ (variances + mids**2)) - mid**2)


def student(weights: Floats, mids: Floats, variances: Floats, free: int) -> Forecast:
    """One Student's t with the mean and the variance of a mixture."""
    mid, variance = moments(weights, mids, variances)
    return Forecast(mid=mid, scale=float(np.sqrt(variance / excess(free))), free=free)

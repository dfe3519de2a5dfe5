"""What was estimated of links, as it is kept: plain values from which every page can be drawn."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from kpi_engine.mapping.influence.checks import Checks
from kpi_engine.mapping.influence.grading import Finding, Verdict
from kpi_engine.mapping.influence.prior import Combined
from kpi_engine.mapping.influence.record import TrackRecord
from kpi_engine.mapping.influence.scales import ScaleName
from kpi_engine.maths.intervals import NORMAL_90, Estimate
from kpi_engine.terms import Grain


@dataclass(frozen=True, kw_only=True)
class ShapeBelief:
    """One way in which a driver may be felt.

    Attributes:
        lag: Periods until it is first felt.
        decay: Share of the effect that each later period keeps of the one before.
        weight: How much it is believed; all shapes of a link together come to one.
        effect: Change of the outcome, on its scale, for a sustained +1 of the driver.
        error: Its standard error.
    """

    lag: int
    decay: float
    weight: float
    effect: float
    error: float


@dataclass(frozen=True, kw_only=True)
class LinkEstimate:
    """One link's effect as own data show it.

    Attributes:
        link: Its id.
        is_asked: It is an influence that this model is there for; others are in it so that their
            effects are not taken for its.
        finding: What own data say.
        effect: Change of the outcome, on its scale, for a sustained +1 of the driver.
        likely: The 90 % range.
        wide: The 95 % range, by which it is graded.
        p: How often chance alone would have made the best shape fit so well.
        p_without_one: The same once the period it leans on most is left out.
        leans_on: First day of that period.
        lag: Of the selected shape, in periods.
        decay: Of the selected shape.
        shapes: Those that are believed at all, the most believed first.
        felt: By month, what was felt of the driver by each shape, on average over the month.
        seen: Lowest and highest value of the driver in the data.
        usual: Its average.
        checks: What was tested.
        twin: The link whose driver moves along most; empty when there is no other.
        placebos: Outcomes it has nothing to do with, and how clearly it "moves" them (p).
    """

    link: str
    is_asked: bool
    finding: Finding
    effect: float
    likely: tuple[float, float]
    wide: tuple[float, float]
    p: float
    p_without_one: float
    leans_on: date
    lag: int
    decay: float
    shapes: tuple[ShapeBelief, ...]
    felt: Mapping[date, tuple[float, ...]]
    seen: tuple[float, float]
    usual: float
    checks: Checks
    twin: str
    placebos: Mapping[str, float]

    def contribution(self, before: date, now: date) -> Estimate | None:
        """What the driver's change between two months did, on the outcome's scale.

        The shapes are averaged by how much each is believed; the range is as much wider than
        theirs as the honest range of the effect is.

        Returns:
            None where it is not known what was felt in one of the months.
        """
        if before not in self.felt or now not in self.felt:
            return None
        change = np.subtract(self.felt[now], self.felt[before])
        weights = np.asarray([shape.weight for shape in self.shapes])
        weights = weights / weights.sum()
        effects = np.asarray([shape.effect for shape in self.shapes])
        errors = np.asarray([shape.error for shape in self.shapes])
        mid = float(weights @ (effects * change))
        second = float(weights @ ((errors**2 + effects**2) * change**2))
        reach = NORMAL_90 * math.sqrt(max(0.0, second - mid**2)) * self.honesty
        return Estimate(low=mid - reach, mid=mid, high=mid + reach)

    def of_change(self, change: float, *, is_wide: bool = False) -> Estimate:
        """What a sustained change of the driver does, on the outcome's scale.

        Args:
            change: Of the driver, on its scale.
            is_wide: With the 95 % range in place of the 90 % range.
        """
        low, high = self.wide if is_wide else self.likely
        return Estimate.of(low * change, self.effect * change, high * change)

    @property
    def honesty(self) -> float:
        """How much wider the range is than that of the best shape alone; at least 1."""
        best = next(s for s in self.shapes if (s.lag, s.decay) == (self.lag, self.decay))
        own = 2 * NORMAL_90 * best.error
        return max(1.0, (self.likely[1] - self.likely[0]) / own) if own > 0 else 1.0


@dataclass(frozen=True, kw_only=True)
class OutcomeEstimate:
    """All links into one outcome that were estimated together, by one grain.

    Attributes:
        outcome: Its metric.
        grain: Of the series.
        scale: On which the effects add up.
        times: How many periods' effects make a month's: sums add them, everything else averages.
        first: First period with data.
        last: Last period with data.
        periods: Periods that the estimate rests on.
        free: Degrees of freedom.
        rho: Autocorrelation of the errors from one period to the next, averaged.
        spread: Standard deviation of what is left, on the outcome's scale.
        set_aside: First days of single odd periods that it does not rest on.
        links: In the order of the catalogue, those that are counted otherwise included.
        controls: What else was taken out.
        still: Links that were left out because their drivers never moved beyond season and trend.
        too_short: Nothing could be said: there are too few periods; ``links`` is empty then.
        course: By month, what season, trend and controls alone would have made of the outcome with
            every driver at its average, on its scale; other slow movement is not in it. Editions
            published before it was kept have none.
    """

    outcome: str
    grain: Grain
    scale: ScaleName
    times: float
    first: date
    last: date
    periods: int
    free: int
    rho: float
    spread: float
    set_aside: tuple[date, ...]
    links: tuple[LinkEstimate, ...]
    controls: tuple[str, ...]
    too_short: bool = False
    still: tuple[str, ...] = ()
    course: Mapping[date, float] = field(default_factory=dict)

    def of(self, link: str) -> LinkEstimate | None:
        """One link's estimate; None where it was not among those estimated."""
        return next((one for one in self.links if one.link == link), None)


@dataclass(frozen=True, kw_only=True)
class Influence:
    """One influence link in a month: what own data let it claim.

    Attributes:
        verdict: Its grade, and whether it may be counted.
        model: The model it stands in; None while that is worked out, or where there is none.
        estimate: Its effect in that model; None where nothing could be said.
        per_step: Change of the outcome, in its unit, for one natural step of the driver.
        prior: What was agreed before, beside the data; None without a prior or without data.
        is_pending: It is still being worked out.
        record: What its forecasts amount to; None while that is worked out.
    """

    verdict: Verdict
    model: OutcomeEstimate | None
    estimate: LinkEstimate | None
    per_step: Estimate | None
    prior: Combined | None
    is_pending: bool = False
    record: TrackRecord | None = None

"""The tuning numbers of the estimator, and the bars a link must clear. Results carry theirs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from kpi_engine.mapping.influence.memory import Memory
from kpi_engine.terms import Grain

_DECAYS: Mapping[Grain, tuple[float, ...]] = MappingProxyType(
    {
        Grain.MONTH: (0.0, 0.65),
        Grain.WEEK: (0.0, 0.5, 0.75),
        Grain.DAY: (0.0, 0.5, 0.65, 0.75, 0.83, 0.9),
    }
)
_FEWEST: Mapping[Grain, int] = MappingProxyType({Grain.MONTH: 24, Grain.WEEK: 60, Grain.DAY: 180})


@dataclass(frozen=True, kw_only=True)
class InfluenceConfig:
    """How effects are estimated (docs/translation.md says why each is as it is).

    Attributes:
        rhos: Autocorrelations of the errors that are averaged over; none is ever chosen.
        swings: With each of them, how much the errors swing: partial autocorrelations over two
            periods, averaged over as well.
        swing_prior: Weight that all swinging errors have together before the data are looked at.
        part_spreads: What season or slow movement may bring where they are there, as standard
            deviations in those of the errors: averaged over to tell whether they are.
        decays: By grain, how fast an effect may fade: 0 is a single lag, 0.65 a tail of which
            each period keeps 65 % of the one before.
        tail_prior: Weight that all tails together have before the data are looked at.
        tail_handicap: Squared t that a tail must be ahead by to be selected.
        fewest_free_for_tails: Residual degrees of freedom below which of several drivers only
            single lags are tried.
        longest_gap: Periods without a driver's value that are bridged by a straight line.
        rounds: How often drivers are fitted in turns, each given the others.
        log2_draws: Simulated data sets behind a p-value, as a power of two.
        log2_range_draws: The same behind a range; not more of them.
        seed: Of the simulations, so that the same data always give the same answer.
        outlier_level: Chance, over all periods, of setting one aside that is none.
        outlier_share: Share of the periods that may be set aside.
        fewest_for_unevenness: Periods from which it can be told whether errors are larger when the
            driver is far out; ranges are then widened by it.
        plausible_share: Shapes with at least this share of the best one's weight widen the range.
        telling_p: Below this a driver's next value tells something of the outcome, and stands in
            the background: otherwise an outcome that moves its driver looks like the reverse.
        rival_alike: Correlation, beyond background and other drivers, from which one driver may
            stand for another.
        rival_lead: Log likelihood by which a driver must fit better than one that may.
        slowest_days: By grain, movements slower than so many days belong to the background; months
            have one slow wave for each year but one.
    """

    rhos: tuple[float, ...] = (0, 0.2, 0.4, 0.55, 0.7, 0.8, 0.88, 0.94, 0.975, 0.995, 0.9995)
    swings: tuple[float, ...] = (-0.4, -0.7, -0.9)
    swing_prior: float = 0.45
    part_spreads: tuple[float, ...] = (0.2, 0.6, 1.8)
    decays: Mapping[Grain, tuple[float, ...]] = field(default_factory=lambda: _DECAYS)
    tail_prior: float = 0.35
    tail_handicap: float = 3.0
    fewest_free_for_tails: int = 18
    longest_gap: int = 3
    rounds: int = 3
    log2_draws: int = 12
    log2_range_draws: int = 10
    seed: int = 20_260
    outlier_level: float = 0.03
    outlier_share: float = 0.05
    fewest_for_unevenness: int = 100
    plausible_share: float = 0.10
    telling_p: float = 0.15
    rival_alike: float = 0.7
    rival_lead: float = 2.0
    slowest_days: int = 90

    @property
    def memories(self) -> tuple[Memory, ...]:
        """Every way in which the errors may remember."""
        return tuple(Memory(first, second) for second in (0.0, *self.swings) for first in self.rhos)

    def prior_of(self, memory: Memory) -> float:
        """What a way to remember weighs before the data are looked at."""
        if memory.second == 0:
            return 1 - self.swing_prior
        return self.swing_prior / len(self.swings)


DEFAULT_CONFIG = InfluenceConfig()


@dataclass(frozen=True, kw_only=True)
class GradingConfig:
    """The bars of an evidence grade.

    Attributes:
        strong_p: At most this for "C strong", with enough degrees of freedom.
        claim_p: At most this for C, or contradicted.
        hint_p: At most this, with the expected sign, for a hint.
        lean_p: At most this once the period that the effect leans on most is left out: a claim
            must not rest on one coincidence.
        strong_rate: Share of all links found strong that may be so by chance alone.
        strong_free: Degrees of freedom that "C strong" needs.
        fewest_free: Degrees of freedom without which nothing is said.
        fewest_periods: By grain, periods without which nothing is said.
        lead_p: Below this the driver's next value explains the outcome: direction in doubt.
        curve_p: Below this a straight line does not fit.
        inseparable: Variance inflation above which two drivers cannot be told apart.
        placebo_p: Below this a driver "moves" an outcome that it has nothing to do with.
        disagreement: Combined standard errors by which prior and data may differ.
    """

    strong_p: float = 0.01
    strong_rate: float = 0.05
    claim_p: float = 0.04
    hint_p: float = 0.15
    lean_p: float = 0.25
    strong_free: int = 12
    fewest_free: int = 5
    fewest_periods: Mapping[Grain, int] = field(default_factory=lambda: _FEWEST)
    lead_p: float = 0.01
    curve_p: float = 0.01
    inseparable: float = 10.0
    placebo_p: float = 0.01
    disagreement: float = 2.5


DEFAULT_GRADING = GradingConfig()


@dataclass(frozen=True, kw_only=True)
class LedgerConfig:
    """What is forecast, how it is scored, and when a link is said not to predict.

    Attributes:
        fewest_months: Months of the outcome's past without which nothing is forecast.
        months_back: Past months that are forecast afterwards where nobody did in time.
        refit_every: Of these, so many in a row rest on one estimate of the effects, which knows
            nothing of any of them.
        likely: Share of the months that the narrower range should hold.
        wide: The same for the wider one.
        fewest_scored: Months that must be in before a link is judged.
        clear_errors: Standard errors by which the mean score with a link must differ from that
            without it, for a difference.
        miss_p: Chance, for ranges that hold what they should, of missing so often, below which
            they are said to miss too often.
    """

    fewest_months: int = 24
    months_back: int = 12
    refit_every: int = 3
    likely: float = 0.80
    wide: float = 0.95
    fewest_scored: int = 12
    clear_errors: float = 1.0
    miss_p: float = 0.01


DEFAULT_LEDGER = LedgerConfig()

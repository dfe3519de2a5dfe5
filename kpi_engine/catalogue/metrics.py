"""A metric: what it says, how it is measured, who answers for it."""

import math
from datetime import date
from typing import Literal, Self

from pydantic import Field, model_validator

from kpi_engine.catalogue.entry import Entry, MetricId, Name, Owners, Part
from kpi_engine.terms import Direction, Fold, Grain, Side, Unit


class Measure(Entry):
    """How a metric's facts come about and fold.

    Attributes:
        fold: How days fold to longer periods and segments to ``all``.
        value: The part that is summed (SUM), kept (LAST) or ranked (MEDIAN, QUANTILE).
        numerator: Upper part of a RATIO or weighted sum of a WEIGHTED_MEAN.
        numerator_minus: Taken off the numerator (promoters less detractors); only for RATIO.
        denominator: Lower part of a RATIO or the weights of a WEIGHTED_MEAN.
        quantile: Which quantile, 0 to 1; only for QUANTILE.
        scale: The ratio is multiplied by this (100 for "per 100 users").
        complement: The ratio is taken from 1 (abandonment = 1 - completed / started).
        minus_one: 1 is taken from the ratio (spend against budget).
        per_week: The sum is divided by the weeks of the period (its days / 7); only for SUM.

    Without parts, facts are imported for the metric itself.
    """

    fold: Fold
    value: Part | None = None
    numerator: Part | None = None
    numerator_minus: Part | None = None
    denominator: Part | None = None
    quantile: float | None = Field(default=None, gt=0, lt=1)
    scale: float = 1.0
    complement: bool = False
    minus_one: bool = False
    per_week: bool = False

    @model_validator(mode="after")
    def _parts_fit_fold(self) -> Self:
        paired = self.fold in (Fold.RATIO, Fold.WEIGHTED_MEAN)
        if (self.numerator is None) != (self.denominator is None):
            raise ValueError("numerator and denominator are given together or not at all")
        if paired and self.value is not None:
            raise ValueError(f"a {self.fold.value} takes numerator and denominator, not value")
        if not paired and self.numerator is not None:
            raise ValueError(f"a {self.fold.value} takes value, not numerator and denominator")
        if (self.fold is Fold.QUANTILE) != (self.quantile is not None):
            raise ValueError("quantile is given for the fold quantile, and only for it")
        return self

    @model_validator(mode="after")
    def _extras_fit_fold(self) -> Self:
        if self.numerator_minus is not None and (
            self.numerator is None or self.fold is not Fold.RATIO
        ):
            raise ValueError("numerator_minus is taken off the numerator of a ratio, so needs one")
        if self.per_week and self.fold is not Fold.SUM:
            raise ValueError("per_week divides a sum by weeks, so the fold must be sum")
        changed = self.scale != 1.0 or self.complement or self.minus_one
        if changed and self.fold is not Fold.RATIO:
            raise ValueError("scale, complement and minus_one need the fold ratio")
        return self

    @property
    def parts(self) -> tuple[str, ...]:
        """The named parts, in order; empty when facts are imported for the metric itself."""
        named = (self.value, self.numerator, self.numerator_minus, self.denominator)
        return tuple(part for part in named if part)


class Metric(Entry):
    """A number with a meaning.

    Attributes:
        sentence: What it says, for somebody who never met it; no abbreviations.
        not_measured: What it does not say, so that nobody reads it into the number.
        decimals: Digits shown after the mark, in the unit shown (percent, not fraction).
        goal: Heading it stands under on the scorecard; only outcomes have one.
        weight: Of its score in that of its goal.
        is_critical: Its goal cannot be on target without it.
        activity: Counts work done, serves no outcome, so it never carries a status (N10).
        worked_out: Never imported: worked out from other things when it is read.
        failure_space: Judged by what went wrong (1 - value): for shares near 100 %.
        counter_metric: Must not get worse while this one gets better.
        cadence: How often new data are expected.
        moves: The scale on which causes of it add up: ``plain``; ``log`` where they multiply
            (counts, durations, shares far from 100 %); ``logit`` for shares near 0 or 100 %.
        step: As much of it as people speak of at once, in its unit: 0.001 for a tenth of a
            percentage point. None: the usual step of its unit.
        controls: Metrics that move it and are no drivers (demand, prices): taken out before any
            driver is looked at.
        since: The day from which it was agreed to be counted as it is now; None: from whenever
            this version was first used. All of history is counted so all the same.
        because: Why it is counted otherwise than before, for those who see the break years later.
    """

    id: MetricId
    label: str = Field(min_length=3)
    side: Side
    unit: Unit
    direction: Direction
    measure: Measure
    sentence: str = Field(min_length=20)
    not_measured: str = Field(min_length=10)
    decimals: int = Field(default=1, ge=0, le=4)
    dimensions: tuple[Name, ...] = ()
    owners: Owners
    counter_metric: MetricId | None = None
    sources: tuple[str, ...] = Field(min_length=1)
    goal: str | None = None
    weight: float = Field(default=1.0, gt=0)
    is_critical: bool = False
    activity: bool = False
    failure_space: bool = False
    worked_out: bool = False
    cadence: Grain = Grain.DAY
    moves: Literal["plain", "log", "logit"] = "plain"
    step: float | None = Field(default=None, gt=0)
    controls: tuple[MetricId, ...] = ()
    plural: str | None = None
    """What one counts, for sentences: "orders", "minutes"."""
    origin: str | None = None
    """Where a formula or benchmark was published."""
    since: date | None = None
    because: str = Field(default="", max_length=400)

    @model_validator(mode="after")
    def _a_break_has_a_reason(self) -> Self:
        if self.since is not None and len(self.because) < _FEWEST_LETTERS:
            raise ValueError(
                "since says that it is counted otherwise from a day on, so because has to say why, "
                "in a sentence"
            )
        return self

    @model_validator(mode="after")
    def _activity_has_no_direction(self) -> Self:
        if self.activity and self.direction is not Direction.NONE:
            raise ValueError("an activity metric has direction none: more work is not better")
        return self

    @property
    def natural_step(self) -> float:
        """As much of it as people speak of at once, in its unit."""
        return self.step or _USUAL_STEPS.get(self.unit, 1.0)

    @property
    def ends(self) -> tuple[float, float]:
        """The ends of what it can be: a share from nothing to all, a count at least none."""
        if self.measure.minus_one:
            return -1.0, math.inf
        low = -math.inf if self.unit in _SIGNED else 0.0
        return low, 1.0 if self.unit is Unit.PERCENT else math.inf


_SIGNED = (Unit.CURRENCY, Unit.POINTS)
_FEWEST_LETTERS = 10
"""A reason in fewer says nothing."""
_USUAL_STEPS = {
    Unit.PERCENT: 0.01,
    Unit.MINUTES: 10.0,
    Unit.MILLISECONDS: 100.0,
    Unit.HOURS_PER_EMPLOYEE: 0.1,
}

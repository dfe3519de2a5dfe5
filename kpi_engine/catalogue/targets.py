"""What a metric is held against: the value aimed for, and what is usual."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from kpi_engine.catalogue.entry import Entry, MetricId, Name, Owners
from kpi_engine.terms import Grain, Phasing


class Target(Entry):
    """The value aimed for and the boundary past which it is missed, from a day on.

    Attributes:
        valid_from: First month it holds for. One of a month holds in every month until the next
            one of the same key; one of a quarter or a year for that quarter or year only.
        segment: The part of the business it holds for; empty means all.
        period: What it is the target of; only sums have one of a quarter or a year.
        phasing: How that is spread over its months, which add up to it; None for a month's.
        shares: Weights of its months, only for ``by_shares``; they need not add up to anything.
        stretch: What would be better still, on the good side of ``target``; no status rests on it.
        target: In the metric's unit (fractions for percent); two numbers for a range.
        red_line: On the bad side of ``target``; two numbers for a range.
        agreed_by: Who agreed it; None makes it a placeholder that cannot drive the headline.
    """

    metric: MetricId
    valid_from: date
    segment: dict[Name, str] = Field(default={})
    target: float | tuple[float, float]
    red_line: float | tuple[float, float]
    stretch: float | None = None
    period: Literal[Grain.MONTH, Grain.QUARTER, Grain.YEAR] = Grain.MONTH
    phasing: Phasing | None = None
    shares: tuple[Annotated[float, Field(ge=0)], ...] = ()
    agreed_by: Owners | None = None
    provenance: str = Field(min_length=3)

    @model_validator(mode="after")
    def _phasing_fits_period(self) -> Self:
        if (self.period is Grain.MONTH) is not (self.phasing is None):
            raise ValueError(
                "phasing (evenly, by_days or by_shares) says how a target of a quarter or a year "
                "is spread over its months: those need it, and only those"
            )
        if (self.phasing is Phasing.BY_SHARES) is not bool(self.shares):
            raise ValueError("shares are given for phasing by_shares, and only for it")
        if self.shares and not sum(self.shares):
            raise ValueError("shares of nothing but 0 spread nothing: one has to be above 0")
        return self


class Baseline(Entry):
    """From a month on, a metric's usual range rests on new values: what it was no longer counts.

    Attributes:
        valid_from: First month after what changed the metric for good.
        segment: The part of the business it holds for; empty means all.
        because: What happened, for those who see the step years later.
    """

    metric: MetricId
    valid_from: date
    segment: dict[Name, str] = Field(default={})
    because: str = Field(min_length=10)
    agreed_by: Owners

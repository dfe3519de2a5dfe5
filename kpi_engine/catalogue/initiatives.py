"""Initiatives: dated changes, and what was expected of them before they began."""

from datetime import date
from typing import Literal, Self

from pydantic import Field, model_validator

from kpi_engine.catalogue.entry import Entry, MetricId, Name, Owners

FEWEST_MONTHS = 3
"""With fewer whole months before or since a change, a step is one odd month."""


class Change(Entry):
    """How far a metric should move: from ``low`` to ``high``, in its unit, signed."""

    low: float
    high: float

    @model_validator(mode="after")
    def _is_ordered(self) -> Self:
        if self.low > self.high:
            raise ValueError("low must not be above high: a fall of 3 to 5 is -5 to -3")
        return self


class Expectation(Entry):
    """What an initiative should do to one metric.

    Attributes:
        segment: The part of the business it is about; empty means all.
        sign: It should go up (1) or down (-1).
        change: By how much, once the initiative is fully in force; None where nobody said.
    """

    metric: MetricId
    segment: dict[Name, str] = Field(default_factory=dict)
    sign: Literal[-1, 1]
    change: Change | None = None


class Control(Entry):
    """A series that moves as the metric does, and that the initiative does not touch."""

    metric: MetricId
    segment: dict[Name, str] = Field(default_factory=dict)


class Initiative(Entry):
    """A dated change that should move something.

    Attributes:
        sentence: What is done, for somebody who was not there.
        starts: First day on which it was in force.
        ramp_months: Months over which it comes into force, evenly; 0: at once.
        due: Day by which it should have worked. Its verdict rests on the months up to then, so
            that nothing that happens later changes it.
        moves: What it should do, metric by metric.
        controls: Series that are taken out because they move what it should move as well.
        owner: Who answers for it.
        cost: In money, all of it; None where it is not known.
        agreed_by: Who agreed what to expect.
        agreed_on: The day on which that was agreed.
    """

    id: Name
    label: str = Field(min_length=3)
    sentence: str = Field(min_length=10)
    starts: date
    ramp_months: int = Field(default=0, ge=0, le=24)
    due: date
    moves: tuple[Expectation, ...] = Field(min_length=1)
    controls: tuple[Control, ...] = ()
    owner: str = Field(min_length=1)
    cost: float | None = Field(default=None, gt=0)
    agreed_by: Owners | None = None
    agreed_on: date | None = None

    @model_validator(mode="after")
    def _is_given_time(self) -> Self:
        months = (self.due.year - self.starts.year) * 12 + self.due.month - self.starts.month
        if months < FEWEST_MONTHS + self.ramp_months:
            raise ValueError(
                f"due must be at least {FEWEST_MONTHS} months after it is fully in force: "
                "before that nothing can be told"
            )
        return self

"""How IT moves a business outcome: the link, what it rests on and what it assumes."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from kpi_engine.catalogue.entry import Entry, MetricId, Name, Owners
from kpi_engine.terms import EvidenceGrade, LinkKind


class Assumption(Entry):
    """A named number that cannot be read from data, with the range it may lie in."""

    id: Name
    label: str = Field(min_length=3)
    sentence: str = Field(min_length=10)
    unit: str = Field(min_length=1)
    low: float
    mid: float
    high: float
    owner: str = Field(min_length=1)
    source: str = Field(min_length=3)
    expires: date

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.low <= self.mid <= self.high:
            raise ValueError("low, mid and high must not decrease")
        return self


class Money(Entry):
    """How one unit of an effect becomes money: the product of the named assumptions or metrics."""

    assumptions: tuple[Name, ...] = Field(min_length=1)
    metric: MetricId | None = None
    """A measured price, such as biz.aov, multiplied in."""
    saved_is_positive: bool = True


class LostOrders(Entry):
    """Orders not made while a service was down (box C4)."""

    kind: Literal["lost_orders"]
    service: dict[Name, str] = Field(default={})
    recovered_share: Name


class LostHours(Entry):
    """Working hours lost to tickets: tickets x lost time x people."""

    kind: Literal["lost_hours"]
    hours_per_ticket: Name
    people_per_ticket: Name


class DisturbedShare(Entry):
    """What is done while a service is bad breaks: demonstrations in minutes without a line.

    Attributes:
        broken_share: Assumption: of what falls into bad minutes, the share that breaks.
    """

    kind: Literal["disturbed_share"]
    broken_share: Name


class PartOfDuration(Entry):
    """The driver's time is a stretch of the outcome's: delivery is part of time to market."""

    kind: Literal["part_of_duration"]


class Prior(Entry):
    """What was agreed about an effect before anybody looked at own data.

    Attributes:
        low: Lower end of the likely (90 %) change of the outcome, in its unit, for one natural
            step of the driver.
        high: Upper end.
        agreed_on: Day on which it was agreed.
        source: Where it comes from.
    """

    low: float
    high: float
    agreed_on: date
    source: str = Field(min_length=3)

    @model_validator(mode="after")
    def _is_a_range(self) -> Self:
        if not self.low < self.high:
            raise ValueError("low must be below high: a prior is a range, not a point")
        return self


class Retired(Entry):
    """From a day on a link is no longer held to be so; it stays on file with the reason."""

    since: date
    because: str = Field(min_length=10)


Counting = Annotated[
    LostOrders | LostHours | DisturbedShare | PartOfDuration, Field(discriminator="kind")
]


class Link(Entry):
    """A declared relation from a driver to an outcome (C3).

    Attributes:
        sign: Driver up makes the outcome go up (1), down (-1), or neither by design (0).
        lag_days: Shortest and longest delay until it is felt.
        grade: As declared; influence links start at D or E until an estimate earns more.
        reachable_grade: What own data could make of it.
        counting: How an impact link is counted; only impact links have one.
        prior: What was agreed about its effect before looking at data; only influences have one.
        retired: Why it no longer counts; None while it is in force.
    """

    id: Name
    driver: MetricId
    driver_segment: dict[Name, str] = Field(default={})
    outcome: MetricId
    kind: LinkKind
    mechanism: str = Field(min_length=15)
    sign: Literal[-1, 0, 1]
    lag_days: tuple[int, int]
    grade: EvidenceGrade
    reachable_grade: EvidenceGrade
    grade_reason: str = Field(min_length=10)
    agreed_by: Owners | None = None
    review_by: date
    counting: Counting | None = None
    money: Money | None = None
    prior: Prior | None = None
    retired: Retired | None = None

    @model_validator(mode="after")
    def _fits_kind(self) -> Self:
        low, high = self.lag_days
        if low < 0 or high < low:
            raise ValueError("lag_days is a shortest and a longest delay, neither negative")
        if (self.kind is LinkKind.IMPACT) != (self.counting is not None):
            raise ValueError("counting is given for impact links, and only for them")
        if self.kind is LinkKind.INFLUENCE and self.grade in (EvidenceGrade.A, EvidenceGrade.B):
            raise ValueError("an influence link cannot be declared A or B: that must be earned")
        if self.prior is not None and self.kind is not LinkKind.INFLUENCE:
            raise ValueError("prior is given for influence links only: the others are counted")
        return self

    @property
    def assumptions(self) -> tuple[str, ...]:
        """Every assumption that the counting and the money rest on, each once."""
        counted: tuple[str, ...] = ()
        if isinstance(self.counting, LostOrders):
            counted = (self.counting.recovered_share,)
        elif isinstance(self.counting, LostHours):
            counted = (self.counting.hours_per_ticket, self.counting.people_per_ticket)
        elif isinstance(self.counting, DisturbedShare):
            counted = (self.counting.broken_share,)
        valued = self.money.assumptions if self.money else ()
        return tuple(dict.fromkeys((*counted, *valued)))

"""One entry of each kind of definition, checked by itself."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

from kpi_engine.fiscal import FiscalCalendar, Weeks
from kpi_engine.terms import (
    Direction,
    EvidenceGrade,
    Fold,
    Grain,
    LinkKind,
    Phasing,
    Side,
    Unit,
    WeekPattern,
    YearEnd,
)
from kpi_engine.workdays import Workdays, unknown_place

MetricId = Annotated[str, Field(pattern=r"^(it|biz|base)\.[a-z0-9_]+$")]
Part = Annotated[str, Field(pattern=r"^[a-z_]+\.[a-z0-9_]+$")]
"""A counter of an event kind (``ticket.resolved``) or another metric (``biz.orders``)."""
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)
Segment = Mapping[Name, str]
"""Dimension to member; an empty mapping is ``all``."""


class Entry(BaseModel):
    """What every definition shares: unknown fields are mistakes, nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Owners(Entry):
    """The two people who answer for a metric."""

    business: str = Field(min_length=1)
    it: str = Field(min_length=1)


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


_FEWEST_LETTERS = 10
"""A reason in fewer says nothing."""
_USUAL_STEPS = {
    Unit.PERCENT: 0.01,
    Unit.MINUTES: 10.0,
    Unit.MILLISECONDS: 100.0,
    Unit.HOURS_PER_EMPLOYEE: 0.1,
}


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
    segment: dict[Name, str] = {}
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
    segment: dict[Name, str] = {}
    because: str = Field(min_length=10)
    agreed_by: Owners


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
    service: dict[Name, str] = {}
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
    driver_segment: dict[Name, str] = {}
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


class WeekBasedMonths(Entry):
    """Months of whole weeks, four or five each; the last has one more in a year of 53 weeks.

    Attributes:
        pattern: Weeks of the three months of a quarter.
        week_starts_on: First day of a fiscal week.
        year_ends: With the last end of a week in the month before ``year_starts_in``, or with the
            one nearest to the end of that month.
    """

    pattern: WeekPattern
    week_starts_on: Weekday = "sunday"
    year_ends: YearEnd = YearEnd.NEAREST


class WorkingDays(Entry):
    """On which days people work.

    Attributes:
        country: Whose public holidays are no working days, as ISO 3166 has it (``US``).
        subdivision: State, region or canton with holidays of its own (``CA``).
        weekend: Days of the week on which nobody works.
    """

    country: str
    subdivision: str | None = None
    weekend: tuple[Weekday, ...] = ("saturday", "sunday")

    @model_validator(mode="after")
    def _is_known(self) -> Self:
        if len(set(self.weekend)) == len(WEEKDAYS):
            raise ValueError("the weekend leaves no day to work on")
        if found := unknown_place(self.country, self.subdivision):
            raise ValueError(found)
        return self


class Organisation(Entry):
    """The organisation that reads the scorecard.

    Attributes:
        time_zone: IANA name; days and months are cut here.
        currency: Symbol printed before amounts.
        year_starts_in: Month number in which the fiscal year starts.
        weeks: How weeks make months; None: months are those of the calendar.
        working_days: On which days people work; None: nothing is said of working days.
        scorecard: Outcomes in the order they are printed.
        closing_day: Day of the next month on which a month is closed.
        people: Who fills a role that definitions name as owner: role to name. Definitions then
            carry the name once loaded.
        glossary: Abbreviations every reader is trusted to know, each with its meaning (E10).
        known: What no export says of single things, by list and member: ``capacity_mbps`` of
            lines in Mbit/s, ``minutes_saved`` by one run of an automation.
    """

    name: str = Field(min_length=1)
    time_zone: str = "UTC"
    currency: str = Field(default="$", max_length=3)
    year_starts_in: int = Field(default=1, ge=1, le=12)
    weeks: WeekBasedMonths | None = None
    working_days: WorkingDays | None = None
    closing_day: int = Field(default=3, ge=1, le=28)
    scorecard: tuple[MetricId, ...] = ()
    people: dict[str, str] = {}
    glossary: dict[str, str] = {}
    known: dict[Name, dict[str, Annotated[float, Field(gt=0)]]] = {}
    is_sample: bool = False

    @property
    def calendar(self) -> FiscalCalendar:
        """Which days belong to which month, quarter and year."""
        said = self.weeks
        if said is None:
            return FiscalCalendar(year_starts_in=self.year_starts_in)
        starts_on = WEEKDAYS.index(said.week_starts_on)
        weeks = Weeks(pattern=said.pattern, starts_on=starts_on, year_ends=said.year_ends)
        return FiscalCalendar(year_starts_in=self.year_starts_in, weeks=weeks)

    @property
    def workdays(self) -> Workdays | None:
        """Which days are working days; None where nothing was declared."""
        if self.working_days is None:
            return None
        return Workdays(
            country=self.working_days.country,
            subdivision=self.working_days.subdivision,
            weekend=frozenset(WEEKDAYS.index(day) for day in self.working_days.weekend),
        )

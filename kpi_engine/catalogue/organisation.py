"""The organisation that reads the scorecard: its calendar, its people, its words."""

from datetime import date, datetime
from typing import Annotated, Literal, Self, get_args
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from kpi_engine.catalogue.entry import Entry, MetricId, Name
from kpi_engine.fiscal import FiscalCalendar, Weeks
from kpi_engine.terms import WeekPattern, YearEnd
from kpi_engine.workdays import Workdays, unknown_place

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)


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
    people: dict[str, str] = Field(default={})
    glossary: dict[str, str] = Field(default={})
    known: dict[Name, dict[str, Annotated[float, Field(gt=0)]]] = Field(default={})
    is_sample: bool = False

    @property
    def zone(self) -> ZoneInfo:
        """Where its days begin and end."""
        return ZoneInfo(self.time_zone)

    def day_of(self, instant: datetime) -> date:
        """The day on which an instant is, here.

        Args:
            instant: With its zone.
        """
        return instant.astimezone(self.zone).date()

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

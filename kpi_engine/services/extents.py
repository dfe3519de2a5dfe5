"""How long the months are that are compared: their days, weeks and working days (A5, E6)."""

from collections.abc import Set
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any, Literal

from kpi_engine.catalogue.organisation import Organisation
from kpi_engine.periods import add_months
from kpi_engine.services.look import Look


@dataclass(frozen=True, kw_only=True)
class Extent:
    """How long one month, or quarter, is.

    Attributes:
        weeks: None where months are those of the calendar.
        working_days: None where it is not declared on which days people work.
    """

    days: int
    weeks: int | None
    working_days: int | None


Unit = Literal["working day", "week"]


@dataclass(frozen=True, kw_only=True)
class Extents:
    """A month, or quarter, beside the two it is compared with."""

    now: Extent
    previous: Extent
    year_ago: Extent

    @property
    def unit(self) -> Unit | None:
        """By what months are held against each other; None where nothing was declared."""
        if self.now.working_days is not None:
            return "working day"
        return "week" if self.now.weeks is not None else None

    @property
    def lengths(self) -> tuple[int, int, int]:
        """How many of ``unit`` this month, the one before and that of a year earlier have."""
        now, previous, year_ago = (
            one.working_days if one.working_days is not None else one.weeks or one.days
            for one in (self.now, self.previous, self.year_ago)
        )
        return now, previous, year_ago

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class ExtentBook:
    """Lengths of the months that are compared with one month; worked out without the store.

    Attributes:
        organisation: Has the calendar and the working days.
        closed: Days off that calendar events tell.
    """

    organisation: Organisation
    closed: Set[date]

    @classmethod
    def of(cls, look: Look, month: date) -> "ExtentBook":
        """For a month and those up to a year and a quarter before it."""
        organisation = look.catalogue.organisation
        if organisation.workdays is None:
            return cls(organisation=organisation, closed=frozenset())
        first, last = look.calendar.bounds(month, months=16)
        return cls(organisation=organisation, closed=look.holidays(first=first, last=last))

    def of_month(self, month: date, *, months: int = 1, days: int | None = None) -> Extents:
        """A month beside the one before it and that of a year earlier.

        Args:
            month: Of a quarter, its last.
            months: Months the period has.
            days: Only so many first days of each are compared; None: all.
        """
        now, previous, year_ago = (
            self._extent(at, months=months, days=days)
            for at in (month, add_months(month, -months), add_months(month, -12))
        )
        return Extents(now=now, previous=previous, year_ago=year_ago)

    def _extent(self, month: date, *, months: int, days: int | None) -> Extent:
        calendar, workdays = self.organisation.calendar, self.organisation.workdays
        first, last = calendar.bounds(month, months=months)
        if days is not None:
            last = min(last, first + timedelta(days=days - 1))
        length = (last - first).days + 1
        return Extent(
            days=length,
            weeks=length // 7 if calendar.weeks and days is None else None,
            working_days=workdays.count(first=first, last=last, closed=self.closed)
            if workdays
            else None,
        )

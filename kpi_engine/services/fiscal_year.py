"""The months of a fiscal year with their days: what was declared, to be held against a wall."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from kpi_engine.fiscal import FiscalCalendar
from kpi_engine.periods import add_months, months_between
from kpi_engine.services.look import Look
from kpi_engine.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class FiscalMonth:
    """One month.

    Attributes:
        weeks: None where months are those of the calendar.
        working_days: None where it is not declared on which days people work.
        days_off: Public holidays with their names, and days of calendar events of that kind.
    """

    month: date
    first: date
    last: date
    weeks: int | None
    working_days: int | None
    days_off: dict[date, str]

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "month": f"{self.month:%Y-%m}",
            "first": self.first.isoformat(),
            "last": self.last.isoformat(),
            "days": self.days,
            "weeks": self.weeks,
            "working_days": self.working_days,
            "days_off": {day.isoformat(): name for day, name in self.days_off.items()},
        }


@dataclass(frozen=True, kw_only=True)
class FiscalYear:
    """The months of one fiscal year, the first one first."""

    calendar: FiscalCalendar
    months: tuple[FiscalMonth, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "calendar": self.calendar.described,
            "months": [one.to_dict() for one in self.months],
        }


def read_fiscal_year(ws: Workspace, *, month: date) -> FiscalYear:
    """The fiscal year in which a month lies."""
    with ws.reading() as conn:
        look = Look(conn=conn, catalogue=ws.catalogue, as_of=ws.newest())
        start = look.calendar.year_of(month)
        year = months_between(start, add_months(start, 11))
        return FiscalYear(calendar=look.calendar, months=tuple(_month(look, one) for one in year))


def _month(look: Look, month: date) -> FiscalMonth:
    workdays = look.catalogue.organisation.workdays
    first, last = look.calendar.bounds(month)
    off: dict[date, str] = {}
    if workdays is not None:
        named = workdays.holidays(first=first, last=last)
        days = [first + timedelta(days=step) for step in range((last - first).days + 1)]
        closed = look.holidays(first=first, last=last)
        off = {day: named.get(day, "Own holiday") for day in days if day in closed}
    return FiscalMonth(
        month=month,
        first=first,
        last=last,
        weeks=look.calendar.weeks_in(month),
        working_days=workdays.count(first=first, last=last, closed=off.keys())
        if workdays
        else None,
        days_off=off,
    )

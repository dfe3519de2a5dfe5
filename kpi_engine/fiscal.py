"""Which days a month has: those of the calendar, or whole weeks of a 52–53-week fiscal year.

A month is named by the first day of the calendar month it stands for, in every calendar: October
2026 is ``2026-10-01`` even where it runs from 27 September to 24 October. So months, quarters and
years add up as ever; only this module knows their days.
"""

import calendar
from dataclasses import dataclass, replace
from datetime import date, timedelta

from kpi_engine import periods
from kpi_engine.periods import MONTHS_IN, add_months, first_month, month_label, year_label
from kpi_engine.terms import Grain, WeekPattern, YearEnd

_WEEK = 7
QUARTER_WEEKS, QUARTERS = 13, 4


@dataclass(frozen=True, kw_only=True)
class Weeks:
    """Months made of whole weeks.

    Attributes:
        pattern: Weeks of the three months of a quarter.
        starts_on: Weekday on which a week starts, 0 for Monday.
        year_ends: Which end of a week ends the year: the last in the month before
            ``year_starts_in``, or the one nearest to the end of that month. Both are the rules of
            a 52–53-week year in IRS Publication 538; *nearest* is also that of the National
            Retail Federation's 4-5-4 calendar and, with years from January and weeks from Monday,
            that of ISO 8601.
    """

    pattern: WeekPattern
    starts_on: int
    year_ends: YearEnd

    @property
    def shift(self) -> int:
        """Days that are added to a day before its week's start is asked whether the year began.

        A year starts with the week of the first day of its first month; with *nearest*, with the
        week that has four of its days there or more.
        """
        return 3 if self.year_ends is YearEnd.NEAREST else 0

    @property
    def months(self) -> tuple[int, int, int]:
        """Weeks of the three months of a quarter."""
        first, second, third = (int(weeks) for weeks in self.pattern.split("-"))
        return first, second, third

    def start_of(self, day: date) -> date:
        """First day of the week a day lies in."""
        return day - timedelta(days=(day.weekday() - self.starts_on) % _WEEK)


@dataclass(frozen=True, kw_only=True)
class FiscalCalendar:
    """Which days belong to which month, quarter and year.

    Attributes:
        year_starts_in: Month number by which the first month of the year is named.
        weeks: How weeks make months; None: months are those of the calendar.

    Examples:
        >>> retail = Weeks(pattern=WeekPattern.W454, starts_on=6, year_ends=YearEnd.NEAREST)
        >>> retail = FiscalCalendar(year_starts_in=2, weeks=retail)
        >>> retail.month_of(date(2024, 2, 3)), retail.length(date(2024, 1, 1))
        (datetime.date(2024, 1, 1), 35)
    """

    year_starts_in: int = 1
    weeks: Weeks | None = None

    @property
    def described(self) -> str:
        """The calendar in words.

        Examples:
            >>> weeks = Weeks(pattern=WeekPattern.W454, starts_on=6, year_ends=YearEnd.NEAREST)
            >>> FiscalCalendar(year_starts_in=2, weeks=weeks).described
            '4-5-4 weeks, years ending on the Saturday nearest to the end of January'
            >>> FiscalCalendar(year_starts_in=7).described
            'calendar months, years from July'
        """
        if self.weeks is None:
            return f"calendar months, years from {calendar.month_name[self.year_starts_in]}"
        end = calendar.day_name[(self.weeks.starts_on - 1) % _WEEK]
        month = calendar.month_name[(self.year_starts_in - 2) % MONTHS_IN[Grain.YEAR] + 1]
        rule = f"the {end} nearest to the end of {month}"
        if self.weeks.year_ends is YearEnd.LAST:
            rule = f"the last {end} of {month}"
        return f"{self.weeks.pattern} weeks, years ending on {rule}"

    @property
    def by_name(self) -> "FiscalCalendar":
        """The same years, with the days that months have in the calendar."""
        return replace(self, weeks=None)

    def month_of(self, day: date) -> date:
        """The month a day lies in."""
        if self.weeks is None:
            return periods.month_of(day)
        week = self.weeks.start_of(day)
        named = week + timedelta(days=_WEEK - 1 - self.weeks.shift)
        year = self.year_of(periods.month_of(named))
        number = (week - self._opens(year)).days // _WEEK
        quarter = min(number // QUARTER_WEEKS, QUARTERS - 1)
        one, two, _ = self.weeks.months
        left = number - quarter * QUARTER_WEEKS
        return add_months(year, 3 * quarter + (left >= one) + (left >= one + two))

    def year_of(self, month: date) -> date:
        """First month of the year a month lies in."""
        return first_month(month, Grain.YEAR, year_starts_in=self.year_starts_in)

    def first_day(self, month: date) -> date:
        """First day of a month."""
        if self.weeks is None:
            return month
        year = self.year_of(month)
        quarter, place = divmod((month.month - year.month) % MONTHS_IN[Grain.YEAR], 3)
        weeks = quarter * QUARTER_WEEKS + sum(self.weeks.months[:place])
        return self._opens(year) + timedelta(days=weeks * _WEEK)

    def last_day(self, month: date) -> date:
        """Last day of a month."""
        if self.weeks is None:
            return periods.last_day(month)
        return self.first_day(add_months(month, 1)) - timedelta(days=1)

    def bounds(self, month: date, *, months: int = 1) -> tuple[date, date]:
        """First and last day of so many months in a row, of which ``month`` is the last."""
        return self.first_day(add_months(month, 1 - months)), self.last_day(month)

    def length(self, month: date, *, months: int = 1) -> int:
        """How many days so many months in a row have, of which ``month`` is the last."""
        if self.weeks is None and months == 1:
            return periods.last_day(month).day
        first, last = self.bounds(month, months=months)
        return (last - first).days + 1

    def weeks_in(self, month: date) -> int | None:
        """How many weeks a month has; None where months are those of the calendar."""
        return self.length(month) // _WEEK if self.weeks else None

    def label(self, month: date, *, short: bool = False) -> str:
        """The month in words, and where it is not that of the calendar, its days.

        Examples:
            >>> weeks = Weeks(pattern=WeekPattern.W445, starts_on=6, year_ends=YearEnd.LAST)
            >>> FiscalCalendar(weeks=weeks).label(date(2026, 10, 1))
            'October 2026 (27 Sep to 24 Oct, 4 weeks)'
            >>> FiscalCalendar(year_starts_in=7).label(date(2026, 10, 1))
            'October 2026 (month 4 of 2026/27)'
        """
        name, said = month_label(month, short=short), self.days_text(month)
        return f"{name} ({said})" if said else name

    def days_text(self, month: date) -> str:
        """What the name of a month does not say: its days, or its place in a fiscal year."""
        if self.weeks is not None:
            first, last = self.first_day(month), self.last_day(month)
            return f"{first.day} {first:%b} to {last.day} {last:%b}, {self.weeks_in(month)} weeks"
        if self.year_starts_in == 1:
            return ""
        year = self.year_of(month)
        place = (month.month - year.month) % MONTHS_IN[Grain.YEAR] + 1
        return f"month {place} of {year_label(year)}"

    def _opens(self, year: date) -> date:
        """First day of the year whose first month is ``year``."""
        if self.weeks is None:
            return year
        return self.weeks.start_of(year + timedelta(days=self.weeks.shift))


CALENDAR_MONTHS = FiscalCalendar()
"""Months of the calendar, years from January."""

"""Months and other periods as dates: a period is named by its first day."""

import calendar
from datetime import date
from functools import lru_cache

from kpi_engine.terms import Grain

MONTHS_IN = {Grain.MONTH: 1, Grain.QUARTER: 3, Grain.YEAR: 12}
"""How many months a period of each grain has."""


def month_of(day: date) -> date:
    """First day of the month ``day`` lies in."""
    return day.replace(day=1)


def add_months(month: date, count: int) -> date:
    """The first day of the month ``count`` months after ``month``.

    Examples:
        >>> add_months(date(2026, 1, 1), -2)
        datetime.date(2025, 11, 1)
    """
    index = month.year * 12 + month.month - 1 + count
    return date(index // 12, index % 12 + 1, 1)


def first_month(month: date, grain: Grain, *, year_starts_in: int) -> date:
    """First month of the quarter or fiscal year ``month`` lies in; of a month, itself.

    Examples:
        >>> first_month(date(2026, 3, 1), Grain.YEAR, year_starts_in=4)
        datetime.date(2025, 4, 1)
    """
    return add_months(month, -((month.month - year_starts_in) % MONTHS_IN[grain]))


@lru_cache(maxsize=4_096)
def last_day(month: date) -> date:
    """Last day of the month."""
    return month.replace(day=calendar.monthrange(month.year, month.month)[1])


def months_between(first: date, last: date) -> list[date]:
    """Every month from ``first`` to ``last``, both included; empty when ``last`` is earlier."""
    count = (last.year - first.year) * 12 + last.month - first.month
    return [add_months(month_of(first), step) for step in range(count + 1)]


def month_label(month: date, *, short: bool = False) -> str:
    """The month in words.

    Examples:
        >>> month_label(date(2026, 10, 1))
        'October 2026'
        >>> month_label(date(2026, 10, 1), short=True)
        'Oct 2026'
    """
    names = calendar.month_abbr if short else calendar.month_name
    return f"{names[month.month]} {month.year}"


def year_label(first: date) -> str:
    """The fiscal year in words, by its first month.

    Examples:
        >>> year_label(date(2026, 1, 1)), year_label(date(2026, 4, 1))
        ('2026', '2026/27')
    """
    return str(first.year) if first.month == 1 else f"{first.year}/{(first.year + 1) % 100:02d}"


def quarter_label(first: date, *, year_starts_in: int) -> str:
    """The quarter in words, with its months where years do not start in January.

    Args:
        first: First day of the quarter.
        year_starts_in: Month number in which the fiscal year starts.

    Examples:
        >>> quarter_label(date(2026, 7, 1), year_starts_in=1)
        'Q3 2026'
        >>> quarter_label(date(2027, 1, 1), year_starts_in=4)
        'Q4 2026/27 (Jan 2027 to Mar 2027)'
    """
    start = first_month(first, Grain.YEAR, year_starts_in=year_starts_in)
    number = (len(months_between(start, first)) - 1) // MONTHS_IN[Grain.QUARTER] + 1
    if year_starts_in == 1:
        return f"Q{number} {year_label(start)}"
    last = add_months(first, MONTHS_IN[Grain.QUARTER] - 1)
    months = f"{month_label(first, short=True)} to {month_label(last, short=True)}"
    return f"Q{number} {year_label(start)} ({months})"


def period_label(period: date, grain: Grain, *, year_starts_in: int) -> str:
    """A period of any grain in words.

    Args:
        period: Its first day.
        grain: Of the period.
        year_starts_in: Month number in which the fiscal year starts.

    Examples:
        >>> period_label(date(2026, 10, 12), Grain.WEEK, year_starts_in=1)
        'week of 12 Oct 2026'
        >>> period_label(date(2026, 10, 12), Grain.DAY, year_starts_in=1)
        '12 Oct 2026'
    """
    if grain in (Grain.DAY, Grain.WEEK):
        day = f"{period.day} {month_label(period, short=True)}"
        return day if grain is Grain.DAY else f"week of {day}"
    if grain is Grain.MONTH:
        return month_label(period)
    if grain is Grain.QUARTER:
        return quarter_label(period, year_starts_in=year_starts_in)
    return year_label(period)


def parse_month(text: str) -> date:
    """A month from its address form ``2026-10``.

    Raises:
        ValueError: The text is not a year and a month.
    """
    year, _, month = text.partition("-")
    return date(int(year), int(month), 1)

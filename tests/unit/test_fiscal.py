"""Fiscal calendars against dates that were published, or counted on a paper calendar."""

from datetime import date, timedelta

import pytest

from kpi_engine import periods
from kpi_engine.fiscal import FiscalCalendar, Weeks
from kpi_engine.periods import add_months, months_between
from kpi_engine.terms import WeekPattern, YearEnd

MONDAY, SUNDAY = 0, 6


def calendar(
    pattern: str = "4-4-5", *, starts_in: int = 1, on: int = SUNDAY, ends: str = "nearest"
) -> FiscalCalendar:
    weeks = Weeks(pattern=WeekPattern(pattern), starts_on=on, year_ends=YearEnd(ends))
    return FiscalCalendar(year_starts_in=starts_in, weeks=weeks)


RETAIL = calendar("4-5-4", starts_in=2)
"""The National Retail Federation's: Saturday nearest to the end of January."""
LAST_SATURDAY_OF_JULY = calendar("4-4-5", starts_in=8, ends="last")
"""As companies report that close on the last Saturday of July."""
ISO = calendar(on=MONDAY)
EVERY = [
    pytest.param(calendar(pattern, starts_in=starts_in, on=on, ends=ends), id=name)
    for name, pattern, starts_in, on, ends in [
        ("retail", "4-5-4", 2, SUNDAY, "nearest"),
        ("last Saturday of July", "4-4-5", 8, SUNDAY, "last"),
        ("ISO", "4-4-5", 1, MONDAY, "nearest"),
        ("Wednesdays", "5-4-4", 4, 2, "last"),
        ("last Saturday of December", "4-4-5", 1, SUNDAY, "last"),
    ]
] + [pytest.param(FiscalCalendar(year_starts_in=7), id="July, calendar months")]


@pytest.mark.parametrize(
    ("month", "first", "last"),
    [
        ("2023-02", "2023-01-29", "2023-02-25"),
        ("2023-03", "2023-02-26", "2023-04-01"),
        ("2023-04", "2023-04-02", "2023-04-29"),
        ("2023-05", "2023-04-30", "2023-05-27"),
        ("2023-06", "2023-05-28", "2023-07-01"),
        ("2023-07", "2023-07-02", "2023-07-29"),
        ("2023-08", "2023-07-30", "2023-08-26"),
        ("2023-09", "2023-08-27", "2023-09-30"),
        ("2023-10", "2023-10-01", "2023-10-28"),
        ("2023-11", "2023-10-29", "2023-11-25"),
        ("2023-12", "2023-11-26", "2023-12-30"),
        ("2024-01", "2023-12-31", "2024-02-03"),
        ("2024-02", "2024-02-04", "2024-03-02"),
    ],
)
def test_the_retail_year_of_53_weeks_has_the_months_that_were_published(month, first, last):
    named = periods.parse_month(month)
    days = date.fromisoformat(first), date.fromisoformat(last)
    assert RETAIL.bounds(named) == days
    assert [RETAIL.month_of(day) for day in days] == [named, named]


@pytest.mark.parametrize(
    ("year", "first", "last", "weeks"),
    [
        (2006, "2006-01-29", "2007-02-03", 53),
        (2012, "2012-01-29", "2013-02-02", 53),
        (2016, "2016-01-31", "2017-01-28", 52),
        (2017, "2017-01-29", "2018-02-03", 53),
        (2022, "2022-01-30", "2023-01-28", 52),
        (2023, "2023-01-29", "2024-02-03", 53),
        (2024, "2024-02-04", "2025-02-01", 52),
        (2025, "2025-02-02", "2026-01-31", 52),
    ],
)
def test_retail_years_start_and_end_as_published(year, first, last, weeks):
    months = months_between(date(year, 2, 1), date(year + 1, 1, 1))
    assert RETAIL.first_day(months[0]).isoformat() == first
    assert RETAIL.last_day(months[-1]).isoformat() == last
    assert sum(RETAIL.weeks_in(month) for month in months) == weeks


@pytest.mark.parametrize(
    ("year", "last", "weeks"),
    [
        (2019, "2019-07-27", 52),
        (2020, "2020-07-25", 52),
        (2021, "2021-07-31", 53),
        (2022, "2022-07-30", 52),
        (2023, "2023-07-29", 52),
        (2024, "2024-07-27", 52),
    ],
)
def test_a_year_may_end_on_the_last_saturday_of_its_month(year, last, weeks):
    july, found = date(year, 7, 1), LAST_SATURDAY_OF_JULY
    assert found.last_day(july).isoformat() == last
    assert found.length(july, months=12) == weeks * 7
    assert found.weeks_in(july) == (6 if weeks == 53 else 5)


def test_weeks_from_monday_nearest_to_the_end_of_december_are_those_of_iso_8601():
    for step in range(15_000):
        day = date(1990, 1, 1) + timedelta(days=step)
        assert ISO.year_of(ISO.month_of(day)).year == day.isocalendar().year


@pytest.mark.parametrize("found", EVERY)
def test_every_day_lies_in_one_month_and_months_follow_each_other(found):
    months = months_between(date(1999, 1, 1), date(2060, 1, 1))
    for month in months:
        first, last = found.bounds(month)
        assert found.first_day(add_months(month, 1)) == last + timedelta(days=1)
        assert found.month_of(first) == found.month_of(last) == month
        assert found.length(month) == (last - first).days + 1
        assert found.weeks is None or found.length(month) % 7 == 0


@pytest.mark.parametrize(
    ("pattern", "weeks"), [("4-4-5", [4, 4, 5]), ("4-5-4", [4, 5, 4]), ("5-4-4", [5, 4, 4])]
)
def test_a_pattern_gives_the_weeks_of_each_quarter(pattern, weeks):
    found = calendar(pattern)
    year = months_between(date(2026, 1, 1), date(2026, 12, 1))
    assert [found.weeks_in(month) for month in year[:9]] == weeks * 3


def test_years_from_july_keep_the_months_of_the_calendar():
    found = FiscalCalendar(year_starts_in=7)
    assert found.bounds(date(2026, 10, 1)) == (date(2026, 10, 1), date(2026, 10, 31))
    assert found.bounds(date(2027, 6, 1), months=12) == (date(2026, 7, 1), date(2027, 6, 30))
    assert found.year_of(date(2027, 6, 1)) == date(2026, 7, 1)
    assert found.label(date(2026, 7, 1)) == "July 2026 (month 1 of 2026/27)"
    assert found.label(date(2027, 6, 1), short=True) == "Jun 2027 (month 12 of 2026/27)"


def test_a_label_says_both_the_month_and_its_days():
    assert RETAIL.label(date(2024, 1, 1)) == "January 2024 (31 Dec to 3 Feb, 5 weeks)"
    assert FiscalCalendar().label(date(2024, 1, 1)) == "January 2024"

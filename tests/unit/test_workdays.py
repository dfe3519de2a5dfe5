"""Working days against a wall calendar: weekends, holidays and the days that those move to."""

from datetime import date

import pytest

from kpi_engine.fiscal import FiscalCalendar
from kpi_engine.workdays import Workdays, unknown_place

WEEKEND = frozenset({5, 6})


def workdays(country, subdivision=None, weekend=WEEKEND):
    return Workdays(country=country, subdivision=subdivision, weekend=weekend)


def in_month(found, text, closed=frozenset()):
    first, last = FiscalCalendar().bounds(date.fromisoformat(f"{text}-01"))
    return found.count(first=first, last=last, closed=closed)


@pytest.mark.parametrize(
    ("country", "subdivision", "month", "days"),
    [
        pytest.param("US", None, "2026-11", 19, id="21 less Veterans Day and Thanksgiving"),
        pytest.param("US", None, "2026-10", 21, id="22 less Columbus Day"),
        pytest.param("US", None, "2027-07", 21, id="the Fourth on a Sunday is kept on Monday"),
        pytest.param("US", None, "2027-12", 21, id="Christmas and New Year 2028 on Fridays before"),
        pytest.param("US", None, "2028-01", 20, id="New Year on a Saturday costs January nothing"),
        pytest.param("DE", None, "2026-01", 21, id="Germany keeps New Year"),
        pytest.param("DE", "BY", "2026-01", 20, id="Bavaria keeps Epiphany too"),
        pytest.param("GB", "ENG", "2026-05", 19, id="two bank holidays in May"),
    ],
)
def test_a_month_has_the_working_days_of_a_wall_calendar(country, subdivision, month, days):
    assert in_month(workdays(country, subdivision), month) == days


def test_the_day_a_holiday_moves_to_is_named():
    found = workdays("US").holidays(first=date(2027, 12, 1), last=date(2027, 12, 31))
    assert list(found) == [date(2027, 12, 24), date(2027, 12, 25), date(2027, 12, 31)]
    assert found[date(2027, 12, 31)] == "New Year's Day (observed)"


def test_other_days_off_count_once():
    closed = frozenset({date(2026, 11, 26), date(2026, 11, 27), date(2026, 11, 28)})
    assert in_month(workdays("US"), "2026-11", closed) == 18  # only the Friday is new


def test_a_weekend_may_lie_elsewhere():
    # May 2026 has five Fridays and five Saturdays among its 31 days.
    found = workdays("AE", weekend=frozenset({4, 5}))
    holidays = found.holidays(first=date(2026, 5, 1), last=date(2026, 5, 31))
    on_workdays = sum(day.weekday() not in (4, 5) for day in holidays)
    assert in_month(found, "2026-05") == 21 - on_workdays


@pytest.mark.parametrize(
    ("country", "subdivision", "sentence"),
    [
        ("US", "CA", None),
        ("DE", "Bayern", None),
        ("us", None, "no holidays are known of country 'us': it is a code of ISO 3166, as US is"),
        ("DE", "Bayen", "DE has no holidays of a part called 'Bayen' (did you mean 'Bayern'?)"),
        ("US", "Qqq", "US has no holidays of a part called 'Qqq'"),
    ],
)
def test_a_place_that_is_not_known_is_said_with_the_nearest(country, subdivision, sentence):
    assert unknown_place(country, subdivision) == sentence

"""Figures by fiscal months: daily facts under a 4-5-4 calendar with a 53rd week, added by hand.

The retail year 2023 runs from 29 January 2023 to 3 February 2024; its January has five weeks.
"""

from datetime import date

import pytest

from kpi_engine.services import doctor, imports, scorecard
from kpi_engine.services.facts import read_facts
from kpi_engine.services.month_readings import read_readings
from kpi_engine.services.series import wanted
from kpi_engine.terms import Grain
from kpi_engine.words import scorecard as words
from kpi_engine.words.extents import length_sentence, paced_note, paced_year_note
from kpi_engine.words.imprint import about
from tests.services.tiny import days, open_workspace, values

REVENUE, COST = "biz.revenue", "base.operating_cost"
RETAIL = {"pattern": "4-5-4", "week_starts_on": "sunday", "year_ends": "nearest"}
JANUARY = date(2024, 1, 1)
DAILY = {
    **dict.fromkeys(days("2022-01-30", "2024-03-02"), 100.0),
    "2024-02-03": 1100.0,  # the last day of the 53rd week
    "2024-02-04": 500.0,  # the first of the next year
}


@pytest.fixture(scope="module")
def ws(tmp_path_factory):
    found = open_workspace(
        tmp_path_factory.mktemp("retail") / "home",
        scorecard=[REVENUE],
        year_starts_in=2,
        weeks=RETAIL,
    )
    values(found, REVENUE, DAILY, at="2024-03-04 08:00")
    yield found
    found.close()


def reading(ws, month, metric=REVENUE):
    (found,) = read_readings(ws, [wanted(metric)], month=month)
    return found


def folded(ws, grain):
    return {one.period: one.value for one in read_facts(ws, REVENUE, grain=grain).values}


def test_the_month_with_the_53rd_week_is_the_sum_of_its_35_days(ws):
    found = reading(ws, JANUARY)
    assert found.value == 35 * 100 + 1000
    assert found.previous == 35 * 100  # 26 November to 30 December
    assert found.year_ago == 28 * 100  # 1 to 28 January 2023
    assert found.freshness.days_due == found.freshness.days_covered == 35
    assert found.freshness.is_complete


def test_the_year_to_date_is_that_of_the_fiscal_year(ws):
    assert reading(ws, JANUARY).year_to_date == 371 * 100 + 1000
    assert reading(ws, date(2024, 2, 1)).year_to_date == 28 * 100 + 400
    assert reading(ws, date(2023, 2, 1)).year_to_date == 28 * 100


def test_quarters_and_years_are_made_of_the_fiscal_months(ws):
    quarters = folded(ws, Grain.QUARTER)
    assert quarters[date(2023, 11, 1)] == 14 * 7 * 100 + 1000  # 4, 5 and 5 weeks
    assert quarters[date(2022, 11, 1)] == 13 * 7 * 100
    assert folded(ws, Grain.YEAR)[date(2023, 2, 1)] == 371 * 100 + 1000


def test_a_week_stays_a_week_from_monday_to_sunday(ws):
    assert folded(ws, Grain.WEEK)[date(2024, 1, 29)] == 5 * 100 + 1100 + 500


def test_months_that_are_not_alike_long_say_so(ws):
    found = reading(ws, JANUARY)
    assert (found.extents.unit, found.extents.lengths) == ("week", (5, 5, 4))
    assert found.paced_change == pytest.approx(4500 / 3500 - 1)
    assert found.paced_change_on_year == pytest.approx((4500 / 5) / (2800 / 4) - 1)
    assert length_sentence(found) == "5 weeks, 5 in Dec 2023 and 4 in Jan 2023."
    assert paced_note(found) == ""
    assert paced_year_note(found) == "+28.6 % per week (5, 4 then)"
    card = scorecard.read(ws, month=JANUARY)
    assert (
        "January 2024 has 5 weeks, Dec 2023 5 and Jan 2023 4; that alone moves sums."
        in " ".join(words.explanation(card))
    )
    assert about(card) == "January 2024 (31 Dec to 3 Feb, 5 weeks), Tiny"


def test_the_newest_whole_month_is_the_fiscal_one(ws):
    card = scorecard.read(ws)
    assert card.month == date(2024, 2, 1)  # 4 February to 2 March
    assert len(card.months) == 25


def test_months_stated_by_their_name_or_by_their_first_day_are_fiscal_months(tmp_path):
    stated = open_workspace(tmp_path / "home", scorecard=[REVENUE], year_starts_in=2, weeks=RETAIL)
    # April 2023 runs from 2 to 29 April: its name, the first of April, is a day of March.
    values(stated, REVENUE, {"2023-03": 35.0, "2023-04": 28.0, "2023-05": 27.0})
    values(stated, COST, {"2023-02-26": 350.0, "2023-04-02": 280.0, "2023-04-30": 270.0})
    for metric, values_ in ((REVENUE, (35.0, 28.0, 27.0)), (COST, (350.0, 280.0, 270.0))):
        found = {v.period: v.value for v in read_facts(stated, metric, grain=Grain.MONTH).values}
        months = (date(2023, 3, 1), date(2023, 4, 1), date(2023, 5, 1))
        assert found == dict(zip(months, values_, strict=True))
    batch = imports.batches(stated)[0]
    assert (batch.first_day, batch.last_day) == (date(2023, 2, 26), date(2023, 5, 27))
    found = reading(stated, date(2023, 4, 1))
    assert (found.value, found.previous) == (28.0, 35.0)
    assert found.freshness.is_complete
    stated.close()


def test_a_late_file_touches_all_fiscal_months_its_days_lie_in(tmp_path):
    late = open_workspace(tmp_path / "home", scorecard=[REVENUE], year_starts_in=2, weeks=RETAIL)
    values(late, REVENUE, dict.fromkeys(days("2023-01-29", "2023-04-01"), 1.0))
    values(late, REVENUE, {"2023-04": 28.0})
    # The first of April is the last day of March; April as stated must stay as it is.
    values(late, REVENUE, {"2023-03-31": 11.0, "2023-04-01": 21.0})
    found = {v.period: v.value for v in read_facts(late, REVENUE, grain=Grain.MONTH).values}
    assert found == {
        date(2023, 2, 1): 28.0,
        date(2023, 3, 1): 33.0 + 11.0 + 21.0,
        date(2023, 4, 1): 28.0,
    }
    assert doctor.examine(late) == ()
    late.close()


def test_the_store_is_sound(ws):
    assert doctor.examine(ws) == ()

"""Working days of compared months, counted on a wall calendar of the United States.

September 2026 has 22 weekdays less Labor Day, October 22 less Columbus Day, November 21 less
Veterans Day and Thanksgiving; October 2025 has 23 less Columbus Day.
"""

import json
from datetime import date

import pytest
from typer.testing import CliRunner

from kpi_engine.__main__ import app
from kpi_engine.services import scorecard
from kpi_engine.services.look import Look
from kpi_engine.services.month_readings import read_readings
from kpi_engine.services.series import wanted
from kpi_engine.words import scorecard as words
from kpi_engine.words.extents import length_sentence, paced_note, paced_year_note
from tests.services.tiny import days, open_workspace, save, shares, values

REVENUE, SHARE = "biz.revenue", "biz.tx_success"
SEPTEMBER, OCTOBER, NOVEMBER = (date(2026, month, 1) for month in (9, 10, 11))


@pytest.fixture
def ws(tmp_path):
    found = open_workspace(
        tmp_path / "home", scorecard=[REVENUE, SHARE], working_days={"country": "US"}
    )
    daily = {day: 100.0 if day < "2026-11" else 93.0 for day in days("2025-09-01", "2026-11-30")}
    values(found, REVENUE, daily, at="2026-12-01 08:00")
    shares(found, SHARE, {f"2026-{n:02d}": (960, 1000) for n in (9, 10, 11)}, at="2026-12-01 08:00")
    yield found
    found.close()


def reading(ws, month, metric=REVENUE):
    (found,) = read_readings(ws, [wanted(metric)], month=month)
    return found


def test_a_month_says_its_working_days_and_those_it_is_compared_with(ws):
    found = reading(ws, OCTOBER)
    assert (found.extents.unit, found.extents.lengths) == ("working day", (21, 21, 22))
    assert length_sentence(found) == "21 working days, 21 in Sep 2026 and 22 in Oct 2025."


def test_a_sum_is_compared_per_working_day_where_they_differ(ws):
    found = reading(ws, NOVEMBER)
    # 30 x 93 over 19 days against 31 x 100 over 21, and against 3,000 over the 18 of a year ago.
    assert found.extents.lengths == (19, 21, 18)
    assert found.change == pytest.approx(2790 - 3100)
    assert found.paced_change == pytest.approx(2790 / 19 / (3100 / 21) - 1)
    assert paced_note(found) == "\N{MINUS SIGN}0.5 % per working day (19, 21 then)"
    assert paced_year_note(found) == "\N{MINUS SIGN}11.9 % per working day (19, 18 then)"
    assert paced_note(reading(ws, OCTOBER)) == ""
    assert found.to_dict()["paced_change"] == found.paced_change


def test_a_share_needs_no_working_days(ws):
    assert reading(ws, NOVEMBER, SHARE).paced_change is None


def test_the_scorecard_says_that_sums_are_not_of_as_many_days(ws):
    said = " ".join(words.explanation(scorecard.read(ws, month=NOVEMBER)))
    assert (
        "November 2026 has 19 working days, Oct 2026 21 and Nov 2025 18; that alone moves sums."
        in said
    )


def test_a_day_off_in_the_own_calendar_is_no_working_day(ws):
    closed = [("Works outing", "holiday", "2026-11-27 00:00:00", "2026-11-28 00:00:00")]
    save(ws, "title,kind,starts_at,ends_at", closed, recipe="calendar", at="2026-12-01 08:00")
    assert reading(ws, NOVEMBER).extents.lengths == (18, 21, 18)  # the 28th is a Saturday


def test_holidays_of_the_country_are_left_out_of_what_is_usually_ordered(ws):
    with ws.reading() as conn:
        look = Look(conn=conn, catalogue=ws.catalogue, as_of=ws.newest())
        found = look.holidays(first=NOVEMBER, last=date(2026, 11, 30))
    assert found == {date(2026, 11, 11), date(2026, 11, 26)}


def test_nothing_is_said_of_working_days_that_nobody_declared(tmp_path):
    plain = open_workspace(tmp_path / "home", scorecard=[REVENUE])
    values(plain, REVENUE, dict.fromkeys(days("2026-09-01", "2026-10-31"), 100.0))
    found = reading(plain, OCTOBER)
    assert found.extents.unit is None
    assert (found.paced_change, length_sentence(found), paced_note(found)) == (None, "", "")
    plain.close()


def test_the_calendar_of_a_year_is_printed_with_its_days_off(ws):
    ws.close()
    said = CliRunner().invoke(
        app, ["calendar", "--home", str(ws.home), "--month", "2026-11", "--json"]
    )
    november = json.loads(said.stdout)["months"][10]
    assert november == {
        "month": "2026-11",
        "first": "2026-11-01",
        "last": "2026-11-30",
        "days": 30,
        "weeks": None,
        "working_days": 19,
        "days_off": {"2026-11-11": "Veterans Day", "2026-11-26": "Thanksgiving Day"},
    }

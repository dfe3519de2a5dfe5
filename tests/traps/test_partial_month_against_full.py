"""The mistake: comparing a month that is still filling up with one that is full."""

from datetime import date

import pytest

from kpi_engine.services import scorecard
from kpi_engine.services.month_readings import read_readings
from kpi_engine.services.series import wanted
from tests.services.tiny import days, open_workspace, values

SEPTEMBER, OCTOBER = date(2026, 9, 1), date(2026, 10, 1)


@pytest.fixture
def ws(tmp_path):
    found = open_workspace(tmp_path / "home", scorecard=["biz.revenue"])
    values(found, "biz.revenue", dict.fromkeys(days("2026-09-01", "2026-09-30"), 100.0))
    yield found
    found.close()


def october(ws):
    (found,) = read_readings(ws, [wanted("biz.revenue")], month=OCTOBER)
    return found


@pytest.mark.parametrize(
    ("last_day", "expected"),
    [
        pytest.param("2026-10-03", False, id="three days"),
        pytest.param("2026-10-29", False, id="two days short"),
        pytest.param("2026-10-30", True, id="one day short is over 95 %"),
        pytest.param("2026-10-31", True, id="full"),
    ],
)
def test_a_month_is_complete_when_95_percent_of_its_days_are_there(ws, last_day, expected):
    values(ws, "biz.revenue", dict.fromkeys(days("2026-10-01", last_day), 100.0))

    assert october(ws).freshness.is_complete is expected
    assert october(ws).freshness.days_covered == int(last_day[-2:])


def test_the_scorecard_does_not_open_on_three_days_of_october(ws):
    values(ws, "biz.revenue", dict.fromkeys(days("2026-10-01", "2026-10-03"), 100.0))

    card = scorecard.read(ws)

    assert card.month == SEPTEMBER
    assert OCTOBER not in card.months


def test_a_month_with_a_hole_in_it_is_not_complete(ws):
    holes = {"2026-10-14", "2026-10-15"}
    every = [day for day in days("2026-10-01", "2026-10-31") if day not in holes]
    values(ws, "biz.revenue", dict.fromkeys(every, 100.0))

    assert not october(ws).freshness.is_complete


def test_a_number_given_for_the_whole_month_is_complete(ws):
    values(ws, "biz.op_delay", {"2026-10": 12.0})

    (found,) = read_readings(ws, [wanted("biz.op_delay")], month=OCTOBER)

    assert found.freshness.is_complete
    assert found.freshness.days_covered is None


def test_office_hours_are_not_a_hole(ws):
    """Weekdays only, in September and in October: the month is as full as it gets."""
    weekdays = [
        day for day in days("2026-09-01", "2026-10-31") if date.fromisoformat(day).weekday() < 5
    ]
    values(ws, "biz.op_delay", dict.fromkeys(weekdays, 1.0))

    (found,) = read_readings(ws, [wanted("biz.op_delay")], month=OCTOBER)

    assert found.freshness.is_complete

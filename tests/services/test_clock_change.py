"""Berlin puts its clocks back at 03:00 on 25 October 2026: the hour from two to three comes twice.

Three orders an hour, all of the shop's time; the outages stand in that night.
"""

from datetime import date
from pathlib import Path

import pytest

from kpi_engine.services import outcomes
from kpi_engine.services.dwa import DWA
from kpi_engine.services.happenings import read_happenings
from kpi_engine.services.month_readings import read_readings
from kpi_engine.services.rows_behind import rows_behind
from kpi_engine.services.series import wanted
from tests.services.tiny import days, open_workspace, outages, save

OCTOBER = date(2026, 10, 1)
HOURS = 31 * 24 + 1


@pytest.fixture(scope="module")
def sold(tmp_path_factory):
    """The store with its orders."""
    home = tmp_path_factory.mktemp("berlin") / "home"
    ws = open_workspace(home, time_zone="Europe/Berlin")
    rows = [
        (f"{day}-{hour}-{number}", f"{day} {hour:02d}:40:00", 1, 50)
        for day in days("2026-07-12", "2026-10-31")
        for hour in range(24)
        for number in range(3)
    ]
    header = "InvoiceNo,InvoiceDate,Quantity,UnitPrice"
    save(ws, header, rows, recipe="invoice_lines")
    ws.close()
    return home


@pytest.fixture
def ws(tmp_path, sold):
    found = open_workspace(
        tmp_path / "home", scorecard=["biz.revenue"], time_zone="Europe/Berlin", filled=sold
    )
    yield found
    found.close()


def minutes_and_share(ws, start, end):
    outages(
        ws,
        ("Shop", "2026-09-01T03:00:00Z", "2026-09-01T03:00:30Z"),
        ("Shop", start, end),
    )
    (reading,) = read_readings(ws, [wanted(DWA)], month=OCTOBER)
    (driver,) = [
        one.contribution
        for one in outcomes.explain(ws, "biz.revenue", month=OCTOBER).drivers
        if one.contribution.link.id == "availability_to_revenue"
    ]
    return driver, (1 - reading.value) * HOURS * 60


def test_twenty_minutes_across_the_change_are_twenty(ws):
    """02:50 summer time to 02:10 winter time."""
    driver, minutes = minutes_and_share(ws, "2026-10-25T00:50:00Z", "2026-10-25T01:10:00Z")

    assert minutes == pytest.approx(20, rel=0.01)
    assert driver.amount.mid == pytest.approx(0.65, rel=0.01)
    assert [event.sentence for event in driver.events] == [
        "Shop was down for 20 minutes from 02:50."
    ]


def test_three_hours_across_the_change_are_three(ws):
    driver, minutes = minutes_and_share(ws, "2026-10-24T23:30:00Z", "2026-10-25T02:30:00Z")

    assert minutes == pytest.approx(180, rel=0.01)
    assert [event.sentence for event in driver.events] == [
        "Shop was down for 180 minutes from 01:30."
    ]


def test_times_with_a_zone_and_times_without_in_one_file_are_each_read_by_their_own(
    tmp_path: Path,
) -> None:
    """A tool that was switched over writes both; in Berlin's summer half past ten UTC is 00:30."""
    ws = open_workspace(tmp_path / "home", time_zone="Europe/Berlin")
    outages(
        ws,
        ("shop", "2026-07-01 22:30:00", "2026-07-01 23:45:00"),
        ("shop", "2026-08-01T22:30:00Z", "2026-08-01T23:45:00Z"),
        ("shop", "2026-09-01T22:30:00-05:00", "2026-09-01T23:45:00-05:00"),
    )
    found = read_happenings(ws, first=date(2026, 7, 1), last=date(2026, 9, 30))
    assert [(event.day.isoformat(), event.sentence[-6:]) for event in found] == [
        ("2026-07-01", "22:30."),
        ("2026-08-02", "00:30."),
        ("2026-09-02", "05:30."),
    ]
    ws.close()


@pytest.mark.parametrize(
    ("approved", "delivered"),
    [
        pytest.param("2026-09-28", "2026-10-27", id="a day of 25 hours between"),
        pytest.param("2026-03-10", "2026-04-08", id="a day of 23 hours between"),
        pytest.param("2026-05-10", "2026-06-08", id="none"),
    ],
)
def test_days_are_those_of_the_calendar_whatever_clocks_do(tmp_path, approved, delivered):
    ws = open_workspace(tmp_path / "home", time_zone="Europe/Berlin")
    header = "item_id,team,approved_at,due_at,delivered_at,on_time"
    save(ws, header, [("P1", "Shop", approved, delivered, delivered, "yes")])

    month = date.fromisoformat(delivered).replace(day=1)
    (found,) = read_readings(ws, [wanted("biz.ttm")], month=month)
    opened = rows_behind(ws, "biz.ttm", period=month)
    assert (found.value, opened.value, opened.is_reconciled) == (29, 29, True)
    ws.close()

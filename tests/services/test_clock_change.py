"""Berlin puts its clocks back at 03:00 on 25 October 2026: the hour from two to three comes twice.

Three orders an hour, all of the shop's time; the outages stand in that night.
"""

from datetime import date

import pytest

from kpi_engine.services import outcomes
from kpi_engine.services.dwa import DWA
from kpi_engine.services.month_readings import read_readings
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

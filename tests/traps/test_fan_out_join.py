"""The mistake: joining orders with their lines, their outages or their visits, and then adding up.

Each order then counts as often as it has partners.
"""

from datetime import date
from pathlib import Path

import pytest

from kpi_engine.services import outcomes
from tests.bare import bare_rows
from tests.desk import Desk
from tests.services.tiny import open_workspace, orders, outages

EXPECTED = Path(__file__).with_name("fan_out_join.sql")
OCTOBER = date(2026, 10, 1)
ORDERS = (
    "InvoiceNo,InvoiceDate,Quantity,UnitPrice,Country\n"
    "A,2026-10-12 10:10,1,10,France\n"
    "A,2026-10-12 10:10,2,5,France\n"
    "A,2026-10-12 10:10,1,20,France\n"
    "B,2026-10-12 10:20,1,60,Spain\n"
)
"""A: three lines, 40 in all; B: one of 60."""
OUTAGES = (
    "service,started_at,ended_at\n"
    "Shop,2026-10-12 10:00,2026-10-12 11:00\n"
    "Shop,2026-10-12 10:30,2026-10-12 11:30\n"
    "Mail,2026-10-12 10:00,2026-10-12 10:30\n"
)
"""The shop was down for 90 minutes, the mail for 30."""


@pytest.fixture
def busy(desk: Desk) -> Desk:
    """A day with two orders of four lines, three outages of two services, and 40 visits."""
    desk.save(ORDERS, "orders.csv")
    desk.save(OUTAGES, "outages.csv")
    desk.save("period,metric,segment,value\n2026-10-12,base.sessions,all,40\n", "visits.csv")
    return desk


def test_an_order_counts_once_however_many_lines_it_has(busy: Desk) -> None:
    assert busy.values("biz.orders") == {OCTOBER: 2}
    assert busy.values("biz.revenue") == {OCTOBER: 100}
    assert busy.values("biz.aov") == {OCTOBER: 50}


def test_an_order_counts_once_in_its_country_and_once_in_all(busy: Desk) -> None:
    assert busy.values("biz.orders", country="France") == {OCTOBER: 1}
    assert busy.values("biz.revenue", country="France") == {OCTOBER: 40}
    assert busy.values("biz.revenue", country="Spain") == {OCTOBER: 60}


def test_a_visit_counts_once_however_many_countries_ordered(busy: Desk) -> None:
    assert busy.values("biz.conversion") == {OCTOBER: 2 / 40}


def test_a_minute_of_an_outage_counts_once_however_many_orders_it_cost(busy: Desk) -> None:
    assert busy.values("it.downtime") == {OCTOBER: 90 + 30}
    assert busy.values("it.downtime", service="Shop") == {OCTOBER: 90}


def test_an_order_during_two_outages_of_a_service_is_one_order(tmp_path: Path) -> None:
    """Three orders an hour are expected and one came in: 8 are missing, 65 % of them for good."""
    dark = {f"2026-10-13 {hour}" for hour in (11, 12, 13, 14)}
    ws = open_workspace(tmp_path / "home", scorecard=["biz.revenue"])
    orders(ws, "2026-07-12", "2026-10-31", lambda hour: 1 if f"{hour:%Y-%m-%d %H}" in dark else 3)
    outages(
        ws,
        ("Shop", "2026-09-01 03:00", "2026-09-01 03:00:30"),
        ("Shop", "2026-10-13 11:00", "2026-10-13 13:00"),
        ("Shop", "2026-10-13 12:00", "2026-10-13 15:00"),
        ("Shop", "2026-10-31 03:00", "2026-10-31 03:00:30"),
    )
    drivers = outcomes.explain(ws, "biz.revenue", month=OCTOBER).drivers
    ws.close()

    (lost,) = (
        driver.contribution.amount.mid
        for driver in drivers
        if driver.contribution.link.id == "availability_to_revenue"
    )
    assert lost == pytest.approx(8 * 0.65, rel=0.01)


def test_in_the_sample_company_orders_and_outages_are_added_up_apart(
    sample: Desk, shut_sample: Path
) -> None:
    rows = bare_rows(shut_sample, EXPECTED)

    for metric, column in (("biz.orders", 1), ("biz.revenue", 2), ("it.downtime", 3)):
        assert sample.values(metric) == pytest.approx({row[0]: row[column] for row in rows})
    assert sum(joined > orders for _, orders, _, _, joined, _ in rows) >= 5

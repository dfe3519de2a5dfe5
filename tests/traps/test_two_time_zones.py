"""The mistake: cutting days in two zones, UTC for one system and the office's clock for another.

Midnight in Berlin is 23:00 UTC in winter: the hour before midnight UTC is the next day there.
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from kpi_engine.services.look import Look
from kpi_engine.terms import Grain
from kpi_engine.workspace import Workspace
from tests.bare import bare_rows
from tests.desk import Desk
from tests.services.tiny import open_workspace

EXPECTED = Path(__file__).with_name("two_time_zones.sql")
OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)
SHOPIFY = "Name,Created at,Total,Lineitem name\n"


@pytest.fixture
def berlin(tmp_path: Path) -> Iterator[Desk]:
    ws: Workspace = open_workspace(tmp_path / "home", time_zone="Europe/Berlin")
    yield Desk(ws, tmp_path / "dropped")
    ws.close()


def test_one_instant_from_three_systems_is_one_day(berlin: Desk) -> None:
    """23:40 UTC on 31 October: told by Berlin's clock, by New York's and in UTC."""
    lines = "InvoiceNo,InvoiceDate,Quantity,UnitPrice\nA,2026-11-01 00:40,1,30\n"
    berlin.save(lines, "lines.csv")
    berlin.save(SHOPIFY + "#1,2026-10-31 19:40:00 -0400,50,Tea\n", "shopify.csv")
    checks = "checked_at_utc,service,status\n"
    down, up = "2026-10-31T23:40:00Z,Shop,down\n", "2026-10-31T23:50:00Z,Shop,up\n"
    berlin.save(checks + down + up, "checks.csv")

    assert berlin.values("biz.orders") == {NOVEMBER: 2}
    assert berlin.values("biz.revenue") == {NOVEMBER: 80}
    assert berlin.values("it.downtime") == {NOVEMBER: 10}


def test_an_outage_told_in_utc_is_cut_at_the_midnight_of_the_orders(berlin: Desk) -> None:
    """22:30 to 23:45 UTC is 23:30 to 00:45 in Berlin: 30 minutes of October, 45 of November."""
    spans = "service,started_at,ended_at\nShop,2026-10-31T22:30:00Z,2026-10-31T23:45:00Z\n"
    berlin.save(spans)

    assert berlin.values("it.downtime") == {OCTOBER: 30, NOVEMBER: 45}


def test_summer_midnight_is_another_hour_than_winter_midnight(berlin: Desk) -> None:
    """22:30 UTC on 31 August is 00:30 on 1 September; on 31 October it is 23:30 still."""
    berlin.save(
        SHOPIFY + "#1,2026-08-31 22:30:00 +0000,1,Tea\n#2,2026-10-31 22:30:00 +0000,1,Tea\n"
    )

    assert berlin.values("biz.orders") == {date(2026, 9, 1): 1, OCTOBER: 1}
    assert berlin.values("biz.orders", grain=Grain.WEEK) == {
        date(2026, 8, 31): 1,
        date(2026, 10, 26): 1,
    }


def test_orders_by_the_hour_stand_on_the_clock_that_outages_are_shown_on(berlin: Desk) -> None:
    berlin.save(SHOPIFY + "#1,2026-10-31 23:40:00 +0000,1,Tea\n")
    with berlin.ws.reading() as conn:
        look = Look(conn=conn, catalogue=berlin.ws.catalogue, as_of=berlin.ws.newest())
        hours = look.order_hours(first=OCTOBER, last=NOVEMBER)

    assert [str(hour) for hour in hours["hour"]] == ["2026-11-01 00:00:00"]


def test_in_the_sample_company_months_begin_at_its_own_midnight(
    sample: Desk, shut_sample: Path
) -> None:
    rows = bare_rows(shut_sample, EXPECTED)

    assert sample.values("biz.orders") == {month: orders for month, orders, *_ in rows}
    assert sample.values("biz.revenue") == pytest.approx({row[0]: row[2] for row in rows})
    assert sum(orders != utc for _, orders, _, utc, _ in rows) >= 5

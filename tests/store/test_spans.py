from datetime import date

import pytest

from kpi_engine.services.doctor import examine
from tests.desk import Desk

HEADER = "service,started_at,ended_at,state\n"
OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)


def test_overlapping_outages_count_once(desk: Desk) -> None:
    desk.save(
        HEADER + "Shop,2026-10-12 17:00,2026-10-12 18:00,down\n"
        "Shop,2026-10-12 17:30,2026-10-12 18:30,down\n"
        "Shop,2026-10-12 17:40,2026-10-12 17:50,down\n"
    )
    assert desk.values("it.downtime") == {OCTOBER: 90.0}


def test_an_outage_over_the_end_of_a_month_is_cut_there(desk: Desk) -> None:
    desk.save(HEADER + "Shop,2026-09-30 23:30,2026-10-01 00:45,down\n")
    assert desk.values("it.downtime") == {date(2026, 9, 1): 30.0, OCTOBER: 45.0}


def test_planned_windows_are_neither_downtime_nor_agreed_time(desk: Desk) -> None:
    desk.save(
        HEADER + "Shop,2026-10-10 00:00,2026-10-10 04:00,maintenance\n"
        "Shop,2026-10-10 03:00,2026-10-10 05:00,down\n"
    )
    assert desk.values("it.downtime") == {OCTOBER: 60.0}
    agreed = 31 * 24 * 60 - 240
    assert desk.values("it.availability") == {OCTOBER: pytest.approx(1 - 60 / agreed)}


def test_two_services_down_at_once_are_two_downtimes(desk: Desk) -> None:
    desk.save(
        HEADER + "Shop,2026-10-12 17:00,2026-10-12 18:00,down\n"
        "Mail,2026-10-12 17:00,2026-10-12 17:30,down\n"
    )
    assert desk.values("it.downtime") == {OCTOBER: 90.0}
    assert desk.values("it.downtime", service="Mail") == {OCTOBER: 30.0}
    minutes = 31 * 24 * 60
    assert desk.values("it.availability") == {OCTOBER: pytest.approx(1 - 90 / (2 * minutes))}


def test_up_rows_say_what_was_watched(desk: Desk) -> None:
    log = "Event,Monitor,Date-Time,Reason,Duration (in mins.),Monitor URL\n"
    desk.save(
        log + "Up,Shop,2026-10-01 00:00:00,OK,600,https://shop.example\n"
        "Down,Shop,2026-10-01 10:00:00,Timeout,0,https://shop.example\n"
        "Down,Shop,2026-10-01 10:00:00,Timeout,60,https://shop.example\n"
        "Up,Shop,2026-10-01 11:00:00,OK,540,https://shop.example\n"
    )
    assert desk.values("it.downtime") == {OCTOBER: 60.0}
    assert desk.values("it.availability") == {OCTOBER: pytest.approx(19 / 20)}


def test_checks_that_come_later_extend_the_state_of_the_last_one(desk: Desk) -> None:
    header = "checked_at_utc,service,status\n"
    desk.save(header + "2026-10-31T22:00:00Z,Shop,up\n2026-10-31T23:00:00Z,Shop,down\n", "a.csv")
    assert desk.values("it.downtime") == {OCTOBER: 0.0}
    desk.save(header + "2026-11-01T00:30:00Z,Shop,up\n", "b.csv")
    assert desk.values("it.downtime") == {OCTOBER: 60.0, NOVEMBER: 30.0}


def test_the_last_check_speaks_for_its_day_once_another_follows_months_later(desk: Desk) -> None:
    header = "checked_at_utc,service,status\n"
    desk.save(header + "2026-07-20T00:00:00Z,Shop,down\n", "a.csv")
    assert desk.values("it.downtime") == {}
    desk.save(header + "2026-10-20T00:00:00Z,Shop,up\n", "b.csv")
    assert desk.values("it.downtime") == {date(2026, 7, 1): 24 * 60}
    desk.undo(2)
    assert desk.values("it.downtime") == {}
    assert examine(desk.ws) == ()

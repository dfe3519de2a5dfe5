"""Medians are ranked from events, also of events that this import did not bring."""

from datetime import date

from kpi_engine.services.doctor import examine
from kpi_engine.terms import Grain
from tests.desk import Desk

HEADER = "number,opened_at,resolved_at,closed_at,assignment_group\n"


def ticket(number: str, opened: str, resolved: str) -> str:
    return f"{number},{opened},{resolved},{resolved},Desk\n"


def test_a_week_across_new_year_ranks_both_years(desk: Desk) -> None:
    desk.save(HEADER + ticket("A", "31/12/2025 00:00", "31/12/2025 10:00"), "a.csv")
    desk.save(HEADER + ticket("B", "1/1/2026 00:00", "1/1/2026 20:00"), "b.csv")

    assert desk.values("it.mttr", grain=Grain.WEEK) == {date(2025, 12, 29): 15.0}
    assert examine(desk.ws) == ()


def test_a_median_stays_in_months_that_only_the_backlog_reaches(desk: Desk) -> None:
    desk.save(
        HEADER
        + ticket("A", "1/6/2025 00:00", "?")
        + ticket("B", "1/7/2025 00:00", "2/7/2025 00:00"),
        "a.csv",
    )
    desk.save(HEADER + ticket("C", "1/9/2026 00:00", "1/9/2026 06:00"), "b.csv")

    assert desk.values("it.mttr") == {date(2025, 7, 1): 24.0, date(2026, 9, 1): 6.0}
    assert examine(desk.ws) == ()

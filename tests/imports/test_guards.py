"""Signs that a file is not all there."""

from datetime import date, timedelta

from tests.desk import Desk

HEADER = "checkout_id,started_at,completed\n"


def attempts(first: date, days: int, *, a_day: int = 2) -> str:
    rows = [
        f"{first + timedelta(days=at)}-{number},{first + timedelta(days=at)} 12:00,true"
        for at in range(days)
        for number in range(a_day)
    ]
    return HEADER + "\n".join(rows) + "\n"


def warnings(desk: Desk, text: str) -> list[str]:
    return [finding.sentence for finding in desk.preview(text).findings]


def test_a_round_number_of_rows_looks_cut_off(desk: Desk) -> None:
    assert warnings(desk, attempts(date(2026, 10, 1), 31)) == []
    rows = attempts(date(2026, 5, 1), 184, a_day=6).splitlines()[:1001]
    assert "It has exactly 1,000 rows, where exports are often cut off." in warnings(
        desk, "\n".join(rows) + "\n"
    )


def test_a_busy_month_that_is_over_and_ends_early_is_noticed(desk: Desk) -> None:
    assert warnings(desk, attempts(date(2026, 10, 1), 19)) == [
        "It ends on 19 October 2026; 12 days are missing to the month's end."
    ]
    assert warnings(desk, attempts(date(2026, 11, 1), 4)) == [], "November is not over"


def test_a_quiet_source_may_end_where_it_likes(desk: Desk) -> None:
    text = "service,start,end\nShop,2026-10-02 10:00,2026-10-02 11:00\n"
    assert warnings(desk, text + "Shop,2026-10-12 10:00,2026-10-12 11:00\n") == []


def test_a_month_with_far_fewer_events_than_usual_is_noticed(desk: Desk) -> None:
    desk.save(attempts(date(2026, 5, 1), 153, a_day=10))
    assert warnings(desk, attempts(date(2026, 10, 1), 31, a_day=6)) == []
    assert warnings(desk, attempts(date(2026, 10, 1), 31, a_day=4)) == [
        "October 2026 has 124 checkout attempts, less than half of the usual 310."
    ]


def test_days_are_counted_from_good_rows(desk: Desk) -> None:
    preview = desk.preview(attempts(date(2026, 10, 30), 3) + "x,soon,true\n")
    assert preview.days == (
        (date(2026, 10, 30), 2),
        (date(2026, 10, 31), 2),
        (date(2026, 11, 1), 2),
    )

"""What is newer wins, what lies ahead may be told, and what we work out nobody overrules."""

from datetime import date

import pytest

from kpi_engine.errors import ScorecardError
from kpi_engine.services import imports
from kpi_engine.services.import_results import Preview
from kpi_engine.services.look import Look
from kpi_engine.services.reviewing import harmless
from kpi_engine.terms import Grain, Status
from kpi_engine.words.imports import headline
from tests.desk import ME, NOW, Desk, fates

TIDY = "period,metric,segment,value\n"
PAIRS = "period,metric,segment,numerator,denominator\n"
ATTEMPTS = "checkout_id,started_at,status\n"
TICKETS = "number,opened_at,resolved_at,sys_updated_at,priority\n"
SOLVED = TICKETS + "INC1,2026-10-01 08:00:00,2026-10-02 08:00:00,2026-10-02 09:00:00,1\n"
STILL_OPEN = TICKETS + "INC1,2026-10-01 08:00:00,,2026-10-01 09:00:00,1\n"
TOOLS, CUSTOMERS = "biz.tool_sat", "biz.csat"
THIRD_QUARTER = date(2026, 7, 1)
ANSWERS = "survey,response_id,answered_at,score\n"
FOUR_ANSWERS = ANSWERS + (
    "tools,r1,2026-07-03,5\ntools,r2,2026-08-03,1\ntools,r3,2026-09-03,4\ntools,r4,2026-09-04,2\n"
)
"""Two of four employees gave 4 or 5 of 5."""


def test_a_retry_that_failed_does_not_take_a_completed_checkout_back(desk: Desk) -> None:
    desk.save(ATTEMPTS + "c1,2026-10-01 08:00,completed\n")
    preview = desk.preview(ATTEMPTS + "c1,2026-10-01 08:05,failed\n")
    assert fates(preview) == {"identical": 1}
    (notice,) = preview.findings
    assert notice.sentence == "1 row is older than what is stored."
    assert list(desk.values("biz.tx_success").values()) == [1]


def test_a_retry_that_succeeded_completes_a_failed_checkout(desk: Desk) -> None:
    desk.save(ATTEMPTS + "c1,2026-10-01 08:00,failed\n")
    desk.save(ATTEMPTS + "c1,2026-10-01 08:05,completed\n")
    assert list(desk.values("biz.tx_success").values()) == [1]


def test_an_older_export_does_not_reopen_a_ticket(desk: Desk) -> None:
    desk.save(SOLVED)
    preview = desk.preview(STILL_OPEN)
    assert fates(preview) == {"identical": 1}
    assert [f.sentence for f in preview.findings] == ["1 row is older than what is stored."]
    assert imports.commit(desk.ws, preview, actor=ME, now=NOW) is None


def test_a_newer_export_resolves_a_ticket(desk: Desk) -> None:
    desk.save(STILL_OPEN)
    preview = desk.preview(SOLVED)
    assert fates(preview) == {"updated": 1}
    assert preview.findings == ()


def test_when_a_ticket_was_touched_is_no_day_of_its_file(desk: Desk) -> None:
    preview = desk.preview(SOLVED.replace("2026-10-02 09", "2026-11-03 09"))
    assert (preview.first_day, preview.last_day) == (date(2026, 10, 1), date(2026, 10, 2))


def test_milestones_and_planned_maintenance_may_lie_ahead(desk: Desk) -> None:
    due = "item_id,team,approved_at,due_at,delivered_at,on_time\n"
    assert fates(desk.preview(due + "P1,Shop,2026-10-01,2026-12-20,,\n")) == {"new": 1}
    assert fates(desk.preview(due + "P1,Shop,2026-12-01,2026-12-20,,\n")) == {"rejected": 1}
    planned = "service,start,end,kind\nShop,2026-12-01 02:00,2026-12-01 03:00,maintenance\n"
    assert fates(desk.preview(planned)) == {"new": 1}


def test_holidays_of_a_calendar_are_days_that_the_baseline_leaves_out(desk: Desk) -> None:
    batch = desk.save(
        "title,kind,starts_at,ends_at\n"
        "Christmas,holiday,2026-12-25,2026-12-26\n"
        "Sale,campaign,2026-12-27,2026-12-31\n"
    )
    assert batch is not None
    assert batch.recipe == "calendar"
    with desk.ws.reading() as conn:
        look = Look(conn=conn, catalogue=desk.ws.catalogue, as_of=desk.ws.newest())
        found = look.holidays(first=date(2026, 12, 1), last=date(2026, 12, 31))
    assert found == {date(2026, 12, 25), date(2026, 12, 26)}


def test_what_we_work_out_cannot_be_imported(desk: Desk) -> None:
    preview = desk.preview(TIDY + "2026-10,it.dwa,all,0.99\n2026-10,biz.orders,all,5\n")
    assert fates(preview) == {"new": 1, "rejected": 1}
    assert preview.findings[0].sentence == "This is worked out from orders and outages."


def test_none_of_none_is_a_fact_without_a_value(desk: Desk) -> None:
    preview = desk.preview(PAIRS + "2026-10,biz.tx_success,all,0,0\n")
    assert fates(preview) == {"new": 1}
    assert preview.impacts == ()
    imports.commit(desk.ws, preview, actor=ME, now=NOW)
    assert [v for v in desk.values("biz.tx_success").values() if v is not None] == []


@pytest.mark.parametrize("pair", ["3,0", "0,-1", "-1,0"])
def test_some_of_none_is_no_fact(desk: Desk, pair: str) -> None:
    assert fates(desk.preview(PAIRS + f"2026-10,biz.tx_success,all,{pair}\n")) == {"rejected": 1}


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("-5", "-5"),
        ("+5.25", "+5.25"),
        ("-1,5", "-1,5"),
        ("-5+cmd()", "'-5+cmd()"),
        ("=1", "'=1"),
        ("-", "'-"),
    ],
)
def test_numbers_of_a_rejected_row_stay_numbers(cell: str, shown: str) -> None:
    assert harmless(cell) == shown


def test_a_file_that_would_take_a_correction_back_does_not_say_that_nothing_changes(
    desk: Desk,
) -> None:
    first = TIDY + "2026-10,biz.orders,all,100\n"
    desk.save(first)
    desk.save(TIDY + "2026-10,biz.orders,all,250\n")
    preview = desk.preview(first)
    assert fates(preview) == {"updated": 1}
    assert headline(preview) == (
        "1 row read: 1 can be saved. This file was saved before as batch 1 and corrected since."
    )


def changes(preview: Preview) -> dict[tuple[str, date], tuple[float | None, float | None]]:
    """What is stored and what comes after, by measure and first day of the month or quarter."""
    return {(one.metric, one.month): (one.stored, one.after) for one in preview.impacts}


def test_a_quarterly_measure_changes_by_the_quarter_a_monthly_one_by_the_month(desk: Desk) -> None:
    """Of four employees two gave 4 or 5; of three customers two did in August, one in September."""
    customers = "customers,c1,2026-08-03,5\ncustomers,c2,2026-08-04,4\n"
    customers += "customers,c3,2026-08-05,3\ncustomers,c4,2026-09-01,5\n"
    preview = desk.preview(FOUR_ANSWERS + customers)

    assert changes(preview) == {
        (TOOLS, THIRD_QUARTER): (None, 2 / 4),
        (CUSTOMERS, date(2026, 8, 1)): (None, 2 / 3),
        (CUSTOMERS, date(2026, 9, 1)): (None, 1.0),
    }


def test_more_answers_change_a_quarter_from_what_is_stored(desk: Desk) -> None:
    """Three of four more are content: 5 of 8. One of three was content the quarter before."""
    desk.save(FOUR_ANSWERS)
    more = "tools,r5,2026-07-06,5\ntools,r6,2026-08-06,4\ntools,r7,2026-09-06,5\n"
    more += "tools,r8,2026-09-07,2\n"
    before = "tools,r9,2026-04-06,1\ntools,r10,2026-05-06,4\ntools,r11,2026-06-06,2\n"
    preview = desk.preview(ANSWERS + more + before)

    assert changes(preview) == {
        (TOOLS, date(2026, 4, 1)): (None, 1 / 3),
        (TOOLS, THIRD_QUARTER): (2 / 4, 5 / 8),
    }
    imports.commit(desk.ws, preview, actor=ME, now=NOW)
    saved = desk.values(TOOLS, grain=Grain.QUARTER)
    assert saved == {date(2026, 4, 1): 1 / 3, THIRD_QUARTER: 5 / 8}


def test_a_corrected_answer_changes_its_quarter_and_nothing_else(desk: Desk) -> None:
    """The one of August becomes content: 3 of 4."""
    desk.save(FOUR_ANSWERS)
    preview = desk.preview(ANSWERS + "tools,r2,2026-08-03,4\n")

    assert changes(preview) == {(TOOLS, THIRD_QUARTER): (2 / 4, 3 / 4)}


def test_a_stated_quarter_takes_the_place_of_what_was_counted(desk: Desk) -> None:
    """40 of 50 is the target of 80 %; 2 of 4 is below the red line of 70 %."""
    desk.save(FOUR_ANSWERS)
    preview = desk.preview(PAIRS + "2026-Q3,biz.tool_sat,all,40,50\n")

    assert changes(preview) == {(TOOLS, THIRD_QUARTER): (2 / 4, 0.8)}
    (impact,) = preview.impacts
    assert (impact.status_before, impact.status_after) == (Status.OFF_TARGET, Status.ON_TARGET)


def test_saving_does_something_else_than_was_shown_only_with_leave(desk: Desk) -> None:
    """Rows of the same fate, another figure: the refunds went up meanwhile."""
    desk.save(PAIRS + "2026-10-01,biz.tx_success,all,9,10\n")
    preview = desk.preview(PAIRS + "2026-10-02,biz.tx_success,all,5,10\n", "mine.csv")
    desk.save(PAIRS + "2026-10-03,biz.tx_success,all,1,10\n", "other.csv")
    with pytest.raises(ScorecardError, match="Somebody else saved"):
        imports.commit(desk.ws, preview, actor=ME, now=NOW)


def test_rows_of_one_ticket_that_differ_are_named_where_none_is_newer(desk: Desk) -> None:
    later = SOLVED.splitlines()[1].replace("02 08:00:00", "02 08:30:00")
    preview = desk.preview(f"{SOLVED}{later}\n")
    assert fates(preview) == {"new": 1, "duplicate": 1}
    (notice,) = preview.findings
    assert (notice.place, notice.sentence) == (
        "INC1",
        "Several rows tell of it and differ, and nothing says which is the newest: the last row "
        "counts.",
    )


@pytest.mark.parametrize(
    "again",
    [
        pytest.param(SOLVED.splitlines()[1], id="the-same-again"),
        pytest.param(STILL_OPEN.splitlines()[1], id="an-older-one"),
    ],
)
def test_rows_of_one_ticket_that_agree_or_have_an_order_are_no_news(desk, again) -> None:
    assert desk.preview(f"{SOLVED}{again}\n").findings == ()


def test_an_event_of_which_rows_differ_is_named_by_its_whole_key(desk: Desk) -> None:
    preview = desk.preview(
        "checked_at,service,status\n2026-10-01 00:00,Shop,up\n2026-10-01 00:00,Shop,down\n"
    )
    (place,) = [one.place for one in preview.findings if "differ" in one.sentence]
    assert place == "Shop, 2026-10-01 00:00:00"


def test_tries_of_one_checkout_that_failed_both_are_no_news(desk: Desk) -> None:
    preview = desk.preview(ATTEMPTS + "c1,2026-10-01 08:00,failed\nc1,2026-10-01 08:05,failed\n")
    assert not [one for one in preview.findings if "differ" in one.sentence]

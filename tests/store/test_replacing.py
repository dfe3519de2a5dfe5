"""A file that is complete for its days takes out what its source brought before and it lacks."""

from datetime import date

import duckdb
import pytest

from kpi_engine.errors import ImportRejectedError
from kpi_engine.imports.overrides import AS_READ
from kpi_engine.services import imports
from kpi_engine.services.doctor import examine
from kpi_engine.services.import_results import Batch, Preview
from kpi_engine.terms import RowFate
from kpi_engine.workspace import STORE_NAME, Workspace
from tests.desk import ME, NOW, Desk, fates

TICKETS = "number,opened_at,resolved_at,closed_at,assignment_group,reopen_count,made_sla\n"
TIDY = "period,metric,segment,value\n"
OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)


def ticket(number: str, day: str) -> str:
    return f"{number},{day}/2026 01:00,{day}/2026 03:00,{day}/2026 03:00,Desk,0,true\n"


def look(desk: Desk, text: str, name: str = "figures.csv") -> Preview:
    return desk.preview(text, name, replaces=True)


def replace(desk: Desk, text: str, name: str = "figures.csv") -> Batch | None:
    return desk.save(text, name, replaces=True)


def opened(desk: Desk, **at: int) -> dict[date, float]:
    return desk.values("base.tickets", **at)


def test_a_ticket_that_is_not_in_the_snapshot_stops_counting(desk: Desk) -> None:
    desk.save(TICKETS + ticket("INC1", "1/10") + ticket("INC2", "9/10") + ticket("INC3", "31/10"))
    assert opened(desk) == {OCTOBER: 3}
    shown = look(desk, TICKETS + ticket("INC1", "1/10") + ticket("INC3", "31/10"))
    assert fates(shown) == {"identical": 2}
    assert (shown.gone, shown.changes_nothing) == (1, False)
    assert opened(desk) == {OCTOBER: 3}, "nothing is saved before Save"
    batch = imports.commit(desk.ws, shown, actor=ME, now=NOW)
    assert batch is not None
    assert batch.gone == 1
    assert opened(desk) == {OCTOBER: 2}
    assert opened(desk, as_of=1) == {OCTOBER: 3}
    assert examine(desk.ws) == ()


def test_without_being_told_to_nothing_is_taken_out(desk: Desk) -> None:
    desk.save(TICKETS + ticket("INC1", "1/10") + ticket("INC2", "9/10"))
    shown = desk.preview(TICKETS + ticket("INC1", "1/10") + ticket("INC3", "31/10"))
    assert (shown.overrides, shown.gone) == (AS_READ, 0)
    imports.commit(desk.ws, shown, actor=ME, now=NOW)
    assert opened(desk) == {OCTOBER: 3}


def test_the_same_snapshot_twice_changes_nothing(desk: Desk) -> None:
    desk.save(TICKETS + ticket("INC1", "1/10") + ticket("INC2", "9/10") + ticket("INC3", "31/10"))
    text = TICKETS + ticket("INC1", "1/10") + ticket("INC3", "31/10")
    assert replace(desk, text) is not None
    again = look(desk, text)
    assert again.changes_nothing
    assert imports.commit(desk.ws, again, actor=ME, now=NOW) is None


def test_what_lies_before_and_after_the_file_stays(desk: Desk) -> None:
    desk.save(TICKETS + ticket("INC1", "30/9") + ticket("INC2", "9/10") + ticket("INC3", "1/11"))
    shown = look(desk, TICKETS + ticket("INC4", "1/10") + ticket("INC5", "31/10"))
    assert shown.gone == 1, "only the ticket of 9 October lies between 1 and 31 October"
    imports.commit(desk.ws, shown, actor=ME, now=NOW)
    assert opened(desk) == {date(2026, 9, 1): 1, OCTOBER: 2, NOVEMBER: 1}


def test_a_ticket_comes_back_as_a_new_one(desk: Desk) -> None:
    whole = TICKETS + ticket("INC1", "1/10") + ticket("INC2", "9/10") + ticket("INC3", "31/10")
    desk.save(whole)
    replace(desk, TICKETS + ticket("INC1", "1/10") + ticket("INC3", "31/10"))
    shown = desk.preview(whole)
    assert fates(shown) == {"new": 1, "identical": 2}
    imports.commit(desk.ws, shown, actor=ME, now=NOW)
    assert opened(desk) == {OCTOBER: 3}
    desk.undo(1)
    assert opened(desk) == {OCTOBER: 1}, "the others came with the batch that was undone"
    assert examine(desk.ws) == ()


def test_undo_brings_back_what_was_taken_out(desk: Desk) -> None:
    desk.save(TICKETS + ticket("INC1", "1/10") + ticket("INC2", "9/10") + ticket("INC3", "31/10"))
    replace(desk, TICKETS + ticket("INC1", "1/10") + ticket("INC3", "31/10"))
    undone = desk.undo(2)
    assert opened(desk) == {OCTOBER: 3}
    desk.undo(undone.id)
    assert opened(desk) == {OCTOBER: 2}
    assert examine(desk.ws) == ()


def test_a_figure_that_is_not_in_the_snapshot_no_longer_holds(desk: Desk) -> None:
    desk.save(
        TIDY
        + "2026-10,biz.orders,all,10\n2026-10,base.headcount,all,5\n2026-11,biz.orders,all,7\n",
        "figures.csv",
    )
    shown = look(desk, TIDY + "2026-10,biz.orders,all,12\n", "figures 2026-10.csv")
    assert (fates(shown), shown.gone) == ({"updated": 1}, 1)
    assert {(i.metric, i.month, i.after) for i in shown.impacts} >= {("biz.orders", OCTOBER, 12)}
    imports.commit(desk.ws, shown, actor=ME, now=NOW)
    assert desk.values("biz.orders") == {OCTOBER: 12, NOVEMBER: 7}
    assert desk.values("base.headcount") == {}
    again = desk.preview(TIDY + "2026-10,base.headcount,all,5\n", "figures.csv")
    assert fates(again) == {"new": 1}
    assert examine(desk.ws) == ()


def test_what_another_source_brought_last_stays(desk: Desk) -> None:
    desk.save(TIDY + "2026-10,biz.orders,all,10\n2026-10,base.headcount,all,5\n", "figures.csv")
    desk.save(TIDY + "2026-10,base.headcount,all,6\n", "people.csv")
    shown = look(desk, TIDY + "2026-10,base.sessions,all,12\n", "figures.csv")
    assert shown.gone == 1, "orders, but not the headcount that people.csv corrected"
    imports.commit(desk.ws, shown, actor=ME, now=NOW)
    assert desk.values("base.headcount") == {OCTOBER: 6}


def test_days_take_out_no_months_and_months_no_days(desk: Desk) -> None:
    desk.save(TIDY + "2026-10,base.headcount,all,5\n2026-10-05,biz.orders,all,10\n", "figures.csv")
    days = TIDY + "2026-10-01,base.sessions,all,1\n2026-10-31,base.sessions,all,1\n"
    assert look(desk, days).gone == 1, "the orders of 5 October"
    assert look(desk, TIDY + "2026-10,base.sessions,all,1\n").gone == 1, "the headcount"


def test_a_rejected_row_is_in_the_file_too(desk: Desk) -> None:
    desk.save(TIDY + "2026-10,biz.orders,all,10\n2026-10,base.headcount,all,5\n", "figures.csv")
    shown = look(desk, TIDY + "2026-10,biz.orders,all,ten\n2026-10,base.headcount,all,5\n")
    assert (shown.counts[RowFate.REJECTED], shown.gone) == (1, 0)


@pytest.mark.parametrize(
    "row",
    [
        pytest.param("2026-1O,biz.orders,all,10\n", id="no such period"),
        pytest.param("2026-10,biz.ordrs,all,10\n", id="no such measure"),
        pytest.param("2026-10,biz.orders,colour=red,10\n", id="no such part"),
        pytest.param("2026-10,biz.orders,all,10,11,12\n", id="too many cells"),
    ],
)
def test_a_row_nobody_can_place_stops_the_replacing(desk: Desk, row: str) -> None:
    text = TIDY + "2026-10,base.headcount,all,5\n" + row
    with pytest.raises(ImportRejectedError, match="of 1 row nobody can tell"):
        look(desk, text)
    assert fates(desk.preview(text)) == {"new": 1, "rejected": 1}


def test_a_corrected_outage_replaces_the_one_that_was_exported_before(desk: Desk) -> None:
    head = "service,started_at,ended_at,state\n"
    desk.save(head + "Shop,2026-10-05 10:00,2026-10-05 12:00,down\n")
    shown = look(desk, head + "Shop,2026-10-05 10:30,2026-10-05 12:00,down\n")
    assert (fates(shown), shown.gone) == ({"new": 1}, 1)
    imports.commit(desk.ws, shown, actor=ME, now=NOW)
    assert desk.values("it.downtime") == {OCTOBER: 90}
    assert examine(desk.ws) == ()


def test_a_store_from_before_this_was_possible_is_brought_up_to_it(desk: Desk) -> None:
    desk.save(TICKETS + ticket("INC1", "1/10") + ticket("INC2", "9/10") + ticket("INC3", "31/10"))
    desk.ws.close()
    with duckdb.connect(str(desk.ws.home / STORE_NAME)) as store:
        store.execute("ALTER TABLE event_ticket DROP COLUMN is_gone")
        store.execute("ALTER TABLE batch DROP COLUMN rows_gone")
        store.execute("CREATE TABLE kept AS FROM rollup")
        store.execute("DROP VIEW rollup; DROP TABLE rollup_whole; DROP TABLE rollup_part")
        store.execute("ALTER TABLE kept RENAME TO rollup")
        store.execute("DELETE FROM schema_version WHERE number > 2")
    desk.ws = Workspace.open(desk.ws.home)
    assert [batch.gone for batch in imports.batches(desk.ws)] == [0]
    replace(desk, TICKETS + ticket("INC1", "1/10") + ticket("INC3", "31/10"))
    assert opened(desk) == {OCTOBER: 2}
    assert [batch.gone for batch in imports.batches(desk.ws)] == [1, 0]


def test_a_month_that_a_snapshot_nearly_empties_is_worth_a_look(desk: Desk) -> None:
    def month(number: int, days: tuple[int, ...]) -> str:
        return "".join(ticket(f"INC{number}-{day}", f"{day}/{number}") for day in days)

    usual = (1, 5, 9, 14, 20, 26)
    desk.save(TICKETS + "".join(month(number, usual) for number in (7, 8, 9, 10)))
    shown = look(desk, TICKETS + month(10, (1, 26)))
    assert shown.gone == 4
    assert [f.sentence for f in shown.findings if "less than half" in f.sentence] == [
        "October 2026 has 2 tickets, less than half of the usual 6."
    ]
    assert not desk.preview(TICKETS + month(10, (1, 26))).findings

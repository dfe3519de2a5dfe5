"""Changed rows are shown beside what is stored, before anything is saved."""

import pytest

from kpi_engine.actors import Actor
from kpi_engine.errors import NotAllowedError
from kpi_engine.services.changed_rows import SHOWN, changed_csv
from kpi_engine.terms import RowFate
from kpi_engine.words.imports import changed_sentence
from tests.desk import ME, Desk, fates

HEAD = "period,metric,segment,value\n"
TICKETS = (
    "number,opened_at,resolved_at,closed_at,assignment_group,reopen_count,made_sla\n"
    "INC1,2/9/2026 01:00,{0}/9/2026 09:30,26/9/2026 09:30,Desk,{1},true\n"
    "INC2,13/9/2026 01:00,13/9/2026 09:30,13/9/2026 09:30,Desk,0,true\n"
)


def cells(shown):
    return [(c.row, c.column, c.stored, c.comes) for c in shown.changed]


def test_a_number_is_shown_with_its_period_and_both_values(desk: Desk) -> None:
    desk.save(HEAD + "2026-09,biz.orders,all,100\n2026-10,biz.orders,channel=web,7.5\n", "a.csv")
    shown = desk.preview(
        HEAD + "2026-09,biz.orders,all,100\n2026-10,biz.orders,channel=web,8\n", "b.csv"
    )
    assert fates(shown) == {"updated": 1, "identical": 1}
    label = desk.ws.catalogue.metric("biz.orders").label
    assert cells(shown) == [(f"{label}, channel=web, October 2026", "value", "7.5", "8")]


def test_an_event_shows_the_columns_that_differ_and_no_others(desk: Desk) -> None:
    desk.save(TICKETS.format(2, 0), "a.csv")
    shown = desk.preview(TICKETS.format(3, 2), "b.csv")
    assert fates(shown) == {"updated": 1, "identical": 1}
    assert cells(shown) == [
        ("INC1", "resolved_at", "2026-09-02 09:30:00", "2026-09-03 09:30:00"),
        ("INC1", "reopen_count", "0", "2"),
    ]


def test_all_changed_rows_can_be_downloaded_by_whoever_may_import(desk: Desk) -> None:
    days = range(1, 29)
    desk.save(HEAD + "".join(f"2026-10-{d:02d},biz.orders,all,{d}\n" for d in days), "a.csv")
    shown = desk.preview(
        HEAD + "".join(f"2026-10-{d:02d},biz.orders,all,{d + 1}\n" for d in days), "b.csv"
    )
    assert shown.counts[RowFate.UPDATED] == 28
    assert len(shown.changed) == SHOWN
    assert changed_sentence(shown) == "The first 20 of 28 changed rows."
    lines = changed_csv(desk.ws, shown, actor=ME).decode("utf-8-sig").splitlines()
    assert lines[0] == "Row,Column,Stored,In the file"
    assert len(lines) == 29
    with pytest.raises(NotAllowedError, match="may not read changed rows"):
        changed_csv(desk.ws, shown, actor=Actor(name="reader", roles=frozenset()))

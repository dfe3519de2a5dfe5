"""By its earlier definition a measure's history is drawn as well, and the shift is stated (N8)."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from kpi_engine.services.counted_then import NotComparable
from kpi_engine.services.definition_history import read_changes
from kpi_engine.services.earlier import EarlierDefinition, read_metric_history
from kpi_engine.services.redefining import bring_up_to_date
from kpi_engine.words.definitions import change_name, change_text, earlier_text
from kpi_engine.workspace import Workspace
from tests.services.redefined import (
    CRITICAL,
    LATER,
    changed_metric,
    declare,
    only_most_urgent,
    reopened,
    save_tickets,
    shipped,
)
from tests.services.tiny import SOMEBODY, open_workspace, values


@pytest.fixture
def ws(tmp_path: Path) -> Iterator[Workspace]:
    """Ten tickets in each of three months, the last of them not whole: two of priority 1 and 2."""
    found = open_workspace(tmp_path / "home", scorecard=["biz.lost_hours"])
    save_tickets(found, months=(8, 9, 10))
    yield found
    found.close()


def turned(ws: Workspace, section: str, *entries: dict) -> Workspace:
    """The workspace after its definitions were changed on 20 November."""
    declare(ws.home, section, *entries)
    found = reopened(ws)
    bring_up_to_date(found, actor=SOMEBODY, now=LATER)
    return found


def earlier(ws: Workspace, metric: str = CRITICAL) -> tuple[EarlierDefinition, ...]:
    return read_metric_history(ws, metric).earlier


def test_the_history_reads_by_both_definitions_and_the_shift_is_said(ws: Workspace) -> None:
    ws = turned(ws, "events", only_most_urgent())
    (one,) = earlier(ws)
    assert [(each.then, each.now) for each in one.months] == [(4, 2), (4, 2)]
    assert (one.since, one.until) == (None, date(2026, 11, 20))
    said = earlier_text(one, ws.catalogue.metric(CRITICAL))
    assert said == (
        "By the definition until 20 Nov 2026 the months Aug 2026 to Sep 2026 read 2 higher."
    )
    ws.close()


def test_it_is_worked_out_over_the_data_of_today(ws: Workspace) -> None:
    ws = turned(ws, "events", only_most_urgent())
    save_tickets(ws, months=(9,), days=(20, 21, 22), first=50)
    (one,) = earlier(ws)
    assert [(each.then, each.now) for each in one.months] == [(4, 2), (7, 4)]
    said = earlier_text(one, ws.catalogue.metric(CRITICAL))
    assert said.endswith("read 3 higher on average (2 to 3).")
    ws.close()


def test_the_day_and_the_reason_are_those_that_were_declared(ws: Workspace) -> None:
    declare(ws.home, "events", only_most_urgent())
    ws = turned(
        ws,
        "metrics",
        changed_metric(CRITICAL, since="2026-10-01", because="Priority 2 stops nobody's work."),
    )
    (one,) = earlier(ws)
    assert [each.month.month for each in one.months] == [8, 9]
    assert earlier_text(one, ws.catalogue.metric(CRITICAL)).startswith(
        "By the definition until 1 Oct 2026 the months Aug 2026 to Sep 2026 read 2 higher. "
        "Since then: Priority 2 stops nobody's work."
    )
    ws.close()


def test_two_changes_share_the_months_between_them(ws: Workspace) -> None:
    first = changed_metric(CRITICAL, since="2026-09-01", because="Only the most urgent count.")
    declare(ws.home, "metrics", first)
    ws = turned(ws, "events", only_most_urgent())
    kind = only_most_urgent()
    kind["counters"]["critical"]["where"] = {}
    declare(ws.home, "events", kind)
    second = first | {"since": "2026-10-01", "because": "Every problem stops some work."}
    ws = turned(ws, "metrics", second)
    assert [
        [(each.month.month, each.then, each.now) for each in one.months] for one in earlier(ws)
    ] == [[(8, 4, 10)], [(9, 2, 10)]]
    ws.close()


def test_what_another_way_of_counting_left_as_it_was_is_no_break(ws: Workspace) -> None:
    kind = only_most_urgent()
    kind["counters"]["critical"]["where"] = {"priority": {"is_in": [1, 2]}}
    ws = turned(ws, "events", kind)
    assert earlier(ws) == ()
    ws = turned(ws, "metrics", changed_metric(CRITICAL, label="Problems that stop the shop"))
    assert earlier(ws) == ()
    ws.close()


def test_another_unit_cannot_be_set_beside_it(ws: Workspace) -> None:
    ws = turned(ws, "metrics", changed_metric(CRITICAL, unit="hours"))
    assert earlier(ws) == ()
    kind = only_most_urgent()
    ws = turned(ws, "events", kind)
    (one,) = earlier(ws)
    ws = turned(ws, "metrics", changed_metric(CRITICAL, unit="days"))
    (one,) = earlier(ws)
    assert one.reason is NotComparable.UNIT
    assert earlier_text(one, ws.catalogue.metric(CRITICAL)) == (
        "The definition until 20 Nov 2026 cannot be set beside this one: it was given in another "
        "unit."
    )
    ws.close()


def test_what_nothing_is_stored_for_is_said(ws: Workspace) -> None:
    ws = turned(ws, "metrics", changed_metric(CRITICAL, measure={"fold": "sum"}))
    assert earlier(ws) == ()
    values(ws, CRITICAL, {"2026-08": 3, "2026-09": 3}, at="2026-11-21 08:00")
    kind = shipped("events", "ticket")
    del kind["counters"]["critical"]
    declare(ws.home, "events", kind)
    ws = turned(ws, "metrics", changed_metric(CRITICAL, measure={"fold": "sum"}, label="Critical"))
    (one,) = earlier(ws)
    assert [(each.then, each.now) for each in one.months] == [(4, 3), (4, 3)]
    ws.close()


def test_every_change_is_told_field_by_field(ws: Workspace) -> None:
    (ws.home / "definitions" / "targets.yaml").write_text(
        "targets: [{metric: it.cfr, valid_from: 2030-01-01, target: 0.1, red_line: 0.2, "
        "provenance: agreed in May}]\n"
    )
    ws = turned(ws, "events", only_most_urgent())
    (ws.home / "definitions" / "targets.yaml").write_text(
        "targets: [{metric: it.cfr, valid_from: 2030-01-01, target: 0.125, red_line: 0.2, "
        "provenance: agreed in May}]\n"
    )
    ws = reopened(ws)
    bring_up_to_date(ws, actor=SOMEBODY, now=LATER)
    (ws.home / "definitions" / "targets.yaml").unlink()
    ws = reopened(ws)
    bring_up_to_date(ws, actor=SOMEBODY, now=LATER)
    told = [
        f"{change_name(one, ws.catalogue)}: {change_text(one, ws.catalogue)}"
        for one in read_changes(ws)
    ]
    assert told == [
        "Releases that had to be undone: Taken out.",
        "Releases that had to be undone: target: 10.0\u202f% → 12.5\u202f%",
        "Releases that had to be undone: Added. valid from: 2030-01-01; target: 10.0\u202f%; "
        "red line: 20.0\u202f%",
        "Ticket: counters, critical, where, priority, at most: 2 → 1",
    ]
    ws.close()

"""Another calendar is declared for a store that holds facts: its months are folded anew."""

from datetime import UTC, date, datetime, timedelta

import pytest
import yaml

from kpi_engine.errors import StoreError
from kpi_engine.services import doctor, imports, undoing
from kpi_engine.services.facts import read_facts
from kpi_engine.services.month_readings import read_readings
from kpi_engine.services.redefining import FOLDER, bring_up_to_date
from kpi_engine.services.series import wanted
from kpi_engine.terms import BatchKind, Grain
from kpi_engine.workspace import Workspace
from tests.services.tiny import SOMEBODY, days, open_workspace, save, values

REVENUE, MEDIAN = "biz.revenue", "it.mttr"
OCTOBER = date(2026, 10, 1)
LATER = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
WEEKS = {"pattern": "4-4-5", "week_starts_on": "sunday", "year_ends": "last"}
SPIKE = "2026-09-28"
"""A Monday: in September by the calendar, in October (27 September to 24 October) by weeks."""


@pytest.fixture
def ws(tmp_path):
    found = open_workspace(tmp_path / "home", scorecard=[REVENUE])
    values(
        found,
        REVENUE,
        {**dict.fromkeys(days("2026-01-01", "2026-10-31"), 10.0), SPIKE: 510.0},
    )
    yield found
    found.close()


def declare(ws, **organisation):
    """The same store, opened once something else is declared."""
    ws.close()
    path = ws.home / "definitions" / "organisation.yaml"
    content = yaml.safe_load(path.read_text())
    content["organisation"] |= organisation
    path.write_text(yaml.safe_dump(content))
    found = Workspace.open(ws.home)
    bring_up_to_date(found, actor=FOLDER, now=LATER)
    return found


def month(ws, metric=REVENUE, at=OCTOBER):
    (found,) = read_readings(ws, [wanted(metric)], month=at)
    return found


def folded(ws, grain):
    return {one.period: one.value for one in read_facts(ws, REVENUE, grain=grain).values}


def test_months_are_folded_by_the_new_calendar_as_a_batch_that_says_so(ws):
    before = month(ws)
    assert (before.value, before.previous) == (310.0, 300.0 + 500.0)

    ws = declare(ws, weeks=WEEKS)

    now = month(ws)
    assert (now.value, now.previous) == (28 * 10.0 + 500.0, 35 * 10.0)
    assert now.freshness.is_complete
    batch = imports.batches(ws)[0]
    assert batch.kind is BatchKind.EDIT
    assert batch.note == ("Folded by 4-4-5 weeks, years ending on the last Saturday of December")
    assert doctor.examine(ws) == ()
    ws.close()


def test_nothing_is_restated_by_it_and_no_source_looks_newer(ws):
    before = month(ws)
    ws = declare(ws, weeks=WEEKS)
    now = month(ws)
    assert (now.restated_from, now.previous_restated_from) == (None, None)
    assert now.freshness.received_at == before.freshness.received_at
    ws.close()


def test_it_is_done_once_and_again_when_it_is_taken_back(ws):
    ws = declare(ws, weeks=WEEKS)
    ws = declare(ws)
    assert len(imports.batches(ws)) == 2
    ws = declare(ws, weeks=None)
    assert len(imports.batches(ws)) == 3
    assert (month(ws).value, month(ws).previous) == (310.0, 800.0)
    assert doctor.examine(ws) == ()
    ws.close()


def test_quarters_are_folded_anew_when_years_start_in_july(ws):
    assert folded(ws, Grain.YEAR) == {date(2026, 1, 1): 304 * 10.0 + 500.0}
    ws = declare(ws, year_starts_in=7)
    assert folded(ws, Grain.YEAR) == {
        date(2025, 7, 1): None,  # its first six months are not there
        date(2026, 7, 1): 123 * 10.0 + 500.0,
    }
    assert doctor.examine(ws) == ()
    ws.close()


def test_a_later_import_and_an_undo_of_an_earlier_one_meet_the_new_months(ws):
    ws = declare(ws, weeks=WEEKS)
    first = imports.batches(ws)[-1]
    values(ws, REVENUE, {"2026-09-27": 60.0}, at="2026-11-21 08:00")
    assert month(ws).value == 28 * 10.0 + 500.0 + 50.0
    assert folded(ws, Grain.YEAR)[date(2026, 1, 1)] == 304 * 10.0 + 500.0 + 50.0
    undoing.undo(ws, first.id, actor=SOMEBODY, now=LATER + timedelta(days=2))
    assert folded(ws, Grain.MONTH) == {OCTOBER: 60.0}
    assert doctor.examine(ws) == ()
    ws.close()


def test_medians_of_events_are_ranked_within_the_new_months(tmp_path):
    ws = open_workspace(tmp_path / "home")
    solved = [("2026-09-28", 2), ("2026-10-05", 4), ("2026-10-26", 9), ("2026-10-27", 9)]
    rows = [
        (number, f"{day} 08:00", f"{day} {8 + hours:02d}:00", "solved", "high")
        for number, (day, hours) in enumerate(solved)
    ]
    save(ws, "Id,Created at,Solved at,Status,Priority", rows, recipe="zendesk_tickets")
    assert month(ws, MEDIAN).value == 9.0
    ws = declare(ws, weeks=WEEKS)
    assert month(ws, MEDIAN).value == 3.0  # of 2 and 4: the others lie in November
    assert doctor.examine(ws) == ()
    ws.close()


def test_nobody_looks_back_through_it(ws):
    ws = declare(ws, weeks=WEEKS)
    with pytest.raises(StoreError, match="Up to batch 1 months had other days"):
        read_readings(ws, [wanted(REVENUE)], month=OCTOBER, as_of=1)
    ws.close()

"""What a preview says of a figure is what the scorecard says of it once it is saved."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from kpi_engine.periods import add_months
from kpi_engine.services import imports, undoing
from kpi_engine.services.import_results import Impact
from kpi_engine.services.month_readings import read_readings
from kpi_engine.services.series import months_apart, wanted
from kpi_engine.terms import Status
from kpi_engine.workspace import Workspace
from tests.services.tiny import SOMEBODY, days, open_workspace, shares, values

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
ORDERS, SATISFIED = "biz.orders", "biz.tool_sat"
TARGETS = [
    {"metric": ORDERS, "valid_from": date(2000, 1, 1), "target": 100, "red_line": 80},
    {"metric": SATISFIED, "valid_from": date(2000, 1, 1), "target": 0.7, "red_line": 0.6},
    {"metric": SATISFIED, "valid_from": date(2026, 8, 1), "target": 0.9, "red_line": 0.75},
]


@pytest.fixture
def ws(tmp_path: Path) -> Iterator[Workspace]:
    """Four orders a day from July to October, and a survey of two quarters."""
    found = open_workspace(tmp_path / "home", scorecard=[ORDERS, SATISFIED], targets=TARGETS)
    values(found, ORDERS, dict.fromkeys(days("2026-07-01", "2026-10-31"), 4))
    shares(found, SATISFIED, {"2026-Q1": (80, 100), "2026-Q2": (80, 100)})
    yield found
    found.close()


def statuses(ws: Workspace, impacts: tuple[Impact, ...]) -> list[Status]:
    """What the scorecard of each figure's month says of it."""
    found = []
    for one in impacts:
        metric = ws.catalogue.metric(one.metric)
        month = add_months(one.month, months_apart(metric) - 1)
        (reading,) = read_readings(ws, [wanted(one.metric)], month=month)
        found.append(reading.judgement.status)
    return found


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param(
            [f"{day},{ORDERS},,4" for day in days("2026-11-01", "2026-11-15")],
            [(Status.NO_DATA, Status.NOT_JUDGED)],
            id="half a month is not judged",
        ),
        pytest.param(
            [f"{day},{ORDERS},,4" for day in days("2026-06-01", "2026-06-30")],
            [(Status.NO_DATA, Status.ON_TARGET)],
            id="a whole one is",
        ),
        pytest.param(
            [f"{day},{ORDERS},,3" for day in days("2026-10-01", "2026-10-31")],
            [(Status.ON_TARGET, Status.NEAR_TARGET)],
            id="a month that becomes worse",
        ),
        pytest.param([f"2026-11,{ORDERS},,60"], [(Status.NO_DATA, Status.NOT_JUDGED)], id="stated"),
        pytest.param(
            [f"2026-Q3,{SATISFIED},,0.8"],
            [(Status.NO_DATA, Status.NEAR_TARGET)],
            id="a quarter by the target of its last month",
        ),
        pytest.param([f"2026-Q2,{SATISFIED},,0.8"], [], id="nothing new"),
    ],
)
def test_the_preview_judges_as_the_scorecard_does(
    ws: Workspace, tmp_path: Path, rows: list[str], expected: list[tuple[Status, Status]]
) -> None:
    path = tmp_path / "file.csv"
    path.write_text("\n".join(["period,metric,segment,value", *rows]))
    shown = imports.preview(ws, path, actor=SOMEBODY, now=NOW)
    moved = shown.impacts
    assert [(one.status_before, one.status_after) for one in moved] == expected
    assert statuses(ws, moved) == [one.status_before for one in moved]
    batch = imports.commit(ws, shown, actor=SOMEBODY, now=NOW)
    assert statuses(ws, moved) == [one.status_after for one in moved]
    if batch is None:
        return
    undo = undoing.preview(ws, batch.id, actor=SOMEBODY)
    assert [(one.status_after, one.status_before) for one in undo.impacts] == expected
    undoing.commit(ws, undo, actor=SOMEBODY, now=NOW)
    assert statuses(ws, undo.impacts) == [one.status_after for one in undo.impacts]


def test_only_figures_of_days_lie_on_days(ws: Workspace, tmp_path: Path) -> None:
    """A figure of a month stands for all its days, not for its first."""
    path = tmp_path / "file.csv"
    rows = [f"2026-08,{SATISFIED},,0.8", f"2026-11,{ORDERS},,60", f"2026-12-01,{ORDERS},,3"]
    path.write_text("\n".join(["period,metric,segment,value", *rows]))
    shown = imports.preview(ws, path, actor=SOMEBODY, now=datetime(2026, 12, 20, tzinfo=UTC))
    assert shown.days == ((date(2026, 12, 1), 1),)

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
from kpi_engine.words.imports import worked_out_sentence
from kpi_engine.workspace import Workspace
from tests.services.tiny import SOMEBODY, days, open_workspace, outages, shares, values

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


SHOP = {"service": "Shop"}
LINK = {
    "id": "shop_to_orders",
    "driver": "it.availability",
    "driver_segment": SHOP,
    "outcome": ORDERS,
    "kind": "influence",
    "mechanism": "Without it nobody can order.",
    "sign": 1,
    "lag_days": [0, 0],
    "grade": "E",
    "reachable_grade": "C",
    "grade_reason": "Nobody has looked yet.",
    "review_by": "2030-01-01",
}


@pytest.mark.parametrize("is_known", [False, True], ids=["a new service", "a known one"])
def test_the_service_that_a_link_names_is_judged_by_itself(
    tmp_path: Path, *, is_known: bool
) -> None:
    """Among three services its outage is small: the scorecard shows its own availability."""
    aimed = {"metric": "it.availability", "valid_from": date(2000, 1, 1), "red_line": 0.99}
    targets = [{**aimed, "target": 0.995}, {**aimed, "segment": SHOP, "target": 0.998}]
    ws = open_workspace(tmp_path / "home", scorecard=[ORDERS], targets=targets, links=[LINK])
    others = [
        (name, f"2026-{month:02d}-{day} 00:00", f"2026-{month:02d}-{day} 00:01")
        for name in ("Office", "Store")
        for month, day in ((9, "01"), (10, "31"))
    ]
    outages(ws, *others)
    if is_known:
        shop = ("Shop", "2026-09-02 00:00", "2026-09-02 00:01")
        outages(ws, shop, ("Shop", "2026-10-30 00:00", "2026-10-30 00:01"))
    path = tmp_path / "outages.csv"
    path.write_text(
        "service,started_at,ended_at\n"
        "Shop,2026-10-01 00:00,2026-10-01 00:01\n"
        "Shop,2026-10-12 12:00,2026-10-12 14:00\n"
        "Shop,2026-10-31 23:58,2026-10-31 23:59\n"
    )
    shown = imports.preview(ws, path, actor=SOMEBODY, now=NOW)
    key = wanted("it.availability", SHOP)

    def judged() -> Status:
        (reading,) = read_readings(ws, [key], month=date(2026, 10, 1))
        return reading.judgement.status

    (moved,) = [one for one in shown.impacts if one.segment == SHOP and one.month.month == 10]
    assert (moved.metric, moved.label) == ("it.availability", "Service availability, Shop")
    assert moved.status_before is judged()
    imports.commit(ws, shown, actor=SOMEBODY, now=NOW)
    assert moved.status_after is judged()
    assert moved.flips
    (whole,) = [
        one
        for one in shown.impacts
        if one.metric == "it.availability" and not one.segment and one.month.month == 10
    ]
    assert whole.status_after is Status.ON_TARGET
    ws.close()


def test_what_rests_on_figures_that_move_is_said(sample: Workspace) -> None:
    """Nothing is stored of availability when customers order, so it is not among the figures."""
    sources = {one.file_name: one.id for one in imports.batches(sample)}
    said = {}
    for name in ("uptimerobot-log-2026-10.csv", "surveys-2026-10.csv"):
        shown = undoing.preview(sample, sources[name], actor=SOMEBODY)
        undoing.discard(sample, shown, actor=SOMEBODY)
        said[name] = worked_out_sentence(shown.impacts, sample.catalogue)
    outages_of, surveys = said.values()
    assert outages_of.startswith("Availability when customers order is worked out from outages")
    assert surveys == ""


def test_what_nobody_looked_at_may_be_saved_after_something_else(
    ws: Workspace, tmp_path: Path
) -> None:
    """Nobody agreed to figures that could have become others; its rows must be the same."""
    shown = []
    for name, day in (("first", "2026-06-01"), ("second", "2026-06-02")):
        path = tmp_path / f"{name}.csv"
        path.write_text(f"period,metric,segment,value\n{day},{ORDERS},,4\n")
        shown.append(imports.preview(ws, path, actor=SOMEBODY, now=NOW, is_shown=False))
    for one in shown:
        assert imports.commit(ws, one, actor=SOMEBODY, now=NOW) is not None


def revenue_to(ws: Workspace, first: str, last: str, at: str, amount: float = 100.0) -> None:
    values(ws, "biz.revenue", dict.fromkeys(days(first, last), amount), at=f"{at} 08:00")


@pytest.fixture
def sold(tmp_path: Path) -> Iterator[Workspace]:
    """Revenue by the day from August to the last but one of October, as of the last."""
    aimed = {"metric": "biz.revenue", "valid_from": date(2000, 1, 1)}
    found = open_workspace(
        tmp_path / "home",
        scorecard=["biz.revenue"],
        targets=[{**aimed, "target": 5000.0, "red_line": 4000.0}],
    )
    revenue_to(found, "2026-08-01", "2026-10-30", "2026-10-31")
    yield found
    found.close()


def of_october(ws: Workspace) -> Status:
    (reading,) = read_readings(ws, [wanted("biz.revenue")], month=date(2026, 10, 1))
    return reading.judgement.status


def test_a_month_that_is_over_with_a_file_is_judged_in_its_preview(
    sold: Workspace, tmp_path: Path
) -> None:
    """No figure of October moves: that it is over is what the first of November says."""
    path = tmp_path / "file.csv"
    path.write_text("period,metric,segment,value\n2026-11-01,biz.revenue,,100\n")
    later = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
    shown = imports.preview(sold, path, actor=SOMEBODY, now=later)
    (october,) = [one for one in shown.impacts if one.month == date(2026, 10, 1)]
    assert (october.status_before, october.status_after) == (Status.NOT_JUDGED, Status.OFF_TARGET)
    assert october.stored == october.after
    assert of_october(sold) is Status.NOT_JUDGED
    imports.commit(sold, shown, actor=SOMEBODY, now=later)
    assert of_october(sold) is Status.OFF_TARGET


def test_an_undo_tells_that_a_month_is_open_again(sold: Workspace) -> None:
    rows = {"2026-10-15": 120.0, "2026-11-01": 100.0}
    values(sold, "biz.revenue", rows, at="2026-11-02 08:00")
    assert of_october(sold) is Status.OFF_TARGET
    shown = undoing.preview(sold, sold.newest(), actor=SOMEBODY)
    (october,) = [one for one in shown.impacts if one.month == date(2026, 10, 1)]
    assert (october.status_before, october.status_after) == (Status.OFF_TARGET, Status.NOT_JUDGED)
    undoing.commit(sold, shown, actor=SOMEBODY, now=datetime(2026, 11, 3, tzinfo=UTC))
    assert of_october(sold) is Status.NOT_JUDGED

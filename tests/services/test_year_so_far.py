"""A year so far against what was aimed for by then (A1, A3)."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from kpi_engine.errors import StoreError
from kpi_engine.services.outcomes import explain
from kpi_engine.services.year_shape import read_year_shape
from kpi_engine.services.year_so_far import YearSoFar
from kpi_engine.terms import Status
from kpi_engine.words.landing import so_far_sentence
from kpi_engine.workspace import Workspace
from tests.services.tiny import open_workspace, shares, values

REVENUE, DEMOS = "biz.revenue", "biz.demo_ok"


@pytest.fixture
def ws(tmp_path: Path) -> Iterator[Workspace]:
    found = open_workspace(
        tmp_path / "home",
        scorecard=[REVENUE, DEMOS],
        targets=[
            {
                "metric": REVENUE,
                "valid_from": date(2026, 1, 1),
                "period": "year",
                "phasing": "by_shares",
                "shares": [1, 1, 2, *[1] * 9],
                "target": 1300,
                "red_line": 1170,
                "stretch": 1500,
            },
            {"metric": DEMOS, "valid_from": date(2026, 1, 1), "target": 0.9, "red_line": 0.8},
            {"metric": DEMOS, "valid_from": date(2026, 2, 1), "target": 0.96, "red_line": 0.9},
        ],
    )
    values(found, REVENUE, {"2026-01": 110, "2026-02": 80, "2026-03": 190})
    shares(found, DEMOS, {"2026-01": (90, 100), "2026-02": (290, 300)})
    yield found
    found.close()


def so_far(ws: Workspace, metric: str, month: date) -> YearSoFar:
    found = explain(ws, metric, month=month).so_far
    assert found is not None
    return found


def test_a_sum_is_held_against_its_months_added(ws: Workspace) -> None:
    found = so_far(ws, REVENUE, date(2026, 3, 1))
    assert (found.value, found.target, found.red_line) == (380, 400, 360)
    assert (found.status, found.whole) == (Status.NEAR_TARGET, 1300)
    assert so_far_sentence(found, ws.catalogue.metric(REVENUE)) == (
        "2026 to the end of Mar 2026: $380 against at least $400 by then (▲ Near target); the "
        "year's target is at least $1,300."
    )


def test_a_month_of_it_is_judged_by_its_own_part(ws: Workspace) -> None:
    reading = explain(ws, REVENUE, month=date(2026, 3, 1)).outcome
    assert (reading.judgement.target, reading.judgement.status) == (200, Status.NEAR_TARGET)
    assert [point.target for point in reading.history[-3:]] == [100, 100, 200]
    assert reading.judgement.stretch == pytest.approx(1500 * 2 / 13, abs=1)


def test_a_share_is_held_against_its_months_weighted_as_they_were(ws: Workspace) -> None:
    found = so_far(ws, DEMOS, date(2026, 2, 1))
    assert found.value == pytest.approx(380 / 400)
    assert found.target == pytest.approx((0.9 * 100 + 0.96 * 300) / 400)
    assert found.status is Status.ON_TARGET
    assert found.whole is None


def test_a_year_that_lacks_a_month_is_not_said(ws: Workspace) -> None:
    values(ws, REVENUE, {"2026-05": 100})
    assert explain(ws, REVENUE, month=date(2026, 5, 1)).so_far is None


def test_an_open_month_waits_until_it_is_in(ws: Workspace) -> None:
    values(ws, REVENUE, {f"2026-04-{day:02}": 3 for day in range(1, 11)}, at="2026-04-11 08:00")
    found = so_far(ws, REVENUE, date(2026, 4, 1))
    assert (found.through, found.value) == (date(2026, 3, 1), 380)


def test_the_shape_of_the_year_before_becomes_shares(ws: Workspace) -> None:
    year = {f"2026-{month:02}": 100 if month < 12 else 500 for month in range(4, 13)}
    values(ws, REVENUE, year, at="2027-01-04 08:00")
    found = read_year_shape(ws, REVENUE, month=date(2027, 6, 1))
    assert found.first == date(2027, 1, 1)
    assert found.shares[:4] == (65.5, 47.6, 113.1, 59.5)
    assert sum(found.shares) == pytest.approx(1000, abs=1)


@pytest.mark.parametrize(
    ("metric", "said"),
    [
        pytest.param(REVENUE, "April 2026 of Net revenue is not in", id="a month is missing"),
        pytest.param(DEMOS, "do not add up", id="a share"),
    ],
)
def test_no_shape_is_made_of_what_has_none(ws: Workspace, metric: str, said: str) -> None:
    with pytest.raises(StoreError, match=said):
        read_year_shape(ws, metric, month=date(2027, 1, 1))

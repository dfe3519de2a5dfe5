"""Demonstrations in bad minutes and delivery within time to market, reckoned by hand."""

from datetime import date
from pathlib import Path

import pytest

from kpi_engine.catalogue.load import BrokenCatalogueError
from kpi_engine.services import outcomes, whatif
from kpi_engine.workspace import Workspace
from tests.services.tiny import AGREED, open_workspace, save

OCTOBER = date(2026, 10, 1)
COMMON = {
    "kind": "impact",
    "lag_days": [0, 0],
    "grade": "B",
    "reachable_grade": "A",
    "grade_reason": "counted by the test",
    "agreed_by": AGREED,
    "review_by": date(2030, 1, 1),
}
POOR_CALLS = {
    "id": "poor_calls_to_demo_ok",
    "driver": "it.poor_calls",
    "outcome": "biz.demo_ok",
    "mechanism": "a call with poor sound ends the demo",
    "sign": -1,
    "counting": {"kind": "disturbed_share", "broken_share": "recovered_share"},
    **COMMON,
}
DELIVERY = {
    "id": "lead_time_to_ttm",
    "driver": "it.lead_time",
    "outcome": "biz.ttm",
    "mechanism": "waiting to go live is time to market",
    "sign": 1,
    "counting": {"kind": "part_of_duration"},
    **COMMON,
}


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    """Poor calls 2 then 6 %, demos 95 then 92 % fine; 48 then 96 h of 30 then 33 days."""
    found = open_workspace(
        tmp_path / "home", scorecard=["biz.demo_ok", "biz.ttm"], links=[POOR_CALLS, DELIVERY]
    )
    shares = {
        "it.poor_calls": [(20, 1000), (60, 1000)],
        "biz.demo_ok": [(190, 200), (230, 250)],
    }
    rows = [
        (month, metric, "", *pair)
        for metric, pairs in shares.items()
        for month, pair in zip(("2026-09", "2026-10"), pairs, strict=True)
    ]
    save(found, "period,metric,segment,numerator,denominator", rows)
    lengths = {"it.lead_time": (48, 96), "biz.ttm": (30, 33)}
    stated = [
        (month, metric, "", value)
        for metric, values in lengths.items()
        for month, value in zip(("2026-09", "2026-10"), values, strict=True)
    ]
    save(found, "period,metric,segment,value", stated)
    return found


def contribution(ws: Workspace, outcome: str, link: str) -> outcomes.Driver:
    found = outcomes.explain(ws, outcome, month=OCTOBER)
    return next(one for one in found.drivers if one.contribution.link.id == link)


def test_demos_in_bad_minutes_break_by_the_share_that_was_agreed(ws: Workspace) -> None:
    """Four more minutes of a hundred; 20, 35 or 50 % of the demos in them break."""
    found = contribution(ws, "biz.demo_ok", "poor_calls_to_demo_ok").contribution
    assert found.effect is not None
    assert found.effect.mid == pytest.approx(-0.04 * 0.35)
    assert (found.effect.low, found.effect.high) == (
        pytest.approx(-0.04 * 0.50),
        pytest.approx(-0.04 * 0.20),
    )
    assert found.amount is not None
    assert found.amount.mid == pytest.approx(0.06 * 250 * 0.35)
    assert found.amount_unit == "demonstrations"
    assert found.assumptions == ("recovered_share",)


def test_a_longer_delivery_is_a_longer_way_to_market(ws: Workspace) -> None:
    found = outcomes.explain(ws, "biz.ttm", month=OCTOBER)
    effect = next(one.contribution.effect for one in found.drivers if one.contribution.effect)
    assert effect.mid == pytest.approx(2.0)
    assert effect.low == effect.high
    assert found.remainder == pytest.approx(1.0)


def test_both_can_be_turned(ws: Workspace) -> None:
    demos = whatif.simulate(ws, "biz.demo_ok", {"poor_calls_to_demo_ok": 0.01}, month=OCTOBER)
    assert demos.change.mid == pytest.approx(0.05 * 0.35, rel=1e-3)
    market = whatif.simulate(ws, "biz.ttm", {"lead_time_to_ttm": 24.0}, month=OCTOBER)
    assert market.change.mid == pytest.approx(-3.0)


def test_a_share_cannot_be_a_stretch_of_time(tmp_path: Path) -> None:
    wrong = [
        POOR_CALLS | {"counting": {"kind": "part_of_duration"}},
        DELIVERY | {"counting": {"kind": "disturbed_share", "broken_share": "recovered_share"}},
    ]
    with pytest.raises(BrokenCatalogueError) as caught:
        open_workspace(tmp_path / "home", links=wrong)
    said = " ".join(one.sentence for one in caught.value.findings)
    assert "it.poor_calls is in percent" in said
    assert "biz.ttm is in days" in said

"""The mistake: all IT measures are green, so all must be well (the watermelon, N2)."""

from datetime import date

import pytest

from kpi_engine.mapping.watermelon import Disagreement
from kpi_engine.services.outcomes import explain
from kpi_engine.terms import Status
from tests.services.tiny import open_workspace, shares

OCTOBER, EVER = date(2026, 10, 1), date(2000, 1, 1)
DEMOS, CALLS = "biz.demo_ok", "it.poor_calls"
THREE = ("2026-08", "2026-09", "2026-10")


@pytest.fixture
def ws(tmp_path):
    found = open_workspace(
        tmp_path / "home",
        scorecard=[DEMOS],
        targets=[
            {"metric": DEMOS, "valid_from": EVER, "target": 0.95, "red_line": 0.90},
            {"metric": CALLS, "valid_from": EVER, "target": 0.02, "red_line": 0.05},
        ],
    )
    yield found
    found.close()


def october(ws, *, demos, poor_calls):
    shares(ws, DEMOS, {month: (good, 100) for month, good in zip(THREE, demos, strict=True)})
    shares(ws, CALLS, {month: (bad, 100) for month, bad in zip(THREE, poor_calls, strict=True)})
    return explain(ws, DEMOS, month=OCTOBER)


def test_a_red_outcome_over_green_drivers_is_said_out_loud(ws):
    found = october(ws, demos=(96, 96, 85), poor_calls=(1, 1, 1))

    assert found.outcome.judgement.status is Status.OFF_TARGET
    assert found.is_watermelon
    assert found.watermelon_sentence == (
        "The only linked IT measure that has data this month is on target (one has none), yet the "
        "outcome is off target: "
        "what moves it is not being measured yet."
    )


def test_nothing_is_credited_to_the_green_drivers(ws):
    found = october(ws, demos=(96, 96, 85), poor_calls=(1, 1, 1))

    assert all(driver.contribution.effect is None for driver in found.drivers)
    assert found.remainder == found.movement == pytest.approx(-0.11)


def test_one_bad_month_of_the_driver_does_not_hide_it(ws):
    assert october(ws, demos=(96, 96, 85), poor_calls=(1, 9, 1)).is_watermelon


def test_a_driver_that_was_mostly_off_target_explains_itself(ws):
    assert not october(ws, demos=(96, 96, 85), poor_calls=(9, 9, 1)).is_watermelon


def test_a_green_outcome_over_red_drivers_is_the_reverse(ws):
    found = october(ws, demos=(96, 96, 96), poor_calls=(9, 9, 9))

    assert not found.is_watermelon
    assert found.watermelon_sentence == ""
    assert found.disagreement.disagreement is Disagreement.DRIVERS_OFF_TARGET

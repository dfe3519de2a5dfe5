"""The mistake: taking what is not there for 0, so that silence looks like a perfect month."""

from datetime import date

import pytest

from kpi_engine.services.month_readings import read_readings
from kpi_engine.services.outcomes import explain
from kpi_engine.services.series import wanted
from kpi_engine.terms import Status
from tests.services.tiny import open_workspace, orders, shares, values

SEPTEMBER, OCTOBER = date(2026, 9, 1), date(2026, 10, 1)
EVER = date(2000, 1, 1)
DELAY = "biz.op_delay"


@pytest.fixture
def ws(tmp_path):
    found = open_workspace(
        tmp_path / "home",
        scorecard=[DELAY],
        targets=[{"metric": DELAY, "valid_from": EVER, "target": 20, "red_line": 40}],
    )
    yield found
    found.close()


def read(ws, metric, month=OCTOBER):
    (found,) = read_readings(ws, [wanted(metric)], month=month)
    return found


def test_no_hours_reported_is_not_no_hours_lost(ws):
    """Less is better and the target is 20: a 0 here would be on target."""
    values(ws, DELAY, {"2026-09": 15})

    october = read(ws, DELAY)

    assert october.value is None
    assert october.judgement.status is Status.NO_DATA


def test_a_change_from_a_missing_month_is_not_known(ws):
    values(ws, DELAY, {"2026-08": 15, "2026-10": 15})

    found = explain(ws, DELAY, month=OCTOBER)

    assert (found.movement, found.remainder) == (None, None)
    assert found.outcome.previous is None


def test_a_share_of_nothing_is_not_zero(ws):
    shares(ws, "biz.demo_ok", {"2026-09": (9, 10), "2026-10": (0, 0)})

    assert read(ws, "biz.demo_ok").value is None


def test_a_year_with_a_gap_has_no_sum(ws):
    values(ws, DELAY, {"2026-08": 15, "2026-10": 15})

    assert read(ws, DELAY).year_to_date is None


def test_an_unwatched_shop_was_not_always_up(ws):
    orders(ws, "2026-10-01", "2026-10-31", lambda _: 1)

    assert read(ws, "it.availability").value is None
    assert read(ws, "it.dwa").value is None

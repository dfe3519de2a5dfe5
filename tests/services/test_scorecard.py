from datetime import date

import pytest

from kpi_engine.errors import StoreError
from kpi_engine.mapping.watermelon import Disagreement
from kpi_engine.services import scorecard
from kpi_engine.services.outcomes import explain
from kpi_engine.terms import Status
from tests.services.tiny import days, open_workspace, shares, values

AUGUST, SEPTEMBER, OCTOBER = date(2026, 8, 1), date(2026, 9, 1), date(2026, 10, 1)
EVER = date(2000, 1, 1)
DEMOS, DELAY, CHURN = "biz.demo_ok", "biz.op_delay", "biz.churn"


def target(metric, value, red_line):
    return {"metric": metric, "valid_from": EVER, "target": value, "red_line": red_line}


@pytest.fixture
def ws(tmp_path):
    found = open_workspace(
        tmp_path / "home",
        scorecard=[DEMOS, DELAY, CHURN],
        targets=[
            target(DEMOS, 0.95, 0.90),
            target(DELAY, 20, 40),
            target("it.poor_calls", 0.02, 0.05),
        ],
    )
    yield found
    found.close()


def test_the_newest_month_with_half_its_outcomes_complete_is_shown(ws):
    """In October only one outcome of three has come in."""
    shares(ws, DEMOS, {"2026-08": (96, 100), "2026-09": (96, 100)})
    shares(ws, CHURN, {"2026-08": (3, 100), "2026-09": (3, 100)})
    values(ws, DELAY, {"2026-08": 10, "2026-09": 10, "2026-10": 10})

    card = scorecard.read(ws)

    assert card.month == SEPTEMBER
    assert card.months == (SEPTEMBER, AUGUST)


def test_outcomes_that_never_had_data_do_not_hold_a_month_back(ws):
    shares(ws, DEMOS, {"2026-10": (96, 100)})

    assert scorecard.read(ws).months == (OCTOBER,)


def test_it_data_alone_open_their_months(ws):
    shares(ws, "it.poor_calls", {"2026-09": (1, 100)})

    card = scorecard.read(ws)

    assert card.months == (SEPTEMBER,)
    assert [row.outcome.judgement.status for row in card.rows] == [Status.NO_DATA] * 3


def test_rows_stand_in_the_order_of_the_organisation_and_are_counted_by_status(ws):
    shares(ws, DEMOS, {"2026-09": (96, 100), "2026-10": (85, 100)})
    values(ws, DELAY, {"2026-09": 10, "2026-10": 10})

    card = scorecard.read(ws)

    assert [row.outcome.metric.id for row in card.rows] == [DEMOS, DELAY, CHURN]
    assert (card.on_target, card.on_target_before) == (1, 2)
    assert card.count(Status.OFF_TARGET) == 1
    assert card.count(Status.NO_DATA) == 1


def test_the_first_month_has_nothing_before_it(ws):
    values(ws, DELAY, {"2026-10": 10})

    assert scorecard.read(ws).on_target_before is None


def test_measures_that_are_due_and_not_complete_are_late(ws):
    shares(ws, DEMOS, {"2026-09": (96, 100), "2026-10": (96, 100)})
    shares(ws, CHURN, {"2026-09": (3, 100)})
    shares(ws, "biz.tool_sat", {"2026-09": (73, 100)})
    sessions = dict.fromkeys(days("2026-09-01", "2026-09-30"), 100.0)
    values(ws, "base.sessions", sessions)

    card = scorecard.read(ws, month=OCTOBER)

    assert (card.received, card.expected) == (1, 2)
    assert card.late == ("Customers who left",)


def test_a_row_is_the_explanation_of_its_outcome(ws):
    shares(ws, DEMOS, {"2026-09": (96, 100), "2026-10": (85, 100)})
    shares(ws, "it.poor_calls", {"2026-09": (1, 100), "2026-10": (1, 100)})

    card = scorecard.read(ws)

    assert card.rows[0] == explain(ws, DEMOS, month=OCTOBER)


def test_disagreements_are_listed(ws):
    shares(ws, DEMOS, {"2026-09": (96, 100), "2026-10": (85, 100)})
    shares(ws, "it.poor_calls", {"2026-09": (1, 100), "2026-10": (1, 100)})

    card = scorecard.read(ws)

    (found,) = card.disagreements
    assert (found.metric, found.disagreement) == (DEMOS, Disagreement.ALL_DRIVERS_ON_TARGET)
    assert card.rows[0].is_watermelon
    assert card.rows[0].watermelon_sentence == found.sentence


def test_what_two_links_count_is_paid_for_once(tmp_path):
    """The same tickets stand behind two outcomes; their cost is one cost."""
    counting = {
        "kind": "lost_hours",
        "hours_per_ticket": "hours_lost_per_ticket",
        "people_per_ticket": "people_per_ticket",
    }
    again = {
        "id": "incidents_to_op_delay",
        "driver": "it.incidents_per_100",
        "outcome": DELAY,
        "kind": "impact",
        "mechanism": "The same problems hold up the warehouse.",
        "sign": 1,
        "lag_days": [0, 0],
        "grade": "D",
        "reachable_grade": "A",
        "grade_reason": "Assumed hours.",
        "review_by": date(2027, 12, 31),
        "counting": counting,
        "money": {"assumptions": ["loaded_hourly_cost"]},
    }
    ws = open_workspace(tmp_path / "home", scorecard=["biz.lost_hours", DELAY], links=[again])
    shares(ws, "biz.lost_hours", {"2026-09": (300, 100), "2026-10": (500, 100)})
    values(ws, DELAY, {"2026-09": 100, "2026-10": 600})
    shares(ws, "it.incidents_per_100", {"2026-09": (200, 150), "2026-10": (300, 150)})

    card = scorecard.read(ws)

    amounts = [
        driver.contribution.money
        for row in card.rows
        for driver in row.drivers
        if driver.contribution.money
    ]
    assert len(amounts) == 2
    assert card.cost.mid == pytest.approx(-300 * 1.3 * 45)
    assert card.gain is None
    ws.close()


def test_an_older_tick_gives_the_older_page(ws):
    first = values(ws, DELAY, {"2026-09": 10})
    before = scorecard.read(ws)
    values(ws, DELAY, {"2026-09": 50, "2026-10": 10}, at="2026-11-20 08:00")

    assert scorecard.read(ws, as_of=first.id) == before
    assert scorecard.read(ws) != before


def test_an_empty_store_says_what_to_do(ws):
    with pytest.raises(StoreError, match="There are no data yet"):
        scorecard.read(ws)


def test_a_part_of_a_month_is_not_off_target_and_not_in_the_headline(ws):
    """Ten of thirty days of 3 an hour are a third of the month, not a bad month."""
    shares(ws, DEMOS, {"2026-08": (96, 100), "2026-09": (96, 100)})
    shares(ws, CHURN, {"2026-08": (3, 100), "2026-09": (3, 100)})
    values(ws, DELAY, dict.fromkeys(days("2026-08-01", "2026-08-31"), 3.0))
    values(ws, DELAY, dict.fromkeys(days("2026-09-01", "2026-09-10"), 3.0))

    card = scorecard.read(ws, month=SEPTEMBER)

    delay = card.rows[1].outcome
    assert delay.value == 30
    assert delay.judgement.status is Status.NOT_JUDGED
    assert not delay.freshness.is_complete
    assert [row.outcome.metric.id for row in card.settled] == [DEMOS, CHURN]
    assert card.on_target == 1

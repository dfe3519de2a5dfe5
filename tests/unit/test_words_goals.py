"""How far a goal is reached, in words and in the ledger."""

from kpi_engine.render.ledger import ledger_html
from kpi_engine.services.goals import goals_of, standing
from kpi_engine.terms import Status
from kpi_engine.words.goals import standing_text, standing_word
from tests.factories import explanation, metric, reading, scorecard


def row(value, label="Checkout success", goal="Grow online revenue", *, of=None, **fields):
    return explanation(reading(value, of=metric(label=label, goal=goal, **(of or {})), **fields))


def test_counts_come_first_and_who_is_left_out_is_named():
    rows = [row(0.98), row(0.97), row(0.9), row(None, "Net revenue")]
    assert standing_text(standing(rows)) == (
        "1 on target, 1 near, 1 off, 1 no data; score 4.4 of 10; without net revenue (no data)"
    )


def test_nothing_to_judge_has_no_score():
    found = standing([row(0.98, is_placeholder=True)])
    assert standing_word(found) == "Not judged"
    assert standing_text(found) == "1 on target; without checkout success (target not agreed)"


def test_a_goal_of_which_nothing_is_complete_is_provisional():
    """That it is not judged, with "2 off" behind, would be a riddle."""
    rows = [row(0.9, is_complete=False), row(0.98, is_complete=False), row(None, "Net revenue")]
    found = standing(rows)
    assert standing_word(found) == "Provisional"
    assert standing_text(found) == "1 on target, 1 off, 1 no data"


def test_goals_keep_the_order_of_the_scorecard():
    rows = [row(0.98), row(0.9, goal="Cost less"), row(0.9)]
    found = goals_of(rows)
    assert [goal.name for goal in found] == ["Grow online revenue", "Cost less"]
    assert [goal.standing.status for goal in found] == [Status.NEAR_TARGET, Status.OFF_TARGET]


def test_a_critical_outcome_off_target_puts_its_goal_off_target():
    (goal,) = goals_of([row(0.98), row(0.98), row(0.9, of={"is_critical": True})])
    assert goal.standing.status is Status.OFF_TARGET


def test_the_ledger_says_beside_each_goal_how_far_it_is_reached():
    card = scorecard(row(0.98), row(0.9, goal="Cost less"))
    html = " ".join(ledger_html(card).split())
    assert "On target: 1 on target; score 8.3 of 10" in html
    assert "Off target: 1 off; score 0.0 of 10" in html
    assert "of 10" not in ledger_html(card, order="attention")


def test_the_scorecard_as_plain_values_has_every_goal_and_the_whole():
    plain = scorecard(row(0.98), row(0.9, goal="Cost less")).to_dict()
    assert [goal["goal"] for goal in plain["goals"]] == ["Grow online revenue", "Cost less"]
    assert plain["standing"]["counts"] == {"on_target": 1, "off_target": 1}

"""Several judgements as one: what may never hide, at every edge."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_engine.maths.rollup import Child, LeftOut, roll_up
from kpi_engine.maths.status import Judgement, judge
from kpi_engine.terms import Direction, Status

HIGHER = Direction.HIGHER_IS_BETTER


def child(value, name="one", *, is_placeholder=False, target=80.0, **fields):
    """A child of which 80 is the target and 60 the red line: 100 scores 10."""
    judgement = judge(
        value, target=target, red_line=60.0, direction=HIGHER, is_placeholder=is_placeholder
    )
    return Child(name=name, judgement=judgement, **fields)


def test_a_group_without_children_has_no_data():
    found = roll_up([])
    assert (found.status, found.score, dict(found.counts)) == (Status.NO_DATA, None, {})


def test_the_score_is_the_mean_and_the_status_follows_it():
    found = roll_up([child(80.0), child(80.0), child(80.0)])
    assert found.score == pytest.approx(20 / 3)
    assert found.status is Status.ON_TARGET


def test_weights_count():
    found = roll_up([child(100.0, weight=3.0), child(70.0)])
    assert found.score == pytest.approx((3 * 10 + 5) / 4)


@pytest.mark.parametrize("weight", [0.0, -1.0])
def test_a_weight_of_nothing_is_refused(weight):
    with pytest.raises(ValueError, match="two: a weight is more than zero"):
        roll_up([child(80.0), child(80.0, "two", weight=weight)])


def test_one_miss_among_nine_far_above_target_keeps_the_group_from_being_on_target():
    found = roll_up([*[child(100.0)] * 9, child(0.0)])
    assert found.score == pytest.approx(9.0)
    assert found.status is Status.NEAR_TARGET
    assert dict(found.counts) == {Status.ON_TARGET: 9, Status.OFF_TARGET: 1}


def test_one_critical_miss_among_nine_far_above_target_puts_the_group_off_target():
    found = roll_up([*[child(100.0)] * 9, child(0.0, is_critical=True)])
    assert found.status is Status.OFF_TARGET


def test_a_critical_child_near_target_hides_nothing_and_forbids_nothing():
    found = roll_up([child(100.0), child(70.0, is_critical=True)])
    assert found.status is Status.ON_TARGET


@pytest.mark.parametrize(
    ("left_out", "reason"),
    [
        pytest.param(child(None, "two"), LeftOut.NO_DATA, id="no data"),
        pytest.param(child(0.0, "two", is_provisional=True), LeftOut.PROVISIONAL, id="open month"),
        pytest.param(child(0.0, "two", is_placeholder=True), LeftOut.PLACEHOLDER, id="not agreed"),
        pytest.param(child(0.0, "two", target=None), LeftOut.TRACKED, id="tracked only"),
    ],
)
def test_who_does_not_count_is_named_and_still_counted_in_words(left_out, reason):
    found = roll_up([child(100.0), left_out])
    assert (found.status, found.score) == (Status.ON_TARGET, 10.0)
    assert found.left_out == (("two", reason),)
    assert found.counts[left_out.judgement.status] >= 1
    assert sum(found.counts.values()) == 2


def test_a_critical_child_without_data_leaves_the_group_unjudged():
    found = roll_up([child(100.0), child(None, is_critical=True)])
    assert (found.status, found.score) == (Status.NOT_JUDGED, 10.0)


def test_a_critical_child_without_data_does_not_hide_another_miss():
    found = roll_up([child(100.0), child(0.0), child(None, is_critical=True)])
    assert found.status is Status.NEAR_TARGET


@pytest.mark.parametrize(
    ("children", "expected"),
    [
        pytest.param([child(None), child(None)], Status.NO_DATA, id="no data at all"),
        pytest.param([child(None), child(70.0, is_placeholder=True)], Status.NOT_JUDGED, id="both"),
    ],
)
def test_where_nothing_counts_there_is_no_score(children, expected):
    found = roll_up(children)
    assert (found.status, found.score) == (expected, None)
    assert len(found.left_out) == 2


@given(st.lists(st.floats(0, 120), min_size=1, max_size=8), st.randoms())
def test_order_never_matters_and_nothing_off_target_is_ever_hidden(values, random):
    children = [child(value) for value in values]
    shuffled = random.sample(children, len(children))
    found = roll_up(children)
    assert roll_up(shuffled).status is found.status
    assert roll_up(shuffled).score == pytest.approx(found.score)
    misses = sum(one.judgement.status is Status.OFF_TARGET for one in children)
    assert found.counts.get(Status.OFF_TARGET, 0) == misses
    assert found.status is not Status.ON_TARGET or not misses


def test_a_child_by_itself_is_what_it_is():
    for value in (50.0, 60.0, 70.0, 80.0, 90.0):
        one = child(value)
        assert roll_up([one]).status is one.judgement.status


def test_a_judgement_without_a_score_is_left_out():
    bare = Child(name="bare", judgement=Judgement(status=Status.ON_TARGET))
    assert roll_up([bare]).left_out == (("bare", LeftOut.TRACKED),)

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kpi_engine.maths.status import judge, kpi_status
from kpi_engine.terms import Direction, Status

HIGHER, LOWER = Direction.HIGHER_IS_BETTER, Direction.LOWER_IS_BETTER
RANGE, NONE = Direction.IN_RANGE, Direction.NONE
ON, NEAR, OFF = Status.ON_TARGET, Status.NEAR_TARGET, Status.OFF_TARGET
NUMBERS = st.floats(-1e6, 1e6).map(lambda number: round(number, 3))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(0.976, ON, id="better than target"),
        pytest.param(0.975, ON, id="exactly on target"),
        pytest.param(0.9749, NEAR, id="just below target"),
        pytest.param(0.965, NEAR, id="exactly on the red line"),
        pytest.param(0.9649, OFF, id="just past the red line"),
        pytest.param(0.0, OFF, id="zero is a number"),
        pytest.param(None, Status.NO_DATA, id="missing is not zero"),
        pytest.param(math.nan, Status.NO_DATA, id="not a number is missing"),
    ],
)
def test_higher_is_better_is_judged_at_every_edge(value, expected):
    assert kpi_status(value, target=0.975, red_line=0.965, direction=HIGHER) is expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(23, ON, id="better than target"),
        pytest.param(24, ON, id="exactly on target"),
        pytest.param(24.01, NEAR, id="just above target"),
        pytest.param(28, NEAR, id="exactly on the red line"),
        pytest.param(28.01, OFF, id="just past the red line"),
    ],
)
def test_lower_is_better_mirrors_it(value, expected):
    assert kpi_status(value, target=24, red_line=28, direction=LOWER) is expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(0.09, OFF, id="below the lower red line"),
        pytest.param(0.10, NEAR, id="on the lower red line"),
        pytest.param(0.199, NEAR, id="just below the range"),
        pytest.param(0.20, ON, id="lower end"),
        pytest.param(0.45, ON, id="middle"),
        pytest.param(0.70, ON, id="upper end"),
        pytest.param(0.701, NEAR, id="just above the range"),
        pytest.param(0.85, NEAR, id="on the upper red line"),
        pytest.param(0.851, OFF, id="above the upper red line"),
    ],
)
def test_a_range_is_good_inside_and_bad_on_both_sides(value, expected):
    found = kpi_status(value, target=(0.2, 0.7), red_line=(0.1, 0.85), direction=RANGE)
    assert found is expected


def test_without_a_good_direction_or_a_target_nothing_is_judged():
    assert kpi_status(7, target=5, red_line=3, direction=NONE) is Status.NOT_JUDGED
    assert kpi_status(7, target=None, red_line=None, direction=HIGHER) is Status.NOT_JUDGED
    assert kpi_status(None, target=None, red_line=None, direction=NONE) is Status.NO_DATA


def test_without_a_red_line_a_miss_is_a_miss():
    assert kpi_status(4.9, target=5, red_line=None, direction=HIGHER) is OFF


def test_noise_of_binary_arithmetic_is_not_a_miss():
    tenth = 1 - 0.9  # 0.09999999999999998
    assert tenth < 0.1
    assert kpi_status(tenth, target=0.1, red_line=0.05, direction=HIGHER) is ON


@given(NUMBERS, NUMBERS, st.floats(0.001, 1e5).map(lambda number: round(number, 3)))
def test_mirroring_the_axis_keeps_the_status(value, target, room):
    assume(room > 0)
    higher = kpi_status(value, target=target, red_line=target - room, direction=HIGHER)
    lower = kpi_status(-value, target=-target, red_line=-target + room, direction=LOWER)
    assert higher is lower


@given(NUMBERS, NUMBERS, st.floats(0.001, 1e5).map(lambda number: round(number, 3)))
def test_mirroring_the_axis_keeps_the_score(value, target, room):
    assume(room > 0)
    higher = judge(value, target=target, red_line=target - room, direction=HIGHER)
    lower = judge(-value, target=-target, red_line=-target + room, direction=LOWER)
    assert higher.score == pytest.approx(lower.score)


@pytest.mark.parametrize(
    ("value", "score"),
    [
        pytest.param(24, 20 / 3, id="target"),
        pytest.param(28, 10 / 3, id="red line"),
        pytest.param(20, 10, id="as far beyond the target as the red line is short of it"),
        pytest.param(2, 10, id="no better than ten"),
        pytest.param(32, 0, id="as far past the red line"),
        pytest.param(90, 0, id="no worse than zero"),
        pytest.param(26, 5, id="half way"),
    ],
)
def test_the_score_is_linear_through_red_line_and_target(value, score):
    found = judge(value, target=24, red_line=28, direction=LOWER)
    assert found.score == pytest.approx(score)


@pytest.mark.parametrize(
    ("value", "score"),
    [
        pytest.param(45, 10, id="middle is best"),
        pytest.param(20, 20 / 3, id="lower end"),
        pytest.param(70, 20 / 3, id="upper end"),
        pytest.param(10, 10 / 3, id="lower red line"),
        pytest.param(100, 10 / 3, id="upper red line"),
        pytest.param(0, 0, id="far below"),
    ],
)
def test_in_a_range_the_middle_scores_best(value, score):
    found = judge(value, target=(20, 70), red_line=(10, 100), direction=RANGE)
    assert found.score == pytest.approx(score)


def test_failure_space_says_how_much_of_the_allowed_failure_is_used():
    # 142 of 44,640 minutes failed; 99.5 % allows 223.2 of them.
    found = judge(
        1 - 142 / 44_640, target=0.995, red_line=0.99, direction=HIGHER, failure_space=True
    )
    assert found.budget_used == pytest.approx(142 / 223.2)
    assert found.status is ON
    plain = judge(1 - 142 / 44_640, target=0.995, red_line=0.99, direction=HIGHER)
    assert (plain.status, plain.score) == (found.status, found.score)


def test_a_target_of_no_failure_has_no_budget():
    found = judge(0.98, target=1.0, red_line=0.95, direction=HIGHER, failure_space=True)
    assert found.budget_used is None
    assert found.status is NEAR


@pytest.mark.parametrize(
    ("numerator", "denominator", "value", "expected"),
    [
        pytest.param(37, 40, 0.925, True, id="few trials near the target"),
        pytest.param(20, 40, 0.5, False, id="few trials far from the target"),
        pytest.param(92_500, 100_000, 0.925, False, id="many trials"),
        pytest.param(3, 40, 0.925, True, id="one minus the share"),
        pytest.param(37, 40, 92.5, False, id="not a share at all"),
        pytest.param(50, 40, 1.25, False, id="more successes than trials"),
        pytest.param(None, None, 0.925, False, id="no parts"),
        pytest.param(0, 0, 0.925, False, id="nothing tried"),
    ],
)
def test_few_trials_near_the_target_leave_the_status_open(numerator, denominator, value, expected):
    found = judge(
        value,
        target=0.95,
        red_line=0.85,
        direction=HIGHER,
        numerator=numerator,
        denominator=denominator,
    )
    assert found.is_uncertain is expected


def test_what_is_not_judged_carries_no_score_but_keeps_its_target():
    found = judge(None, target=5, red_line=3, direction=HIGHER, is_placeholder=True)
    assert (found.status, found.score, found.target) == (Status.NO_DATA, None, 5)
    assert found.is_placeholder


def test_eight_failures_in_five_thousand_cannot_be_told_from_one_in_a_thousand():
    found = judge(
        8 / 5000, target=0.001, red_line=0.005, direction=LOWER, numerator=8, denominator=5000
    )
    assert found.is_uncertain

"""The rules of "Making Data Count", each on a series worked by hand.

Most series begin with STEADY: mean 11, every moving range 2, so that the limits are
11 -/+ 2.66 x 2 = 5.68 and 16.32, and what is near them lies past 11 -/+ 3.5467.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_engine.maths.variation import (
    assurance,
    control_chart,
    usual_range,
    variation_verdict,
)
from kpi_engine.terms import Assurance, Direction, SpecialCause, Variation

HIGHER, LOWER = Direction.HIGHER_IS_BETTER, Direction.LOWER_IS_BETTER
OUTSIDE, SHIFT = SpecialCause.OUTSIDE, SpecialCause.SHIFT
TREND, NEAR = SpecialCause.TREND, SpecialCause.NEAR_LIMIT
STEADY = [12.0, 10.0] * 6
RISING = [8.0, 9.0, 10.0, 11.5, 12.0, 12.5, 13.0]
NUMBERS = st.floats(-1e6, 1e6).map(lambda number: round(number, 2))
VALUES = st.lists(NUMBERS, min_size=12, max_size=40)


def mirrored(values):
    """The same about the mean of STEADY."""
    return [None if value is None else 22 - value for value in values]


def verdict(values, direction=HIGHER, **more):
    return variation_verdict(control_chart(values, **more), direction=direction)


@pytest.mark.parametrize(
    ("after", "causes"),
    [
        pytest.param([17], [{OUTSIDE}], id="outside"),
        pytest.param([16.32], [set()], id="exactly on the limit"),
        pytest.param([15], [set()], id="near the limit once"),
        pytest.param([15, 12, 15], [{NEAR}, set(), {NEAR}], id="2 of 3 near a limit"),
        pytest.param([15, 15], [{NEAR}, {NEAR}], id="2 in a row near a limit, after a low one"),
        pytest.param([15, 10, 15], [set()] * 3, id="2 of 3 near, the other across the mean"),
        pytest.param([15, 12, 12, 15], [set()] * 4, id="2 of 4 near"),
        pytest.param([15, 17, 15], [{NEAR}, {OUTSIDE}, {NEAR}], id="2 of 3 near, the other out"),
        pytest.param([12.5] * 6, [set()] * 6, id="6 on one side"),
        pytest.param([12.5] * 7, [{SHIFT}] * 7, id="7 on one side"),
        pytest.param([12.5] * 8 + [9], [{SHIFT}] * 8 + [set()], id="8 on one side, and back"),
        pytest.param([12.5] * 3 + [11] + [12.5] * 4, [set()] * 8, id="one of them on the mean"),
        pytest.param(RISING[1:], [set()] * 6, id="6 that rise"),
        pytest.param(RISING, [{TREND}] * 7, id="7 that rise"),
        pytest.param([*RISING[:3], 10, *RISING[3:]], [set()] * 8, id="two of them the same"),
        pytest.param(
            [*RISING, 14.7, 14.9], [{TREND}] * 7 + [{TREND, NEAR}] * 2, id="a trend to a limit"
        ),
    ],
)
@pytest.mark.parametrize("is_up", [True, False], ids=["upwards", "downwards"])
def test_special_causes(after, causes, is_up):
    values = [*STEADY, *after]
    if after[:2] == [15, 15]:
        # The third of the three is the steady month before, which has to lie on the same side.
        values = [10.0, 12.0] * 6 + after
    chart = control_chart(values if is_up else mirrored(values))
    if after[:2] != [15, 15]:
        assert not any(point.causes for point in chart[: len(STEADY)])
    assert [set(point.causes) for point in chart[len(STEADY) :]] == causes
    ways = {point.way for point in chart[len(STEADY) :] if point.causes}
    assert ways <= {1 if is_up else -1}


def test_limits_are_the_mean_and_2_66_mean_moving_ranges():
    found = usual_range(STEADY)
    assert (found.mean, found.points, found.is_trial) == (11.0, 12, False)
    assert (found.low, found.high) == pytest.approx((5.68, 16.32))


def test_moving_ranges_above_3_267_times_their_mean_are_left_out():
    # Ranges 2 x 9 and 30 x 2: mean 7.0909, times 3.267 is 23.17, so that both 30 go.
    values = [10.0, 12.0, 10.0, 12.0, 10.0, 40.0, 10.0, 12.0, 10.0, 12.0, 10.0, 12.0]
    found = usual_range(values)
    assert found.mean == pytest.approx(160 / 12)
    assert found.high - found.mean == pytest.approx(5.32)
    assert [place for place, point in enumerate(control_chart(values)) if point.causes] == [5]


def test_a_range_below_the_screen_stays_in():
    # Ranges 2 x 9, 6 x 2: mean 30 / 11 = 2.727, times 3.267 is 8.91.
    values = [10.0, 12.0, 10.0, 12.0, 10.0, 16.0, 10.0, 12.0, 10.0, 12.0, 10.0, 12.0]
    assert usual_range(values).high - usual_range(values).mean == pytest.approx(2.66 * 30 / 11)


def test_later_values_do_not_move_the_limits():
    assert usual_range([*STEADY, 99.0, 98.0]) == usual_range(STEADY)


def test_with_gaps_the_limits_wait_for_twelve_values_and_then_hold_still():
    gapped = [10.0, 12.0, None] * 6
    found = usual_range([*gapped, *[99.0] * 9])
    assert (found.points, found.first, found.last) == (12, 0, 16)


def test_a_gap_is_not_a_change():
    # Ranges of 2 everywhere; bridging the gap would have added a range of 0.
    gapped = [*STEADY[:4], None, *STEADY[5:]]
    found = usual_range(gapped)
    assert found.high - found.mean == pytest.approx(5.32)


def test_a_gap_ends_a_run():
    assert verdict([*STEADY, *[12.5] * 4, None, *[12.5] * 4]).variation is Variation.USUAL


@pytest.mark.parametrize(
    ("values", "points"),
    [
        pytest.param(STEADY[:5], None, id="5 values"),
        pytest.param(STEADY[:6], 6, id="6 values"),
        pytest.param(STEADY[:11], 11, id="11 values"),
        pytest.param([], None, id="nothing"),
        pytest.param([None] * 24, None, id="only gaps"),
        pytest.param([float("nan")] * 24, None, id="not numbers"),
        pytest.param([None] * 8 + STEADY, 12, id="a measure that began later"),
        pytest.param([1.0, None] * 12, None, id="no two neighbours"),
    ],
)
def test_below_twelve_values_limits_are_on_trial(values, points):
    found = usual_range(values)
    assert (found.points if found else None) == points
    if found:
        assert found.is_trial is (points < 12)
        assert variation_verdict(control_chart(values), direction=HIGHER).is_trial is (points < 12)


def test_limits_on_trial_move_with_every_value():
    assert usual_range([*STEADY[:6], 15.0]).mean == pytest.approx((6 * 11 + 15) / 7)


def test_a_new_baseline_begins_another_chart():
    values = [*STEADY, *[32.0, 30.0] * 6, 37.0]
    same = control_chart(values)
    assert all(OUTSIDE in point.causes for point in same[12:])
    again = control_chart(values, new_baselines=[12])
    assert (again[11].range_.mean, again[12].range_.mean) == (11.0, 31.0)
    # The step from 10 to 32 is no moving range of either.
    assert (again[12].range_.low, again[12].range_.high) == pytest.approx((25.68, 36.32))
    assert [bool(point.causes) for point in again] == [False] * 24 + [True]
    assert (again[12].range_.first, again[12].range_.last) == (12, 23)


def test_no_run_crosses_into_a_new_baseline():
    # Six above their mean, and three more above the mean that comes after them.
    values = [*STEADY, *[12.5] * 6, 14.0, 13.0, 14.0, 9.0, 10.0, 9.0]
    assert not any(point.causes for point in control_chart(values, new_baselines=[18]))
    assert any(point.causes for point in control_chart(values))


def test_a_new_baseline_outside_the_series_changes_nothing():
    values = [*STEADY, 17.0]
    assert control_chart(values, new_baselines=[0, 99]) == control_chart(values)


@pytest.mark.parametrize("value", [0.0, 5.0, 0.1])
def test_a_measure_that_never_moves_has_no_signals_until_it_does(value):
    assert not any(point.causes for point in control_chart([value] * 20))
    assert verdict([*[value] * 13, value + 1]).causes == (OUTSIDE,)


def test_arithmetic_noise_is_no_signal():
    values = [0.1] * 13 + [1 - 0.9] * 11
    assert verdict(values, LOWER).variation is Variation.USUAL


@pytest.mark.parametrize(
    ("newest", "direction", "variation", "run"),
    [
        pytest.param(16.3, HIGHER, Variation.USUAL, 0, id="just inside"),
        pytest.param(16.4, HIGHER, Variation.BETTER, 1, id="above, higher is better"),
        pytest.param(16.4, LOWER, Variation.WORSE, 1, id="above, lower is better"),
        pytest.param(5.6, HIGHER, Variation.WORSE, 1, id="below, higher is better"),
        pytest.param(5.6, LOWER, Variation.BETTER, 1, id="below, lower is better"),
        pytest.param(5.6, Direction.NONE, Variation.UNUSUAL, 1, id="no direction is good"),
        pytest.param(5.6, Direction.IN_RANGE, Variation.UNUSUAL, 1, id="a range"),
        pytest.param(None, HIGHER, Variation.NOT_JUDGED, 0, id="no value"),
    ],
)
def test_by_direction_a_signal_is_an_improvement_or_a_concern(newest, direction, variation, run):
    found = verdict([*STEADY, newest], direction)
    assert (found.variation, found.run) == (variation, run)


def test_a_trend_points_where_it_goes_also_across_the_mean():
    found = control_chart([*STEADY, *RISING])
    assert [point.way for point in found[12:]] == [1] * 7
    assert verdict([*STEADY, *RISING], LOWER).variation is Variation.WORSE


def test_at_the_turn_of_two_trends_the_later_one_speaks():
    values = [*STEADY, *RISING, *RISING[-2::-1]]
    assert [point.way for point in control_chart(values)[12:]] == [1] * 6 + [-1] * 7


@pytest.mark.parametrize(
    ("months", "variation", "run"),
    [
        pytest.param(6, Variation.USUAL, 0, id="six on one side"),
        pytest.param(7, Variation.BETTER, 7, id="seven"),
        pytest.param(9, Variation.BETTER, 9, id="nine"),
    ],
)
def test_a_run_counts_every_month_that_is_set_apart(months, variation, run):
    found = verdict([*STEADY, *[12.5] * months])
    assert (found.variation, found.run) == (variation, run)


def test_too_little_history_is_not_judged():
    assert verdict([5.0]).variation is Variation.NOT_JUDGED
    assert verdict([]).variation is Variation.NOT_JUDGED


@pytest.mark.parametrize(
    ("target", "direction", "expected"),
    [
        pytest.param(5.0, HIGHER, Assurance.MET, id="below both limits, higher is better"),
        pytest.param(5.0, LOWER, Assurance.MISSED, id="below both limits, lower is better"),
        pytest.param(17.0, HIGHER, Assurance.MISSED, id="above both limits, higher is better"),
        pytest.param(17.0, LOWER, Assurance.MET, id="above both limits, lower is better"),
        pytest.param(11.0, HIGHER, Assurance.HIT_AND_MISS, id="between the limits"),
        pytest.param(5.68, HIGHER, Assurance.HIT_AND_MISS, id="on a limit"),
        pytest.param((5.0, 17.0), Direction.IN_RANGE, Assurance.MET, id="a range round the limits"),
        pytest.param((17.0, 20.0), Direction.IN_RANGE, Assurance.MISSED, id="a range apart"),
        pytest.param((9.0, 12.0), Direction.IN_RANGE, Assurance.HIT_AND_MISS, id="a range within"),
        pytest.param(5.0, Direction.NONE, Assurance.NOT_JUDGED, id="no direction"),
        pytest.param(None, HIGHER, Assurance.NOT_JUDGED, id="no target"),
    ],
)
def test_assurance_is_where_the_target_lies(target, direction, expected):
    limits = usual_range([value + 0.0 for value in STEADY])
    if target == 5.68:
        target = limits.low
    assert assurance(limits, target, direction=direction) is expected


def test_without_limits_nothing_is_assured():
    assert assurance(None, 1.0, direction=HIGHER) is Assurance.NOT_JUDGED


@given(VALUES)
def test_mirroring_the_axis_and_the_direction_keeps_the_verdict(values):
    found, other = verdict(values), verdict([-value for value in values], LOWER)
    assert (found.variation, found.run, found.causes) == (other.variation, other.run, other.causes)


@given(VALUES, st.integers(1, 39))
def test_every_period_has_the_limits_of_its_own_baseline(values, start):
    chart = control_chart(values, new_baselines=[start])
    assert [point.value for point in chart] == values
    assert chart[0].range_ == usual_range(values[:start])
    for point in chart:
        if point.range_:
            assert point.range_.low <= point.range_.mean <= point.range_.high
        assert (point.way != 0) is bool(point.causes)


@pytest.mark.parametrize(
    ("before", "run"),
    [
        pytest.param(RISING[0] - 0.1, 7, id="eight values that rise"),
        pytest.param(RISING[0] + 0.1, 6, id="seven values that rise"),
    ],
)
def test_the_value_that_a_trend_starts_from_is_not_one_that_went_its_way(before, run):
    assert verdict([*STEADY, before, *RISING]).run == run

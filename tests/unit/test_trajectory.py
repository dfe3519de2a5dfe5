"""Where a year will end against its target, at every edge."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_engine.maths.trajectory import trajectory
from kpi_engine.terms import Direction, Trajectory

HIGHER, LOWER = Direction.HIGHER_IS_BETTER, Direction.LOWER_IS_BETTER
IN_RANGE, NONE = Direction.IN_RANGE, Direction.NONE


@pytest.mark.parametrize(
    ("low", "high", "target", "direction", "expected"),
    [
        pytest.param(100, 120, 100, HIGHER, Trajectory.ON_TRACK, id="its lower end on the target"),
        pytest.param(99.9, 120, 100, HIGHER, Trajectory.TOO_EARLY, id="straddles"),
        pytest.param(80, 100, 100, HIGHER, Trajectory.TOO_EARLY, id="its upper end on the target"),
        pytest.param(80, 99.9, 100, HIGHER, Trajectory.OFF_TRACK, id="all short of it"),
        pytest.param(80, 100, 100, LOWER, Trajectory.ON_TRACK, id="lower is better"),
        pytest.param(101, 120, 100, LOWER, Trajectory.OFF_TRACK, id="lower is better, above"),
        pytest.param(4, 6, (3, 7), IN_RANGE, Trajectory.ON_TRACK, id="inside a range"),
        pytest.param(1, 9, (3, 7), IN_RANGE, Trajectory.TOO_EARLY, id="holds the whole range"),
        pytest.param(1, 4, (3, 7), IN_RANGE, Trajectory.TOO_EARLY, id="over one end of a range"),
        pytest.param(1, 2, (3, 7), IN_RANGE, Trajectory.OFF_TRACK, id="below a range"),
        pytest.param(8, 9, (3, 7), IN_RANGE, Trajectory.OFF_TRACK, id="above a range"),
        pytest.param(1, 9, None, HIGHER, Trajectory.NOT_JUDGED, id="no target"),
        pytest.param(1, 9, 5, NONE, Trajectory.NOT_JUDGED, id="no direction is good"),
    ],
)
def test_a_range_says_what_both_its_ends_say(low, high, target, direction, expected):
    found = trajectory(low, high, target=target, direction=direction, is_over=False)
    assert found is expected


@pytest.mark.parametrize(
    ("value", "expected"), [(100, Trajectory.MET), (99.999, Trajectory.NOT_MET)]
)
def test_a_year_that_is_over_has_met_its_target_or_not(value, expected):
    found = trajectory(value, value, target=100, direction=HIGHER, is_over=True)
    assert found is expected


@given(
    st.floats(-1e6, 1e6), st.floats(0, 1e6), st.floats(-1e6, 1e6), st.sampled_from([True, False])
)
def test_mirroring_the_axis_changes_nothing(low, width, target, is_over):
    as_is = trajectory(low, low + width, target=target, direction=HIGHER, is_over=is_over)
    turned = trajectory(-low - width, -low, target=-target, direction=LOWER, is_over=is_over)
    assert turned is as_is

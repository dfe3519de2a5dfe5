import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_engine.maths.variation import (
    UsualRange,
    baseline_places,
    is_outside,
    usual_range,
    variation_verdict,
)
from kpi_engine.terms import Direction, Variation

HIGHER, LOWER = Direction.HIGHER_IS_BETTER, Direction.LOWER_IS_BETTER
STEADY = [10.0, 12.0] * 8  # mean 11, every step 2: limits 11 -/+ 5.32
VALUES = st.lists(st.floats(-1e6, 1e6).map(lambda number: round(number, 2)), min_size=12)


def test_limits_are_the_mean_and_2_66_mean_moving_ranges():
    found = usual_range(STEADY)
    assert found == UsualRange(
        mean=11.0,
        low=pytest.approx(5.68),
        high=pytest.approx(16.32),
        baseline_months=16,
    )


def test_later_months_do_not_move_the_limits():
    assert usual_range([*STEADY, 99.0, 98.0, 97.0]) == usual_range(STEADY)


def test_the_limits_rest_on_the_first_16_months_of_the_whole_history():
    values = [None, None, *STEADY, *[99.0] * 30]
    assert list(baseline_places(values)) == list(range(2, 18))
    assert usual_range(values) == usual_range(STEADY)


def test_with_gaps_the_limits_wait_for_twelve_values_and_then_hold_still():
    gapped = [10.0, 12.0, None] * 6
    assert list(baseline_places([*gapped, *[99.0] * 9])) == list(range(17))


@pytest.mark.parametrize(
    ("values", "is_known"),
    [
        pytest.param([1.0, 2.0] * 6, True, id="twelve values"),
        pytest.param([1.0, 2.0] * 5 + [1.0], False, id="eleven values"),
        pytest.param([], False, id="nothing"),
        pytest.param([None] * 24, False, id="only gaps"),
        pytest.param([None] * 8 + STEADY, True, id="a measure that began later"),
        pytest.param([1.0, None] * 12, False, id="no two neighbours"),
        pytest.param([1.0, 2.0] * 6 + [None] * 4, True, id="twelve values, then gaps"),
    ],
)
def test_twelve_values_are_needed(values, is_known):
    assert (usual_range(values) is not None) is is_known


def test_a_gap_is_not_a_change():
    # Steps of 2 everywhere; bridging the gap would have added a step of 0.
    gapped = [*STEADY[:4], None, *STEADY[5:]]
    assert usual_range(gapped).high - usual_range(gapped).mean == pytest.approx(5.32)


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
def test_a_month_outside_its_limits_is_a_signal(newest, direction, variation, run):
    values = [*STEADY, newest]
    found = variation_verdict(values, usual_range(values), direction=direction)
    assert (found.variation, found.run) == (variation, run)


@pytest.mark.parametrize(
    ("months", "variation", "run"),
    [
        pytest.param(7, Variation.USUAL, 0, id="seven on one side"),
        pytest.param(8, Variation.BETTER, 1, id="eight on one side"),
        pytest.param(9, Variation.BETTER, 2, id="nine on one side"),
    ],
)
def test_from_the_eighth_month_on_one_side_each_is_a_signal(months, variation, run):
    # The baseline ends below its mean, so that the run begins with the first 13.
    values = [*[12.0, 10.0] * 8, *[13.0] * months]
    found = variation_verdict(values, usual_range(values), direction=HIGHER)
    assert (found.variation, found.run) == (variation, run)


def test_a_run_grows_by_one_a_month_whatever_made_it_a_signal():
    # The mean is 11: outside the limits in the seventh of a row above it, inside them after that.
    values = [*[12.0, 10.0] * 8, *[13.0] * 6, 17.0, *[13.0] * 3]
    runs = [
        variation_verdict(known, usual_range(known), direction=HIGHER).run
        for known in (values[: 22 + later] for later in range(5))
    ]
    assert runs == [0, 1, 2, 3, 4]


def test_a_gap_ends_a_run():
    values = [*[12.0, 10.0] * 8, *[13.0] * 4, None, *[13.0] * 4]
    found = variation_verdict(values, usual_range(values), direction=HIGHER)
    assert found.variation is Variation.USUAL


def test_too_little_history_is_not_judged():
    assert variation_verdict([5.0], None, direction=HIGHER).variation is Variation.NOT_JUDGED
    assert variation_verdict([], usual_range(STEADY), direction=HIGHER).run == 0


def test_a_measure_that_never_moves_has_no_signals():
    values = [0.1] * 13 + [1 - 0.9] * 11
    range_ = usual_range(values)
    assert not any(is_outside(value, range_) for value in values)
    assert variation_verdict(values, range_, direction=LOWER).variation is Variation.USUAL


def test_outside_is_not_known_without_a_value_or_a_range():
    assert not is_outside(None, usual_range(STEADY))
    assert not is_outside(99.0, None)


@given(VALUES)
def test_mirroring_the_axis_and_the_direction_keeps_the_verdict(values):
    mirrored = [-value for value in values]
    found = variation_verdict(values, usual_range(values), direction=HIGHER)
    assert found == variation_verdict(mirrored, usual_range(mirrored), direction=LOWER)


@given(VALUES)
def test_limits_hold_the_mean_between_them(values):
    found = usual_range(values)
    assert found.low <= found.mean <= found.high

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_engine.maths.comparison import difference, share_explained
from kpi_engine.maths.intervals import Estimate, sum_of_estimates, wilson_interval

ENDS = st.tuples(*[st.floats(-1e6, 1e6)] * 3).map(sorted)
ESTIMATES = ENDS.map(lambda ends: Estimate(low=ends[0], mid=ends[1], high=ends[2]))


def test_an_estimate_must_be_ordered():
    with pytest.raises(ValueError, match="not ordered"):
        Estimate(low=2, mid=1, high=3)


@given(ESTIMATES, st.floats(-100, 100))
def test_scaling_keeps_estimates_ordered(estimate, factor):
    scaled = estimate * factor
    assert scaled.low <= scaled.mid <= scaled.high


@given(st.lists(ESTIMATES, min_size=1, max_size=5))
def test_a_sum_is_narrower_than_its_ends_added_but_no_narrower_than_its_widest_part(parts):
    total = sum_of_estimates(parts)
    slack = 1e-6 * max(1.0, *(abs(p.low) + abs(p.high) for p in parts))
    assert total.mid == pytest.approx(sum(p.mid for p in parts), abs=slack)
    assert total.low >= sum(p.low for p in parts) - slack
    assert total.high <= sum(p.high for p in parts) + slack
    assert total.mid - total.low >= max(p.mid - p.low for p in parts) - slack


def test_half_widths_add_in_squares_each_side_by_itself():
    parts = [Estimate(low=-112, mid=-86, high=-62), Estimate(low=-62, mid=-36, high=-10)]
    total = sum_of_estimates(parts)
    assert total.mid == -122
    assert total.low == pytest.approx(-122 - (26**2 + 26**2) ** 0.5)
    assert total.high == pytest.approx(-122 + (24**2 + 26**2) ** 0.5)


def test_counted_numbers_add_up_exactly_and_nothing_has_no_sum():
    assert sum_of_estimates([Estimate.exact(2), Estimate.exact(3)]) == Estimate.exact(5)
    assert sum_of_estimates([]) is None


def test_wilson_gives_the_published_interval():
    # Newcombe 1998, method 3: 81 of 263 at 95 % is 0.2553 to 0.3662.
    low, high = wilson_interval(81, 263, z=1.959964)
    assert (round(low, 4), round(high, 4)) == (0.2553, 0.3662)


@pytest.mark.parametrize(
    ("successes", "low_is_zero", "high_is_one"),
    [
        pytest.param(0, True, False, id="none of them"),
        pytest.param(10, False, True, id="all of them"),
        pytest.param(5, False, False, id="half of them"),
    ],
)
def test_wilson_never_leaves_zero_to_one(successes, low_is_zero, high_is_one):
    low, high = wilson_interval(successes, 10)
    assert 0 <= low < high <= 1
    assert (low == pytest.approx(0, abs=1e-12)) is low_is_zero
    assert (high == pytest.approx(1)) is high_is_one


def test_wilson_needs_a_share():
    assert wilson_interval(0, 0) is None
    with pytest.raises(ValueError, match="not a share"):
        wilson_interval(11, 10)


def test_changes_and_shares_are_unknown_when_a_side_is():
    assert difference(3.0, None) is None
    assert difference(3.0, 1.0) == 2.0
    assert share_explained(None, -0.6) is None
    assert share_explained(0.1, 0.0) is None
    assert share_explained(0.2, -0.4) == -0.5

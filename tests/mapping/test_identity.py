import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_engine.mapping.identity import product_parts, ratio_parts, reconciles

amounts = st.floats(-1e6, 1e6)
positive = st.floats(1e-3, 1e6)


def test_revenue_moves_by_orders_and_by_what_an_order_is_worth():
    """100 orders of 50 become 120 of 45: +20 x 47.5, -5 x 110."""
    assert product_parts([100, 50], [120, 45]) == (950, -550)


def test_a_factor_that_was_zero_still_gets_its_part():
    assert product_parts([0, 50], [10, 50]) == (500, 0)


def test_a_ratio_can_fall_although_its_numerator_rose():
    upper, lower = ratio_parts((960, 1000), (990, 1100))

    assert upper > 0 > lower
    assert upper + lower == pytest.approx(990 / 1100 - 960 / 1000)


def test_an_empty_denominator_has_no_parts():
    assert ratio_parts((0, 0), (5, 10)) is None


def test_factors_must_be_the_same_before_and_now():
    with pytest.raises(ValueError, match="2 factors before, 1 now"):
        product_parts([1, 2], [1])


def test_an_identity_that_does_not_hold_in_the_data_does_not_reconcile():
    assert reconciles([950, -550], 400, size=5400)
    assert not reconciles([950, -550], 400.01, size=5400)


@given(st.lists(st.tuples(amounts, amounts), min_size=1, max_size=4))
def test_parts_of_a_product_always_add_up_to_its_movement(pairs):
    before, now = [a for a, _ in pairs], [b for _, b in pairs]
    movement = math.prod(now) - math.prod(before)

    parts = product_parts(before, now)

    largest = math.prod(max(abs(a), abs(b), 1.0) for a, b in pairs)
    assert reconciles(parts, movement, size=largest)


@given(amounts, positive, amounts, positive)
def test_parts_of_a_ratio_always_add_up_to_its_movement(n0, d0, n1, d1):
    parts = ratio_parts((n0, d0), (n1, d1))

    assert parts is not None
    size = max(abs(n0), abs(n1)) * max(1 / d0, 1 / d1)
    assert reconciles(parts, n1 / d1 - n0 / d0, size=size)


@given(st.lists(st.tuples(positive, positive), min_size=2, max_size=4))
def test_the_order_of_the_factors_does_not_matter(pairs):
    before, now = [a for a, _ in pairs], [b for _, b in pairs]

    there = product_parts(before, now)
    back = product_parts(before[::-1], now[::-1])

    largest = math.prod(max(a, b, 1.0) for a, b in pairs)
    assert there == pytest.approx(back[::-1], rel=1e-9, abs=1e-9 * largest)

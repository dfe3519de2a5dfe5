"""Doubt through products and sums, against closed forms."""

from datetime import date
from math import sqrt

import pytest

from kpi_engine.catalogue.links import Assumption
from kpi_engine.mapping.propagation import Factor, Product, swings, total
from kpi_engine.maths.intervals import Estimate


def assumption(name: str, low: float, mid: float, high: float) -> Assumption:
    return Assumption(
        id=name,
        label=name.capitalize(),
        sentence="What a test says it is.",
        unit="share",
        low=low,
        mid=mid,
        high=high,
        owner="Ms Test",
        source="test",
        expires=date(2030, 1, 1),
    )


KNOWN = {
    "margin": assumption("margin", 0.3, 0.4, 0.5),
    "recovered": assumption("recovered", 0.2, 0.35, 0.5),
    "rate": assumption("rate", 40, 40, 40),
}


def product(low: float, mid: float, high: float, *factors: Factor, price: float = 1.0) -> Product:
    basis = Estimate(low=low, mid=mid, high=high)
    return Product(label="Data", basis=basis, factors=factors, price=price)


def test_what_is_known_exactly_has_no_range() -> None:
    hours = product(10, 10, 10, Factor(assumption="rate"), price=2.0)
    found = total([hours], KNOWN)
    assert found is not None
    assert (found.low, found.mid, found.high) == (800, 800, 800)


def test_one_normal_amount_keeps_its_range() -> None:
    found = total([product(80, 100, 120)], KNOWN)
    assert found is not None
    assert found.mid == 100
    assert [found.low, found.high] == pytest.approx([80, 120], rel=0.01)


def test_independent_doubts_add_in_squares() -> None:
    found = total([product(80, 100, 120), product(35, 50, 65)], KNOWN)
    assert found is not None
    reach = sqrt(20**2 + 15**2)
    assert found.mid == 150
    assert [found.low, found.high] == pytest.approx([150 - reach, 150 + reach], rel=0.01)


def test_a_shared_assumption_does_not_cancel_out() -> None:
    """Two exact amounts times one margin: the range is that of the margin, twice as wide."""
    margin = Factor(assumption="margin")
    found = total([product(100, 100, 100, margin), product(100, 100, 100, margin)], KNOWN)
    assert found is not None
    assert found.mid == pytest.approx(80)
    assert [found.low, found.high] == pytest.approx([60, 100], rel=0.01)


def test_what_does_not_come_back_is_what_is_lost() -> None:
    rest = Factor(assumption="recovered", is_rest=True)
    found = total([product(100, 100, 100, rest, price=-1.0)], KNOWN)
    assert found is not None
    assert found.mid == pytest.approx(-65)
    assert [found.low, found.high] == pytest.approx([-80, -50], rel=0.01)


def test_a_product_of_two_ranges_spreads_as_the_delta_method_says() -> None:
    found = total([product(90, 100, 110, Factor(assumption="margin"))], KNOWN)
    assert found is not None
    reach = 40 * sqrt((10 / 100) ** 2 + (0.1 / 0.4) ** 2)
    assert [found.low, found.high] == pytest.approx([40 - reach, 40 + reach], rel=0.02)


def test_an_empty_sum_is_not_known_to_be_zero() -> None:
    assert total([], KNOWN) is None


def test_the_tornado_is_one_unknown_at_a_time_the_widest_first() -> None:
    lost = product(
        90,
        100,
        115,
        Factor(assumption="recovered", is_rest=True),
        Factor(assumption="margin"),
        Factor(assumption="rate"),
        price=-1.0,
    )
    found = swings([lost], KNOWN)
    assert [one.label for one in found] == ["Margin", "Recovered", "Data"]
    margin, recovered, data = found
    assert (margin.low, margin.high) == pytest.approx(
        (-100 * 0.65 * 0.3 * 40, -100 * 0.65 * 0.5 * 40)
    )
    assert (recovered.low, recovered.high) == pytest.approx((-100 * 0.8 * 16, -100 * 0.5 * 16))
    assert (data.low, data.high) == pytest.approx((-90 * 0.65 * 16, -115 * 0.65 * 16))


def test_the_same_doubts_always_give_the_same_range() -> None:
    one, other = (total([product(80, 100, 140)], KNOWN) for _ in range(2))
    assert one == other

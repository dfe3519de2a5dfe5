from datetime import date

import pytest

from kpi_engine.catalogue.links import Assumption, Money
from kpi_engine.errors import UnknownNameError
from kpi_engine.mapping.money import worth
from kpi_engine.mapping.propagation import Factor, Product, product
from kpi_engine.maths.intervals import Estimate


def assumption(name: str, low: float, mid: float, high: float) -> Assumption:
    return Assumption(
        id=name,
        label="Some share",
        sentence="A number nobody measures.",
        unit="share",
        low=low,
        mid=mid,
        high=high,
        owner="Finance",
        source="Annual accounts",
        expires=date(2027, 1, 1),
    )


ASSUMPTIONS = {
    "margin": assumption("margin", 0.38, 0.38, 0.38),
    "hourly_cost": assumption("hourly_cost", 30, 40, 50),
}


def test_box_c4_469_orders_of_64_at_38_percent_are_11_4k_of_margin():
    orders = Product(label="Orders", basis=Estimate(low=361, mid=469, high=578))

    valued = worth(orders, Money(assumptions=("margin",), metric="biz.aov"), price=64.0)

    found = product(valued, ASSUMPTIONS)
    assert found.mid == pytest.approx(-11406.08)
    assert [found.low, found.high] == pytest.approx([-14056.96, -8779.52], rel=0.01)


def test_what_was_saved_is_positive_and_keeps_the_doubt_of_its_own_assumptions():
    hours = Product(
        label="Hours", basis=Estimate.exact(200), factors=(Factor(assumption="margin"),)
    )

    valued = worth(hours, Money(assumptions=("hourly_cost",)), is_saved=True)

    found = product(valued, ASSUMPTIONS)
    assert found.mid == pytest.approx(200 * 0.38 * 40)
    assert [found.low, found.high] == pytest.approx([200 * 0.38 * 30, 200 * 0.38 * 50], rel=0.01)


def test_without_the_measured_price_there_is_no_money():
    money = Money(assumptions=("margin",), metric="biz.aov")

    assert worth(Product(label="Orders", basis=Estimate.exact(10)), money, price=None) is None


def test_an_assumption_nobody_declared_is_named_with_the_nearest():
    order = Product(label="Orders", basis=Estimate.exact(1))
    valued = worth(order, Money(assumptions=("margn",)))

    with pytest.raises(UnknownNameError, match="Did you mean 'margin'"):
        product(valued, ASSUMPTIONS)

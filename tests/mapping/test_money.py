from datetime import date

import pytest

from kpi_engine.catalogue.models import Assumption, Money
from kpi_engine.errors import UnknownNameError
from kpi_engine.mapping.money import money_lost, money_saved
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


def test_box_c4_361_to_578_orders_of_64_at_38_percent_are_8_8k_to_14_0k_of_margin():
    orders = Estimate(low=361, mid=469, high=578)

    found = money_lost(
        orders, Money(assumptions=("margin",), metric="biz.aov"), ASSUMPTIONS, price=64.0
    )

    assert found.high == pytest.approx(-8779.52)
    assert found.mid == pytest.approx(-11406.08)
    assert found.low == pytest.approx(-14056.96)


def test_the_range_runs_over_every_corner():
    hours = Estimate(low=100, mid=200, high=400)

    found = money_saved(hours, Money(assumptions=("hourly_cost",)), ASSUMPTIONS)

    assert found == Estimate(low=3000, mid=8000, high=20000)


def test_without_the_measured_price_there_is_no_money():
    money = Money(assumptions=("margin",), metric="biz.aov")

    assert money_lost(Estimate.exact(10), money, ASSUMPTIONS, price=None) is None


def test_an_assumption_nobody_declared_is_named_with_the_nearest():
    with pytest.raises(UnknownNameError, match="Did you mean 'margin'"):
        money_lost(Estimate.exact(1), Money(assumptions=("margn",)), ASSUMPTIONS)

"""The months of a year's target add up to it, to the last digit (A3)."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_engine.catalogue.load import load_catalogue
from kpi_engine.catalogue.metrics import Measure
from kpi_engine.catalogue.phasing import spread, target_of_month
from kpi_engine.catalogue.targets import Target
from kpi_engine.periods import months_between
from kpi_engine.terms import Fold, Grain, Phasing, Unit
from kpi_engine.workspace import SHIPPED
from tests.factories import metric

SUM = metric(
    "biz.revenue", unit=Unit.CURRENCY, measure=Measure(fold=Fold.SUM), decimals=0, goal=None
)
YEAR = months_between(date(2026, 1, 1), date(2026, 12, 1))


def target(**fields: object) -> Target:
    return Target.model_validate(
        {
            "metric": "biz.revenue",
            "valid_from": date(2026, 1, 1),
            "target": 1_000_000,
            "red_line": 900_000,
            "period": "year",
            "phasing": "evenly",
            "provenance": "budget",
        }
        | fields
    )


def months(of: Target, metric=SUM) -> list[float | None]:
    found = [target_of_month(of, metric, month) for month in YEAR]
    return [None if one is None else one.target for one in found]


@given(
    st.decimals(min_value=-(10**9), max_value=10**9, places=2),
    st.lists(st.decimals(min_value=0, max_value=1000, places=3), min_size=1, max_size=12),
    st.integers(min_value=0, max_value=4),
)
def test_parts_add_up_to_the_whole_exactly(whole, weights, decimals):
    if not sum(weights):
        return
    found = spread(float(whole), [float(one) for one in weights], decimals=decimals)
    assert sum(Decimal(str(one)) for one in found) == Decimal(str(float(whole)))


@pytest.mark.parametrize("phasing", ["evenly", "by_days"])
def test_a_year_is_spread_over_whole_units_that_add_up(phasing):
    found = months(target(phasing=phasing))
    assert sum(found) == 1_000_000
    assert all(one == int(one) for one in found)


def test_longer_months_get_more_by_days():
    found = months(target(target=365, red_line=300, phasing="by_days"))
    assert found[:4] == [31, 28, 31, 30]


def test_declared_shares_are_weights_and_a_month_without_one_has_no_target():
    shares = [1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2]
    found = months(target(target=120, red_line=60, phasing="by_shares", shares=shares))
    assert found == [10, None, 10, 10, 10, 10, 10, 10, 10, 10, 10, 20]


def test_a_red_line_stays_apart_from_its_target_however_small_the_month():
    of = target(target=12, red_line=11, stretch=13)
    for month in YEAR:
        one = target_of_month(of, SUM, month)
        assert one.red_line < one.target < one.stretch


def test_a_year_ends_with_its_last_month():
    assert target_of_month(target(), SUM, date(2027, 1, 1)) is None
    quarter = target(period="quarter", target=300, red_line=240)
    assert months(quarter) == [100, 100, 100, *[None] * 9]


def test_a_measure_that_comes_by_the_quarter_has_the_part_of_its_quarter():
    seldom = metric("biz.revenue", measure=Measure(fold=Fold.SUM), cadence=Grain.QUARTER)
    found = months(target(target=400, red_line=360), seldom)
    assert found == [100] * 12
    days = months(target(target=365, red_line=300, phasing="by_days"), seldom)
    assert [days[at] for at in (2, 5, 8, 11)] == [90, 91, 92, 92]


def test_what_held_before_a_year_ends_with_its_beginning():
    shipped = load_catalogue(SHIPPED / "definitions", recipes=SHIPPED / "recipes")
    before = target(period="month", phasing=None, valid_from=date(2025, 6, 1), target=7, red_line=6)
    catalogue = replace(shipped, targets=(before, target()))

    def asked(month: date) -> float | None:
        found = catalogue.target_for("biz.revenue", month=month, segment={})
        return found and found.target

    assert asked(date(2025, 12, 1)) == 7
    assert sum(asked(month) or 0 for month in YEAR) == 1_000_000
    assert asked(date(2027, 1, 1)) is None
    assert {one.value for one in Phasing} == {"evenly", "by_days", "by_shares"}

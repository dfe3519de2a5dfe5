"""Several months to come: held against the one-month forecast and against what then comes."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from kpi_engine.mapping.influence.background import periods_from
from kpi_engine.mapping.influence.config import DEFAULT_CONFIG
from kpi_engine.mapping.influence.months_ahead import courses_ahead
from kpi_engine.mapping.influence.next_month import forecast_alone
from kpi_engine.maths.trajectory import trajectory
from kpi_engine.periods import months_between
from kpi_engine.terms import Direction, Grain, Trajectory
from tests.mapping.test_influence import carried

FIRST = date(2022, 1, 1)
ROUNDS = 120


def months(count):
    return periods_from(FIRST, count, Grain.MONTH)


def test_one_month_ahead_is_the_forecast_of_the_next_month():
    past = carried(np.random.default_rng(1), 40, 0.5) + 0.1 * np.arange(40)
    past[[8, 21]] = np.nan
    config = replace(DEFAULT_CONFIG, rhos=(0.55,))

    drawn = courses_ahead(past, periods=months(41), config=config)
    exact = forecast_alone(past, months=months(41), config=config)

    assert drawn is not None
    assert exact is not None
    low, high = np.quantile(drawn[:, 0], [0.05, 0.95])
    assert np.median(drawn) == pytest.approx(exact.mid, abs=0.05 * exact.scale)
    assert (low, high) == pytest.approx(exact.range_of(0.9), abs=0.12 * exact.scale)


def test_errors_that_remember_make_a_sum_wider_than_its_months_by_themselves():
    past = carried(np.random.default_rng(2), 60, 0.8)
    drawn = courses_ahead(past, periods=months(66))
    assert drawn is not None
    by_themselves = np.sqrt((drawn.std(axis=0) ** 2).sum())
    assert drawn.sum(axis=1).std() > 1.3 * by_themselves


def test_the_same_past_gives_the_same_courses_and_another_draw_others():
    past = carried(np.random.default_rng(3), 30, 0.3)
    one, same, other = (courses_ahead(past, periods=months(36), draw=draw) for draw in (0, 0, 1))
    assert np.array_equal(one, same)
    assert abs(np.corrcoef(one.sum(axis=1), other.sum(axis=1))[0, 1]) < 0.1


@pytest.mark.parametrize(
    ("values", "expected"), [pytest.param(5, False, id="five"), pytest.param(6, True, id="six")]
)
def test_nothing_is_forecast_from_fewer_than_six_values(values, expected):
    past = np.full(9, np.nan)
    past[:values] = carried(np.random.default_rng(4), values, 0.0)
    assert (courses_ahead(past, periods=months(12)) is not None) is expected


def test_a_month_of_the_year_that_was_never_seen_is_not_forecast():
    past = carried(np.random.default_rng(5), 36, 0.0)
    past[11::12] = np.nan
    assert courses_ahead(past, periods=months(48)) is None


def test_quarters_have_four_levels_a_year():
    quarters = months_between(date(2022, 3, 1), date(2026, 12, 1))[::3]
    past = np.tile([10.0, 20.0, 15.0, 40.0], 5)[:18]
    past += 0.01 * carried(np.random.default_rng(6), 18, 0.0)
    drawn = courses_ahead(past, periods=quarters)
    assert drawn is not None
    assert np.median(drawn, axis=0) == pytest.approx([15.0, 40.0], abs=0.1)


@pytest.mark.parametrize(
    ("known", "ahead", "rho", "season"),
    [
        pytest.param(46, 2, 0.5, 3.0, id="four years, two months left"),
        pytest.param(32, 4, 0.0, 3.0, id="three years, four months left"),
        pytest.param(33, 3, 0.8, 3.0, id="errors that remember for long"),
        pytest.param(26, 10, 0.5, 3.0, id="two years, nearly a whole year left"),
        pytest.param(9, 3, 0.3, 1.0, id="three quarters of a first year"),
    ],
)
def test_ninety_in_a_hundred_years_end_inside_the_range(known, ahead, rho, season):
    """Also: being called on or off track and then ending on the other side is rare."""
    rng = np.random.default_rng(7)
    inside = wrong = 0
    for _ in range(ROUNDS):
        pattern = season * rng.standard_normal(12)
        at = np.arange(known + ahead)
        usual = 100 + 0.1 * at + pattern[at % 12]
        values = usual + carried(rng, known + ahead, rho)
        drawn = courses_ahead(values[:known], periods=months(known + ahead))
        assert drawn is not None
        low, high = np.quantile(drawn.sum(axis=1), [0.05, 0.95])
        came, target = values[known:].sum(), usual[known:].sum()
        inside += low <= came <= high
        said = trajectory(
            low, high, target=target, direction=Direction.HIGHER_IS_BETTER, is_over=False
        )
        wrong += said is (Trajectory.OFF_TRACK if came >= target else Trajectory.ON_TRACK)
    assert 0.84 <= inside / ROUNDS <= 0.97
    assert wrong / ROUNDS <= 0.05

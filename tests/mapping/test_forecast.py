"""The next month of an outcome, held against textbook prediction and against what then comes."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from kpi_engine.mapping.influence.background import background, periods_from
from kpi_engine.mapping.influence.config import DEFAULT_CONFIG
from kpi_engine.mapping.influence.forecast import ShapeEffect
from kpi_engine.mapping.influence.next_month import forecast_alone, forecast_given
from kpi_engine.maths.scoring import interval_score
from kpi_engine.terms import Grain
from tests.mapping.test_influence import carried

FIRST = date(2022, 1, 1)


def months(count: int) -> list[date]:
    return periods_from(FIRST, count, Grain.MONTH)


@pytest.mark.parametrize("rho", [0.0, 0.55, 0.94])
def test_with_one_autocorrelation_it_is_the_best_linear_prediction(rho: float) -> None:
    """Goldberger (1962), with the whole covariance matrix written down and two months missing."""
    rng = np.random.default_rng(2)
    count, known = 36, np.delete(np.arange(36), [8, 20])
    outcome = carried(rng, count, 0.6) + 0.1 * np.arange(count)
    outcome[[8, 20]] = np.nan
    backdrop = background(
        months(count + 1), grain=Grain.MONTH, controls=None, config=DEFAULT_CONFIG, with_slow=False
    )
    every = np.append(known, count)
    covariance = np.equal.outer(every, every) * 1.0
    if rho:
        covariance = rho ** np.abs(np.subtract.outer(every, every))
    x, y = backdrop[known], outcome[known]
    inverse = np.linalg.inv(covariance[:-1, :-1])
    spread = np.linalg.inv(x.T @ inverse @ x)
    fitted = spread @ x.T @ inverse @ y
    left = y - x @ fitted
    weights = covariance[-1, :-1] @ inverse
    mid = backdrop[count] @ fitted + weights @ left
    free = len(known) - x.shape[1]
    away = backdrop[count] - weights @ x
    doubt = 1 - weights @ covariance[:-1, -1] + away @ spread @ away
    scale = np.sqrt(left @ inverse @ left / free * doubt)

    found = forecast_alone(
        outcome, months=months(count + 1), config=replace(DEFAULT_CONFIG, rhos=(rho,))
    )
    assert found is not None
    assert (found.mid, found.scale, found.free) == pytest.approx((mid, scale, free))


def test_what_the_driver_did_beyond_its_usual_course_is_all_that_matters() -> None:
    """Of an outcome that is its driver twice over plus something else, the rest is carried on."""
    rng = np.random.default_rng(3)
    rest, driver = carried(rng, 40, 0.5), 100 + np.cumsum(rng.standard_normal(40))
    sure = ShapeEffect(lag=0, decay=0.0, weight=1.0, effect=2.0, error=0.0)
    config = replace(DEFAULT_CONFIG, rhos=(0.5,))
    alone, of_driver = (
        forecast_alone(one, months=months(41), config=config) for one in (rest, driver)
    )
    found = forecast_given(
        rest + 2 * driver,
        driver[:, None],
        [sure],
        months=months(41),
        grain=Grain.MONTH,
        config=config,
    )
    assert alone is not None
    assert of_driver is not None
    assert found is not None
    assert found.shapes[0].usual == pytest.approx(of_driver.mid)
    assert found.given([110.0]).mid == pytest.approx(alone.mid + 220)
    assert found.given([110.0]).scale == pytest.approx(alone.scale)


def test_doubt_about_an_effect_widens_a_range_only_where_the_driver_does_something_new() -> None:
    rng = np.random.default_rng(4)
    driver, outcome = carried(rng, 40, 0.5), carried(rng, 40, 0.5)
    unsure = ShapeEffect(lag=0, decay=0.0, weight=1.0, effect=1.0, error=0.5)
    found = forecast_given(outcome, driver[:, None], [unsure], months=months(41), grain=Grain.MONTH)
    assert found is not None
    (shape,) = found.shapes
    usual, new = found.usual, found.given([shape.usual + 4])
    assert usual.mid == pytest.approx(shape.mid)
    variance = shape.spread**2 + (0.5 * 4) ** 2
    assert new.mid == pytest.approx(shape.mid + 4)
    assert new.scale**2 * found.free / (found.free - 2) == pytest.approx(variance)


@pytest.mark.parametrize("rho", [0.0, 0.6, 0.95])
def test_of_a_hundred_months_eighty_lie_in_the_range(rho: float) -> None:
    rng = np.random.default_rng(5)
    inside = np.zeros(2)
    draws = 300
    for _ in range(draws):
        season = rng.standard_normal(12)
        course = carried(rng, 37, rho) + np.resize(season, 37) + 0.05 * np.arange(37)
        found = forecast_alone(course[:-1], months=months(37))
        assert found is not None
        ends = [found.range_of(level) for level in (0.80, 0.95)]
        inside += [low <= course[-1] <= high for low, high in ends]
    assert inside / draws == pytest.approx([0.80, 0.95], abs=0.06)


def test_too_short_a_past_and_a_month_never_seen_forecast_nothing() -> None:
    rng = np.random.default_rng(6)
    assert forecast_alone(rng.standard_normal(17), months=months(18)) is not None
    assert forecast_alone(rng.standard_normal(8), months=months(9)) is None
    without_may = rng.standard_normal(40)
    without_may[4::12] = np.nan
    assert forecast_alone(without_may, months=months(41)) is None


def test_nobody_gains_by_a_range_that_is_not_honest() -> None:
    """Values spread evenly from 0 to 1: the mean score is least at the honest 80 % range."""
    values = np.linspace(0, 1, 2001)

    def cost(cut: float) -> float:
        scores = [interval_score(cut, 1 - cut, value, level=0.8) for value in values]
        return float(np.mean(scores))

    cuts = [0.0, 0.05, 0.1, 0.15, 0.3]
    assert min(cuts, key=cost) == 0.1
    assert cost(0.1) == pytest.approx(0.8 + 10 * 0.1**2, abs=1e-3)

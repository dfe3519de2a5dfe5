"""The joint estimator: its arithmetic against statsmodels, its honesty on known truths.

``DRAWS=400`` makes a night of it.
"""

import os
from collections.abc import Callable
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from kpi_engine.mapping.influence.background import Floats, background, periods_from
from kpi_engine.mapping.influence.config import DEFAULT_CONFIG
from kpi_engine.mapping.influence.estimate import OutcomeModel, estimate_outcome
from kpi_engine.mapping.influence.fit import DriverSeries, TooShort
from kpi_engine.mapping.influence.shapes import Shape, bridged, next_value, shaped
from kpi_engine.mapping.influence.whitening import products, whitened
from kpi_engine.terms import Grain

FIRST = date(2020, 1, 1)
DRAWS = int(os.environ.get("DRAWS", "20"))


def carried(rng: np.random.Generator, count: int, rho: float) -> Floats:
    """First-order autocorrelated noise with variance one."""
    found = rng.standard_normal(count + 100)
    for place in range(1, len(found)):
        found[place] = rho * found[place - 1] + found[place] * np.sqrt(1 - rho**2)
    return found[100:]


def model_of(
    outcome: Floats, *drivers: Floats, lags: tuple[int, int] = (0, 3), grain: Grain = Grain.MONTH
) -> OutcomeModel:
    found = estimate_outcome(
        outcome,
        [DriverSeries(name=str(n), values=one, lags=lags) for n, one in enumerate(drivers)],
        periods=periods_from(FIRST, len(outcome), grain),
        grain=grain,
        fewest_free=5,
    )
    assert isinstance(found, OutcomeModel)
    return found


@pytest.mark.parametrize("rho", [0.0, 0.55, 0.94])
def test_with_one_autocorrelation_it_is_generalised_least_squares(rho: float) -> None:
    from statsmodels.regression.linear_model import GLS  # loads for seconds

    rng = np.random.default_rng(1)
    count = 60
    periods = periods_from(FIRST, count, Grain.MONTH)
    backdrop = background(periods, grain=Grain.MONTH, controls=None, config=DEFAULT_CONFIG)
    driver = carried(rng, count, 0.5)
    outcome = 0.7 * driver + carried(rng, count, 0.6)
    rows = np.delete(np.arange(count), [10, 11, 30])
    at = np.arange(count)[rows]
    sigma = rho ** np.abs(at[:, None] - at[None, :]) if rho else np.eye(len(rows))
    expected = GLS(outcome[rows], np.column_stack([backdrop, driver])[rows], sigma=sigma).fit()
    found = products(backdrop, np.column_stack([driver, outcome]), rows, (rho,))
    inner = found.matrices[0]
    effect = inner[0, 1] / inner[0, 0]
    free = found.free - 1
    error = np.sqrt((inner[1, 1] - inner[0, 1] ** 2 / inner[0, 0]) / free / inner[0, 0])
    assert effect == pytest.approx(expected.params[-1], rel=1e-9)
    assert error == pytest.approx(expected.bse[-1], rel=1e-9)
    assert free == expected.df_resid


def test_whitening_leaves_the_determinant_of_the_correlation() -> None:
    at = np.array([0, 1, 2, 5, 6])
    white, log_determinant = whitened(np.eye(5), np.diff(at), 0.7)
    correlation = 0.7 ** np.abs(at[:, None] - at[None, :])
    assert log_determinant == pytest.approx(np.log(np.linalg.det(correlation)))
    assert white @ correlation @ white.T == pytest.approx(np.eye(5), abs=1e-12)


def test_an_effect_is_found_with_its_lag_and_a_range_that_holds_it() -> None:
    rng = np.random.default_rng(8)
    driver = carried(rng, 64, 0.5)
    outcome = 0.9 * driver[2:62] + carried(rng, 60, 0.5)
    found = model_of(outcome, driver[4:])
    (effect,) = found.drivers
    assert (effect.shape.lag, effect.shape.decay) == (2, 0.0)
    assert effect.p < 0.01
    assert 0 < effect.wide[0] < 0.9 < effect.wide[1]
    assert effect.wide[0] < effect.likely[0] < effect.effect < effect.likely[1] < effect.wide[1]


def test_drivers_that_move_along_are_told_apart() -> None:
    rng = np.random.default_rng(4)
    common = carried(rng, 72, 0.5)
    real, idle = (0.7 * carried(rng, 72, 0.4) + 0.6 * common for _ in range(2))
    outcome = real + 0.6 * carried(rng, 72, 0.5)
    of_real, of_idle = model_of(outcome, real, idle, lags=(0, 1)).drivers
    assert of_real.p < 0.01
    assert of_real.wide[0] < 1.0 < of_real.wide[1]
    assert of_idle.p > 0.05
    assert of_idle.wide[0] < 0.0 < of_idle.wide[1]


def coincidence(kind: str, rng: np.random.Generator, count: int) -> tuple[Floats, Floats]:
    """Two series that share nothing but what their name says."""
    at = np.arange(count) / count
    makers: dict[str, Callable[[], Floats]] = {
        "nothing": lambda: np.zeros(count),
        "trend": lambda: 4 * at,
        "season": lambda: 2 * np.cos(2 * np.pi * np.arange(count) / 12),
        "adoption": lambda: 4 / (1 + np.exp(-10 * (at - 0.5))),
    }
    if kind == "walk":
        one, other = (np.cumsum(rng.standard_normal(count)) for _ in range(2))
        return one, other
    shared = makers[kind]()
    return carried(rng, count, 0.6) + shared, carried(rng, count, 0.6) + shared


@pytest.mark.parametrize("kind", ["nothing", "trend", "season", "adoption", "walk"])
def test_a_coincidence_is_hardly_ever_taken_for_a_link(kind: str) -> None:
    """A test at 5 % may claim one draw in twenty; so many more have a chance of 0.3 %."""
    claims = 0
    for seed in range(DRAWS):
        outcome, driver = coincidence(kind, np.random.default_rng([seed, len(kind)]), 36)
        (found,) = model_of(outcome, driver).drivers
        low, high = found.wide
        claims += found.p <= 0.04 and (low > 0 or high < 0)
    assert claims <= binom.ppf(0.997, DRAWS, 0.05)


def test_the_same_data_always_give_the_same_answer() -> None:
    rng = np.random.default_rng(3)
    outcome, driver = carried(rng, 48, 0.5), carried(rng, 48, 0.5)
    first, second = (model_of(outcome, driver).drivers[0] for _ in range(2))
    assert (first.effect, first.p, first.wide) == (second.effect, second.p, second.wide)


@settings(deadline=None)
@given(st.floats(0.01, 1000), st.floats(-1000, 1000))
def test_units_change_the_numbers_and_nothing_else(scale: float, shift: float) -> None:
    rng = np.random.default_rng(6)
    driver = carried(rng, 40, 0.5)
    outcome = driver + carried(rng, 40, 0.5)
    (plain,) = model_of(outcome, driver, lags=(0, 0)).drivers
    (other,) = model_of(outcome * scale + shift, driver, lags=(0, 0)).drivers
    assert other.effect == pytest.approx(plain.effect * scale, rel=1e-6)
    assert other.p == pytest.approx(plain.p, abs=1e-3)
    expected = [end * scale for end in plain.wide]
    assert other.wide == pytest.approx(expected, rel=0.03), "to the step of the search"


def test_an_odd_month_is_set_aside_and_named() -> None:
    rng = np.random.default_rng(12)
    driver = carried(rng, 60, 0.3)
    outcome = 0.8 * driver + 0.5 * carried(rng, 60, 0.3)
    outcome[25] += 8.0
    found = model_of(outcome, driver, lags=(0, 0))
    assert list(found.set_aside) == [25]
    assert 25 not in found.rows
    assert found.drivers[0].wide[0] < 0.8 < found.drivers[0].wide[1]


def test_a_dip_that_a_driver_explains_is_not_set_aside() -> None:
    rng = np.random.default_rng(13)
    driver = carried(rng, 60, 0.3) * 0.2
    driver[30] -= 8.0
    outcome = driver + 0.3 * carried(rng, 60, 0.3)
    assert list(model_of(outcome, driver, lags=(0, 0)).set_aside) == []


def test_two_months_that_stand_out_together_do_not_make_a_link() -> None:
    rng = np.random.default_rng(8)
    outcome, driver = carried(rng, 48, 0.3), carried(rng, 48, 0.3)
    outcome[20] += 6.0
    driver[20] += 6.0
    (found,) = model_of(outcome, driver, lags=(0, 0)).drivers
    assert found.p < 0.04, "taken at its word, the pair looks like a link"
    assert found.leans_on == 20
    assert found.p_without_one > 0.25


def test_gaps_of_the_outcome_are_left_out_and_those_of_a_driver_bridged() -> None:
    rng = np.random.default_rng(5)
    driver = carried(rng, 60, 0.5)
    outcome = driver + 0.5 * carried(rng, 60, 0.5)
    outcome[[7, 8, 40]] = np.nan
    driver[[20, 21]] = np.nan
    found = model_of(outcome, driver, lags=(0, 0))
    assert set(range(60)) - set(found.rows) - set(found.set_aside) == {7, 8, 40}


def test_too_few_months_say_so_instead_of_guessing() -> None:
    rng = np.random.default_rng(5)
    found = estimate_outcome(
        carried(rng, 16, 0.5),
        [DriverSeries(name="x", values=carried(rng, 16, 0.5), lags=(0, 3))] * 4,
        periods=periods_from(FIRST, 16, Grain.MONTH),
        grain=Grain.MONTH,
        fewest_free=5,
    )
    assert isinstance(found, TooShort)
    assert found.periods == 13


def test_a_driver_that_never_moved_is_said_to_be_still() -> None:
    rng = np.random.default_rng(5)
    flat = np.full(48, 0.999)
    (found,) = model_of(carried(rng, 48, 0.5), flat, lags=(0, 0)).drivers
    assert found.is_still


def test_base_drivers_and_rest_add_up_to_the_outcome() -> None:
    rng = np.random.default_rng(9)
    driver = carried(rng, 60, 0.5)
    outcome = 10 + driver + carried(rng, 60, 0.5)
    found = model_of(outcome, driver, lags=(0, 0))
    (effect,) = found.drivers
    felt = effect.felt - effect.felt[found.rows].mean()
    assert found.base + effect.effect * felt + found.left == pytest.approx(outcome)


def test_daily_effects_are_found_within_the_week() -> None:
    rng = np.random.default_rng(2)
    driver = carried(rng, 400, 0.6)
    outcome = 0.5 * np.concatenate([np.zeros(2), driver[:-2]]) + carried(rng, 400, 0.5)
    (found,) = model_of(outcome, driver, lags=(0, 4), grain=Grain.DAY).drivers
    assert found.shape == Shape(2, 0.0)
    assert found.wide[0] < 0.5 < found.wide[1]


@pytest.mark.parametrize("shape", [Shape(0, 0.0), Shape(2, 0.0), Shape(0, 0.65), Shape(1, 0.9)])
def test_a_sustained_change_is_felt_as_a_whole(shape: Shape) -> None:
    step = np.concatenate([np.zeros(60), np.ones(60)])
    felt = shaped(step, shape)
    assert felt[-1] == pytest.approx(1.0)
    assert felt[59 + shape.lag] == 0.0
    assert felt[60 + shape.lag] > 0.0


def test_short_gaps_are_bridged_and_long_ones_stay() -> None:
    nan = np.nan
    values = np.array([nan, 1.0, nan, 3.0, nan, nan, nan, nan, 8.0, nan])
    found = bridged(values, longest=3)
    assert found == pytest.approx([nan, 1.0, 2.0, 3.0, nan, nan, nan, nan, 8.0, nan], nan_ok=True)
    assert list(next_value(np.array([1.0, 2.0, 3.0]))) == [2.0, 3.0, 3.0]

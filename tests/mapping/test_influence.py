"""The joint estimator: its arithmetic against statsmodels, its honesty on known truths."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.translation.cells import CELLS, problem
from kpi_engine.mapping.influence.background import Floats, Ints, background, periods_from
from kpi_engine.mapping.influence.config import DEFAULT_CONFIG, DEFAULT_GRADING
from kpi_engine.mapping.influence.estimate import (
    DriverEffect,
    OutcomeModel,
    estimate_outcome,
)
from kpi_engine.mapping.influence.fit import DriverSeries, TooShort
from kpi_engine.mapping.influence.inner_products import InnerProducts
from kpi_engine.mapping.influence.memory import Memory
from kpi_engine.mapping.influence.scales import driver_on_scale
from kpi_engine.mapping.influence.shapes import Shape, bridged, next_value, shaped
from kpi_engine.mapping.influence.whitening import Whitening
from kpi_engine.terms import Grain

FIRST = date(2020, 1, 1)


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


MEMORIES = [Memory(0.0), Memory(0.55), Memory(0.94), Memory(0.88, -0.7), Memory(0.4, -0.4)]


def correlations(memory: Memory, at: Ints) -> Floats:
    """Of second-order autoregressive errors, by the recursion of Yule (1927) and Walker (1931)."""
    one, two = memory.first * (1 - memory.second), memory.second
    found = [1.0, memory.first]
    for _ in range(int(at.max())):
        found.append(one * found[-1] + two * found[-2])
    return np.asarray(found)[np.abs(at[:, None] - at[None, :])]


@pytest.mark.parametrize("memory", MEMORIES)
def test_with_one_memory_it_is_generalised_least_squares(memory: Memory) -> None:
    from statsmodels.regression.linear_model import GLS  # loads for seconds

    rng = np.random.default_rng(1)
    count = 60
    periods = periods_from(FIRST, count, Grain.MONTH)
    backdrop = background(periods, grain=Grain.MONTH, controls=None, config=DEFAULT_CONFIG)
    driver = carried(rng, count, 0.5)
    outcome = 0.7 * driver + carried(rng, count, 0.6)
    rows = np.delete(np.arange(count), [0, 10, 11, 30, 32])
    columns = np.column_stack([backdrop, driver])[rows]
    expected = GLS(outcome[rows], columns, sigma=correlations(memory, rows)).fit()
    found = InnerProducts(backdrop, np.column_stack([driver, outcome]), rows).of(rows, [memory])
    inner = found.matrices[0]
    effect = inner[0, 1] / inner[0, 0]
    free = found.free - 1
    error = np.sqrt((inner[1, 1] - inner[0, 1] ** 2 / inner[0, 0]) / free / inner[0, 0])
    assert effect == pytest.approx(expected.params[-1], rel=1e-9)
    assert error == pytest.approx(expected.bse[-1], rel=1e-9)
    assert free == expected.df_resid


@pytest.mark.parametrize("at", [[0, 1, 2, 3, 4], [0, 1, 2, 5, 6], [3, 5, 7, 8, 12], [4], [0, 9]])
@pytest.mark.parametrize("memory", MEMORIES)
def test_whitening_is_the_inverse_of_the_correlations(memory: Memory, at: list[int]) -> None:
    rows = np.asarray(at)
    correlation = correlations(memory, rows)
    whitening = Whitening(rows, memory)
    pulses = whitening.of(np.eye(len(rows)))
    expected = np.linalg.inv(correlation)
    assert whitening.log_determinant == pytest.approx(np.log(np.linalg.det(correlation)))
    assert pulses.T @ pulses == pytest.approx(expected, rel=1e-9, abs=1e-12)
    assert whitening.along_pulses(pulses) == pytest.approx(expected, rel=1e-9, abs=1e-12)
    assert whitening.pulse_squares() == pytest.approx(np.diag(expected))


@pytest.mark.parametrize("without", [[0], [59], [0, 1, 5, 58, 59], [20, 21, 22, 40]])
def test_leaving_periods_out_later_is_never_having_had_them(without: list[int]) -> None:
    rng = np.random.default_rng(3)
    periods = periods_from(FIRST, 60, Grain.MONTH)
    backdrop = background(periods, grain=Grain.MONTH, controls=None, config=DEFAULT_CONFIG)
    columns = np.column_stack([carried(rng, 60, 0.9), 1e6 + carried(rng, 60, 0.6)])
    rows = np.delete(np.arange(60), [10, 30, 32])
    kept = np.setdiff1d(rows, without)
    memories = DEFAULT_CONFIG.memories
    later = InnerProducts(backdrop, columns, rows).of(kept, memories)
    likelihoods = []
    for place, memory in enumerate(memories):
        whitening = Whitening(kept, memory)
        white = whitening.of(np.column_stack([backdrop, columns])[kept])
        base, triangle = np.linalg.qr(white[:, :-2])
        left = white[:, -2:] - base @ (base.T @ white[:, -2:])
        assert later.matrices[place] == pytest.approx(left.T @ left, rel=1e-6)
        of_background = np.log(np.abs(np.diag(triangle))).sum()
        likelihoods.append(-0.5 * whitening.log_determinant - of_background)
    away = later.log_likelihood - likelihoods
    assert away == pytest.approx(np.full(len(memories), away[0]))
    assert later.free == len(kept) - backdrop.shape[1]


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


def is_claim(found: DriverEffect) -> bool:
    low, high = found.wide
    return found.p <= DEFAULT_GRADING.claim_p and (low > 0 or high < 0)


def test_an_outcome_that_moves_its_driver_is_not_taken_for_the_reverse() -> None:
    """Background fitted to the whole time leaves errors that what comes later tells of."""
    rng = np.random.default_rng(5)
    outcome = carried(rng, 365, 0.5)
    driver = 0.8 * np.concatenate([[0.0], outcome[:-1]]) + rng.standard_normal(365)
    deaf, found = (
        estimate_outcome(
            outcome,
            [DriverSeries(name="x", values=driver, lags=(0, 3))],
            periods=periods_from(FIRST, 365, Grain.DAY),
            grain=Grain.DAY,
            fewest_free=5,
            config=replace(DEFAULT_CONFIG, telling_p=level),
        )
        for level in (0.0, DEFAULT_CONFIG.telling_p)
    )
    assert isinstance(deaf, OutcomeModel)
    assert isinstance(found, OutcomeModel)
    assert deaf.drivers[0].wide[1] < 0.0, "as if the driver moved the outcome, the other way"
    assert found.columns.shape[1] == deaf.columns.shape[1] + 1
    assert found.drivers[0].wide[0] < 0.0 < found.drivers[0].wide[1]
    assert found.drivers[0].lead_p < 0.01


def test_errors_that_swing_do_not_make_a_link_of_two_cycles() -> None:
    cell, draws = CELLS["cycles 36 months"], range(20)
    claims = {(): 0, DEFAULT_CONFIG.swings: 0}
    for draw in draws:
        series = problem(cell, draw)
        for swings in claims:
            found = estimate_outcome(
                series.outcome,
                [DriverSeries(name="x", values=series.drivers[0], lags=(0, 3))],
                periods=series.periods,
                grain=Grain.MONTH,
                fewest_free=5,
                config=replace(DEFAULT_CONFIG, swings=swings),
            )
            assert isinstance(found, OutcomeModel)
            claims[swings] += is_claim(found.drivers[0])
    assert claims[()] >= 6, "two cycles go together for a while"
    assert claims[DEFAULT_CONFIG.swings] <= 3


def test_the_same_data_always_give_the_same_answer() -> None:
    rng = np.random.default_rng(3)
    outcome, driver = carried(rng, 48, 0.5), carried(rng, 48, 0.5)
    first, second = (model_of(outcome, driver).drivers[0] for _ in range(2))
    assert (first.effect, first.p, first.wide) == (second.effect, second.p, second.wide)


@settings(deadline=None, max_examples=30)
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
    outcome[20] += 5.0
    driver[20] += 5.0
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


BULGE = 6 * np.sin(np.linspace(0, np.pi, 100))


@pytest.mark.parametrize("grain", [Grain.DAY, Grain.WEEK, Grain.MONTH])
@pytest.mark.parametrize("start", [150, 300])
def test_what_season_and_trend_do_is_not_what_moves_slowly_for_no_known_reason(
    grain: Grain, start: int
) -> None:
    rng = np.random.default_rng(9)
    driver = carried(rng, 400, 0.5)
    slow = np.concatenate([np.zeros(start), BULGE, np.zeros(300 - start)])
    outcome = 0.01 * np.arange(400) + 0.5 * driver + 0.3 * carried(rng, 400, 0.0)
    found, plain = (
        model_of(series, driver, lags=(0, 0), grain=grain) for series in (outcome + slow, outcome)
    )
    assert np.ptp(found.base - plain.base) > 4, "slow waves follow it"
    away = found.course - plain.course
    assert np.abs(away[30:] - away[:-30]).max() < 0.2 * BULGE.max()
    assert plain.course[-1] - plain.course[0] == pytest.approx(4, abs=0.5)


def days_of_year(count: int) -> Floats:
    return 10 * np.sin(2 * np.pi * np.arange(count) / 365.25)


def test_a_time_of_year_that_came_once_is_neither_told_nor_taken_for_a_trend() -> None:
    rng = np.random.default_rng(9)
    driver = carried(rng, 400, 0.5)
    outcome = days_of_year(400) + 0.5 * driver + 0.3 * carried(rng, 400, 0.0)
    course = model_of(outcome, driver, lags=(0, 0), grain=Grain.DAY).course
    assert abs(course[364] - course[0]) < 1
    assert np.ptp(course) < 2


def test_a_time_of_year_is_told_once_it_came_twice_in_what_the_estimate_rests_on() -> None:
    rng = np.random.default_rng(9)
    driver = carried(rng, 1095, 0.5)
    outcome = days_of_year(1095) + 0.5 * driver + 0.3 * carried(rng, 1095, 0.0)
    whole = model_of(outcome, driver, lags=(0, 0), grain=Grain.DAY).course
    assert np.ptp(whole) == pytest.approx(20, abs=2)
    late = np.where(np.arange(1095) < 695, np.nan, driver)
    assert np.ptp(model_of(outcome, late, lags=(0, 0), grain=Grain.DAY).course[695:]) < 2


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


def test_a_zero_has_no_place_on_a_logarithm_and_is_no_gap() -> None:
    days = np.array([2.0, np.nan, 8.0, 0.0, 8.0, np.nan, 0.0, 2.0])

    found = bridged(driver_on_scale(days, "log"), longest=3)

    assert np.exp(found[:3]) == pytest.approx([2, 4, 8])
    assert np.exp(found[[4, 7]]) == pytest.approx([8, 2])
    assert np.isnan(found[[3, 5, 6]]).all(), "a gap beside it has nothing to be bridged to"


def test_short_gaps_are_bridged_and_long_ones_stay() -> None:
    nan = np.nan
    values = np.array([nan, 1.0, nan, 3.0, nan, nan, nan, nan, 8.0, nan])
    found = bridged(values, longest=3)
    assert found == pytest.approx([nan, 1.0, 2.0, 3.0, nan, nan, nan, nan, 8.0, nan], nan_ok=True)
    assert list(next_value(np.array([1.0, 2.0, 3.0]))) == [2.0, 3.0, 3.0]

"""What speaks against an estimate, and the grade it earns."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from kpi_engine.mapping.influence.added import added
from kpi_engine.mapping.influence.background import Floats
from kpi_engine.mapping.influence.checks import Checks, check_driver, doubted, effect_together
from kpi_engine.mapping.influence.config import DEFAULT_GRADING
from kpi_engine.mapping.influence.estimate import DriverEffect
from kpi_engine.mapping.influence.grading import (
    Finding,
    held_to_forecasts,
    judge_effect,
    strong_among_many,
    verdict,
)
from kpi_engine.mapping.influence.memory import Memory
from kpi_engine.mapping.influence.prior import combined
from kpi_engine.mapping.influence.record import Predicts
from kpi_engine.mapping.influence.single_periods import left_without_one, odd_one_out
from kpi_engine.maths.intervals import Estimate
from kpi_engine.terms import EvidenceGrade
from tests.mapping.test_influence import carried, model_of

FINE = Checks(lead_p=0.5, curve_p=0.5, inflation=1.1, twin=None)


@pytest.fixture(scope="module")
def clear() -> DriverEffect:
    """An effect as clear as can be, of 60 months."""
    rng = np.random.default_rng(8)
    driver = carried(rng, 60, 0.5)
    return model_of(driver + 0.3 * carried(rng, 60, 0.5), driver, lags=(0, 0)).drivers[0]


def found(
    effect: DriverEffect, checks: Checks = FINE, *, sign: int = 1, months: int = 60
) -> Finding:
    return judge_effect(
        effect, checks, sign=sign, periods=months, config=DEFAULT_GRADING, fewest_periods=24
    )


@pytest.mark.parametrize(
    ("changes", "checks", "sign", "months", "expected"),
    [
        pytest.param({}, {}, 1, 60, Finding.STRONG, id="clear"),
        pytest.param({"p": 0.01}, {}, 1, 60, Finding.STRONG, id="exactly on the bar of strong"),
        pytest.param({"p": 0.0101}, {}, 1, 60, Finding.SEEN, id="past the bar of strong"),
        pytest.param({"p": 0.04}, {}, 1, 60, Finding.SEEN, id="exactly on the bar of a claim"),
        pytest.param({"p": 0.0401}, {}, 1, 60, Finding.HINT, id="past the bar of a claim"),
        pytest.param({"p": 0.15}, {}, 1, 60, Finding.HINT, id="exactly on the bar of a hint"),
        pytest.param({"p": 0.1501}, {}, 1, 60, Finding.NOT_SEEN, id="past the bar of a hint"),
        pytest.param({"p": 0.1}, {}, -1, 60, Finding.NOT_SEEN, id="a hint the other way is none"),
        pytest.param({"wide": (-0.1, 2.0)}, {}, 1, 60, Finding.HINT, id="a range across zero"),
        pytest.param({}, {}, -1, 60, Finding.CONTRADICTED, id="the other way"),
        pytest.param({}, {}, 1, 23, Finding.TOO_SHORT, id="too few months"),
        pytest.param({"is_still": True}, {}, 1, 60, Finding.STILL, id="a driver that never moved"),
        pytest.param({"p_without_one": 0.3}, {}, 1, 60, Finding.ONE_PERIOD, id="one month"),
        pytest.param(
            {"p_without_one": 0.3}, {}, -1, 60, Finding.ONE_PERIOD, id="one month contradicts none"
        ),
        pytest.param({}, {"lead_p": 0.009}, 1, 60, Finding.BACKWARDS, id="the future explains it"),
        pytest.param(
            {}, {"lead_p": 0.009}, -1, 60, Finding.BACKWARDS, id="nor does it contradict then"
        ),
        pytest.param({}, {"inflation": 10.1}, 1, 60, Finding.INSEPARABLE, id="a twin"),
        pytest.param(
            {}, {"is_replaceable": True}, 1, 60, Finding.INSEPARABLE, id="another would do as well"
        ),
        pytest.param(
            {}, {"inflation": 10.1}, -1, 60, Finding.INSEPARABLE, id="a twin contradicts nothing"
        ),
        pytest.param(
            {"p": 0.6}, {"inflation": 10.1}, 1, 60, Finding.INSEPARABLE, id="a twin hides it"
        ),
    ],
)
def test_every_bar_of_a_finding(
    clear: DriverEffect,
    changes: dict[str, object],
    checks: dict[str, float],
    sign: int,
    months: int,
    expected: Finding,
) -> None:
    effect = replace(clear, **changes)  # type: ignore[arg-type]
    assert found(effect, replace(FINE, **checks), sign=sign, months=months) is expected


@pytest.mark.parametrize(
    ("finding", "declared", "reachable", "overdue", "grade", "counted"),
    [
        pytest.param(Finding.STRONG, "E", "C", False, "C", True, id="own data raise to C"),
        pytest.param(Finding.SEEN, "D", "B", False, "C", True, id="never above C by themselves"),
        pytest.param(Finding.SEEN, "E", "D", False, "D", False, id="no higher than can be reached"),
        pytest.param(Finding.HINT, "E", "C", False, "E", False, id="a hint raises nothing"),
        pytest.param(Finding.NOT_SEEN, "D", "C", False, "D", False, id="no sign is no proof"),
        pytest.param(Finding.NOT_SEEN, "D", "C", True, "E", False, id="not looked at in time"),
        pytest.param(Finding.TOO_SHORT, "E", "C", True, "E", False, id="nothing below assumed"),
        pytest.param(Finding.STRONG, "E", "C", True, "C", True, id="data are a review"),
        pytest.param(
            Finding.CONTRADICTED, "D", "C", False, "contradicted", False, id="contradicted"
        ),
        pytest.param(
            Finding.DOES_NOT_PREDICT, "C", "C", False, "D", False, id="weak at most, if it fails"
        ),
        pytest.param(
            Finding.DOES_NOT_PREDICT, "E", "C", False, "E", False, id="failing earns nothing"
        ),
    ],
)
def test_every_grade(
    *, finding: Finding, declared: str, reachable: str, overdue: bool, grade: str, counted: bool
) -> None:
    got = verdict(
        finding,
        declared=EvidenceGrade(declared),
        reachable=EvidenceGrade(reachable),
        is_overdue=overdue,
    )
    assert (got.grade.value, got.is_counted) == (grade, counted)


@pytest.mark.parametrize("predicts", list(Predicts))
@pytest.mark.parametrize("finding", list(Finding))
def test_only_a_claim_can_fail_by_its_forecasts(finding: Finding, predicts: Predicts) -> None:
    is_claim = finding in (Finding.STRONG, Finding.SEEN)
    fails = is_claim and predicts in (Predicts.WORSE, Predicts.MISSES)
    expected = Finding.DOES_NOT_PREDICT if fails else finding
    assert held_to_forecasts(finding, predicts) is expected


def test_an_outcome_that_moves_its_driver_is_noticed() -> None:
    rng = np.random.default_rng(2)
    outcome = carried(rng, 120, 0.5)
    driver = 0.8 * np.concatenate([[0.0], outcome[:-1]]) + 0.4 * rng.standard_normal(120)
    model = model_of(outcome, driver, lags=(0, 1))
    assert check_driver(model, 0).lead_p < 0.01


def test_a_bend_is_noticed_and_a_line_is_not() -> None:
    rng = np.random.default_rng(3)
    driver = rng.uniform(0, 3, 120)
    noise = 0.3 * rng.standard_normal(120)
    bent, straight = (model_of(y + noise, driver, lags=(0, 0)) for y in (driver**2, driver))
    assert check_driver(bent, 0).curve_p < 0.001
    assert check_driver(straight, 0).curve_p > 0.01


@pytest.mark.parametrize(
    ("share", "is_replaceable"),
    [
        pytest.param(0.5, True, id="either would do"),
        pytest.param(0.0, False, id="only one of them does it"),
    ],
)
def test_a_claim_must_stand_against_a_measure_that_moves_along(
    *, share: float, is_replaceable: bool
) -> None:
    """Correlated at 0.9, far below the inflation at which two are called inseparable."""
    rng = np.random.default_rng(5)
    common, alone = carried(rng, 60, 0.5), carried(rng, 60, 0.5)
    own = [carried(rng, 60, 0.5) for _ in range(2)]
    one, other = (np.sqrt(0.9) * common + np.sqrt(0.1) * noise for noise in own)
    outcome = (1 - share) * one + share * other + 0.5 * carried(rng, 60, 0)
    model = model_of(outcome, one, other, alone, lags=(0, 0))
    checks = check_driver(model, 0)
    assert checks.inflation < DEFAULT_GRADING.inseparable
    assert (checks.is_replaceable, checks.twin) == (is_replaceable, 1)
    low, high = doubted(model.drivers[0], checks).wide
    assert (low <= 0 <= high) == is_replaceable, "it may be the other that does it all"
    assert not check_driver(model, 2).is_replaceable, "nothing moves along with it"


def test_twins_are_named_and_their_ranges_known_to_be_wider() -> None:
    rng = np.random.default_rng(4)
    one = carried(rng, 72, 0.4)
    twin = one + 0.1 * rng.standard_normal(72)
    other = carried(rng, 72, 0.4)
    model = model_of(one + 0.5 * carried(rng, 72, 0.4), other, one, twin, lags=(0, 0))
    checks = check_driver(model, 1)
    assert checks.twin == 2
    assert checks.inflation > 10
    assert check_driver(model, 0).inflation < 2


def brute_force(explained: Floats, felt: Floats, outcome: Floats) -> list[float]:
    """Student's t of a driver with a column of its own for each period in turn."""
    found = []
    for place in range(len(outcome)):
        pulse = (np.arange(len(outcome)) == place).astype(float)
        columns = np.column_stack([explained, pulse, felt])
        fitted, *_ = np.linalg.lstsq(columns, outcome, rcond=None)
        rest = outcome - columns @ fitted
        variance = rest @ rest / (len(outcome) - columns.shape[1])
        error = np.sqrt(variance * np.linalg.inv(columns.T @ columns)[-1, -1])
        found.append(float(fitted[-1] / error))
    return found


def test_leaving_out_one_period_is_what_a_column_of_its_own_does() -> None:
    rng = np.random.default_rng(5)
    explained = np.column_stack([np.ones(30), np.arange(30.0)])
    felt, outcome = rng.standard_normal(30), rng.standard_normal(30)
    outcome += felt
    left, place = left_without_one(explained, felt, outcome, np.arange(30), memory=Memory(0.0))
    expected = brute_force(explained, felt, outcome)
    assert place == int(np.argmin(expected))
    whole = added(explained, felt, outcome, np.arange(30), Memory(0.0))
    assert left == pytest.approx(min(expected) / (whole.effect / whole.error))


def test_an_odd_period_is_named_only_if_no_usual_error_explains_it() -> None:
    rng = np.random.default_rng(6)
    explained, outcome = np.ones((40, 1)), carried(rng, 40, 0.4)
    assert odd_one_out(explained, outcome, np.arange(40), memory=Memory(0.4), level=0.01) is None
    outcome[17] += 9.0
    assert odd_one_out(explained, outcome, np.arange(40), memory=Memory(0.4), level=0.01) == 17


def test_one_more_column_is_what_least_squares_makes_of_it() -> None:
    from statsmodels.regression.linear_model import OLS  # loads for seconds

    rng = np.random.default_rng(7)
    given, extra = rng.standard_normal((40, 3)), rng.standard_normal(40)
    outcome = 0.4 * extra + rng.standard_normal(40)
    found = added(given, extra, outcome, np.arange(40), Memory(0.0))
    without = OLS(outcome, given).fit()
    expected = OLS(outcome, np.column_stack([given, extra])).fit()
    assert found.effect == pytest.approx(expected.params[-1])
    assert found.error == pytest.approx(expected.bse[-1])
    assert found.p == pytest.approx(expected.pvalues[-1])
    assert found.narrowing == pytest.approx(np.sqrt(without.mse_resid / expected.mse_resid))
    nothing_new = added(given, given[:, 0], outcome, np.arange(40), Memory(0.0))
    assert (nothing_new.p, nothing_new.narrowing) == (1.0, 1.0)


def test_prior_and_data_are_weighed_by_how_sure_they_are() -> None:
    data = Estimate(low=-3.0, mid=-2.0, high=-1.0)
    vague = combined(Estimate(low=-30, mid=-10, high=10), data, disagreement=2.5)
    assert vague.both is not None
    assert vague.both.mid == pytest.approx(-2.02, abs=0.01)
    same = combined(data, data, disagreement=2.5)
    assert same.both is not None
    assert same.both.mid == pytest.approx(-2.0)
    assert same.both.high - same.both.low == pytest.approx(2 / np.sqrt(2))


def test_prior_and_data_that_are_too_far_apart_are_not_put_together() -> None:
    data = Estimate(low=1.0, mid=2.0, high=3.0)
    found_apart = combined(Estimate(low=-3.0, mid=-2.0, high=-1.0), data, disagreement=2.5)
    assert found_apart.disagree
    assert (found_apart.prior.mid, found_apart.data.mid) == (-2.0, 2.0)


def test_dates_of_the_series_are_the_first_days_of_their_periods() -> None:
    rng = np.random.default_rng(6)
    model = model_of(carried(rng, 40, 0.5), carried(rng, 40, 0.5))
    assert (model.periods[0], model.periods[-1]) == (date(2020, 1, 1), date(2023, 4, 1))


def test_of_two_drivers_that_move_as_one_the_sum_is_known() -> None:
    """Effects 0.7 and 0.5 of drivers that hardly differ: 2 and 4 of them are worth 3.4."""
    rng = np.random.default_rng(21)
    first = carried(rng, 60, 0.5)
    second = first + rng.normal(0, 0.05, 60)
    outcome = 0.7 * first + 0.5 * second + 0.3 * carried(rng, 60, 0.4)
    model = model_of(outcome, first, second, lags=(0, 0))
    assert check_driver(model, 0).inflation > DEFAULT_GRADING.inseparable
    both = effect_together(model, 0, 1, (2.0, 4.0), level=0.9)
    alone = model.drivers[0].likely
    assert both.low < 2 * 0.7 + 4 * 0.5 < both.high
    assert both.high - both.low < 2 * (alone[1] - alone[0])


def test_so_many_are_called_strong_as_benjamini_and_hochberg_do() -> None:
    """The example of their paper (1995, section 3.2): four of fifteen at 5 %."""
    published = [
        0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344,
        0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000,
    ]  # fmt: skip
    assert sum(strong_among_many(published, config=DEFAULT_GRADING)) == 4
    assert strong_among_many([], config=DEFAULT_GRADING) == []

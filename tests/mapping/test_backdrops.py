"""What of the background is there at all: exact where it is known, asked of both series."""

from datetime import date

import numpy as np
import pytest

from kpi_engine.mapping.influence.background import Floats, background, doubtful_parts, periods_from
from kpi_engine.mapping.influence.config import DEFAULT_CONFIG
from kpi_engine.mapping.influence.inner_products import InnerProducts
from kpi_engine.mapping.influence.memory import Memory
from kpi_engine.terms import Grain
from tests.mapping.test_influence import MEMORIES, carried, correlations, model_of

COUNT = 60
PERIODS = periods_from(date(2020, 1, 1), COUNT, Grain.MONTH)
BACKDROP = background(PERIODS, grain=Grain.MONTH, controls=None, config=DEFAULT_CONFIG)
SEASON, SLOW = PARTS = doubtful_parts(PERIODS, grain=Grain.MONTH, config=DEFAULT_CONFIG)
ALWAYS = [0, 1]
ROWS = np.delete(np.arange(COUNT), [0, 10, 11, 30])


def pair(seed: int) -> Floats:
    rng = np.random.default_rng(seed)
    return np.column_stack([carried(rng, COUNT, 0.5), carried(rng, COUNT, 0.6)])


def yearly(size: float) -> Floats:
    return np.tile(size * np.random.default_rng(4).standard_normal(12), COUNT // 12)


@pytest.mark.parametrize("memory", MEMORIES)
@pytest.mark.parametrize("parts", [(), (0,), (1,), (0, 1)])
def test_without_a_part_it_is_as_if_the_part_had_never_been_named(
    memory: Memory, parts: tuple[int, ...]
) -> None:
    columns = pair(1)
    every = InnerProducts(BACKDROP, columns, ROWS, parts=PARTS).whitened(ROWS, [memory])
    named = np.concatenate([ALWAYS, *(PARTS[part] for part in parts)]).astype(int)
    alone = InnerProducts(BACKDROP[:, named], columns, ROWS).of(ROWS, [memory])
    found = every.beyond(parts)
    assert found.matrices == pytest.approx(alone.matrices, rel=1e-7)
    assert found.free == alone.free


@pytest.mark.parametrize("memory", MEMORIES)
def test_the_evidence_is_the_restricted_likelihood_of_random_parts(memory: Memory) -> None:
    columns = pair(2)
    products = InnerProducts(BACKDROP, columns, ROWS, parts=PARTS).whitened(ROWS, [memory])
    fixed = np.linalg.qr(BACKDROP[np.ix_(ROWS, ALWAYS)])[0]

    def by_hand(spreads: dict[int, float]) -> Floats:
        correlation = correlations(memory, ROWS)
        for part, spread in spreads.items():
            own = BACKDROP[np.ix_(ROWS, PARTS[part])]
            basis = np.linalg.qr(own - fixed @ (fixed.T @ own))[0]
            size = spread**2 * len(ROWS) / basis.shape[1]
            correlation = correlation + size * basis @ basis.T
        inverse = np.linalg.inv(correlation)
        inner = fixed.T @ inverse @ fixed
        left = inverse - inverse @ fixed @ np.linalg.solve(inner, fixed.T @ inverse)
        squares = np.einsum("nk,nm,mk->k", columns[ROWS], left, columns[ROWS])
        of_both = np.linalg.slogdet(correlation)[1] + np.linalg.slogdet(inner)[1]
        return -0.5 * of_both - 0.5 * (len(ROWS) - 2) * np.log(squares)

    nothing = by_hand({}) - products.log_evidence(np.arange(2), {})[0]
    for spreads in ({0: 0.6}, {1: 1.8}, {0: 0.2, 1: 0.6}):
        found = products.log_evidence(np.arange(2), spreads)[0] + nothing
        assert found == pytest.approx(by_hand(spreads))


def test_what_neither_shows_costs_no_degrees_of_freedom() -> None:
    driver, errors = pair(3).T
    (found,) = model_of(0.65 * driver + errors, driver, lags=(0, 0)).drivers
    assert found.posterior.free > COUNT - BACKDROP.shape[1] + 5


@pytest.mark.parametrize("has_it", ["outcome", "driver", "both"])
def test_a_season_that_either_shows_is_taken_out(has_it: str) -> None:
    driver, outcome = pair(3).T
    driver = driver + yearly(2.0) * (has_it != "outcome")
    outcome = outcome + yearly(2.0) * (has_it != "driver")
    (found,) = model_of(outcome, driver, lags=(0, 0)).drivers
    assert found.posterior.free <= COUNT - len(ALWAYS) - len(SEASON) - 1


def test_a_season_that_both_share_is_no_link() -> None:
    claims = 0
    for seed in range(20):
        driver, outcome = pair(100 + seed).T + yearly(1.0)
        (found,) = model_of(outcome, driver).drivers
        claims += found.p <= 0.04
    assert claims <= 3


def test_by_day_nothing_is_doubted() -> None:
    days = periods_from(date(2020, 1, 1), 400, Grain.DAY)
    assert doubtful_parts(days, grain=Grain.DAY, config=DEFAULT_CONFIG) == ()

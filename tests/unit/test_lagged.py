"""Delays found where they are, and nothing found where nothing is."""

from datetime import date, timedelta

import numpy as np
import pytest

from kpi_engine.maths.lagged import FEWEST_POINTS, chance_band, lag_scan, slope

MONDAY = date(2023, 1, 2)


def weeks(count: int) -> list[date]:
    return [MONDAY + timedelta(days=7 * n) for n in range(count)]


def carried(random: np.random.Generator, count: int, carry: float) -> np.ndarray:
    noise = random.normal(size=count + 50)
    series = np.zeros(count + 50)
    for n in range(1, count + 50):
        series[n] = carry * series[n - 1] + noise[n]
    return series[50:]


def scan(x, y, *, most: int = 8, step: int = 7):
    periods = [MONDAY + timedelta(days=step * n) for n in range(len(x))]
    return lag_scan(
        periods,
        dict(zip(periods, x, strict=True)),
        dict(zip(periods, y, strict=True)),
        most=most,
        is_daily=step == 1,
    )


def test_an_effect_is_found_at_its_delay_and_in_its_direction() -> None:
    random = np.random.default_rng(1)
    x = carried(random, 150, 0.5)
    y = -0.8 * np.roll(x, 3) + carried(random, 150, 0.3)
    found = scan(x, y)
    assert found.clearest.lag == 3
    assert found.clearest.correlation < -found.band
    assert found.is_more_than_chance(found.clearest)


@pytest.mark.parametrize("carry", [0.0, 0.6, 0.9])
@pytest.mark.parametrize(("count", "step"), [(36, 30), (104, 7), (400, 1), (180, 1)])
def test_series_that_have_nothing_to_do_with_each_other_seldom_seem_to(carry, count, step) -> None:
    """In at most 9 of 100 pairs of independent series, whatever they carry over, trend or wave."""
    random = np.random.default_rng(7)
    tries, wrong = 150, 0
    wave = np.sin(np.arange(count) * step * 2 * np.pi / 365.25) * 3
    for _ in range(tries):
        x, y = (carried(random, count, carry) + wave + np.arange(count) * 0.05 for _ in "xy")
        found = scan(x, y, most=4, step=step)
        wrong += found.is_more_than_chance(found.clearest)
    assert wrong <= 0.09 * tries


def test_weekdays_do_not_tie_daily_series_together() -> None:
    random = np.random.default_rng(3)
    week = np.tile([5, 5, 5, 5, 5, 0, 0], 30)
    x, y = (week + random.normal(size=len(week)) for _ in "xy")
    found = scan(x, y, step=1)
    assert not found.is_more_than_chance(found.clearest)


def test_the_band_is_wider_the_more_lags_are_tried_and_the_fewer_pairs_there_are() -> None:
    assert chance_band(100, lags=17) > chance_band(100, lags=1) > chance_band(400, lags=1)
    assert chance_band(60, lags=9, fitted=10) > chance_band(60, lags=9)


@pytest.mark.parametrize(
    ("x", "y"),
    [
        pytest.param([*range(20)], [*range(20)], id="too short"),
        pytest.param([1.0] * 60, [*range(60)], id="never moves"),
        pytest.param([*range(28)], [n * n for n in range(28)], id="too short at the longest lag"),
    ],
)
def test_where_nothing_can_be_said_nothing_is(x, y) -> None:
    assert scan(x, y) is None


def test_a_gap_breaks_the_carry_over_and_pairs_on_both_sides_count() -> None:
    random = np.random.default_rng(5)
    x = random.normal(size=80)
    periods = weeks(80)
    values = dict(zip(periods, x, strict=True))
    del values[periods[40]]
    found = lag_scan(periods, values, values, most=0, is_daily=False)
    assert found.points[0].pairs == 80 - 1 - 2
    assert found.points[0].correlation == pytest.approx(1)


def test_the_slope_of_a_line_is_that_line_and_the_same_every_time() -> None:
    pairs = [(n, 2.0 * n + 1 + (-1) ** n * 0.1) for n in range(40)]
    found = slope(pairs)
    assert found.middle == pytest.approx(2, abs=0.01)
    assert found.low <= found.middle <= found.high
    assert found == slope(pairs)
    assert slope(pairs[: FEWEST_POINTS - 1]) is None
    assert slope([(1.0, float(n)) for n in range(40)]) is None

"""Dated changes: a law of which the effect was published, and steps that are not there."""

from datetime import date

import numpy as np
import pytest

from kpi_engine.mapping.influence.background import periods_from
from kpi_engine.mapping.influence.intervention import BeforeAfter, Outcome, before_after, step_at
from kpi_engine.maths.intervals import Estimate
from kpi_engine.terms import Grain

# Car drivers killed or seriously injured in Great Britain, monthly, January 1969 to December 1984;
# seat belts became compulsory on 31 January 1983. Harvey and Durbin (1986) put the effect at
# -0.238 on the logarithm, a fall of 21 %.
DRIVERS = [
    *(1687, 1508, 1507, 1385, 1632, 1511, 1559, 1630, 1579, 1653, 2152, 2148),
    *(1752, 1765, 1717, 1558, 1575, 1520, 1805, 1800, 1719, 2008, 2242, 2478),
    *(2030, 1655, 1693, 1623, 1805, 1746, 1795, 1926, 1619, 1992, 2233, 2192),
    *(2080, 1768, 1835, 1569, 1976, 1853, 1965, 1689, 1778, 1976, 2397, 2654),
    *(2097, 1963, 1677, 1941, 2003, 1813, 2012, 1912, 2084, 2080, 2118, 2150),
    *(1608, 1503, 1548, 1382, 1731, 1798, 1779, 1887, 2004, 2077, 2092, 2051),
    *(1577, 1356, 1652, 1382, 1519, 1421, 1442, 1543, 1656, 1561, 1905, 2199),
    *(1473, 1655, 1407, 1395, 1530, 1309, 1526, 1327, 1627, 1748, 1958, 2274),
    *(1648, 1401, 1411, 1403, 1394, 1520, 1528, 1643, 1515, 1685, 2000, 2215),
    *(1956, 1462, 1563, 1459, 1446, 1622, 1657, 1638, 1643, 1683, 2050, 2262),
    *(1813, 1445, 1762, 1461, 1556, 1431, 1427, 1554, 1645, 1653, 2016, 2207),
    *(1665, 1361, 1506, 1360, 1453, 1522, 1460, 1552, 1548, 1827, 1737, 1941),
    *(1474, 1458, 1542, 1404, 1522, 1385, 1641, 1510, 1681, 1938, 1868, 1726),
    *(1456, 1445, 1456, 1365, 1487, 1558, 1488, 1684, 1594, 1850, 1998, 2079),
    *(1494, 1057, 1218, 1168, 1236, 1076, 1174, 1139, 1427, 1487, 1483, 1513),
    *(1357, 1165, 1282, 1110, 1297, 1185, 1222, 1284, 1444, 1575, 1737, 1763),
]
LAW = date(1983, 2, 1)
PUBLISHED = -0.238


def judged(values: list[float], *, changed: date, expected: float, first: date) -> BeforeAfter:
    series = np.asarray(values, dtype=float)
    return before_after(
        series,
        periods=periods_from(first, len(series), Grain.MONTH),
        grain=Grain.MONTH,
        changed=changed,
        sign=1 if expected > 0 else -1,
        expected=Estimate.exact(expected),
    )


def test_the_seat_belt_law_did_what_was_published() -> None:
    logs = [float(np.log(count)) for count in DRIVERS]
    found = judged(logs, changed=LAW, expected=PUBLISHED, first=date(1969, 1, 1))
    assert found.outcome is Outcome.WORKED
    assert found.step is not None
    assert found.step.likely.low < PUBLISHED < found.step.likely.high < 0
    # They held petrol prices and distances driven constant; here nothing but time is.
    assert found.step.likely.mid == pytest.approx(PUBLISHED, abs=0.08)
    assert (found.step.before, found.step.after) == (169, 23)
    # The oil crisis of 1974 is a change too; no other date looks as clear as the law.
    assert len(found.placebos) == 12
    assert all(one.p > 10 * found.step.p for one in found.placebos)


@pytest.mark.parametrize(
    ("step", "expected", "outcome"),
    [
        pytest.param(3.0, 3.0, Outcome.WORKED, id="as expected"),
        pytest.param(3.0, 9.0, Outcome.WORKED_LESS, id="less than expected"),
        pytest.param(-3.0, 3.0, Outcome.WORSE, id="the other way"),
        pytest.param(0.0, 9.0, Outcome.NOTHING_SEEN, id="nothing, where much was expected"),
        pytest.param(0.0, 0.3, Outcome.TOO_EARLY, id="nothing, where too little was expected"),
    ],
)
def test_a_step_is_judged_against_what_was_expected(
    step: float, expected: float, outcome: Outcome
) -> None:
    rng = np.random.default_rng(5)
    first, count, at = date(2022, 1, 1), 48, 30
    noise = rng.standard_normal(count) * 0.4
    values = [10 + noise[place] + step * (place >= at) for place in range(count)]
    changed = periods_from(first, count, Grain.MONTH)[at]
    assert judged(values, changed=changed, expected=expected, first=first).outcome is outcome


@pytest.mark.parametrize(
    ("step", "sign", "expected", "outcome"),
    [
        pytest.param(3.0, 1, None, Outcome.WORKED, id="the right way"),
        pytest.param(3.0, -1, None, Outcome.WORSE, id="the wrong way"),
        pytest.param(0.0, 1, None, Outcome.TOO_EARLY, id="no way"),
        pytest.param(3.0, 1, (2.0, 9.0), Outcome.WORKED, id="the least that was agreed"),
        pytest.param(-3.0, -1, (-9.0, -2.0), Outcome.WORKED, id="the least of a fall"),
        pytest.param(3.0, 1, (8.0, 9.0), Outcome.WORKED_LESS, id="less than the least"),
    ],
)
def test_a_range_is_met_at_its_near_end_and_without_one_any_change_counts(
    step: float, sign: int, expected: tuple[float, float] | None, outcome: Outcome
) -> None:
    noise = np.random.default_rng(5).standard_normal(48) * 0.4
    periods = periods_from(date(2022, 1, 1), 48, Grain.MONTH)
    size = Estimate(low=expected[0], mid=sum(expected) / 2, high=expected[1]) if expected else None
    found = before_after(
        10 + noise + step * (np.arange(48) >= 30),
        periods=periods,
        grain=Grain.MONTH,
        changed=periods[30],
        sign=sign,
        expected=size,
    )
    assert found.outcome is outcome


def test_two_months_after_a_change_are_too_few() -> None:
    values = [float(place % 5) for place in range(30)]
    changed = periods_from(date(2022, 1, 1), 30, Grain.MONTH)[28]
    found = judged(values, changed=changed, expected=1.0, first=date(2022, 1, 1))
    assert found == BeforeAfter(outcome=Outcome.TOO_SHORT, step=None, placebos=())


def test_a_series_that_wanders_is_hardly_ever_taken_for_a_change() -> None:
    periods, claims, draws = periods_from(date(2022, 1, 1), 36, Grain.MONTH), 0, 100
    for seed in range(draws):
        walk = np.cumsum(np.random.default_rng(seed).standard_normal(36))
        step = step_at(walk, periods=periods, grain=Grain.MONTH, changed=periods[24])
        assert step is not None
        claims += step.p < 0.05
    assert claims <= 12, f"{claims} of {draws} random walks were taken for a change"


def test_a_change_that_comes_into_force_over_months_is_measured_whole() -> None:
    periods = periods_from(date(2022, 1, 1), 48, Grain.MONTH)
    noise = np.random.default_rng(3).standard_normal(48) * 0.1
    ramped = np.clip((np.arange(48) - 29) / 4, 0, 1)
    step = step_at(
        5 * ramped + noise, periods=periods, grain=Grain.MONTH, changed=periods[30], ramp=3
    )
    assert step is not None
    assert step.likely.mid == pytest.approx(5, abs=0.3)


def test_a_control_that_moves_along_narrows_the_range() -> None:
    periods = periods_from(date(2022, 1, 1), 48, Grain.MONTH)
    rng = np.random.default_rng(11)
    common = np.cumsum(rng.standard_normal(48))
    values = common + 2.0 * (np.arange(48) >= 30) + rng.standard_normal(48) * 0.2
    alone = step_at(values, periods=periods, grain=Grain.MONTH, changed=periods[30])
    beside = step_at(
        values,
        periods=periods,
        grain=Grain.MONTH,
        changed=periods[30],
        controls=(common + rng.standard_normal(48) * 0.2)[:, None],
    )
    assert alone is not None
    assert beside is not None
    widths = [one.likely.high - one.likely.low for one in (alone, beside)]
    assert widths[1] < widths[0] / 2
    assert beside.likely.low < 2.0 < beside.likely.high

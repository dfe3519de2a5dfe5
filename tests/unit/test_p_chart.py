"""Limits of shares by hand, against published charts."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_engine.maths.p_chart import share_chart

PEACHES = [
    *[(n, 250) for n in (47, 42, 55, 51, 46, 61, 39, 44, 41, 51)],
    *[(n, 500) for n in (88, 101, 101)],
    *[(n, 250) for n in (40, 48, 47, 50, 48, 57, 45, 43)],
    *[(n, 500) for n in (105, 98, 100, 96)],
]
"""Bruised peaches of 1 or 2 crates: Pyzdek and Keller, "The Handbook for Quality Management",
table 9.6, 1,544 of 8,000."""

ORDERS = list(
    zip(
        [12, 8, 6, 9, 10, 12, 11, 16, 10, 6, 20, 15, 9, 8, 6, 8, 10, 7, 5, 8, 5, 8, 10, 6, 9],
        [
            *(100, 80, 80, 100, 110, 110, 100, 100, 90, 90, 110, 120, 120, 120, 110),
            *(80, 80, 80, 90, 100, 100, 100, 100, 90, 90),
        ],
        strict=True,
    )
)
"""Purchase orders with an error: Montgomery, "Introduction to Statistical Quality Control",
table 7.4, 234 of 2,450; sample 11 is out of control."""


def test_limits_step_with_the_number_of_cases_as_published() -> None:
    chart = share_chart(PEACHES, baseline=25)
    assert chart is not None
    assert not chart.is_widened
    assert chart.mean == pytest.approx(0.193)
    one, two = chart.points[0], chart.points[10]
    assert one.low == pytest.approx(0.193 - 3 * math.sqrt(0.193 * 0.807 / 250), abs=1e-12)
    assert (round(one.low, 3), round(one.high, 3)) == (0.118, 0.268)
    assert (round(two.low, 3), round(two.high, 3)) == (0.140, 0.246)
    assert not any(point.is_outside for point in chart.points)


def test_the_sample_out_of_control_is_the_published_one() -> None:
    chart = share_chart(ORDERS, baseline=25)
    assert chart is not None
    assert round(chart.mean, 4) == 0.0955
    assert [place + 1 for place, p in enumerate(chart.points) if p.is_outside] == [11]
    first = chart.points[0]
    assert (round(first.low, 3), round(first.high, 3)) == (0.007, 0.184)
    assert chart.points[1].low == 0.0, "80 cases: the lower limit would lie below nothing"


def test_many_cases_are_held_against_how_shares_move_from_period_to_period() -> None:
    """49, then 51 % of 10,000: z is -2, 2, -2 ..., and its moving range 4."""
    chart = share_chart([(5000 - 100, 10_000), (5000 + 100, 10_000)] * 6)
    assert chart is not None
    assert chart.is_widened
    assert chart.spread == pytest.approx(4 / 1.128)
    assert chart.points[0].high == pytest.approx(0.5 + 3 * 4 / 1.128 * 0.005)
    assert not any(point.is_outside for point in chart.points)


def test_the_baseline_stays_and_later_periods_are_held_against_it() -> None:
    chart = share_chart([*ORDERS[:10], (40, 100)], baseline=10)
    assert chart is not None
    assert chart.baseline == 10
    assert [point.is_outside for point in chart.points] == [False] * 10 + [True]


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param(ORDERS[:5], id="too few"),
        pytest.param([(0, 10)] * 12, id="nothing ever happens"),
        pytest.param([(10, 10)] * 12, id="it always happens"),
        pytest.param([*ORDERS, (12, 10)], id="more than there is"),
        pytest.param([*ORDERS, (-1, 10)], id="less than nothing"),
    ],
)
def test_what_is_no_share_has_no_limits(parts) -> None:
    assert share_chart(parts) is None


def test_a_gap_stays_a_gap() -> None:
    chart = share_chart([*ORDERS[:8], None, (0, 0), *ORDERS[8:]])
    assert chart is not None
    assert [chart.points[place].share for place in (8, 9)] == [None, None]


cases = st.lists(st.tuples(st.integers(1, 999), st.integers(1000, 5000)), min_size=6, max_size=30)


@given(cases)
def test_more_cases_never_widen_the_limits(parts) -> None:
    chart = share_chart(parts)
    assert chart is not None
    by_cases = sorted(zip([n for _, n in parts], chart.points, strict=True), key=lambda one: one[0])
    highs = [point.high for _, point in by_cases]
    assert highs == sorted(highs, reverse=True)


@given(cases)
def test_what_happens_and_what_does_not_are_mirrored(parts) -> None:
    chart = share_chart(parts)
    other = share_chart([(below - above, below) for above, below in parts])
    assert chart is not None
    assert other is not None
    assert other.is_widened == chart.is_widened
    for one, two in zip(chart.points, other.points, strict=True):
        assert one.high == pytest.approx(1 - two.low)

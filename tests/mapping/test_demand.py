from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_engine.mapping.demand import Demand, expected_demand
from kpi_engine.mapping.impact import (
    Outage,
    expected_orders_in_outage,
    lost_orders,
    outages_between,
)
from kpi_engine.maths.intervals import Estimate

at = datetime.fromisoformat
MAY, AUGUST = date(2025, 5, 1), date(2025, 8, 1)
END = date(2025, 8, 31)
NO_SPANS = pd.DataFrame({"service": [], "started_at": [], "ended_at": []})


def by_clock(hour: datetime) -> float:
    """Ten orders an hour at night, a hundred by day."""
    return 100.0 if 8 <= hour.hour < 20 else 10.0


def demand_of(orders: list[float]) -> Demand:
    """A given expectation per hour of August, without any doubt about it."""
    expected = np.array(orders)
    return Demand(
        start=at("2025-08-01"),
        edges=np.arange(len(expected) + 1.0),
        expected=expected,
        pattern_error=np.zeros_like(expected),
        level_error=np.zeros_like(expected),
        dispersion=1.0,
        day_spread=0.0,
    )


def test_the_same_hour_of_the_week_is_expected_again(order_hours):
    demand = expected_demand(order_hours(MAY, END, by_clock), NO_SPANS, first=AUGUST, last=END)

    assert demand.expected[:24] == pytest.approx([10] * 8 + [100] * 12 + [10] * 4)
    assert demand.end == at("2025-09-01")


def test_a_sales_week_raises_what_is_expected_of_its_hours(order_hours):
    """Orders double from 18 to 31 August; the hour that was down on the 25th would have too."""
    down = at("2025-08-25 10:00")

    def orders(hour: datetime) -> float:
        if hour == down:
            return 0.0
        return by_clock(hour) * (2 if hour >= at("2025-08-18") else 1)

    spans = pd.DataFrame(
        {"service": ["shop"], "started_at": [down], "ended_at": [down + timedelta(hours=1)]}
    )
    demand = expected_demand(order_hours(MAY, END, orders), spans, first=AUGUST, last=END)

    expected, _ = demand.between(down, down + timedelta(hours=1))
    assert expected == pytest.approx(200, rel=0.05)


def test_holidays_say_nothing_about_ordinary_days(order_hours):
    """No orders but one on a holiday: counted in, it would pull Fridays down."""
    holiday = date(2025, 8, 15)

    def orders(hour: datetime) -> float:
        if hour.date() == holiday:
            return 1.0 if hour.hour == 0 else 0.0
        return 60.0

    frame = order_hours(MAY, END, orders)
    with_it = expected_demand(frame, NO_SPANS, first=AUGUST, last=END)
    without = expected_demand(
        frame, NO_SPANS, first=AUGUST, last=END, holidays=frozenset({holiday})
    )

    friday = slice(7 * 24 + 9, 7 * 24 + 10)
    assert with_it.expected[friday][0] < 58
    assert without.expected[friday][0] == pytest.approx(60)


def test_a_day_without_any_order_is_missing_not_zero(order_hours):
    gap = {date(2025, 7, day) for day in range(7, 14)}
    frame = order_hours(MAY, END, lambda hour: 0 if hour.date() in gap else 60)

    demand = expected_demand(frame, NO_SPANS, first=AUGUST, last=END)

    assert demand.expected == pytest.approx(np.full(31 * 24, 60.0))


def test_a_shop_that_never_sells_on_sundays_expects_nothing_then(order_hours):
    frame = order_hours(MAY, END, lambda hour: 0 if hour.weekday() == 6 else 60)

    demand = expected_demand(frame, NO_SPANS, first=AUGUST, last=END)

    sunday = (3 - 1) * 24 + 12
    assert demand.expected[sunday] == 0
    assert demand.expected[sunday + 24] == pytest.approx(60)


def test_an_hour_that_was_always_down_borrows_from_other_weekdays(order_hours):
    """A shop that falls over every Monday at nine still loses what nine o'clock brings."""
    mondays = [MAY + timedelta(days=step) for step in range(123)]
    mondays = [day for day in mondays if day.weekday() == 0]
    starts = [datetime.combine(day, datetime.min.time()).replace(hour=9) for day in mondays]
    spans = pd.DataFrame(
        {
            "service": ["shop"] * len(starts),
            "started_at": starts,
            "ended_at": [start + timedelta(hours=1) for start in starts],
        }
    )
    frame = order_hours(MAY, END, lambda hour: 0 if hour in starts else by_clock(hour))

    found = lost_orders(frame, spans, first=AUGUST, last=END, recovered=Estimate.exact(0.0))

    assert found.lost.mid == pytest.approx(100 * 4, rel=0.01)


def test_what_is_expected_of_a_month_does_not_depend_on_later_ones(order_hours):
    frame = order_hours(MAY, date(2025, 12, 31), lambda hour: by_clock(hour) * hour.month)
    then = frame[frame["hour"] < "2025-09-01"]

    early = expected_demand(then, NO_SPANS, first=AUGUST, last=END)
    late = expected_demand(frame, NO_SPANS, first=AUGUST, last=END)

    assert np.array_equal(early.expected, late.expected)


def test_nine_of_ten_ranges_hold_the_truth_under_overdispersed_demand():
    """150 simulated quarters: a season, days 10 % up or down, Poisson orders, one outage."""
    inside = sum(_range_holds_truth(seed) for seed in range(150))

    assert 0.84 <= inside / 150 <= 0.97


def weighted_by_demand(demand, outages):
    """Of the orders that were expected, how many met an open shop."""
    return 1 - expected_orders_in_outage(demand, outages) / demand.total


def test_box_c4_the_same_forty_minutes_are_green_by_the_clock_and_red_by_demand():
    minutes = 31 * 24 * 60
    clock = 1 - 40 / minutes
    rest = (310_000 - 736 / 40 * 60) / (31 * 24 - 1)
    hourly = [rest] * (31 * 24)
    hourly[11 * 24 + 11] = 736 / 40 * 60  # Tuesday 12 August, 11:00
    outage = Outage(
        service="shop",
        started_at=at("2025-08-12 11:20"),
        ended_at=at("2025-08-12 12:00"),
    )

    found = weighted_by_demand(demand_of(hourly), [outage])

    assert clock == pytest.approx(0.99910, abs=5e-6)
    assert found == pytest.approx(1 - 736 / 310_000)
    assert round(found, 5) == 0.99763


minutes_down = st.lists(st.tuples(st.integers(0, 31 * 1440 - 1), st.integers(1, 3000)), max_size=8)


def as_outages(pairs: list[tuple[int, int]]) -> list[Outage]:
    start = at("2025-08-01")
    spans = pd.DataFrame(
        {
            "service": ["shop"] * len(pairs),
            "started_at": [start + timedelta(minutes=a) for a, _ in pairs],
            "ended_at": [start + timedelta(minutes=a + length) for a, length in pairs],
        }
    )
    return list(outages_between(spans, first=AUGUST, last=END))


@given(minutes_down, st.floats(0.1, 1000))
def test_under_flat_demand_it_equals_availability_by_the_clock(pairs, orders):
    outages = as_outages(pairs)

    found = weighted_by_demand(demand_of([orders] * (31 * 24)), outages)

    down = sum(outage.minutes for outage in outages)
    assert found == pytest.approx(1 - down / (31 * 1440))


@given(minutes_down, st.lists(st.floats(0, 100), min_size=24, max_size=24))
def test_it_lies_between_0_and_1_whatever_the_demand(pairs, daily):
    demand = demand_of(daily * 31)

    down = expected_orders_in_outage(demand, as_outages(pairs))

    assert 0 <= down <= demand.total * (1 + 1e-9)


def _range_holds_truth(seed: int) -> bool:
    rng = np.random.default_rng(seed)
    start, hours = at("2026-07-01"), 24 * 123
    clock = [start + timedelta(hours=step) for step in range(hours)]
    day = np.arange(hours) // 24
    week = np.array([hour.weekday() * 24 + hour.hour for hour in clock])
    shape = np.exp(1.2 * np.sin((np.arange(168) % 24 - 8) / 24 * 2 * np.pi))
    level = (1 + 0.5 * np.sin(day / 123 * np.pi)) * np.exp(rng.normal(0, 0.1, 123))[day]
    orders = rng.poisson(60 * shape[week] * level)
    down, up = at("2026-10-13 17:00"), at("2026-10-13 19:22")
    lost = 0
    for place, hour in enumerate(clock):
        inside = min(up, hour + timedelta(hours=1)) - max(down, hour)
        share = max(0.0, inside / timedelta(hours=1))
        gone = rng.binomial(orders[place], share) if share else 0
        orders[place] -= gone
        lost += gone
    found = lost_orders(
        pd.DataFrame({"hour": pd.to_datetime(clock), "orders": orders}),
        pd.DataFrame({"service": ["shop"], "started_at": [down], "ended_at": [up]}),
        first=date(2026, 10, 1),
        last=date(2026, 10, 31),
        recovered=Estimate.exact(0.0),
    )
    return found.lost.low <= lost <= found.lost.high

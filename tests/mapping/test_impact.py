from datetime import date, datetime, timedelta
from itertools import pairwise
from math import hypot

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_engine.catalogue.links import LostHours
from kpi_engine.mapping.impact import Outage, joined, lost_hours, lost_orders, outages_between
from kpi_engine.mapping.propagation import product
from kpi_engine.maths.intervals import Estimate

at = datetime.fromisoformat
MAY, AUGUST = date(2025, 5, 1), date(2025, 8, 1)
END = date(2025, 8, 31)
RECOVERED = Estimate(low=0.2, mid=0.35, high=0.5)
NONE_RECOVERED = Estimate.exact(0.0)


def flat(per_hour: float):
    return lambda _: per_hour


def test_box_c4_forty_minutes_at_18_a_minute(order_hours, down_spans):
    """736 attempts at 98.1 % are 722 orders in 40 minutes, 1083 in an hour."""

    def orders(hour: datetime) -> float:
        peak = (hour.weekday(), hour.hour) == (1, 11)
        if hour == at("2025-08-12 11:00"):
            return 361  # the 20 minutes before the outage
        return 1083 if peak else 400

    found = lost_orders(
        order_hours(MAY, END, orders),
        down_spans(("shop", "2025-08-12 11:20", "2025-08-12 12:00")),
        first=AUGUST,
        last=END,
        recovered=RECOVERED,
    )

    (loss,) = found.outages
    assert loss.expected.mid == pytest.approx(722)
    assert loss.outage.minutes == 40
    assert found.lost.mid == pytest.approx(469.3)
    spread = hypot(0.15 / 0.65, (loss.expected.high - 722) / 722)
    reach = found.lost.mid * spread
    assert found.lost.low == pytest.approx(found.lost.mid - reach, rel=0.03)
    assert found.lost.high == pytest.approx(found.lost.mid + reach, rel=0.03)


def test_orders_that_came_in_during_the_outage_were_not_lost(order_hours, down_spans):
    found = lost_orders(
        order_hours(MAY, END, flat(60)),
        down_spans(("shop", "2025-08-12 11:00", "2025-08-12 12:00")),
        first=AUGUST,
        last=END,
        recovered=NONE_RECOVERED,
        ordered={at("2025-08-12 11:00"): 15},
    )

    assert found.outages[0].ordered == 15
    assert found.lost.mid == pytest.approx(45)


def test_more_orders_than_expected_is_nothing_lost_not_a_gain(order_hours, down_spans):
    found = lost_orders(
        order_hours(MAY, END, flat(60)),
        down_spans(("shop", "2025-08-12 11:00", "2025-08-12 12:00")),
        first=AUGUST,
        last=END,
        recovered=NONE_RECOVERED,
        ordered={at("2025-08-12 11:00"): 500},
    )

    assert found.lost == Estimate.exact(0.0)


def test_two_services_down_at_once_lose_each_order_once(order_hours, down_spans):
    frame = order_hours(MAY, END, flat(60))
    twice = down_spans(
        ("shop", "2025-08-12 11:00", "2025-08-12 12:00"),
        ("payments", "2025-08-12 11:30", "2025-08-12 12:30"),
    )

    found = lost_orders(frame, twice, first=AUGUST, last=END, recovered=NONE_RECOVERED)

    assert found.lost.mid == pytest.approx(90)
    assert [loss.outage.service for loss in found.outages] == ["shop and payments"]


def test_outages_of_other_months_do_not_count_but_stay_out_of_the_baseline(order_hours, down_spans):
    """Hours that were down in June and July would halve the baseline of Tuesdays at eleven."""
    dark = [at(f"2025-06-{day} 11:00") for day in (10, 17, 24)]
    spans = down_spans(
        *(("shop", f"{hour:%Y-%m-%d %H:%M}", f"{hour:%Y-%m-%d} 12:00") for hour in dark),
        ("shop", "2025-08-12 11:00", "2025-08-12 12:00"),
    )
    frame = order_hours(MAY, END, lambda hour: 0 if hour in dark else 60)

    found = lost_orders(frame, spans, first=AUGUST, last=END, recovered=NONE_RECOVERED)

    assert len(found.outages) == 1
    assert found.lost.mid == pytest.approx(60)


def test_an_outage_over_a_month_edge_is_cut_at_midnight(down_spans):
    spans = down_spans(("shop", "2025-07-31 23:00", "2025-08-01 02:00"))

    (july,) = outages_between(spans, first=date(2025, 7, 1), last=date(2025, 7, 31))
    (august,) = outages_between(spans, first=AUGUST, last=END)

    assert (july.minutes, august.minutes) == (60, 120)


def test_no_outage_loses_nothing(order_hours, down_spans):
    frame = order_hours(MAY, END, flat(60))

    found = lost_orders(frame, down_spans(), first=AUGUST, last=END, recovered=RECOVERED)

    assert found.outages == ()
    assert found.lost == Estimate.exact(0.0)


def test_lost_hours_are_tickets_times_hours_times_people():
    counting = LostHours(kind="lost_hours", hours_per_ticket="hours", people_per_ticket="people")
    ranges = {
        "hours": Estimate(low=1.0, mid=1.5, high=2.0),
        "people": Estimate(low=1.1, mid=1.2, high=1.3),
    }

    found = product(lost_hours(Estimate.exact(200), counting), ranges)

    reach = 360 * hypot(0.5 / 1.5, 0.1 / 1.2)
    assert found.mid == pytest.approx(360)
    assert [found.low, found.high] == pytest.approx([360 - reach, 360 + reach], rel=0.02)


spans = st.lists(
    st.tuples(st.integers(0, 3000), st.integers(1, 300)).map(
        lambda pair: Outage(
            service="shop",
            started_at=at("2025-08-01") + timedelta(minutes=pair[0]),
            ended_at=at("2025-08-01") + timedelta(minutes=pair[0] + pair[1]),
        )
    ),
    max_size=12,
)


@given(spans)
def test_joined_outages_never_overlap_and_cover_the_same_minutes(outages):
    found = joined(outages)

    start = at("2025-08-01")
    minutes = {
        minute
        for outage in outages
        for minute in range(
            (outage.started_at - start) // timedelta(minutes=1),
            (outage.ended_at - start) // timedelta(minutes=1),
        )
    }
    assert sum(outage.minutes for outage in found) == len(minutes)
    assert all(a.ended_at < b.started_at for a, b in pairwise(found))

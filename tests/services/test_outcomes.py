"""A shop with three orders an hour for sixteen weeks, and one outage of 90 minutes in October."""

from datetime import date
from math import fsum

import pytest

from kpi_engine.errors import StoreError, UnknownNameError
from kpi_engine.mapping.contribution import DatedEvent
from kpi_engine.maths.intervals import Estimate
from kpi_engine.services import outcomes
from kpi_engine.services.dwa import DWA, read_dwa
from kpi_engine.services.estimates import estimate_all
from kpi_engine.services.facts import read_facts
from kpi_engine.services.look import Look
from kpi_engine.services.month_readings import read_readings
from kpi_engine.services.series import wanted
from kpi_engine.terms import EvidenceGrade, LinkKind
from tests.services.tiny import open_workspace, orders, outages, save, shares, values

SEPTEMBER, OCTOBER = date(2026, 9, 1), date(2026, 10, 1)
DARK = {"2026-10-13T11", "2026-10-13T12"}


def per_hour(hour):
    """Three an hour; none at eleven, and one of two at twelve, while the shop was down."""
    return {"2026-10-13T11": 0, "2026-10-13T12": 1}.get(f"{hour:%Y-%m-%dT%H}", 3)


@pytest.fixture(scope="module")
def ws(tmp_path_factory):
    found = open_workspace(
        tmp_path_factory.mktemp("shop") / "home", scorecard=["biz.tx_success", "biz.revenue"]
    )
    orders(found, "2026-07-12", "2026-10-31", per_hour, amount=50)
    outages(
        found,
        ("Shop", "2026-08-04 03:00", "2026-08-04 03:05"),
        ("Shop", "2026-09-03 03:00", "2026-09-03 03:00:30"),
        ("Shop", "2026-10-13 11:00", "2026-10-13 12:30"),
        ("Shop", "2026-10-20 04:10", "2026-10-20 04:19"),
    )
    attempts = [
        (f"{month}-{number}", f"{month}-15 10:00", "completed" if number < done else "failed")
        for month, tried, done in (("2026-09", 200, 196), ("2026-10", 200, 190))
        for number in range(tried)
    ]
    save(found, "checkout_id,started_at,completed", attempts, recipe="checkout_attempts")
    values(found, "base.sessions", {"2026-09": 50_000, "2026-10": 60_000})
    yield found
    found.close()


def by_link(explanation):
    return {driver.contribution.link.id: driver.contribution for driver in explanation.drivers}


def test_lost_orders_are_those_of_the_dark_minutes_less_those_that_came_in(ws):
    """99 minutes at 3 an hour are 4.95 orders; 1 came at noon; 65 % of 3.95 are lost for good."""
    found = by_link(outcomes.explain(ws, "biz.tx_success", month=OCTOBER))

    shop = found["availability_to_tx_success"]
    assert shop.amount.mid == pytest.approx((4.95 - 1) * 0.65, rel=0.01)
    assert shop.amount.low < shop.amount.mid < shop.amount.high
    assert shop.amount_unit == "orders"
    assert shop.money.mid == pytest.approx(-shop.amount.mid * 50 * 0.35, rel=0.001)
    assert shop.assumptions == ("recovered_share", "margin_share")


def test_the_effect_is_the_lost_share_less_that_of_the_month_before(ws):
    """October lost 2.57 of 200 attempts; September's half minute next to nothing."""
    shop = by_link(outcomes.explain(ws, "biz.tx_success", month=OCTOBER))[
        "availability_to_tx_success"
    ]

    assert shop.counted.mid == pytest.approx(-(3.95 - 0.025) * 0.65 / 200, rel=0.01)
    assert not shop.is_capped


def test_in_revenue_a_lost_order_is_worth_what_an_order_brings(ws):
    shop = by_link(outcomes.explain(ws, "biz.revenue", month=OCTOBER))["availability_to_revenue"]

    assert shop.counted.mid == pytest.approx(-(3.95 - 0.025) * 0.65 * 50, rel=0.01)


@pytest.mark.parametrize("outcome", ["biz.tx_success", "biz.revenue", "biz.conversion"])
def test_contributions_and_remainder_are_the_movement(ws, outcome):
    found = outcomes.explain(ws, outcome, month=OCTOBER)

    effects = [d.contribution.effect.mid for d in found.drivers if d.contribution.effect]
    assert fsum([*effects, found.remainder]) == pytest.approx(found.movement, abs=1e-12)


def test_without_a_counted_link_all_of_the_movement_is_remainder(ws):
    found = outcomes.explain(ws, "biz.orders", month=OCTOBER)

    assert found.drivers == ()
    assert found.remainder == found.movement == 2227 - 2160


def test_revenue_is_visits_times_share_that_order_times_value_of_an_order(ws):
    found = outcomes.explain(ws, "biz.revenue", month=OCTOBER)

    assert [part.metric for part in found.identity] == [
        "base.sessions",
        "biz.conversion",
        "biz.aov",
    ]
    assert fsum(part.effect for part in found.identity) == pytest.approx(found.movement, rel=1e-9)
    assert found.identity[0].effect > 0 > found.identity[1].effect
    assert found.identity[2].effect == pytest.approx(0)


def test_a_share_moves_by_its_upper_and_its_lower_part(ws):
    found = outcomes.explain(ws, "biz.tx_success", month=OCTOBER)

    assert [part.label for part in found.identity] == ["Checkouts completed", "Checkouts started"]
    assert [(part.before, part.now) for part in found.identity] == [(196, 190), (200, 200)]
    assert [part.effect for part in found.identity] == pytest.approx([-0.03, 0])


def test_no_influence_link_carries_a_number_until_own_data_earn_one(ws):
    found = outcomes.explain(ws, "biz.tx_success", month=OCTOBER)

    influences = [one for one in by_link(found).values() if one.link.kind is LinkKind.INFLUENCE]
    assert influences
    assert all(one.effect is one.amount is one.money is None for one in influences)
    assert {one.reason for one in influences} == {"Its effect is being worked out."}

    estimate_all(ws)
    found = outcomes.explain(ws, "biz.tx_success", month=OCTOBER)
    influences = [one for one in by_link(found).values() if one.link.kind is LinkKind.INFLUENCE]
    assert all(one.effect is one.amount is one.money is None for one in influences)
    assert {one.grade for one in influences} == {EvidenceGrade.E}
    assert {one.reason for one in influences} == {"There are not enough data yet to tell."}


def test_outages_of_ten_minutes_and_more_are_named(ws):
    found = outcomes.explain(ws, "biz.tx_success", month=OCTOBER)

    assert found.events == (
        DatedEvent(
            day=date(2026, 10, 13),
            sentence="Shop was down for 90 minutes from 11:00.",
            short="Shop down 90 min",
            weight=pytest.approx(3.5 * 0.65),
        ),
    )


def test_demand_weighted_availability_is_the_same_number_everywhere(ws):
    """Under flat demand it is availability by the clock: 1 - 99 minutes of a month of 31 days."""
    with ws.reading() as conn:
        look = Look(conn=conn, catalogue=ws.catalogue, as_of=ws.newest())
        frame = read_dwa(look, first=OCTOBER, last=OCTOBER, segment={})
    (reading,) = read_readings(ws, [wanted(DWA)], month=OCTOBER)
    drivers = outcomes.explain(ws, "biz.tx_success", month=OCTOBER).drivers
    shown = next(d.reading for d in drivers if d.reading.metric.id == DWA)

    (listed,) = read_facts(ws, DWA, first=OCTOBER).values

    assert frame["value"].item() == reading.value == shown.value == listed.value
    assert reading.value == pytest.approx(1 - 99 / (31 * 24 * 60), abs=1e-5)
    assert reading.numerator / reading.denominator == reading.value


def test_the_open_month_counts_up_to_its_last_day_with_orders(tmp_path):
    ws = open_workspace(tmp_path / "home", scorecard=["biz.revenue"])
    orders(ws, "2026-09-01", "2026-10-10", lambda _: 2)
    outages(
        ws, ("Shop", "2026-09-02 00:00", "2026-09-02 01:00"), ("Shop", "2026-10-05", "2026-10-06")
    )

    (reading,) = read_readings(ws, [wanted(DWA)], month=OCTOBER)

    assert reading.value == pytest.approx(9 / 10)
    assert not reading.freshness.is_complete
    ws.close()


def test_a_shop_that_nobody_watched_has_no_demand_weighted_availability(tmp_path):
    ws = open_workspace(tmp_path / "home", scorecard=["biz.revenue"])
    orders(ws, "2026-10-01", "2026-10-31", lambda _: 2)

    (reading,) = read_readings(ws, [wanted(DWA)], month=OCTOBER)
    shop = by_link(outcomes.explain(ws, "biz.revenue", month=OCTOBER))["availability_to_revenue"]

    assert reading.value is None
    assert shop.amount is None
    assert shop.reason == "Not counted: outages or orders of this month are not known."
    ws.close()


def test_lost_hours_are_counted_from_tickets_and_two_assumptions(tmp_path):
    """300 problems less 200, times 1 h and 1.3 people, over 100 employees."""
    ws = open_workspace(tmp_path / "home", scorecard=["biz.lost_hours"])
    shares(ws, "biz.lost_hours", {"2026-09": (300, 100), "2026-10": (500, 100)})
    shares(ws, "it.incidents_per_100", {"2026-09": (200, 150), "2026-10": (300, 150)})

    found = outcomes.explain(ws, "biz.lost_hours", month=OCTOBER)

    link = by_link(found)["incidents_to_lost_hours"]
    assert found.movement == pytest.approx(2.0)
    assert link.effect.mid == pytest.approx(1.3)
    assert 0.5 < link.effect.low < 0.8  # both at their low ends at once is less likely than 5 %
    assert 4.0 < link.effect.high < 6.0
    assert link.amount.mid == pytest.approx(390)
    assert link.money.mid == pytest.approx(-390 * 45)
    assert found.remainder == pytest.approx(0.7)
    closed = by_link(found)["tickets_closed_to_lost_hours"]
    assert (closed.effect, closed.amount) == (None, None)
    ws.close()


def test_counted_more_than_the_movement_is_shown_up_to_it(tmp_path):
    ws = open_workspace(tmp_path / "home", scorecard=["biz.lost_hours"])
    shares(ws, "biz.lost_hours", {"2026-09": (300, 100), "2026-10": (365, 100)})
    shares(ws, "it.incidents_per_100", {"2026-09": (200, 150), "2026-10": (300, 150)})

    found = outcomes.explain(ws, "biz.lost_hours", month=OCTOBER)

    link = by_link(found)["incidents_to_lost_hours"]
    assert link.is_capped
    assert link.reason.endswith("It came to more than the whole change; its share stops there.")
    assert (link.counted.mid, link.effect.mid) == pytest.approx((1.3, 0.65))
    assert found.remainder == 0
    ws.close()


@pytest.mark.parametrize(
    ("months", "is_explained"), [(("2026-09",), False), (("2026-09", "2026-10"), True)]
)
def test_of_a_change_that_is_not_known_nothing_has_a_share(tmp_path, months, is_explained):
    """The line was down and disturbed demonstrations, but how many went well is not in yet."""
    link = {
        "id": "line_to_demo_ok",
        "driver": "it.availability",
        "outcome": "biz.demo_ok",
        "kind": "impact",
        "mechanism": "A dropped line ends the demo.",
        "sign": 1,
        "lag_days": [0, 0],
        "grade": "B",
        "reachable_grade": "A",
        "grade_reason": "Minutes without a line are counted.",
        "review_by": date(2027, 12, 31),
        "counting": {"kind": "disturbed_share", "broken_share": "recovered_share"},
    }
    found = open_workspace(tmp_path / "home", scorecard=["biz.demo_ok"], links=[link])
    shares(found, "biz.demo_ok", dict.fromkeys(months, (90, 100)))
    outages(
        found,
        ("Office", "2026-09-01 00:00", "2026-09-01 00:01"),
        ("Office", "2026-10-12 09:00", "2026-10-12 19:00"),
        ("Office", "2026-10-31 23:58", "2026-10-31 23:59"),
    )
    line = by_link(outcomes.explain(found, "biz.demo_ok", month=OCTOBER))["line_to_demo_ok"]
    assert (line.effect is not None) is is_explained
    assert ("the change itself is not" in line.reason) is not is_explained
    found.close()


def test_what_automation_saved_is_hours_times_an_hour(tmp_path):
    ws = open_workspace(tmp_path / "home", scorecard=["biz.auto_saving"])
    values(ws, "it.automation", {"2026-09": 100, "2026-10": 120})
    values(ws, "biz.auto_saving", {"2026-09": 4000, "2026-10": 5400})

    found = outcomes.explain(ws, "biz.auto_saving", month=OCTOBER)

    link = by_link(found)["automation_to_auto_saving"]
    assert link.effect == Estimate(low=700, mid=900, high=1200)
    assert link.money == Estimate(low=4200, mid=5400, high=7200)
    assert found.remainder == pytest.approx(500)
    ws.close()


def test_what_two_outcomes_count_is_named_once_and_its_money_explained(ws):
    """The same outages stand under checkout success, which comes first, and under revenue."""
    success = outcomes.explain(ws, "biz.tx_success", month=OCTOBER)
    revenue = outcomes.explain(ws, "biz.revenue", month=OCTOBER)

    first = by_link(success)["availability_to_tx_success"]
    again = by_link(revenue)["availability_to_revenue"]
    assert first.amount == again.amount
    assert (first.same_as, again.same_as) == ("", "Checkout success")
    (valued,) = revenue.valuations
    assert valued.noun == "lost orders"
    assert [one.id for one in valued.assumptions] == ["margin_share"]
    assert (valued.price.id, valued.whole.id) == ("biz.aov", "biz.revenue")


def test_an_outcome_nobody_declared_is_named_with_the_nearest(ws):
    with pytest.raises(UnknownNameError, match=r"Did you mean 'biz\.revenue'"):
        outcomes.explain(ws, "biz.revenu")


def test_an_empty_store_says_what_to_do(tmp_path):
    ws = open_workspace(tmp_path / "home", scorecard=["biz.revenue"])

    with pytest.raises(StoreError, match="There are no data yet"):
        outcomes.explain(ws, "biz.revenue")
    ws.close()

"""Three orders an hour; Shop and Pay, on both of which orders depend, are down together."""

from datetime import date

import pytest

from kpi_engine.services import outcomes, scorecard
from kpi_engine.services.dwa import DWA
from kpi_engine.services.month_readings import read_readings
from kpi_engine.services.series import wanted
from tests.services.tiny import open_workspace, orders, outages

OCTOBER = date(2026, 10, 1)
DARK = [f"2026-10-13T{hour}" for hour in (11, 12, 13, 14)]


def link(name, outcome, service):
    return {
        "id": name,
        "driver": "it.availability",
        "driver_segment": service,
        "outcome": outcome,
        "kind": "impact",
        "mechanism": "Without it nobody can order.",
        "sign": 1,
        "lag_days": [0, 0],
        "grade": "A",
        "reachable_grade": "A",
        "grade_reason": "Counted minute by minute.",
        "review_by": date(2027, 12, 31),
        "counting": {
            "kind": "lost_orders",
            "service": service,
            "recovered_share": "recovered_share",
        },
        "money": {"assumptions": ["margin_share"], "metric": "biz.aov"},
    }


SHOP, PAY, MAIL = ({"service": name} for name in ("Shop", "Pay", "Mail"))


@pytest.fixture(scope="module")
def sold(tmp_path_factory):
    """Stores with the orders of sixteen weeks: as ever, and with none in the dark hours."""

    def home(name, dark):
        ws = open_workspace(tmp_path_factory.mktemp(name) / "home", scorecard=["biz.revenue"])
        orders(
            ws,
            "2026-07-12",
            "2026-10-31",
            lambda hour: 0 if f"{hour:%Y-%m-%dT%H}" in dark else 3,
        )
        ws.close()
        return ws.home

    return {"as ever": home("ever", ()), "dark": home("dark", DARK)}


def shop(tmp_path, filled, links, *spans):
    found = open_workspace(
        tmp_path / "home", scorecard=["biz.revenue", "biz.orders"], links=links, filled=filled
    )
    quiet = [(name, "2026-09-01 03:00", "2026-09-01 03:00:30") for name, _, _ in spans]
    late = [(name, "2026-10-31 03:00", "2026-10-31 03:00:30") for name, _, _ in spans]
    outages(found, *dict.fromkeys(quiet), *dict.fromkeys(late), *spans)
    return found


def counted(ws, outcome="biz.revenue"):
    found = outcomes.explain(ws, outcome, month=OCTOBER)
    return {one.contribution.link.id: one.contribution for one in found.drivers}


def test_services_down_together_share_what_was_lost_and_its_cost_is_one_cost(tmp_path, sold):
    """Four hours at three orders are 12 orders; 65 % of them lost for good at 50 x 35 %."""
    both = ("2026-10-13 11:00", "2026-10-13 15:00")
    links = [link("a_shop", "biz.revenue", SHOP), link("b_pay", "biz.revenue", PAY)]
    ws = shop(tmp_path, sold["dark"], links, ("Shop", *both), ("Pay", *both))

    found = counted(ws)
    assert found["a_shop"].amount.mid == pytest.approx(6 * 0.65, rel=0.01)
    assert found["b_pay"].amount.mid == pytest.approx(6 * 0.65, rel=0.01)
    assert found["a_shop"].counted.mid == pytest.approx(-6 * 0.65 * 50, rel=0.01)
    card = scorecard.read(ws, month=OCTOBER)
    assert card.cost.mid == pytest.approx(-12 * 0.65 * 50 * 0.35, rel=0.01)
    ws.close()


def test_only_the_minutes_of_both_are_shared(tmp_path, sold):
    """Shop 11 to 14, Pay 13 to 15: two hours of Shop alone, one of both, one of Pay alone."""
    links = [link("a_shop", "biz.revenue", SHOP), link("b_pay", "biz.revenue", PAY)]
    ws = shop(
        tmp_path,
        sold["dark"],
        links,
        ("Shop", "2026-10-13 11:00", "2026-10-13 14:00"),
        ("Pay", "2026-10-13 13:00", "2026-10-13 15:00"),
    )

    found = counted(ws)
    assert found["a_shop"].amount.mid == pytest.approx(7.5 * 0.65, rel=0.01)
    assert found["b_pay"].amount.mid == pytest.approx(4.5 * 0.65, rel=0.01)
    assert [event.sentence for event in found["b_pay"].events] == [
        "Pay was down for 120 minutes from 13:00."
    ]
    ws.close()


def test_under_two_outcomes_the_same_minutes_still_cost_once(tmp_path, sold):
    both = ("2026-10-13 11:00", "2026-10-13 15:00")
    links = [link("a_shop", "biz.revenue", SHOP), link("b_pay", "biz.orders", PAY)]
    ws = shop(tmp_path, sold["dark"], links, ("Shop", *both), ("Pay", *both))

    assert counted(ws)["a_shop"].amount.mid == pytest.approx(12 * 0.65, rel=0.01)
    card = scorecard.read(ws, month=OCTOBER)
    assert card.cost.mid == pytest.approx(-12 * 0.65 * 50 * 0.35, rel=0.01)
    ws.close()


def test_no_service_named_and_several_watched_counts_nothing(tmp_path, sold):
    """Mail was down for twelve hours and every order came in."""
    mail = ("Mail", "2026-10-13 06:00", "2026-10-13 18:00")
    ws = shop(tmp_path, sold["as ever"], [], mail, ("Shop", "2026-10-20 03:00", "2026-10-20 03:01"))

    found = counted(ws)["availability_to_revenue"]
    (weighted,) = read_readings(ws, [wanted(DWA)], month=OCTOBER)
    assert (found.effect, found.amount, found.money, found.events) == (None, None, None, ())
    assert found.reason == (
        "Not counted: 2 services are watched, and the link does not say which of them orders "
        "depend on."
    )
    assert weighted.value is None
    assert scorecard.read(ws, month=OCTOBER).cost is None
    ws.close()


def test_outages_of_a_service_no_link_names_are_not_the_shops(tmp_path, sold):
    mail = ("Mail", "2026-10-13 06:00", "2026-10-13 18:00")
    links = [link("a_shop", "biz.revenue", SHOP)]
    ws = shop(
        tmp_path, sold["as ever"], links, mail, ("Shop", "2026-10-20 03:00", "2026-10-20 03:01")
    )

    (weighted,) = read_readings(ws, [wanted(DWA)], month=OCTOBER)
    assert weighted.value > 0.9999
    ws.close()


def test_the_only_service_watched_counts_and_is_named(tmp_path, sold):
    ws = shop(tmp_path, sold["dark"], [], ("Shop", "2026-10-13 11:00", "2026-10-13 15:00"))

    found = counted(ws)["availability_to_revenue"]
    assert found.amount.mid == pytest.approx(12 * 0.65, rel=0.01)
    assert found.reason.endswith("Shop is the only service watched.")
    ws.close()

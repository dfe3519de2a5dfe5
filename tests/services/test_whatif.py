"""Drivers turned on the sample company, and on a shop small enough to reckon by hand."""

from datetime import date

import pytest

from kpi_engine.charts.whatif import tornado_chart
from kpi_engine.errors import ImpossibleSettingError, UnknownNameError
from kpi_engine.services import whatif
from kpi_engine.services.whatif import Setting, read_setting
from kpi_engine.workspace import Workspace

OCTOBER = date(2026, 10, 1)


@pytest.fixture(scope="module")
def conversion(sample: Workspace) -> Setting:
    return read_setting(sample, "biz.conversion", month=OCTOBER)


def test_half_the_downtime_gives_back_half_of_what_it_cost(shop: Workspace) -> None:
    """90 minutes stopped 4.5 - 1 orders; with 45 of them 1.75 come in, 65 % of which were lost."""
    found = whatif.simulate(shop, "biz.tx_success", {"availability_to_tx_success": 45.0})
    (part,) = found.parts
    assert part.lever.now == pytest.approx(90)
    assert part.amount is not None
    assert part.amount.mid == pytest.approx(-1.75 * 0.65, rel=0.02)
    assert found.change.mid == pytest.approx(1.75 * 0.65 / 200, rel=0.02)
    assert found.after.mid == pytest.approx(0.95 + 1.75 * 0.65 / 200, rel=0.001)
    assert found.money is not None
    assert found.money.mid == pytest.approx(1.75 * 0.65 * 50 * 0.35, rel=0.02)
    assert found.money.low < found.money.mid < found.money.high


def test_more_downtime_than_was_ever_seen_says_so(shop: Workspace) -> None:
    found = whatif.simulate(shop, "biz.tx_success", {"availability_to_tx_success": 300.0})
    assert [lever.label for lever in found.outside] == ["Minutes of downtime"]
    assert not found.parts[0].is_seen
    assert found.change.mid < 0


def test_no_more_is_won_back_than_was_lost(sample: Workspace) -> None:
    """Without problems and without those that come back no hour is lost: none is won twice."""
    found = whatif.simulate(
        sample,
        "biz.lost_hours",
        {"incidents_to_lost_hours": 0.0, "reopen_to_lost_hours": 0.0},
        month=OCTOBER,
    )
    assert found.after.low == found.after.mid == 0.0
    assert found.amount is not None
    assert found.outcome.numerator is not None
    assert found.amount[1].mid == pytest.approx(-found.outcome.numerator, rel=1e-6)
    assert found.money is None, "nobody valued the hours of those that come back by themselves"


@pytest.mark.parametrize("value", [-0.01, 1.5, float("nan"), float("inf")])
def test_what_a_measure_cannot_be_is_refused(sample: Workspace, value: float) -> None:
    with pytest.raises(ImpossibleSettingError, match="Requests that failed cannot be"):
        whatif.simulate(sample, "biz.tx_success", {"error_rate_to_tx_success": value})


def test_a_worse_month_than_any_is_called_never_seen(sample: Workspace) -> None:
    """Two per cent of requests failed on the worst day; no month had more than a quarter of one."""
    found = whatif.simulate(sample, "biz.tx_success", {"error_rate_to_tx_success": 0.02})
    assert [lever.label for lever in found.outside] == ["Requests that failed"]


def test_turning_nothing_changes_nothing(conversion: Setting) -> None:
    levers = conversion.levers
    same = conversion.simulate({lever.link.id: lever.now for lever in levers})
    assert (same.change.low, same.change.mid, same.change.high) == (0, 0, 0)
    assert same.after.mid == same.outcome.value
    assert same.money is None


def test_a_faster_page_is_worth_what_the_link_says(conversion: Setting) -> None:
    """The planted effect: 18 % fewer checkouts a second; 300 ms are 5.8 % of them."""
    (lever,) = conversion.levers
    found = conversion.simulate({lever.link.id: lever.now - 300})
    was = found.outcome.value
    assert was is not None
    assert found.change.low < was * (1.062 - 1) < found.change.high
    said = found.amount
    assert said is not None
    noun, amount = said
    assert noun == "orders"
    assert found.outcome.denominator is not None
    assert -amount.mid == pytest.approx(found.change.mid * found.outcome.denominator, rel=1e-6)
    assert found.money is not None
    assert found.money.mid > 0


def test_what_is_unknown_most_stands_first(conversion: Setting) -> None:
    (lever,) = conversion.levers
    found = conversion.simulate({lever.link.id: lever.now - 300})
    assert {one.label for one in found.swings} == {
        "Effect of page load time",
        "Margin on an order",
    }
    widths = [one.width for one in found.swings]
    assert widths == sorted(widths, reverse=True)


def test_names_of_what_is_unknown_leave_all_the_width_to_their_bars(conversion: Setting) -> None:
    """On a phone there is no room for names beside bars: no axis holds them."""
    (lever,) = conversion.levers
    found = conversion.simulate({lever.link.id: lever.now - 300})
    drawn = tornado_chart(found).to_dict()
    by_mark = {layer["mark"]["type"]: layer for layer in drawn["layer"]}
    bars = by_mark["bar"]
    assert bars["encoding"]["y"]["axis"] is None
    assert "padding" not in drawn
    names, ends = (layer for layer in drawn["layer"] if layer["mark"]["type"] == "text")
    assert names["encoding"]["x"] == {"value": 0}
    assert ends["encoding"]["x"] == {"value": "width"}
    assert names["mark"]["dy"] < 0 < bars["mark"]["yOffset"]
    (rows,) = drawn["datasets"].values()
    assert [row["name"] for row in rows] == [one.label for one in found.swings]


def test_effects_of_two_levers_add_up(sample: Workspace) -> None:
    setting = read_setting(sample, "biz.tx_success", month=OCTOBER)
    levers = {lever.link.id: lever for lever in setting.levers}
    changes = {name: (lever.seen[0] + lever.now) / 2 for name, lever in levers.items()}
    assert len(changes) == 2
    both = setting.simulate(changes)
    alone = [setting.simulate({name: value}) for name, value in changes.items()]
    assert both.change.mid == pytest.approx(sum(one.change.mid for one in alone))
    widths = [one.change.high - one.change.low for one in (both, *alone)]
    assert max(widths[1:]) < widths[0] < sum(widths[1:])


def test_links_whose_effect_is_not_known_cannot_be_turned(sample: Workspace) -> None:
    found = whatif.simulate(sample, "biz.tx_success", {}, month=OCTOBER)
    assert "Releases that had to be undone" in found.not_counted
    with pytest.raises(UnknownNameError, match="There is no lever called 'cfr_to_tx_success'"):
        whatif.simulate(sample, "biz.tx_success", {"cfr_to_tx_success": 0.1}, month=OCTOBER)


def test_a_share_stays_between_nothing_and_all(sample: Workspace) -> None:
    lever = next(
        one
        for one in read_setting(sample, "biz.tx_success", month=OCTOBER).levers
        if one.link.id == "error_rate_to_tx_success"
    )
    found = whatif.simulate(sample, "biz.tx_success", {lever.link.id: 0.9}, month=OCTOBER)
    assert found.after.low == 0.0
    assert found.outside == (lever,)


def test_what_is_won_back_is_what_was_lost(sample: Workspace) -> None:
    """Without the outage the month is better by all of it: the same range, not a similar one."""
    setting = read_setting(sample, "biz.tx_success", month=date(2026, 10, 1))
    (shop,) = (
        one.contribution
        for one in setting.explanation.drivers
        if one.contribution.link.id == "availability_to_tx_success"
    )
    found = setting.simulate({"availability_to_tx_success": 0.0})
    assert shop.money is not None
    assert found.money is not None
    lost = (-shop.money.high, -shop.money.mid, -shop.money.low)
    assert (found.money.low, found.money.mid, found.money.high) == pytest.approx(lost, rel=1e-9)


@pytest.mark.parametrize(
    ("outcome", "link"),
    [
        pytest.param("biz.tx_success", "error_rate_to_tx_success", id="weighed by requests"),
        pytest.param("biz.conversion", "page_load_to_conversion", id="by visits"),
    ],
)
def test_a_driver_at_its_target_gives_back_what_its_distance_from_it_cost(
    sample: Workspace, outcome: str, link: str
) -> None:
    """The page and the what-if start from the same printed figure."""
    setting = read_setting(sample, outcome, month=date(2026, 10, 1))
    (lever,) = [one for one in setting.levers if one.link.id == link]
    (driver,) = [one for one in setting.explanation.drivers if one.contribution.link.id == link]
    target = sample.catalogue.target_for(lever.link.driver, month=date(2026, 10, 1), segment={})
    assert target is not None
    assert isinstance(target.target, float)
    found = setting.simulate({link: target.target})
    assert found.amount is not None
    assert found.amount[1].mid == pytest.approx(-driver.contribution.amount.mid, rel=1e-3)
    change = driver.reading.value - driver.reading.previous
    step = setting.simulate({link: lever.now + change}).change.mid
    assert driver.contribution.effect.mid == pytest.approx(step, rel=0.05)

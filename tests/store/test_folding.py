"""How facts of several origins, segments and grains fold: every number once, none in between."""

from datetime import date

import pytest

from kpi_engine.services.doctor import examine
from kpi_engine.services.facts import read_facts
from kpi_engine.terms import Grain
from tests.desk import Desk, fates

JULY, SEPTEMBER, OCTOBER = date(2026, 7, 1), date(2026, 9, 1), date(2026, 10, 1)
TIDY = "period,metric,segment,value\n"
PAIRS = "period,metric,segment,numerator,denominator\n"
TICKETS = "number,opened_at,resolved_at,closed_at,assignment_group,made_sla\n"
OUTAGES = "service,started_at,ended_at\n"


def ticket(number: int, hours: int, team: str = "Desk") -> str:
    return (
        f"INC{number},1/9/2026 00:00,1/9/2026 {hours:02d}:00,1/9/2026 {hours:02d}:00,{team},true\n"
    )


def test_a_stated_median_neither_replaces_ranked_events_nor_outlives_its_undo(desk: Desk) -> None:
    desk.save(TICKETS + ticket(1, 1) + ticket(2, 3) + ticket(3, 5))
    before = {g: desk.values("it.mttr", grain=g) for g in Grain if g is not Grain.DAY}
    teams = desk.values("it.mttr", team="Desk")
    desk.save(TIDY + "2026-09,it.mttr,all,99\n")
    assert desk.values("it.mttr") == {SEPTEMBER: 3.0}
    assert desk.values("it.mttr", team="Desk") == teams
    desk.undo(2)
    assert {g: desk.values("it.mttr", grain=g) for g in before} == before
    assert examine(desk.ws) == ()


def test_a_stated_median_counts_where_there_are_no_events(desk: Desk) -> None:
    desk.save(TIDY + "2026-08,it.mttr,all,4.5\n")
    assert desk.values("it.mttr") == {date(2026, 8, 1): 4.5}


def test_a_service_is_watched_between_the_outages_of_its_list(desk: Desk) -> None:
    desk.save(OUTAGES + "Shop,2026-01-10 10:00,2026-01-10 11:00\n")
    desk.save(OUTAGES + "Shop,2026-04-10 10:00,2026-04-10 11:00\n")
    months = [date(2026, month, 1) for month in (1, 2, 3, 4)]
    shop = desk.values("it.availability", service="Shop")
    assert list(shop) == months
    assert shop[months[1]] == 1.0
    desk.save(OUTAGES + "Mail,2026-02-10 10:00,2026-02-10 11:00\n")
    assert desk.values("it.availability", service="Shop") == shop
    desk.undo(2)
    assert list(desk.values("it.availability", service="Shop")) == months[:1]
    assert examine(desk.ws) == ()


def test_checks_take_over_from_a_list_in_their_own_months_only(desk: Desk) -> None:
    desk.save(
        OUTAGES + "Shop,2026-01-10 10:00,2026-01-10 11:00\nShop,2026-03-10 10:00,2026-03-10 11:00\n"
    )
    january = desk.values("it.availability", service="Shop")[date(2026, 1, 1)]
    header = "checked_at_utc,service,status\n"
    desk.save(header + "2026-03-20T00:00:00Z,Shop,up\n2026-03-20T12:00:00Z,Shop,up\n")
    values = desk.values("it.availability", service="Shop")
    assert values[date(2026, 1, 1)] == january
    assert values[date(2026, 3, 1)] == pytest.approx(12 / 13), "an hour down, twelve watched"
    assert examine(desk.ws) == ()


def test_a_ratio_counts_its_numerator_only_on_days_of_its_denominator(desk: Desk) -> None:
    orders = "".join(f"2026-09-{day:02d},biz.orders,all,10\n" for day in range(1, 31))
    visits = "".join(f"2026-09-{day:02d},base.sessions,all,100\n" for day in range(1, 11))
    desk.save(TIDY + orders + visits)
    assert desk.values("biz.conversion") == {SEPTEMBER: pytest.approx(0.1)}
    assert desk.values("biz.orders") == {SEPTEMBER: 300}


def test_a_denominator_known_by_the_month_serves_every_day(desk: Desk) -> None:
    desk.save(TICKETS + ticket(1, 1) + ticket(2, 3))
    desk.save(TIDY + "2026-09,base.active_users,all,50\n")
    assert desk.values("it.incidents_per_100") == {SEPTEMBER: pytest.approx(4.0)}


def test_overlapping_sets_of_segments_are_never_added(desk: Desk) -> None:
    desk.save(
        TIDY + "2026-09,it.critical_incidents,service=Shop,5\n"
        "2026-09,it.critical_incidents,team=Desk,5\n"
        "2026-09,it.critical_incidents,service=Shop;team=Desk,3\n"
    )
    assert desk.values("it.critical_incidents") == {SEPTEMBER: 5}
    assert desk.values("it.critical_incidents", service="Shop") == {SEPTEMBER: 5}


def test_segments_of_different_grains_add_up(desk: Desk) -> None:
    daily = "".join(f"2026-09-{day:02d},biz.orders,channel=web,10\n" for day in range(1, 31))
    desk.save(TIDY + daily + "2026-09,biz.orders,channel=app,500\n")
    assert desk.values("biz.orders") == {SEPTEMBER: 800}


def test_a_stated_quarter_is_kept_and_beats_its_months(desk: Desk) -> None:
    desk.save(PAIRS + "2026-Q3,biz.tool_sat,all,40,50\n")
    assert desk.values("biz.tool_sat", grain=Grain.QUARTER) == {JULY: 0.8}
    desk.save("period,metric,numerator,denominator\n2026-09,biz.tool_sat,1,10\n", "b.csv")
    assert desk.values("biz.tool_sat", grain=Grain.QUARTER) == {JULY: 0.8}
    desk.undo(1)
    assert desk.values("biz.tool_sat", grain=Grain.QUARTER) == {JULY: 0.1}
    assert examine(desk.ws) == ()


def stated(metric: str, *months: str) -> str:
    """1 of 4 in the first month, 2 of 4 in the second, and so on."""
    return "period,metric,numerator,denominator\n" + "".join(
        f"{month},{metric},{number},4\n" for number, month in enumerate(months, start=1)
    )


def told(desk: Desk, metric: str, grain: Grain) -> list[tuple[float | None, int | None]]:
    """Value and months of every period that is listed, oldest first."""
    return [(one.value, one.months) for one in read_facts(desk.ws, metric, grain=grain).values]


@pytest.mark.parametrize(
    ("months", "quarter"),
    [
        pytest.param(["2026-07", "2026-08", "2026-09"], (6 / 12, 3), id="whole"),
        pytest.param(["2026-07", "2026-08"], (3 / 8, 2), id="still running"),
        pytest.param(["2026-07", "2026-09"], (None, 2), id="a month is missing in between"),
        pytest.param(["2026-08", "2026-09"], (None, 2), id="it begins too late"),
    ],
)
@pytest.mark.parametrize("metric", ["biz.demo_ok", "it.page_load"])
def test_a_quarter_says_how_many_months_it_has_and_is_not_known_with_a_gap(
    desk: Desk, metric: str, months: list[str], quarter: tuple[float | None, int]
) -> None:
    desk.save(stated(metric, *months))
    assert told(desk, metric, Grain.QUARTER) == [quarter]


def test_a_sum_with_a_gap_is_not_known_until_the_gap_is_filled(desk: Desk) -> None:
    desk.save(TIDY + "2026-07,biz.orders,all,100\n2026-09,biz.orders,all,100\n")
    assert told(desk, "biz.orders", Grain.QUARTER) == [(None, 2)]
    desk.save(TIDY + "2026-08,biz.orders,all,50\n", "b.csv")
    assert told(desk, "biz.orders", Grain.QUARTER) == [(250, 3)]
    desk.undo(2)
    assert told(desk, "biz.orders", Grain.QUARTER) == [(None, 2)]
    assert examine(desk.ws) == ()


def test_a_stock_needs_only_its_newest_month_and_still_says_what_is_missing(desk: Desk) -> None:
    desk.save(TIDY + "2026-07,base.headcount,all,100\n2026-09,base.headcount,all,120\n")
    assert told(desk, "base.headcount", Grain.QUARTER) == [(120, 2)]


def test_a_year_that_is_running_is_known_so_far(desk: Desk) -> None:
    desk.save(stated("biz.demo_ok", *(f"2026-{month:02d}" for month in range(1, 4))))
    assert told(desk, "biz.demo_ok", Grain.YEAR) == [(6 / 12, 3)]


def test_nothing_counted_in_a_month_is_no_gap(desk: Desk) -> None:
    rows = "2026-07,biz.demo_ok,1,2\n2026-08,biz.demo_ok,0,0\n2026-09,biz.demo_ok,4,4\n"
    desk.save("period,metric,numerator,denominator\n" + rows)
    assert told(desk, "biz.demo_ok", Grain.QUARTER) == [(5 / 6, 3)]


@pytest.mark.parametrize("month", ["2026-07", "2026-09"])
def test_a_level_taken_by_the_quarter_is_known_from_any_month_of_it(desk: Desk, month: str) -> None:
    """As a share without its parts too: nothing has to be averaged."""
    desk.save(TIDY + f"{month},biz.tool_sat,all,0.7\n")
    assert told(desk, "biz.tool_sat", Grain.QUARTER) == [(0.7, 3)]
    assert told(desk, "biz.tool_sat", Grain.YEAR) == []


def test_stated_medians_are_never_added_into_a_quarter(desk: Desk) -> None:
    desk.save(TIDY + "".join(f"2026-0{month},it.mttr,all,4.5\n" for month in (7, 8, 9)))
    assert told(desk, "it.mttr", Grain.QUARTER) == []


def test_days_and_whole_months_together_make_the_days_of_a_quarter(desk: Desk) -> None:
    daily = "".join(f"2026-08-{day:02d},biz.orders,all,1\n" for day in range(1, 21))
    desk.save(TIDY + "2026-07,biz.orders,all,100\n" + daily + "2026-09,biz.orders,all,100\n")
    (quarter,) = read_facts(desk.ws, "biz.orders", grain=Grain.QUARTER).values
    assert (quarter.value, quarter.days, quarter.months) == (220, 31 + 20 + 30, 3)


@pytest.mark.parametrize(
    ("row", "metric", "expected"),
    [
        pytest.param("2026-09,it.deploy_freq,all,2.5,,", "it.deploy_freq", 2.5, id="per week"),
        pytest.param("2026-09,it.spend_var,all,,102,100", "it.spend_var", 0.02, id="against"),
        pytest.param("2026-09,biz.lost_hours,all,,190,100", "biz.lost_hours", 1.9, id="hours"),
        pytest.param("2026-09,biz.nps,all,,20,100", "biz.nps", 20, id="points"),
    ],
)
def test_what_is_stated_is_read_in_the_unit_that_is_shown(
    desk: Desk, row: str, metric: str, expected: float
) -> None:
    desk.save(f"period,metric,segment,value,numerator,denominator\n{row}\n")
    assert desk.values(metric) == {SEPTEMBER: pytest.approx(expected)}


def test_a_repeated_row_replaces_the_earlier_one_whole(desk: Desk) -> None:
    text = (
        "period,metric,segment,value,numerator,denominator\n"
        "2026-09,biz.tx_success,all,,5,10\n2026-09,biz.tx_success,all,0.6,,\n"
    )
    assert fates(desk.preview(text)) == {"new": 1, "duplicate": 1}
    desk.save(text)
    assert desk.values("biz.tx_success") == {SEPTEMBER: 0.6}

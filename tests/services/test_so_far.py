"""An open month is held against as many days of other months, or against nothing."""

from datetime import date

import pytest

from kpi_engine.errors import StoreError
from kpi_engine.services import explore, scorecard
from kpi_engine.services.checklist import read_close
from kpi_engine.services.month_readings import read_readings
from kpi_engine.services.outcomes import explain
from kpi_engine.services.rows_behind import rows_behind
from kpi_engine.services.series import wanted
from kpi_engine.terms import Grain, Status, Variation
from kpi_engine.words.rows_behind import headline
from tests.services.tiny import days, open_workspace, save, shares, values

REVENUE, SHARE = "biz.revenue", "biz.tx_success"
OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)
TARGET = {"metric": REVENUE, "valid_from": "2020-01-01", "target": 3000.0, "red_line": 2000.0}


@pytest.fixture
def ws(tmp_path):
    """Revenue by the day: 100 in September and October, 90 a year before; 30 days a month or so."""
    found = open_workspace(
        tmp_path / "home", scorecard=[REVENUE, SHARE], targets=[TARGET], closing_day=5
    )
    whole = dict.fromkeys(days("2026-09-01", "2026-10-31"), 100.0)
    values(found, REVENUE, dict.fromkeys(days("2025-11-01", "2025-11-30"), 90.0) | whole)
    yield found
    found.close()


def november(ws, metric=REVENUE):
    (found,) = read_readings(ws, [wanted(metric)], month=NOVEMBER)
    return found


def test_twelve_days_are_held_against_twelve_days(ws):
    values(
        ws, REVENUE, dict.fromkeys(days("2026-11-01", "2026-11-12"), 110.0), at="2026-11-13 08:00"
    )

    found = november(ws)

    assert found.is_open
    assert (found.value, found.days_so_far) == (1320.0, 12)
    assert (found.previous, found.change) == (1200.0, 120.0)
    assert (found.year_ago, found.change_on_year) == (1080.0, 240.0)


def test_a_month_that_is_not_over_cannot_be_closed(ws):
    values(
        ws, REVENUE, dict.fromkeys(days("2026-11-01", "2026-11-12"), 110.0), at="2026-11-13 08:00"
    )
    with pytest.raises(StoreError, match="November 2026 is still filling up"):
        read_close(ws, NOVEMBER)
    assert not read_close(ws, OCTOBER).is_closed


def test_once_the_month_is_complete_it_is_held_against_whole_months(ws):
    values(
        ws, REVENUE, dict.fromkeys(days("2026-11-01", "2026-11-30"), 110.0), at="2026-12-01 08:00"
    )

    found = november(ws)

    assert not found.is_open
    assert found.days_so_far is None
    assert (found.previous, found.year_ago) == (3100.0, 2700.0)


@pytest.mark.parametrize(("at", "is_open"), [("2026-11-30", True), ("2026-12-01", False)])
def test_a_month_that_is_not_over_is_no_whole_one(ws, at, is_open):
    """On its last day one day is missing of any month; afterwards so few are let pass."""
    rows = dict.fromkeys(days("2026-11-01", "2026-11-29"), 110.0)
    values(ws, REVENUE, rows, at=f"{at} 08:00")

    assert november(ws).is_open is is_open
    answer = explore.query(ws, REVENUE, grain=Grain.MONTH)
    assert answer.whole.points[-1].is_open is is_open


def test_an_open_month_is_not_judged_and_shows_no_variation(ws):
    """1,320 would be far below every month before it."""
    values(
        ws, REVENUE, dict.fromkeys(days("2026-11-01", "2026-11-12"), 110.0), at="2026-11-13 08:00"
    )

    found = november(ws)

    assert found.judgement.status is Status.NOT_JUDGED
    assert found.verdict.variation is Variation.NOT_JUDGED
    assert found.history[-1].causes == ()


def test_days_missing_in_the_open_month_leave_nothing_to_compare(ws):
    """The sum of ten of twelve days is no fair match for twelve."""
    known = [day for day in days("2026-11-01", "2026-11-12") if day[-2:] not in {"04", "05"}]
    values(ws, REVENUE, dict.fromkeys(known, 110.0), at="2026-11-13 08:00")

    found = november(ws)

    assert found.value == 1100.0
    assert (found.previous, found.year_ago, found.change) == (None, None, None)


def test_a_month_that_is_over_and_lacks_days_is_held_against_nothing(ws):
    known = [
        day for day in days("2026-11-01", "2026-12-03") if not "2026-11-14" < day < "2026-11-19"
    ]
    values(ws, REVENUE, dict.fromkeys(known, 110.0), at="2026-12-04 08:00")

    found = november(ws)

    assert found.is_open
    assert (found.days_so_far, found.change) == (None, None)


def test_days_missing_in_the_other_month_leave_nothing_to_compare(tmp_path):
    found = open_workspace(tmp_path / "home", scorecard=[REVENUE])
    values(found, REVENUE, dict.fromkeys(days("2026-10-08", "2026-10-31"), 100.0))
    values(
        found, REVENUE, dict.fromkeys(days("2026-11-01", "2026-11-12"), 1.0), at="2026-11-13 08:00"
    )
    assert november(found).change is None
    found.close()


def test_a_shorter_month_has_no_such_days(tmp_path):
    """The first 29 days of March against February's 28: nothing is compared."""
    found = open_workspace(tmp_path / "home", scorecard=[REVENUE])
    every = days("2026-02-01", "2026-02-28") + days("2026-03-01", "2026-03-29")
    values(found, REVENUE, dict.fromkeys(every, 1.0), at="2026-03-30 08:00")
    (reading,) = read_readings(found, [wanted(REVENUE)], month=date(2026, 3, 1))
    assert reading.is_open
    assert (reading.days_so_far, reading.change) == (29, None)
    found.close()


@pytest.mark.parametrize(
    ("cases", "expected"),
    [
        pytest.param(9.0, None, id="108 and 90 cases: too few in October"),
        pytest.param(10.0, pytest.approx(0.05), id="120 cases and more"),
    ],
)
def test_rates_are_compared_where_there_are_enough_cases(ws, cases, expected):
    """Ten of twelve days' cases in October would do for less; 5 % more succeed in November."""
    october = dict.fromkeys(days("2026-10-01", "2026-10-31"), (cases * 0.9 * 0.9, cases * 0.9))
    shares(ws, SHARE, october)
    opened = dict.fromkeys(days("2026-11-01", "2026-11-12"), (cases * 0.95, cases))
    shares(ws, SHARE, opened, at="2026-11-13 08:00")

    assert november(ws, SHARE).change == expected


def test_a_figure_of_a_whole_month_has_no_days_to_compare(ws):
    """Given on the 13th for all of November: open, and nothing like it to hold it against."""
    values(ws, "biz.op_delay", {"2026-10": 30.0, "2026-11": 12.0}, at="2026-11-13 08:00")

    found = november(ws, "biz.op_delay")

    assert found.is_open
    assert found.change is None


def test_what_moved_an_open_month_is_not_explained(ws):
    values(
        ws, REVENUE, dict.fromkeys(days("2026-11-01", "2026-11-12"), 110.0), at="2026-11-13 08:00"
    )

    found = explain(ws, REVENUE, month=NOVEMBER)

    assert found.outcome.change == 120.0
    assert (found.movement, found.remainder, found.identity) == (None, None, ())
    assert all(driver.contribution.effect is None for driver in found.drivers)


def test_the_open_month_can_be_asked_for_and_is_never_the_one_a_scorecard_opens_on(ws):
    values(
        ws, REVENUE, dict.fromkeys(days("2026-11-01", "2026-11-12"), 110.0), at="2026-11-13 08:00"
    )

    newest = scorecard.read(ws)
    asked = scorecard.read(ws, month=NOVEMBER)

    assert (newest.month, newest.open_months, newest.is_open) == (OCTOBER, (NOVEMBER,), False)
    assert NOVEMBER not in newest.months
    assert asked.is_open
    assert asked.to_dict()["open_months"] == ["2026-11-01"]


def test_it_data_alone_open_a_month_for_those_who_brought_them(ws):
    loads = dict.fromkeys(days("2026-11-01", "2026-11-30"), 2.5)
    values(ws, "it.page_load", loads, at="2026-12-02 08:00")

    asked = scorecard.read(ws, month=NOVEMBER)

    assert (asked.open_months, asked.is_open) == ((NOVEMBER,), True)
    assert {row.outcome.value for row in asked.rows} == {None}
    assert scorecard.read(ws).month == OCTOBER


def test_without_data_after_the_newest_month_none_is_open(ws):
    assert scorecard.read(ws).open_months == ()


def test_a_source_that_goes_on_ends_the_months_of_all_that_is_counted_from_it(tmp_path):
    """No release failed after October: what is counted of failed ones has no day of its own."""

    def release(day, failed):
        ended = f"{day} 12:00:00" if failed else ""
        return (day, "Shop", "production", f"{day} 10:00:00", str(failed).lower(), ended)

    header = "deployment_id,service,environment,finished_at,caused_incident,restored_at"
    found = open_workspace(tmp_path / "home", scorecard=["biz.orders"])
    until = [
        release(day, day.endswith(("05", "12", "19", "26")))
        for day in days("2026-06-01", "2026-10-30")
    ]
    save(found, header, until, at="2026-10-31 08:00", recipe="deployments")
    since = [release(day, False) for day in days("2026-10-31", "2026-11-15")]
    save(found, header, since, at="2026-11-16 08:00", recipe="deployments")
    (reading,) = read_readings(found, [wanted("it.recovery")], month=OCTOBER)
    assert not reading.is_open
    assert not explore.query(found, "it.recovery", grain=Grain.MONTH).whole.points[-1].is_open
    found.close()


@pytest.mark.parametrize("grain", [Grain.WEEK, Grain.MONTH, Grain.QUARTER, Grain.YEAR])
def test_rows_of_an_open_period_are_those_so_far(tmp_path, grain):
    """A country that is sold to no more has ended; the whole goes on."""
    found = open_workspace(tmp_path / "home", scorecard=[REVENUE])
    rows = [(day, REVENUE, "country=France", 10) for day in days("2026-01-01", "2026-10-29")]
    rows += [(day, REVENUE, "country=Germany", 10) for day in days("2026-01-01", "2026-03-10")]
    save(found, "period,metric,segment,value", rows, at="2026-10-30 08:00")
    organisation = found.catalogue.organisation
    for segment, day, is_open in (
        ({}, date(2026, 10, 29), True),
        ({"country": "Germany"}, date(2026, 3, 10), False),
    ):
        opened = rows_behind(found, REVENUE, period=day, grain=grain, segment=segment)
        if grain is Grain.YEAR and segment:
            continue  # the year of the whole is open, and so is that of its parts
        assert opened.is_open is is_open
        assert (" so far, " in headline(opened, organisation)) is is_open
    found.close()

"""Where the year will end: worked by hand where it is over, and held to what is missing."""

from datetime import date

import pytest
import yaml

from kpi_engine.periods import months_between
from kpi_engine.services.landing import NotSaid
from kpi_engine.services.outcomes import explain
from kpi_engine.terms import Trajectory
from kpi_engine.workspace import Workspace
from tests.services.tiny import days, open_workspace, shares, values

REVENUE, SHARE, STOCK = "biz.revenue", "biz.tx_success", "it.patch"
DECEMBER = date(2026, 12, 1)


def phased(metric, year, target, red_line):
    """A target for each month of a year: ``target`` in the first half, twice that in the second."""
    return [
        {
            "metric": metric,
            "valid_from": f"{month:%Y-%m-%d}",
            "target": target * (1 + (month.month > 6)),
            "red_line": red_line,
        }
        for month in months_between(date(year, 1, 1), date(year, 12, 1))
    ]


def monthly(first, last, of):
    """Whole-month figures: month to what ``of`` makes of it."""
    return {f"{month:%Y-%m}": of(month) for month in months_between(first, last)}


def landing(tmp_path, metric, month, fill, *, targets=(), **organisation):
    shown = [metric] if metric.startswith("biz.") else []
    ws = open_workspace(tmp_path / "home", scorecard=shown, targets=targets, **organisation)
    fill(ws)
    found = explain(ws, metric, month=month)
    ws.close()
    return found.landing


def test_a_year_that_is_over_is_its_sum_against_the_sum_of_its_targets(tmp_path):
    def fill(ws):
        values(
            ws, REVENUE, monthly(date(2026, 1, 1), DECEMBER, lambda _: 150.0), at="2027-01-02 08:00"
        )

    found = landing(tmp_path, REVENUE, DECEMBER, fill, targets=phased(REVENUE, 2026, 100.0, 10.0))

    assert found.is_over
    assert (found.ends.low, found.ends.high) == (1800.0, 1800.0)
    assert found.target == 6 * 100 + 6 * 200
    assert found.trajectory is Trajectory.MET


def test_a_ratio_and_its_target_are_weighted_by_what_it_is_divided_by(tmp_path):
    """Half a year of 100 cases at 90 %, half a year of 300 cases at 98 %; 48 %, then 96 %."""

    def part(month):
        return (90.0, 100.0) if month.month <= 6 else (294.0, 300.0)

    def fill(ws):
        shares(ws, SHARE, monthly(date(2026, 1, 1), DECEMBER, part), at="2027-01-02 08:00")

    found = landing(tmp_path, SHARE, DECEMBER, fill, targets=phased(SHARE, 2026, 0.48, 0.1))

    assert found.ends.mid == pytest.approx((90 + 294) / 400)
    assert found.target == pytest.approx((0.48 * 100 + 0.96 * 300) / 400)
    assert found.trajectory is Trajectory.MET


def test_a_stock_ends_the_year_where_its_last_month_does(tmp_path):
    def fill(ws):
        by_month = monthly(date(2026, 1, 1), DECEMBER, lambda month: float(month.month))
        values(ws, STOCK, by_month, at="2027-01-02 08:00")

    found = landing(tmp_path, STOCK, DECEMBER, fill)

    assert found.ends.mid == 12.0


def test_a_running_year_is_a_range_that_holds_what_is_in(tmp_path):
    """Three years of the same course: ten months are in, two like those of before are to come."""
    course = [100, 90, 95, 100, 105, 100, 98, 99, 101, 110, 140, 160]

    def fill(ws):
        by_month = monthly(
            date(2023, 1, 1),
            date(2026, 10, 1),
            lambda month: float(course[month.month - 1] + (month.year * month.month) % 3),
        )
        values(ws, REVENUE, by_month)

    found = landing(
        tmp_path, REVENUE, date(2026, 10, 1), fill, targets=phased(REVENUE, 2026, 100.0, 10.0)
    )

    assert (found.periods_in, found.periods) == (10, 12)
    assert found.ends.low < sum(course) + 12 < found.ends.high + 12
    assert found.ends.low < found.narrow[0] < found.ends.mid < found.narrow[1] < found.ends.high
    assert found.ends.high - found.ends.low < 40
    assert found.trajectory is Trajectory.OFF_TRACK


def test_nothing_is_said_while_a_month_in_between_is_missing(tmp_path):
    def fill(ws):
        by_month = monthly(date(2025, 1, 1), date(2026, 10, 1), lambda _: 100.0)
        del by_month["2026-04"]
        values(ws, REVENUE, by_month)

    found = landing(tmp_path, REVENUE, date(2026, 10, 1), fill)

    assert found.ends is None
    assert found.reason is NotSaid.MISSING
    assert found.missing == (date(2026, 4, 1),)
    assert found.trajectory is Trajectory.NOT_JUDGED


@pytest.mark.parametrize(
    ("first", "reason"),
    [
        pytest.param(date(2026, 6, 1), NotSaid.TOO_LITTLE, id="five months"),
        pytest.param(date(2026, 5, 1), None, id="six months"),
    ],
)
def test_never_from_fewer_than_six_values(tmp_path, first, reason):
    def fill(ws):
        by_month = monthly(first, date(2026, 10, 1), lambda month: 100.0 + month.month % 3)
        values(ws, REVENUE, by_month)

    year_starts_in = first.month
    found = landing(tmp_path, REVENUE, date(2026, 10, 1), fill, year_starts_in=year_starts_in)

    assert found.reason is reason


def test_a_range_that_holds_anything_is_not_given(tmp_path):
    """Six months of a measure that moves by factors: half a year ahead, any number is possible."""
    ws = open_workspace(tmp_path / "home", scorecard=["biz.orders"], year_starts_in=5)
    ws.close()
    own = ws.catalogue.metric("biz.orders").model_dump(mode="json", exclude_defaults=True)
    (ws.home / "definitions" / "metrics.yaml").write_text(
        yaml.safe_dump({"metrics": [own | {"moves": "log"}]})
    )
    again = Workspace.open(ws.home)
    jumps = iter([1.0, 400.0, 3.0, 900.0, 2.0, 50.0])
    values(again, "biz.orders", monthly(date(2026, 5, 1), date(2026, 10, 1), lambda _: next(jumps)))

    found = explain(again, "biz.orders", month=date(2026, 10, 1)).landing
    again.close()

    assert (found.ends, found.reason) == (None, NotSaid.TOO_LITTLE)


def test_a_month_that_is_still_open_is_forecast_and_not_counted(tmp_path):
    """Twelve days of November, worth hardly anything, say nothing of where the year will end."""

    def fill(ws):
        by_month = monthly(
            date(2024, 1, 1), date(2026, 10, 1), lambda month: 3000.0 + month.month % 4
        )
        values(ws, REVENUE, by_month)
        values(ws, REVENUE, dict.fromkeys(days("2026-11-01", "2026-11-12"), 1.0))

    found = landing(tmp_path, REVENUE, date(2026, 11, 1), fill)

    assert found.periods_in == 10
    assert found.ends.low > 35_000


def test_a_fiscal_year_ends_with_its_own_last_month(tmp_path):
    def fill(ws):
        by_month = monthly(date(2025, 4, 1), date(2026, 3, 1), lambda _: 10.0)
        values(ws, REVENUE, by_month)

    found = landing(tmp_path, REVENUE, date(2026, 3, 1), fill, year_starts_in=4)

    assert found.first == date(2025, 4, 1)
    assert found.ends.mid == 120.0


def test_without_a_target_for_every_month_the_year_has_none(tmp_path):
    def fill(ws):
        values(
            ws, REVENUE, monthly(date(2026, 1, 1), DECEMBER, lambda _: 1.0), at="2027-01-02 08:00"
        )

    late = [{"metric": REVENUE, "valid_from": "2026-07-01", "target": 1.0, "red_line": 0.5}]
    found = landing(tmp_path, REVENUE, DECEMBER, fill, targets=late)

    assert found.target is None
    assert found.trajectory is Trajectory.NOT_JUDGED


def test_the_sample_company_is_told_where_its_year_will_end(sample):
    """Time to market is a median, which no year is made of; everything else has a range."""
    said = {
        name: explain(sample, name, month=date(2026, 10, 1)).landing
        for name in sample.catalogue.organisation.scorecard
    }
    assert said.pop("biz.ttm").reason is NotSaid.DOES_NOT_FOLD
    assert all(one.ends.low < one.ends.high for one in said.values())
    assert said["biz.revenue"].target == 13_540_000
    assert said["biz.lost_hours"].target == pytest.approx(12 * 1.5)


def test_years_of_the_sample_company_ended_inside_their_ranges(sample):
    """Looked at from 2025, with only what lay before: nine in ten then ended inside."""
    names = ("biz.revenue", "biz.tx_success", "biz.conversion", "biz.csat", "biz.lost_hours")
    inside = 0
    for name in names:
        end = explain(sample, name, month=date(2025, 12, 1)).landing.ends.mid
        for month in (3, 6, 9, 11):
            then = explain(sample, name, month=date(2025, month, 1)).landing.ends
            inside += then.low <= end <= then.high
    assert inside >= 18

from datetime import date

import pytest

from kpi_engine.periods import add_months
from kpi_engine.services import scorecard, wins
from kpi_engine.services.initiatives import read_initiatives
from kpi_engine.services.judging import status_in
from kpi_engine.services.month_readings import read_readings
from kpi_engine.services.series import wanted
from kpi_engine.terms import Assurance, Status, Variation
from kpi_engine.workspace import Workspace
from tests.services.tiny import days, open_workspace, save, shares, values

AUGUST, SEPTEMBER, OCTOBER = date(2026, 8, 1), date(2026, 9, 1), date(2026, 10, 1)
DEMOS, SATISFACTION, ORDERS = "biz.demo_ok", "biz.tool_sat", "biz.orders"


@pytest.fixture
def ws(tmp_path):
    found = open_workspace(
        tmp_path / "home",
        scorecard=[DEMOS],
        targets=[
            {"metric": DEMOS, "valid_from": date(2000, 1, 1), "target": 0.9, "red_line": 0.8},
            {"metric": DEMOS, "valid_from": SEPTEMBER, "target": 0.97, "red_line": 0.95},
        ],
    )
    yield found
    found.close()


def read(ws, metric, month=OCTOBER, as_of=None):
    (found,) = read_readings(ws, [wanted(metric)], month=month, as_of=as_of)
    return found


def test_each_month_is_judged_by_the_target_that_held_in_it(ws):
    shares(ws, DEMOS, {"2026-08": (96, 100), "2026-09": (96, 100), "2026-10": (98, 100)})

    october = read(ws, DEMOS)

    assert [point.target for point in october.history[-3:]] == [0.9, 0.97, 0.97]
    assert october.judgement.status is Status.ON_TARGET
    assert read(ws, DEMOS, SEPTEMBER).judgement.status is Status.NEAR_TARGET
    assert read(ws, DEMOS, AUGUST).judgement.status is Status.ON_TARGET
    statuses = [status_in(october, ws.catalogue, month) for month in (AUGUST, SEPTEMBER)]
    assert statuses == [Status.ON_TARGET, Status.NEAR_TARGET]


def test_an_earlier_month_of_which_days_are_missing_is_not_judged_by_a_later_one(tmp_path):
    """Ten days of September are no fall in orders, and October no recovery."""
    target = {"metric": ORDERS, "valid_from": date(2000, 1, 1), "target": 100, "red_line": 80}
    ws = open_workspace(tmp_path / "home", scorecard=[ORDERS], targets=[target])
    there = [
        *days("2026-07-01", "2026-08-31"),
        *days("2026-09-01", "2026-09-10"),
        *days("2026-10-01", "2026-10-31"),
    ]
    values(ws, ORDERS, dict.fromkeys(there, 4))

    october = read(ws, ORDERS)

    assert [point.is_short for point in october.history[-4:]] == [False, False, True, False]
    assert read(ws, ORDERS, SEPTEMBER).judgement.status is Status.NOT_JUDGED
    assert status_in(october, ws.catalogue, SEPTEMBER) is Status.NOT_JUDGED
    assert status_in(october, ws.catalogue, AUGUST) is Status.ON_TARGET
    card = scorecard.read(ws, month=OCTOBER)
    assert wins.wins_of(ws, card, read_initiatives(ws, month=OCTOBER)).drafts == ()
    ws.close()


def test_year_to_date_adds_the_parts_and_divides_once(ws):
    """(1 + 90) of (2 + 100); the mean of 50 % and 90 % would be 70 %."""
    shares(ws, DEMOS, {"2026-01": (1, 2), "2026-02": (90, 100)})

    assert read(ws, DEMOS, date(2026, 2, 1)).year_to_date == pytest.approx(91 / 102)


def test_year_to_date_starts_with_the_fiscal_year(tmp_path):
    ws = open_workspace(tmp_path / "home", scorecard=["biz.op_delay"], year_starts_in=4)
    values(ws, "biz.op_delay", {"2026-03": 1000, "2026-04": 10, "2026-05": 20})

    assert read(ws, "biz.op_delay", date(2026, 5, 1)).year_to_date == 30
    ws.close()


def test_a_year_with_a_missing_month_has_no_total(ws):
    values(ws, "biz.op_delay", {"2026-01": 10, "2026-03": 30})

    assert read(ws, "biz.op_delay", date(2026, 3, 1)).year_to_date is None
    assert read(ws, "biz.op_delay", date(2026, 1, 1)).year_to_date == 10


def test_a_share_of_a_year_with_a_missing_month_is_not_known_either(ws):
    """The same rule as for sums; a month in which nothing was counted is not missing."""
    january, march = {"2026-01": (1, 2)}, {"2026-03": (90, 100)}
    shares(ws, DEMOS, january | march)
    assert read(ws, DEMOS, date(2026, 3, 1)).year_to_date is None

    shares(ws, DEMOS, {"2026-02": (0, 0)})
    assert read(ws, DEMOS, date(2026, 3, 1)).year_to_date == pytest.approx(91 / 102)


def test_a_stock_to_date_is_its_newest_whatever_came_before(ws):
    values(ws, "base.headcount", {"2026-01": 10, "2026-03": 30})

    assert read(ws, "base.headcount", date(2026, 3, 1)).year_to_date == 30
    assert read(ws, "base.headcount", date(2026, 2, 1)).year_to_date is None


def test_a_quarter_of_which_days_are_missing_has_no_status(tmp_path):
    """Answers came in on every day of the summer but not in September."""
    target = {"metric": "biz.tool_sat", "valid_from": date(2000, 1, 1)}
    ws = open_workspace(tmp_path / "home", targets=[target | {"target": 0.7, "red_line": 0.6}])
    given = dict.fromkeys(days("2026-04-01", "2026-08-31"), (5, 10))
    shares(ws, "biz.tool_sat", given, at="2026-10-05 08:00")

    summer, spring = (read(ws, "biz.tool_sat", month) for month in (SEPTEMBER, date(2026, 6, 1)))

    assert (summer.value, summer.judgement.status) == (0.5, Status.NOT_JUDGED)
    assert (summer.freshness.days_covered, summer.freshness.days_due) == (62, 92)
    assert (spring.value, spring.judgement.status) == (0.5, Status.OFF_TARGET)
    ws.close()


def test_a_quarterly_measure_shows_its_last_quarter_and_compares_with_the_one_before(ws):
    shares(ws, "biz.tool_sat", {"2026-06": (70, 100), "2026-09": (73, 100)})

    october = read(ws, "biz.tool_sat")

    assert (october.value, october.previous) == (0.73, 0.70)
    assert october.change == pytest.approx(0.03)
    assert october.freshness.is_complete
    assert october.freshness.data_through == date(2026, 9, 30)
    assert [point.value for point in october.history[-5:]] == [0.70, None, None, 0.73, None]


def test_a_value_changed_after_the_closing_day_shows_what_it_was(ws):
    shares(ws, DEMOS, {"2026-10": (98, 100)}, at="2026-11-02 08:00")
    shares(ws, DEMOS, {"2026-10": (93, 100)}, at="2026-11-09 08:00")

    october = read(ws, DEMOS)

    assert (october.value, october.restated_from) == (0.93, 0.98)
    assert not october.was_published, "nobody published October, so it was not restated"


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        pytest.param((98.05, 100), None, id="too little to matter"),
        pytest.param((98.3, 100), 0.98, id="more than a tenth of the way to the target"),
        pytest.param((99.5, 100), 0.98, id="more than one percent"),
    ],
)
def test_only_changes_that_matter_are_restatements(ws, after, expected):
    shares(ws, DEMOS, {"2026-10": (98, 100)}, at="2026-11-02 08:00")
    shares(ws, DEMOS, {"2026-10": after}, at="2026-11-09 08:00")

    assert read(ws, DEMOS).restated_from == expected


def test_a_corrected_month_is_still_named_beside_the_month_after(ws):
    """September was 98 % on its closing day and is 93 % by the time October is read."""
    shares(ws, DEMOS, {"2026-09": (98, 100)}, at="2026-10-02 08:00")
    shares(ws, DEMOS, {"2026-09": (93, 100), "2026-10": (95, 100)}, at="2026-11-02 08:00")

    reading = read(ws, DEMOS)

    assert (reading.previous, reading.previous_restated_from) == (0.93, 0.98)
    assert reading.restated_from is None


def test_a_quarter_is_shown_as_its_last_month_and_restated_as_a_quarter(ws):
    """In October the quarter to September is shown; it was 70 % when September was closed."""
    june, september = {"2026-06": (71, 100)}, {"2026-09": (70, 100)}
    shares(ws, "biz.tool_sat", june | september, at="2026-10-02 08:00")
    shares(ws, "biz.tool_sat", {"2026-09": (75, 100)}, at="2026-11-02 08:00")

    reading = read(ws, "biz.tool_sat")

    assert reading.shown_month == date(2026, 9, 1)
    assert (reading.value, reading.restated_from) == (0.75, 0.70)
    assert (reading.previous, reading.previous_restated_from) == (0.71, None)


def test_a_correction_before_the_closing_day_is_no_restatement(ws):
    shares(ws, DEMOS, {"2026-10": (98, 100)}, at="2026-11-02 08:00")
    shares(ws, DEMOS, {"2026-10": (93, 100)}, at="2026-11-03 23:00")

    assert read(ws, DEMOS).restated_from is None


def test_a_month_that_filled_up_late_was_late_not_restated(ws):
    october = days("2026-10-01", "2026-10-31")
    values(ws, "base.sessions", dict.fromkeys(days("2026-09-01", "2026-09-30"), 100))
    values(ws, "base.sessions", dict.fromkeys(october[:12], 100), at="2026-11-02 08:00")
    values(ws, "base.sessions", dict.fromkeys(october[12:], 100), at="2026-11-09 08:00")

    reading = read(ws, "base.sessions")

    assert (reading.value, reading.restated_from) == (3100, None)


def test_an_older_tick_gives_the_older_answer(ws):
    first = shares(ws, DEMOS, {"2026-10": (98, 100)})
    shares(ws, DEMOS, {"2026-10": (93, 100)}, at="2026-11-09 08:00")

    assert read(ws, DEMOS, as_of=first.id).value == 0.98
    assert read(ws, DEMOS).value == 0.93


def test_a_metric_without_data_is_no_data_not_zero(ws):
    reading = read(ws, DEMOS)

    assert (reading.value, reading.previous, reading.change) == (None, None, None)
    assert reading.judgement.status is Status.NO_DATA
    assert not reading.freshness.is_complete
    assert reading.freshness.data_through is None


def test_a_months_verdict_stays_what_it_was_when_later_months_arrive(ws):
    """Sixteen ordinary months, then one of a hundred demos more goes wrong every month."""
    began = date(2024, 1, 1)
    good = [96 + month % 2 for month in range(16)] + [92 - month for month in range(14)]
    rows = {f"{add_months(began, at):%Y-%m}": (count, 100) for at, count in enumerate(good)}
    shares(ws, DEMOS, dict(list(rows.items())[:20]))
    shares(ws, DEMOS, dict(list(rows.items())[20:]))

    then, now = (read(ws, DEMOS, add_months(began, 19), as_of=tick) for tick in (1, 2))
    later = [read(ws, DEMOS, add_months(began, at)) for at in range(16, 30)]

    assert (now.verdict, now.usual_range) == (then.verdict, then.usual_range)
    assert {one.usual_months for one in later} == {(began, date(2024, 12, 1))}
    # Seven that fall in a row begin with the last ordinary month, which is none of those that fell.
    assert [one.verdict.run for one in later] == [*range(1, 15)]


NEW_SERVICE = """
baselines:
  - metric: biz.demo_ok
    valid_from: 2025-01-01
    because: A new conference service.
    agreed_by: {business: Head of sales, it: Head of networks}
"""


def test_from_a_new_baseline_on_the_usual_range_is_another(ws):
    began = date(2024, 1, 1)
    good = [91 - month % 2 for month in range(12)] + [98 - month % 2 for month in range(12)]
    shares(ws, DEMOS, {f"{add_months(began, at):%Y-%m}": (n, 100) for at, n in enumerate(good)})
    newest = add_months(began, 23)
    before = read(ws, DEMOS, newest)
    assert before.assurance is Assurance.NOT_JUDGED
    assert (before.verdict.variation, before.verdict.run) == (Variation.BETTER, 12)

    (ws.home / "definitions" / "new_service.yaml").write_text(NEW_SERVICE)
    ws.close()
    ws = Workspace.open(ws.home)
    after = read(ws, DEMOS, newest)
    assert after.verdict.variation is Variation.USUAL
    assert after.usual_months == (date(2025, 1, 1), newest)
    assert [one.because for one in after.baselines] == ["A new conference service."]
    first, second = after.usual_stretches
    assert (first[1], second[0]) == (date(2024, 12, 1), date(2025, 1, 1))
    assert (first[2].mean, second[2].mean) == pytest.approx((0.905, 0.975))
    # With seven of twelve months the new range is on trial.
    assert read(ws, DEMOS, date(2025, 7, 1)).verdict.is_trial
    ws.close()


def test_a_quarterly_measure_has_a_usual_range_of_quarters(ws):
    quarters = [f"{year}-Q{quarter}" for year in (2023, 2024, 2025) for quarter in (1, 2, 3, 4)]
    rows = [(period, SATISFACTION, 70 + at % 2, 100) for at, period in enumerate(quarters)]
    save(ws, "period,metric,numerator,denominator", rows)
    found = read(ws, SATISFACTION, date(2025, 12, 1))
    assert (found.usual_range.points, found.usual_range.is_trial) == (12, False)
    assert found.verdict.variation is Variation.USUAL


def test_a_change_is_not_measured_from_a_month_with_which_the_export_begins(tmp_path):
    """Two days of August, then whole months: September has nothing to be compared with."""
    ws = open_workspace(tmp_path / "home", scorecard=["biz.orders"])
    per_day = [("2026-08", [30, 31]), ("2026-09", range(1, 31)), ("2026-10", range(1, 32))]
    rows = [(f"{month}-{day:02}", "biz.orders", 5) for month, at in per_day for day in at]
    save(ws, "period,metric,value", rows)

    assert read(ws, "biz.orders", SEPTEMBER).change is None
    assert read(ws, "biz.orders", OCTOBER).change == 5
    ws.close()

"""Weeks in files: kept by the week, folded into weeks, and never into months."""

from datetime import date

import pytest

from kpi_engine.services.doctor import examine
from kpi_engine.terms import Grain, RowFate
from tests.desk import Desk, fates

TIDY = "period,metric,segment,value\n"
PAIRS = "period,metric,segment,numerator,denominator\n"
W05 = date(2026, 1, 26)
"""Monday of 2026-W05, which ends on the first of February."""
NOT_WEEKS = [grain for grain in Grain if grain not in (Grain.DAY, Grain.WEEK)]


def weeks(desk: Desk, metric: str, **segment: str) -> dict[date, float]:
    return desk.values(metric, grain=Grain.WEEK, **segment)


@pytest.mark.parametrize(
    ("text", "monday"),
    [
        pytest.param("2026-W05", W05, id="as ISO 8601 writes it"),
        pytest.param("2026W05", W05, id="without a dash"),
        pytest.param("2026-W5", W05, id="one digit"),
        pytest.param("2026-W01", date(2025, 12, 29), id="begins in the year before"),
        pytest.param("2020-W53", date(2020, 12, 28), id="a year with 53 weeks"),
    ],
)
def test_a_week_counts_from_its_monday(desk: Desk, text: str, monday: date) -> None:
    preview = desk.preview(TIDY + f"{text},biz.orders,all,700\n")
    assert fates(preview) == {"new": 1}
    assert (preview.first_day, preview.last_day.toordinal()) == (monday, monday.toordinal() + 6)
    desk.save(TIDY + f"{text},biz.orders,all,700\n")
    assert weeks(desk, "biz.orders") == {monday: 700}


@pytest.mark.parametrize("text", ["2026-W54", "2025-W53", "2026-W00", "2026-W99"])
def test_a_week_that_no_year_has_is_rejected_in_a_sentence(desk: Desk, text: str) -> None:
    preview = desk.preview(TIDY + f"{text},biz.orders,all,700\n")
    (found,) = [one for one in preview.findings if one.line]
    assert preview.counts[RowFate.REJECTED] == 1
    assert (found.place, found.value) == ("period", text)
    assert found.sentence == "The year has no week of this number."
    assert found.next_step == "Weeks are numbered from 01 to 52, in some years to 53."


@pytest.mark.parametrize("text", ["2026-W", "2026-W051", "W05", "2026-W05-1", "26-W05"])
def test_what_is_no_week_is_no_period(desk: Desk, text: str) -> None:
    preview = desk.preview(TIDY + f"{text},biz.orders,all,700\n")
    (found,) = [one for one in preview.findings if one.line]
    assert found.sentence == "This is not a day, a week, a month or a quarter."


def test_weeks_are_never_folded_into_longer_periods(desk: Desk) -> None:
    preview = desk.preview(TIDY + "2026-W05,biz.orders,all,700\n2026-W06,biz.orders,all,70\n")
    assert preview.impacts == ()
    assert [found.sentence for found in preview.findings] == [
        "Weeks reach across months, so no month is worked out from them."
    ]
    desk.save(TIDY + "2026-W05,biz.orders,all,700\n2026-W06,biz.orders,all,70\n")
    assert weeks(desk, "biz.orders") == {W05: 700, date(2026, 2, 2): 70}
    assert {grain: desk.values("biz.orders", grain=grain) for grain in NOT_WEEKS} == {
        grain: {} for grain in NOT_WEEKS
    }
    assert examine(desk.ws) == ()


def test_months_stay_as_they_are_when_weeks_come_and_go(desk: Desk) -> None:
    desk.save(TIDY + "2026-01,biz.orders,all,3100\n2026-02,biz.orders,all,2800\n")
    before = desk.values("biz.orders")
    desk.save(TIDY + "2026-W05,biz.orders,all,700\n", "weeks.csv")
    assert desk.values("biz.orders") == before
    desk.save(TIDY + "2026-02,biz.orders,all,2801\n", "february.csv")
    assert weeks(desk, "biz.orders") == {W05: 700}, "a touched month folds its weeks again"
    desk.undo(2)
    assert weeks(desk, "biz.orders") == {}
    assert examine(desk.ws) == ()


def test_days_come_before_a_stated_week(desk: Desk) -> None:
    desk.save(TIDY + "2026-W05,biz.orders,all,700\n")
    days = "".join(f"2026-01-{day},biz.orders,all,10\n" for day in (26, 27))
    desk.save(TIDY + days, "days.csv")
    assert weeks(desk, "biz.orders") == {W05: 20}
    preview = desk.preview(TIDY + "2026-W05,biz.orders,all,701\n", "again.csv")
    assert any("kept, not used" in found.sentence for found in preview.findings)


@pytest.mark.parametrize(
    ("row", "metric", "expected"),
    [
        pytest.param("2026-W05,it.deploy_freq,all,2.5,,", "it.deploy_freq", 2.5, id="per week"),
        pytest.param("2026-W05,biz.tx_success,all,,97,100", "biz.tx_success", 0.97, id="ratio"),
        pytest.param("2026-W05,biz.tx_success,all,0.97,,", "biz.tx_success", 0.97, id="share"),
        pytest.param("2026-W05,it.mttr,all,4.5,,", "it.mttr", 4.5, id="median"),
        pytest.param("2026-W05,it.backlog_aged,all,12,,", "it.backlog_aged", 12, id="stock"),
    ],
)
def test_what_is_stated_of_a_week_is_read_in_the_unit_that_is_shown(
    desk: Desk, row: str, metric: str, expected: float
) -> None:
    desk.save(f"period,metric,segment,value,numerator,denominator\n{row}\n")
    assert weeks(desk, metric) == {W05: pytest.approx(expected)}


def test_weeks_of_segments_add_up_to_the_week_of_all(desk: Desk) -> None:
    desk.save(TIDY + "2026-W05,biz.orders,channel=web,600\n2026-W05,biz.orders,channel=app,100\n")
    assert weeks(desk, "biz.orders") == {W05: 700}
    assert weeks(desk, "biz.orders", channel="app") == {W05: 100}


def test_a_denominator_known_by_the_week_serves_every_day_of_it(desk: Desk) -> None:
    """Visits by the day up to the 25th, then by the week; orders by the day throughout."""
    orders = "".join(f"2026-01-{day:02d},biz.orders,all,10\n" for day in range(1, 32))
    orders += "2026-02-01,biz.orders,all,10\n"
    visits = "".join(f"2026-01-{day:02d},base.sessions,all,100\n" for day in range(1, 26))
    desk.save(TIDY + orders + visits + "2026-W05,base.sessions,all,1400\n")
    assert weeks(desk, "biz.conversion")[W05] == pytest.approx(70 / 1400)
    assert desk.values("biz.conversion") == {date(2026, 1, 1): pytest.approx(250 / 2500)}


def test_a_wide_table_may_have_a_row_a_week(desk: Desk) -> None:
    desk.save("period,biz.orders,base.sessions\n2026-W05,70,1400\n")
    assert weeks(desk, "biz.conversion") == {W05: pytest.approx(0.05)}
    assert desk.values("biz.conversion") == {}


def test_the_week_that_has_not_begun_lies_in_the_future(desk: Desk) -> None:
    """The desk's clock says Thursday, 5 November 2026: week 45."""
    text = TIDY + "2026-W45,biz.orders,all,1\n2026-W46,biz.orders,all,1\n"
    preview = desk.preview(text)
    assert fates(preview) == {"new": 1, "rejected": 1}
    (found,) = [one for one in preview.findings if one.line]
    assert (found.value, found.sentence) == ("2026-W46", "This lies in the future.")

"""How recent a metric is depends on its own facts, not on the file they came in."""

from datetime import date

import pytest

from kpi_engine.services.completeness import arrivals
from kpi_engine.services.health import read_health
from kpi_engine.services.look import Look
from kpi_engine.services.month_readings import read_readings
from kpi_engine.services.series import wanted
from tests.services.tiny import days, open_workspace, save, values

OCTOBER = date(2026, 10, 1)
TOOLS = "biz.tool_sat"


def through(ws):
    with ws.reading() as conn:
        look = Look(conn=conn, catalogue=ws.catalogue, as_of=ws.newest())
        return {name: one.data_through for name, one in arrivals(look).items()}


def test_one_file_may_reach_further_in_one_metric_than_in_another(tmp_path):
    ws = open_workspace(tmp_path / "home")
    rows = [(day, "biz.orders", "", 10) for day in days("2026-10-01", "2026-10-31")]
    rows += [(day, "base.sessions", "", 100) for day in days("2026-10-01", "2026-10-10")]
    save(ws, "period,metric,segment,value", rows)

    found = through(ws)
    assert found["biz.orders"] == date(2026, 10, 31)
    assert found["base.sessions"] == date(2026, 10, 10)
    ws.close()


def test_a_correction_of_an_early_day_does_not_make_a_metric_older(tmp_path):
    ws = open_workspace(tmp_path / "home")
    values(ws, "biz.orders", dict.fromkeys(days("2026-10-01", "2026-10-31"), 10))
    values(ws, "biz.orders", {"2026-10-03": 12}, at="2026-11-05 08:00")

    assert through(ws)["biz.orders"] == date(2026, 10, 31)
    ws.close()


def test_a_figure_of_a_whole_month_reaches_to_its_end(tmp_path):
    ws = open_workspace(tmp_path / "home")
    values(ws, "biz.orders", {"2026-10": 300})

    assert through(ws)["biz.orders"] == date(2026, 10, 31)
    ws.close()


def read(ws, metric, month):
    (found,) = read_readings(ws, [wanted(metric)], month=month)
    return found.freshness


MILESTONES = "item_id,team,approved_at,due_at,delivered_at,on_time"


def milestone(number, approved, due, delivered="", on_time=""):
    return (number, "Shop", approved, due, delivered, on_time)


def test_a_milestone_that_is_not_due_yet_vouches_for_nothing(tmp_path):
    """Nothing was delivered after the 6th; what is due in December does not say that is all."""
    ws = open_workspace(tmp_path / "home")
    done = [
        milestone(f"M{month}-{day}", "2026-01-05", f"2026-{month:02}-{day:02}", due, "yes")
        for month in (7, 8, 9, 10)
        for day in ((2, 4, 6) if month == 10 else (2, 9, 16, 23, 30))
        if (due := f"2026-{month:02}-{day:02}")
    ]
    save(ws, MILESTONES, done, at="2026-11-05 08:00")
    assert not read(ws, "biz.ttm", OCTOBER).is_complete

    planned = [milestone("M12", "2026-01-05", "2026-12-15"), milestone("M11", "", "2026-11-20")]
    save(ws, MILESTONES, planned, at="2026-11-05 09:00")

    assert through(ws)["it.on_time"] == date(2026, 10, 6)
    assert not read(ws, "biz.ttm", OCTOBER).is_complete
    assert not read(ws, "it.on_time", OCTOBER).is_complete
    ws.close()


def test_maintenance_planned_ahead_does_not_complete_the_months_until_then(tmp_path):
    """The list is watched from October to December, of which five days of November are over."""
    ws = open_workspace(tmp_path / "home")
    rows = [
        ("Shop", "2026-10-03 10:00:00", "2026-10-03 11:00:00", "down"),
        ("Shop", "2026-12-10 02:00:00", "2026-12-10 04:00:00", "planned"),
    ]
    save(ws, "service,started_at,ended_at,state", rows, at="2026-11-05 08:00")

    assert through(ws)["it.availability"] == date(2026, 11, 5)
    assert read(ws, "it.availability", OCTOBER).is_complete
    november = read(ws, "it.availability", date(2026, 11, 1))
    assert (november.is_complete, november.days_covered) == (False, 5)
    assert not read(ws, "it.availability", date(2026, 12, 1)).is_complete
    ws.close()


def test_a_figure_of_a_month_that_is_not_over_reaches_to_the_day_it_was_given(tmp_path):
    ws = open_workspace(tmp_path / "home")
    values(ws, "biz.op_delay", {"2026-10": 300}, at="2026-10-20 08:00")

    early = read(ws, "biz.op_delay", OCTOBER)
    assert (early.is_complete, early.data_through) == (False, date(2026, 10, 20))

    values(ws, "biz.op_delay", {"2026-10": 310}, at="2026-11-02 08:00")
    assert read(ws, "biz.op_delay", OCTOBER).is_complete
    ws.close()


def test_days_are_those_of_the_organisation(tmp_path):
    """Eleven in the evening on the 30th in UTC is the 31st in Tokyo, the last day of the month."""
    for zone, expected in (("Asia/Tokyo", True), ("UTC", False)):
        ws = open_workspace(tmp_path / zone.replace("/", "-"), time_zone=zone)
        values(ws, "biz.op_delay", {"2026-10": 300}, at="2026-10-30 23:00")
        assert read(ws, "biz.op_delay", OCTOBER).is_complete is expected
        ws.close()


def test_a_source_is_no_fresher_than_the_day_its_file_came(tmp_path):
    ws = open_workspace(tmp_path / "home")
    planned = [milestone("M12", "2026-01-05", "2026-12-15")]
    save(ws, MILESTONES, planned, at="2026-11-05 08:00")

    (source,) = read_health(ws, today=date(2026, 12, 20)).sources
    assert source.data_through == date(2026, 11, 5)
    assert source.days_late == 17, "November was due on 3 December"
    ws.close()


def test_the_day_data_came_in_is_that_of_the_organisation(tmp_path):
    """Nine in the morning of 1 October in Auckland is the evening before in London."""
    ws = open_workspace(tmp_path / "home", time_zone="Pacific/Auckland")
    values(ws, "biz.op_delay", {"2026-08": 5}, at="2026-09-30 20:00")
    with ws.reading() as connection:
        look = Look(conn=connection, catalogue=ws.catalogue, as_of=ws.newest())
        assert look.today == date(2026, 10, 1)
    ws.close()


@pytest.mark.parametrize(
    ("first", "is_complete"),
    [
        pytest.param("2026-10-01", True, id="from-the-first"),
        pytest.param("2026-10-03", True, id="after-a-weekend"),
        pytest.param("2026-10-20", False, id="its-last-days"),
    ],
)
def test_the_month_in_which_data_begin_counts_if_they_begin_with_it(tmp_path, first, is_complete):
    ws = open_workspace(tmp_path / "home")
    values(ws, "biz.orders", dict.fromkeys(days(first, "2026-10-31"), 10), at="2026-11-03 08:00")
    alone = read(ws, "biz.orders", OCTOBER)
    november = dict.fromkeys(days("2026-11-01", "2026-11-30"), 10)
    values(ws, "biz.orders", november, at="2026-12-03 08:00")

    found = read(ws, "biz.orders", OCTOBER)
    assert (alone.is_complete, found.is_complete) == (is_complete, is_complete)
    assert is_complete or (found.days_covered, found.days_due) == (12, 31)
    assert read(ws, "biz.orders", date(2026, 11, 1)).is_complete
    ws.close()


@pytest.mark.parametrize(
    "known",
    [
        pytest.param(["2026-10-12", "2026-10-27"], id="few"),
        pytest.param(days("2026-10-19", "2026-10-23"), id="a-survey-of-a-week"),
    ],
)
def test_what_does_not_come_day_by_day_may_begin_late_in_a_month(tmp_path, known):
    ws = open_workspace(tmp_path / "home")
    values(ws, "biz.orders", dict.fromkeys(known, 1), at="2026-11-03 08:00")

    assert read(ws, "biz.orders", OCTOBER).is_complete
    ws.close()


def test_the_first_quarter_of_a_survey_counts(tmp_path):
    ws = open_workspace(tmp_path / "home")
    rows = [("tools", f"of {day}", day, 5) for day in days("2026-09-07", "2026-09-25")]
    save(ws, "survey,response_id,answered_at,score", rows, at="2026-10-05 08:00")

    assert read(ws, TOOLS, date(2026, 9, 1)).is_complete
    ws.close()


def test_a_share_begins_with_the_part_that_came_last(tmp_path):
    ws = open_workspace(tmp_path / "home")
    rows = [(day, "biz.orders", "", 10) for day in days("2026-10-01", "2026-10-31")]
    rows += [(day, "base.sessions", "", 100) for day in days("2026-10-20", "2026-10-31")]
    save(ws, "period,metric,segment,value", rows)

    with ws.reading() as conn:
        found = arrivals(Look(conn=conn, catalogue=ws.catalogue, as_of=ws.newest()))
    assert found["biz.orders"].first_day == date(2026, 10, 1)
    assert found["biz.conversion"].first_day == date(2026, 10, 20)
    ws.close()

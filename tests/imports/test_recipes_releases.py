"""Releases and automated runs as their tools export them, against numbers worked out by hand."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from kpi_engine.errors import UnknownHeaderError
from kpi_engine.imports.overrides import Overrides
from kpi_engine.services import imports
from kpi_engine.terms import Grain
from tests.desk import ME, NOW, Desk, adds_up, fates

EXPORTS = Path(__file__).parent / "exports"
OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)
WEEKS = 31 / 7


def store(desk: Desk) -> bytes:
    return (desk.ws.home / "plumbline.duckdb").read_bytes()


def test_runs_that_did_not_end_well_are_left_out_and_impossible_times_listed(desk: Desk) -> None:
    preview = desk.open(EXPORTS / "releases.csv")
    assert preview.recipe == "deployments"
    assert fates(preview) == {"new": 6, "rejected": 3}
    assert adds_up(preview)
    assert [(f.line, f.place, f.value) for f in preview.findings if f.line] == [
        (5, "status", "failure"),
        (7, "status", "in_progress"),
        (10, "finished_at", "2026-10-21T10:05:00Z"),
    ]


def test_releases_to_production_are_counted_whatever_it_is_called(desk: Desk) -> None:
    """1201, 1202, 1203, 1207 and 1209 took 24, 6, 72, 12 and 6 hours; 1205 went to staging.

    1202 broke something, 1209 failed and broke something, and of 1203 nobody knows.
    """
    desk.save_file(EXPORTS / "releases.csv")
    assert desk.values("it.deploy_freq") == {OCTOBER: pytest.approx(5 / WEEKS)}
    assert desk.values("it.lead_time") == {OCTOBER: 12}
    assert desk.values("it.cfr") == {OCTOBER: pytest.approx(2 / 4)}
    assert desk.values("it.cfr", service="Tills") == {OCTOBER: 0}
    assert b"example.com" not in store(desk)


def test_what_nobody_says_about_failures_is_unknown_and_not_zero(desk: Desk) -> None:
    desk.save(
        "deployment_id,environment,finished_at\n"
        "1,production,2026-10-05T09:10:00Z\n"
        "2,production,2026-10-06T09:10:00Z\n"
    )
    assert desk.values("it.deploy_freq") == {OCTOBER: pytest.approx(2 / WEEKS)}
    assert desk.values("it.cfr") == {}


def test_octopus_counts_deployments_that_failed_or_needed_help(desk: Desk) -> None:
    """501 to 505 went to production: 502 failed, 504 went on only with help."""
    preview = desk.open(EXPORTS / "octopus_insights.csv")
    assert preview.recipe == "octopus_insights"
    assert fates(preview) == {"new": 6, "rejected": 1}
    assert adds_up(preview)
    desk.save_file(EXPORTS / "octopus_insights.csv")
    assert desk.values("it.deploy_freq") == {OCTOBER: pytest.approx(5 / WEEKS)}
    assert desk.values("it.cfr") == {OCTOBER: 2 / 5}
    assert desk.values("it.lead_time") == {OCTOBER: (26 + 100) / 2}


def test_a_lead_time_that_is_none_is_listed(desk: Desk) -> None:
    file = (EXPORTS / "octopus_insights.csv").read_text()
    preview = desk.preview(file.replace("26:00:00", "a day"))
    assert fates(preview) == {"new": 5, "rejected": 2}
    assert ("Lead Time (h:m:s)", "a day") in [
        (f.place, f.value) for f in preview.findings if f.line
    ]


def test_a_series_of_releases_a_day_is_read_once_somebody_names_it(desk: Desk) -> None:
    path = EXPORTS / "gitlab_daily.csv"
    with pytest.raises(UnknownHeaderError):
        desk.open(path)
    preview = imports.preview(desk.ws, path, actor=ME, now=NOW, recipe="gitlab_releases_daily")
    assert fates(preview) == {"new": 5}
    imports.commit(desk.ws, preview, actor=ME, now=NOW)
    assert desk.values("it.deploy_freq")[OCTOBER] == pytest.approx((3 + 0 + 4 + 2) / WEEKS)
    assert desk.values("it.deploy_freq", grain=Grain.WEEK)[date(2026, 10, 5)] == 4


def test_hours_of_automated_runs_are_counted_where_somebody_said_what_one_saves(
    desk: Desk,
) -> None:
    """Two postings of 6 minutes and an update of 15; nobody said what a stock count saves."""
    know(desk, minutes_saved={"Invoice posting": 6, "Price update": 15})
    preview = desk.open(EXPORTS / "automation_runs.csv")
    assert preview.recipe == "automation_runs"
    assert fates(preview) == {"new": 4, "rejected": 2}
    assert adds_up(preview)
    assert [(f.place, f.value, f.sentence.split(".")[0]) for f in preview.findings if f.line] == [
        ("Status", "Running", "Rows like this are no data in this source, so it is left out"),
        ("Process", "Stock count", "Nobody has said how many minutes a run of this saves"),
    ]
    desk.save_file(EXPORTS / "automation_runs.csv")
    assert desk.values("it.automation") == {OCTOBER: pytest.approx((6 + 6 + 15) / 60)}
    assert b"example.com" not in store(desk)


def test_what_is_known_of_a_process_is_of_no_use_without_its_name(desk: Desk) -> None:
    know(desk, minutes_saved={"Invoice posting": 6})
    path = desk.write("run_id,process,finished_at,status\n1,Invoice posting,2026-10-12 06:00,ok\n")
    nameless = Overrides(columns={"process": ""})
    preview = imports.preview(desk.ws, path, actor=ME, now=NOW, overrides=nameless)
    assert fates(preview) == {"rejected": 1}


def test_the_file_itself_may_say_what_a_run_saves(desk: Desk) -> None:
    know(desk, minutes_saved={"Invoice posting": 6})
    desk.save(
        "run_id,process,finished_at,status,minutes_saved\n"
        "1,Invoice posting,2026-10-12 06:00:00,success,30\n"
        "2,Invoice posting,2026-10-12 07:00:00,success,\n"
    )
    assert desk.values("it.automation") == {OCTOBER: pytest.approx(36 / 60)}


def test_milestones_are_on_time_in_the_month_they_were_due(desk: Desk) -> None:
    file = (
        "item_id,due_at,delivered_at,on_time,owner\n"
        "A,2026-10-16,2026-10-15,true,Maren Olsen\n"
        "B,2026-10-20,2026-11-03,false,Jo Petit\n"
        "C,2026-10-30,,,Jo Petit\n"
        "D,2027-01-30,,,Jo Petit\n"
    )
    preview = desk.preview(file)
    assert fates(preview) == {"new": 4}
    desk.save(file)
    assert desk.values("it.on_time")[OCTOBER] == pytest.approx(1 / 3)
    assert b"Olsen" not in store(desk)


def test_milestones_of_which_nothing_says_whether_they_were_on_time_are_refused(
    desk: Desk,
) -> None:
    with pytest.raises(UnknownHeaderError, match="lacks on_time"):
        desk.preview("item_id,due_at,delivered_at\nA,2026-10-16,2026-10-15\n")


def know(desk: Desk, **lists: dict[str, float]) -> None:
    """Let the organisation say what no export says."""
    organisation = desk.ws.catalogue.organisation.model_copy(update={"known": lists})
    desk.ws.catalogue = replace(desk.ws.catalogue, organisation=organisation)


def test_versions_of_several_projects_may_share_a_name(desk: Desk) -> None:
    desk.save(
        "project,release,released_at_utc,author\n"
        "till,1.0,2026-10-02T19:03:28Z,maren.olsen@example.com\n"
        "shop,1.0,2026-10-09T19:03:28Z,jo.petit@example.com\n"
    )
    assert desk.values("it.deploy_freq") == {OCTOBER: pytest.approx(2 / WEEKS)}
    assert desk.values("it.deploy_freq", service="shop") == {OCTOBER: pytest.approx(1 / WEEKS)}
    assert desk.values("it.cfr") == {}
    assert b"example.com" not in store(desk)

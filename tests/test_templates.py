"""Every template, filled in, imports without a finding and yields the number."""

import csv
import io
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from kpi_engine.catalogue.load import load_catalogue
from kpi_engine.catalogue.metrics import Metric
from kpi_engine.catalogue.recipes import EventRecipe
from kpi_engine.errors import UnknownNameError
from kpi_engine.services import imports
from kpi_engine.services.import_results import Preview
from kpi_engine.services.templates import metric_template, source_template
from kpi_engine.terms import Fold, Grain, RowFate
from kpi_engine.workspace import SHIPPED, Workspace
from tests.desk import ME, Desk

TODAY = date(2026, 11, 1)
NOW = datetime(2026, 11, 1, 8, tzinfo=UTC)
CATALOGUE = load_catalogue(SHIPPED / "definitions", recipes=SHIPPED / "recipes")
STATED = [metric for metric in CATALOGUE.metrics.values() if not metric.worked_out]
EVENTS = {
    "automation_runs": ("it.automation", 4 / 60),  # 4 minutes; the second run failed
    "calendar": None,  # nothing is counted from it
    "checkout_attempts": ("biz.tx_success", 1 / 2),
    "deployments": ("it.lead_time", 2.0),  # from 9 to 11 o'clock
    "interface_traffic": ("it.bandwidth_p95", 0.12),  # 12 of 100 Mbit/s
    "invoice_lines": ("biz.revenue", 4 * 4 + 5 * 5),
    "jira_issues": ("it.mttr", 2.0),
    "jira_pipeline": ("it.mttr", 2.0),
    "milestones": ("it.on_time", 1 / 2),
    "network_samples": ("it.bandwidth_p95", 0.04 + 0.95 * 0.01),  # between 4 % and 5 %
    "octopus_insights": ("it.lead_time", 2.5),  # 2:30:00
    "outage_list": ("it.downtime", 120),  # the first is maintenance
    "payment_attempts": ("biz.tx_success", 1 / 2),
    "pingdom_outages": ("it.availability", 1 / 2),  # two hours up, two down
    "prtg_traffic": ("it.bandwidth_p95", 0.12),
    "qualtrics_customers": ("biz.csat", 1.0),
    "qualtrics_recommend": ("biz.nps", 0.0),  # one would, one would not
    "qualtrics_tools": ("biz.tool_sat", 1.0),
    "release_list": ("it.deploy_freq", 2 * 7 / 31),
    "servicenow_incidents": ("it.sla", 1 / 2),
    "shopify_orders": ("biz.revenue", 4 + 5),
    "survey_answers": ("biz.csat", 1.0),
    "surveymonkey_customers": ("biz.csat", 1.0),
    "surveymonkey_recommend": ("biz.nps", 0.0),
    "surveymonkey_tools": ("biz.tool_sat", 1.0),
    "uptime_checks": ("it.availability", 1.0),  # up until the next check
    "uptimerobot_log": ("it.downtime", 90),  # the other event is a pause
    "woocommerce_orders": ("biz.revenue", 4 + 5),
    "zabbix_traffic": ("it.bandwidth_p95", 0.12),
    "zendesk_tickets": ("it.first_response", 90),
}
"""What two example rows of a source come to in October, worked out from the rows."""
PERIODS = {
    "2026-10-30": (Grain.MONTH, date(2026, 10, 1), 2),
    "2026-09": (Grain.MONTH, date(2026, 9, 1), 1),
    "2026-Q2": (Grain.QUARTER, date(2026, 4, 1), 1),
}
"""First period of a template, and where its number is found: two days make a month."""
LINES = "Head office: 100, 'Head office: EXAMPLE-1': 100, 'Head office: EXAMPLE-2': 100"


def filled(template: str, *kept: str) -> str:
    """The template with numbers in place of the words, but for the columns that are kept."""
    header, *rows = csv.reader(io.StringIO(template))
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(header)
    for row in rows:
        pairs = zip(header, row, strict=True)
        writer.writerow([cell if name in kept else number(name, cell) for name, cell in pairs])
    return out.getvalue()


def number(column: str, said: str) -> float:
    return {"numerator": 3, "denominator": 4}.get(column, 0.5 if "%" in said else 12)


def previewed(desk: Desk, text: str, name: str, *, recipe: str | None = None) -> Preview:
    path = desk.write(text, f"{name}.csv")
    return imports.preview(desk.ws, path, actor=ME, recipe=recipe, now=NOW)


def saved(desk: Desk, text: str, name: str, *, recipe: str | None = None) -> Preview:
    shown = previewed(desk, text, name, recipe=recipe)
    assert shown.findings == ()
    assert shown.counts[RowFate.NEW] == shown.rows_read >= 2
    imports.commit(desk.ws, shown, actor=ME, now=NOW)
    return shown


def stated(metric: Metric) -> float:
    """What a filled template says."""
    if metric.measure.fold is Fold.RATIO:
        return (3 / 4 - metric.measure.minus_one) * metric.measure.scale
    return 0.5 if metric.unit == "percent" else 12


@pytest.mark.parametrize("metric", STATED, ids=lambda metric: metric.id)
def test_a_template_of_a_measure_brings_its_number_in(desk: Desk, metric: Metric) -> None:
    text = metric_template(desk.ws, metric.id, today=TODAY)
    shown = saved(desk, filled(text, "period", "metric", "segment"), "figures")
    assert shown.recipe == "tidy"
    first, last = csv.DictReader(io.StringIO(text))
    grain, starts, per_period = PERIODS[first["period"]]
    days = per_period if metric.measure.fold is Fold.SUM and not metric.dimensions else 1
    found = desk.values(metric.id, grain=grain)
    assert found[starts] == pytest.approx(stated(metric) * days)
    if last.get("segment"):
        dimension, _, member = last["segment"].partition("=")
        part = desk.values(metric.id, grain=grain, **{dimension: member})
        assert list(part.values()) == [pytest.approx(stated(metric))]


@pytest.mark.parametrize("metric", STATED, ids=lambda metric: metric.id)
def test_a_template_that_nobody_filled_in_is_rejected(desk: Desk, metric: Metric) -> None:
    shown = previewed(desk, metric_template(desk.ws, metric.id, today=TODAY), "figures")
    assert shown.counts[RowFate.REJECTED] == shown.rows_read == 2


@pytest.mark.parametrize("recipe", EVENTS)
def test_a_template_of_a_source_counts_its_two_rows(tmp_path: Path, recipe: str) -> None:
    known = tmp_path / "home" / "definitions" / "lines.yaml"
    known.parent.mkdir(parents=True)
    known.write_text(f"organisation:\n  known:\n    capacity_mbps: {{{LINES}}}\n")
    desk = Desk(Workspace.open(tmp_path / "home"), tmp_path / "dropped")
    shown = saved(desk, source_template(desk.ws, recipe, today=TODAY), recipe)
    assert shown.recipe == recipe
    expected = EVENTS[recipe]
    if expected is not None:
        metric, value = expected
        assert desk.values(metric)[date(2026, 10, 1)] == pytest.approx(value)
    desk.ws.close()


@pytest.mark.parametrize(
    ("recipe", "kept", "metric", "grain", "value"),
    [
        ("tidy", ("period", "metric"), "base.headcount", Grain.MONTH, 12),
        ("wide", ("period",), "base.headcount", Grain.MONTH, 12),
        ("months", ("metric",), "biz.churn", Grain.MONTH, 0.5),
        ("ga4_sessions", ("Date",), "base.sessions", Grain.MONTH, 24),
        ("gitlab_releases_daily", ("date",), "it.deploy_freq", Grain.MONTH, 7 * 24 / 31),
        ("upptime_daily", ("date", "service"), "it.downtime", Grain.MONTH, 24),
    ],
)
def test_a_template_of_a_table_of_numbers_brings_them_in(
    desk: Desk, recipe: str, kept: tuple[str, ...], metric: str, grain: Grain, value: float
) -> None:
    text = source_template(desk.ws, recipe, today=TODAY)
    by_name = recipe if desk.ws.catalogue.recipes[recipe].by_name_only else None
    assert saved(desk, filled(text, *kept), recipe, recipe=by_name).recipe == recipe
    assert list(desk.values(metric, grain=grain).values())[-1] == pytest.approx(value)


def test_no_source_of_events_goes_untested() -> None:
    known = {r.id for r in CATALOGUE.recipes.values() if isinstance(r, EventRecipe)}
    assert known == set(EVENTS)


def test_what_is_worked_out_has_no_template(desk: Desk) -> None:
    with pytest.raises(UnknownNameError, match=r"no metric called 'it\.dwa'"):
        metric_template(desk.ws, "it.dwa", today=TODAY)

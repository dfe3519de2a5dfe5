"""Each template imports as it is, and is recognised as what its name says."""

from pathlib import Path

import pytest

from kpi_engine.actors import local_actor
from kpi_engine.services import imports
from kpi_engine.terms import RowFate
from kpi_engine.workspace import Workspace

ROOT = Path(__file__).resolve().parents[1]
RECIPES = {
    "monthly_numbers": "tidy",
    "monthly_shares": "tidy",
    "daily_table": "wide",
    "a_column_a_month": "months",
    "incidents": "servicenow_incidents",
    "outages": "outage_list",
    "availability_checks": "uptime_checks",
    "invoice_lines": "invoice_lines",
    "checkout_attempts": "checkout_attempts",
    "network_samples": "network_samples",
    "releases": "deployments",
    "milestones": "milestones",
    "survey_answers": "survey_answers",
    "automation_runs": "automation_runs",
    "calendar": "calendar",
}


@pytest.mark.parametrize("name", RECIPES)
def test_a_template_imports_without_findings(tmp_path: Path, name: str) -> None:
    ws = Workspace.open(tmp_path / "home")
    path = ROOT / "data" / "templates" / f"{name}.csv"
    shown = imports.preview(ws, path, actor=local_actor("tester"))
    assert shown.recipe == RECIPES[name]
    assert shown.findings == ()
    assert shown.counts[RowFate.NEW] >= 2
    imports.discard(ws, shown, actor=local_actor("tester"))
    ws.close()


def test_every_kind_of_table_that_a_person_may_fill_in_has_a_template() -> None:
    """The others are exports of a system and come as they are."""
    exported = {
        "ga4_sessions",
        "gitlab_releases_daily",
        "interface_traffic",
        "jira_issues",
        "jira_pipeline",
        "octopus_insights",
        "payment_attempts",
        "pingdom_outages",
        "prtg_traffic",
        "qualtrics_customers",
        "qualtrics_recommend",
        "qualtrics_tools",
        "release_list",
        "shopify_orders",
        "surveymonkey_customers",
        "surveymonkey_recommend",
        "surveymonkey_tools",
        "upptime_daily",
        "upptime_summary",
        "uptimerobot_log",
        "woocommerce_orders",
        "zabbix_traffic",
        "zendesk_tickets",
    }
    known = {path.stem for path in (ROOT / "data" / "recipes").glob("*.yaml")}
    assert known - set(RECIPES.values()) == exported


def test_no_template_goes_untested() -> None:
    assert {path.stem for path in (ROOT / "data" / "templates").glob("*.csv")} == set(RECIPES)

"""What is shipped: every definition is complete, plain, and free of mistakes."""

import re
from datetime import date
from pathlib import Path

import pytest

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.checks import check_dates
from kpi_engine.catalogue.formula import formula
from kpi_engine.catalogue.links import LostOrders
from kpi_engine.catalogue.load import load_catalogue
from kpi_engine.terms import Direction, EvidenceGrade, LinkKind, Severity, Side

ROOT = Path(__file__).parents[2]
DEFINITIONS = ROOT / "data" / "definitions"
SAMPLE = ROOT / "data" / "samples" / "marlow_finch"
RECIPES = ROOT / "data" / "recipes"

IT_METRICS = [
    "availability",
    "downtime",
    "dwa",
    "critical_incidents",
    "incidents_per_100",
    "first_response",
    "mttr",
    "fcr",
    "reopen_rate",
    "sla",
    "escalation",
    "backlog_aged",
    "tickets_closed",
    "deploy_freq",
    "lead_time",
    "cfr",
    "recovery",
    "on_time",
    "page_load",
    "error_rate",
    "bandwidth_p95",
    "poor_calls",
    "patch",
    "restore",
    "automation",
    "license_use",
    "adoption",
    "spend_var",
]
OUTCOMES = [
    "tx_success",
    "revenue",
    "orders",
    "aov",
    "conversion",
    "abandon",
    "lost_hours",
    "tool_sat",
    "csat",
    "nps",
    "ttm",
    "sales_cycle",
    "demo_ok",
    "op_delay",
    "cost_to_serve",
    "auto_saving",
    "churn",
]
JARGON = re.compile(
    r"\b(mttr|p95|p75|sla|fcr|kpi|deployments?|incidents?|latency|uptime|throughput|backlog)\b",
    re.I,
)


@pytest.fixture(scope="module")
def shipped() -> Catalogue:
    return load_catalogue(DEFINITIONS, recipes=RECIPES)


@pytest.fixture(scope="module")
def sample() -> Catalogue:
    return load_catalogue(DEFINITIONS, SAMPLE, recipes=RECIPES)


def test_every_metric_and_outcome_of_the_starter_catalogue_is_there(shipped: Catalogue) -> None:
    assert {f"it.{name}" for name in IT_METRICS} <= set(shipped.metrics)
    assert {f"biz.{name}" for name in OUTCOMES} <= set(shipped.metrics)


def test_the_shipped_definitions_raise_no_warning(shipped: Catalogue, sample: Catalogue) -> None:
    found = [*shipped.findings, *sample.findings]
    assert [f.sentence for f in found if f.severity is not Severity.NOTE] == []


def test_every_label_and_sentence_is_plain(shipped: Catalogue) -> None:
    told = {
        metric.id: f"{metric.label} {metric.sentence} {metric.not_measured}"
        for metric in shipped.metrics.values()
    }
    told |= {link.id: link.mechanism for link in shipped.links.values()}
    assert {key: JARGON.findall(text) for key, text in told.items() if JARGON.search(text)} == {}


def test_labels_and_sentences_are_sentences(shipped: Catalogue) -> None:
    for metric in shipped.metrics.values():
        assert metric.sentence.endswith(".")
        assert metric.not_measured.endswith(".")
        assert not metric.label.endswith(".")
        assert len(metric.label) <= 40


def test_no_two_metrics_share_a_label(shipped: Catalogue) -> None:
    labels = [metric.label for metric in shipped.metrics.values()]
    assert sorted(labels) == sorted(set(labels))


def test_every_metric_can_say_how_it_is_worked_out(shipped: Catalogue) -> None:
    lines = {metric.id: formula(metric, shipped) for metric in shipped.metrics.values()}
    assert lines["it.reopen_rate"] == "tickets (reopened) ÷ tickets (reopens known)"
    assert lines["biz.aov"] == "Net revenue ÷ Orders"
    assert lines["biz.abandon"] == "1 − Orders ÷ Carts filled"
    assert lines["it.spend_var"] == "IT spending ÷ IT budget − 1"
    assert lines["biz.lost_hours"] == "tickets (hours lost) ÷ Employees"
    assert lines["it.mttr"] == "median of tickets (hours to resolve)"
    assert lines["it.deploy_freq"] == "sum of releases (deployed) ÷ weeks of the period"
    assert lines["it.bandwidth_p95"] == "95 % of samples (used share) lie at or below it"
    assert lines["it.backlog_aged"] == "tickets (open over 30 days) at the end of the period"
    assert lines["biz.nps"] == "(answers (promoters) − answers (detractors)) ÷ answers " + (
        "(recommend answers) × 100"
    )
    assert lines["it.availability"] == "minutes up ÷ minutes agreed"
    assert lines["it.dwa"] == "1 − orders expected in outages ÷ all orders expected"
    assert all(lines.values())


def test_outcomes_stand_under_four_goals(shipped: Catalogue) -> None:
    outcomes = [m for m in shipped.metrics.values() if m.side is Side.BUSINESS]
    assert {metric.goal for metric in outcomes} == {
        "Grow online revenue",
        "Be easy to buy from",
        "Make work easier",
        "Cost less to run",
    }


def test_shipped_targets_are_placeholders_and_the_samples_are_agreed(
    shipped: Catalogue, sample: Catalogue
) -> None:
    assert all(target.agreed_by is None for target in shipped.targets)
    assert all(t.provenance.startswith("shipped placeholder: ") for t in shipped.targets)
    own = [target for target in sample.targets if target not in shipped.targets]
    assert own
    assert all(target.agreed_by is not None for target in own)


def test_no_influence_is_shipped_with_more_than_outside_evidence(shipped: Catalogue) -> None:
    influences = [link for link in shipped.links.values() if link.kind is LinkKind.INFLUENCE]
    weak = {EvidenceGrade.D, EvidenceGrade.E, EvidenceGrade.CONTRADICTED}
    assert {link.grade for link in influences} == weak


def test_closing_tickets_is_declared_to_move_nothing(shipped: Catalogue) -> None:
    link = shipped.links["tickets_closed_to_lost_hours"]
    assert (link.sign, link.grade) == (0, EvidenceGrade.CONTRADICTED)
    closed = shipped.metrics["it.tickets_closed"]
    assert closed.activity
    assert closed.direction is Direction.NONE
    assert [t for t in shipped.targets if t.metric == closed.id] == []


def test_signs_agree_with_what_is_good(shipped: Catalogue) -> None:
    """A better driver makes the outcome better, except where a knee or a cost is in between."""
    good = {Direction.HIGHER_IS_BETTER: 1, Direction.LOWER_IS_BETTER: -1}
    for link in shipped.links.values():
        driver, outcome = shipped.metrics[link.driver], shipped.metrics[link.outcome]
        if link.sign and driver.direction in good and outcome.direction in good:
            assert link.sign == good[driver.direction] * good[outcome.direction], link.id


def test_a_target_that_changed_keeps_its_old_level_in_the_old_months(sample: Catalogue) -> None:
    shop = {"service": "Online shop"}
    then = sample.target_for("it.availability", month=date(2024, 12, 1), segment=shop)
    now = sample.target_for("it.availability", month=date(2025, 1, 1), segment=shop)
    assert then is not None
    assert now is not None
    assert (then.target, now.target) == (0.99, 0.995)
    everywhere = sample.target_for("it.availability", month=date(2025, 1, 1), segment={})
    assert everywhere is not None
    assert everywhere.agreed_by is None


def test_the_budget_of_revenue_differs_by_month(sample: Catalogue) -> None:
    november = sample.target_for("biz.revenue", month=date(2026, 11, 1), segment={})
    february = sample.target_for("biz.revenue", month=date(2026, 2, 1), segment={})
    assert november is not None
    assert february is not None
    assert (february.target, november.target) == (885_000, 1_535_000)


def test_people_stand_where_the_organisation_says_who_fills_a_role(
    shipped: Catalogue, sample: Catalogue
) -> None:
    assert shipped.metrics["biz.tx_success"].owners.business == "Head of online sales"
    assert sample.metrics["biz.tx_success"].owners.business == "M. Okafor"
    assert sample.assumptions["margin_share"].owner == "E. Ferrante"
    link = sample.links["availability_to_tx_success"]
    assert link.agreed_by is not None
    assert link.agreed_by.it == "D. Lindqvist"
    roles = {m.owners.business for m in sample.metrics.values() if "Head" in m.owners.business}
    assert roles == set()


def test_the_sample_replaces_entries_and_adds_its_own(
    shipped: Catalogue, sample: Catalogue
) -> None:
    assert sample.organisation.is_sample
    assert not shipped.organisation.is_sample
    assert sample.organisation.scorecard == shipped.organisation.scorecard
    assert set(shipped.links) < set(sample.links)
    link = sample.links["availability_to_tx_success"]
    assert link.driver_segment == {"service": "Online shop"}
    assert isinstance(link.counting, LostOrders)
    assert link.counting.service == {"service": "Online shop"}
    assert sample.links["mttr_to_lost_hours"] == shipped.links["mttr_to_lost_hours"]


def test_the_fingerprint_changes_with_any_definition(
    tmp_path: Path, shipped: Catalogue, sample: Catalogue
) -> None:
    again = load_catalogue(DEFINITIONS, recipes=RECIPES)
    assert again.fingerprint == shipped.fingerprint
    assert sample.fingerprint != shipped.fingerprint
    (tmp_path / "note.yaml").write_text("organisation: {closing_day: 4}\n")
    changed = load_catalogue(DEFINITIONS, tmp_path, recipes=RECIPES)
    assert changed.fingerprint != shipped.fingerprint
    assert changed.organisation.closing_day == 4
    assert changed.organisation.name == shipped.organisation.name


def test_each_definition_keeps_its_text_for_the_history(shipped: Catalogue) -> None:
    assert shipped.texts["metric", "it.mttr"].startswith("id: it.mttr\nlabel: Time to get")
    assert {kind for kind, _ in shipped.texts} >= {"metric", "link", "target", "assumption"}


def test_what_has_run_out_is_a_warning(sample: Catalogue) -> None:
    assert check_dates(sample, today=date(2026, 11, 1)) == []
    late = check_dates(sample, today=date(2028, 1, 1))
    places = [found.place for found in late]
    assert "assumption margin_share" in places
    assert "link availability_to_tx_success" in places
    assert late[0].sentence == "Margin on an order: this assumption held until 31 Dec 2027."
    link = next(one for one in late if one.place == "link availability_to_tx_success")
    assert link.sentence == (
        "Service availability and checkout success: this link was to be looked at again by "
        "30 Jun 2027."
    )
    assert late[0].next_step == "E. Ferrante confirms or changes it, and sets a new date."


def test_every_count_that_an_outcome_is_made_of_has_a_name_a_reader_knows(shipped):
    parts = {
        part
        for metric in shipped.metrics.values()
        if metric.side is Side.BUSINESS
        for part in (
            metric.measure.numerator,
            metric.measure.numerator_minus,
            metric.measure.denominator,
        )
        if part and part not in shipped.metrics
    }
    named = [part.partition(".")[::2] for part in sorted(parts)]
    assert named
    assert [one for one in named if not shipped.events[one[0]].counters[one[1]].label] == []

"""The catalogue page: everything that is declared about a metric, found by its words."""

from datetime import date
from pathlib import Path

import pytest

from kpi_engine.services.catalogue import CataloguePage, read_catalogue
from kpi_engine.words.catalogue import headline
from kpi_engine.workspace import Workspace


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    return Workspace.open(tmp_path / "home")


def ids(page: CataloguePage) -> list[str]:
    return [entry.metric.id for entry in page.entries]


def test_outcomes_come_first_in_the_order_of_the_scorecard(ws: Workspace) -> None:
    page = read_catalogue(ws)
    rows = ws.catalogue.organisation.scorecard
    assert tuple(ids(page))[: len(rows)] == rows
    assert ids(page)[-1].startswith("base.")
    assert len(page.entries) == page.total == len(ws.catalogue.metrics)


@pytest.mark.parametrize(
    "search",
    [
        pytest.param("it.mttr", id="by id"),
        pytest.param("PEOPLE working again", id="by label, in any case"),
        pytest.param("again time", id="by words in any order"),
        pytest.param("from the report to the solution", id="by sentence"),
        pytest.param("MTTR", id="by technical name"),
    ],
)
def test_a_measure_is_found_by(ws: Workspace, search: str) -> None:
    page = read_catalogue(ws, search=search)
    assert "it.mttr" in ids(page)
    assert len(page.entries) < 4
    assert page.total == len(ws.catalogue.metrics)


def test_a_search_without_hits_is_empty_and_keeps_the_coverage(ws: Workspace) -> None:
    page = read_catalogue(ws, search="zeppelin")
    assert page.entries == ()
    assert page.coverage == read_catalogue(ws).coverage


def test_an_entry_names_its_links_at_both_ends(ws: Workspace) -> None:
    (entry,) = read_catalogue(ws, search="it.mttr").entries
    assert [linked.label for linked in entry.outcomes] == [
        "Working time lost to IT problems",
        "Staff satisfaction with tools",
        "Content customers",
    ]
    assert entry.drivers == ()
    assert entry.counter_metric is not None
    assert entry.counter_metric.label == "Problems that come back"
    demo = next(e for e in read_catalogue(ws).entries if e.metric.id == "biz.demo_ok")
    assert [linked.metric.id for linked in demo.drivers] == ["it.bandwidth_p95", "it.poor_calls"]
    assert [linked.metric.id for linked in demo.outcomes] == ["biz.sales_cycle"]


def test_the_target_is_the_one_of_the_month(ws: Workspace) -> None:
    (entry,) = read_catalogue(ws, search="it.mttr", month=date(2026, 10, 1)).entries
    assert entry.target is not None
    assert (entry.target.target, entry.target.red_line) == (8, 24.2)
    (before,) = read_catalogue(ws, search="it.mttr", month=date(1999, 12, 1)).entries
    assert before.target is None
    assert before.targets == entry.targets


def test_what_serves_no_outcome_is_listed(ws: Workspace) -> None:
    coverage = read_catalogue(ws).coverage
    assert coverage.orphans == ("it.fcr", "it.sla", "it.escalation", "it.recovery")
    assert coverage.activities == ("it.tickets_closed",)
    assert coverage.without_driver == ("biz.orders", "biz.aov", "biz.nps", "biz.churn")
    assert coverage.share_mapped == pytest.approx(23 / 27)
    assert headline(read_catalogue(ws)).endswith(
        "4 business measures that are not on the scorecard have no IT measure behind them."
    )


def test_the_page_is_plain_values_for_json(ws: Workspace) -> None:
    plain = read_catalogue(ws, search="it.mttr").to_dict()
    assert plain["entries"][0]["formula"] == "median of tickets (hours to resolve)"
    assert plain["entries"][0]["targets"][0]["valid_from"] == "2000-01-01"
    assert plain["coverage"]["orphans"]

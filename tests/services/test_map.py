"""Every link of a month: held against the definitions as they are written, and other services."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from kpi_engine.errors import StoreError
from kpi_engine.mapping.influence.grading import Finding
from kpi_engine.services import scorecard
from kpi_engine.services.map import LinkMap, MapLink, read_map
from kpi_engine.services.outcomes import explain
from kpi_engine.terms import EvidenceGrade
from kpi_engine.workspace import SHIPPED, Workspace
from tests.services.tiny import open_workspace

OCTOBER = date(2026, 10, 1)


@pytest.fixture(scope="module")
def found(sample: Workspace) -> LinkMap:
    return read_map(sample)


@pytest.fixture(scope="module")
def unread(shop: Workspace) -> LinkMap:
    """Of a shop whose links nobody has estimated."""
    return read_map(shop)


def written(home: Path, kind: str, *names: str) -> dict[str, dict[str, Any]]:
    """Entries as they stand in the files: those of the data folder win."""
    entries: dict[str, dict[str, Any]] = {}
    for folder in (SHIPPED / "definitions", home / "definitions"):
        for path in (folder / f"{name}.yaml" for name in names):
            content = yaml.safe_load(path.read_text()) if path.exists() else {}
            for entry in content.get(kind, []):
                entries[entry["id"]] = entry
    return entries


def link_of(found: LinkMap, name: str) -> MapLink:
    return next(one for one in found.links if one.link.id == name)


def test_every_declared_link_stands_on_the_map_once(sample: Workspace, found: LinkMap) -> None:
    declared = written(sample.home, "links", "links")
    shown = [one.link.id for one in found.links]
    assert len(shown) == len(set(shown))
    assert set(shown) == {
        name
        for name, link in declared.items()
        if link["kind"] != "identity" or link["driver"].startswith("it.")
    }
    for outcome in found.outcomes:
        assert {one.link.outcome for one in outcome.links} <= {outcome.reading.metric.id}


def test_coverage_counts_what_the_files_say(sample: Workspace, found: LinkMap) -> None:
    measures = written(sample.home, "metrics", "metrics_it")
    links = written(sample.home, "links", "links").values()
    countable = {name for name, metric in measures.items() if not metric.get("activity")}
    tied = {link["driver"] for link in links if link["sign"] != 0 or link["kind"] == "identity"}
    assert found.coverage.share_mapped == len(countable & tied) / len(countable)
    assert {metric.id for metric in found.orphans} == countable - tied
    assert len(countable) == 27
    assert not found.activities, "the only one is linked, as moving nothing"
    assert not found.without_driver


def test_goals_hold_their_outcomes_in_the_order_of_the_scorecard(
    sample: Workspace, found: LinkMap
) -> None:
    row = sample.catalogue.organisation.scorecard
    names = [goal.name for goal in found.goals]
    assert len(names) == len(set(names)) > 1
    for goal in found.goals:
        on_row = [x.reading.metric.id for x in goal.outcomes if x.reading.metric.id in row]
        assert on_row == [name for name in row if name in on_row]
        assert all(outcome.reading.metric.goal == goal.name for outcome in goal.outcomes)


def test_the_map_says_the_same_as_scorecard_and_outcome_page(
    sample: Workspace, found: LinkMap
) -> None:
    card = scorecard.read(sample)
    on_card = {row.outcome.metric.id for row in card.rows}
    assert [x for x in found.watermelons if x.metric in on_card] == list(card.disagreements)
    assert card.disagreements, "the sample company has some"
    alone = explain(sample, "biz.lost_hours")
    (outcome,) = (x for x in found.outcomes if x.reading.metric.id == "biz.lost_hours")
    assert [d.contribution for d in alone.drivers] == [one.contribution for one in outcome.links]


def test_what_was_planted_is_found_and_what_was_agreed_wrongly_is_told(found: LinkMap) -> None:
    """The sample's workshop guessed 0.10 h for each interruption; 0.4 h are planted."""
    pages = link_of(found, "page_load_to_conversion")
    assert pages.contribution.grade is EvidenceGrade.C
    waits = link_of(found, "critical_incidents_to_op_delay").contribution.influence
    assert waits is not None
    assert waits.prior is not None
    assert waits.prior.disagree
    assert waits.prior.data.low <= 0.4 <= waits.prior.data.high
    assert waits.prior.prior.high < waits.prior.data.low


def test_widths_follow_round_numbers_near_a_tenth_and_half_of_the_largest(found: LinkMap) -> None:
    rounds = [digit * 10**power for power in range(7) for digit in (1, 2, 5)]
    amounts = [one.money for one in found.links]
    largest = max(amounts)

    def nearest(money: float) -> float:
        return min(rounds, key=lambda one: max(one / money, money / one))

    assert found.money_steps == (nearest(largest / 10), nearest(largest / 2))
    some, much = found.money_steps
    for one in found.links:
        expected = 2 if one.money >= much else 1 if one.money >= some else 0
        assert found.weight(one) == expected
    assert {found.weight(one) for one in found.links} == {0, 1, 2}


def test_a_loss_told_under_another_outcome_weighs_nothing(found: LinkMap) -> None:
    told_twice = [one for one in found.links if one.contribution.same_as]
    assert told_twice
    assert {one.money for one in told_twice} == {0.0}


def test_a_map_can_be_narrowed_to_an_outcome_or_to_what_is_known_so_well(found: LinkMap) -> None:
    one = found.narrowed(outcome="biz.conversion")
    assert [x.reading.metric.id for x in one.outcomes] == ["biz.conversion"]
    assert not one.orphans
    assert one.coverage == found.coverage
    assert one.money_steps == found.money_steps
    known = found.narrowed(grades={EvidenceGrade.C})
    assert {x.contribution.grade for x in known.links} == {EvidenceGrade.C}
    assert all(outcome.links for outcome in known.outcomes)
    assert {x.metric for x in known.watermelons} <= {x.reading.metric.id for x in known.outcomes}
    assert found.narrowed() is found


def test_it_is_one_json_document(found: LinkMap) -> None:
    document = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    links = [link for goal in document["goals"] for x in goal["outcomes"] for link in x["links"]]
    assert len(links) == len(found.links)
    pages = next(link for link in links if link["link"] == "page_load_to_conversion")
    assert pages["per_step"]["step"] == 100
    assert pages["influence"]["combined"]["mid"] < 0
    assert pages["review_by"] == "2027-06-30"


def test_links_nobody_has_estimated_yet_stand_as_declared(unread: LinkMap) -> None:
    """Reviewed too late: found elsewhere (D) counts as judged (E)."""
    late = link_of(unread, "cfr_to_tx_success")
    assert late.is_overdue
    assert late.contribution.grade is EvidenceGrade.E
    assert late.contribution.influence is not None
    assert late.contribution.influence.is_pending
    assert late.contribution.influence.verdict.finding is Finding.TOO_SHORT
    assert not link_of(unread, "error_rate_to_tx_success").is_overdue
    assert unread.outcomes[0].explanation.missing_estimates


def test_without_data_there_is_no_month_to_show(tmp_path: Path) -> None:
    ws = open_workspace(tmp_path / "home", scorecard=["biz.orders"])
    with pytest.raises(StoreError):
        read_map(ws)
    ahead = read_map(ws, month=OCTOBER)
    assert ahead.links
    assert ahead.money_steps is None
    assert {ahead.weight(one) for one in ahead.links} == {0}
    assert [metric.id for metric in ahead.without_driver] == ["biz.orders"]
    ws.close()

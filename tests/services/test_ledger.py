"""Forecasts are made before the month, kept whatever happens, and held against what came."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa
import yaml

from kpi_engine.mapping.influence.grading import Finding
from kpi_engine.mapping.influence.record import Entry, Predicts, Ranges
from kpi_engine.periods import months_between
from kpi_engine.services import imports, undoing
from kpi_engine.services.estimates import Estimates, estimate_all, read_estimates
from kpi_engine.services.influence import read_influence, why_no_number
from kpi_engine.services.ledger import Ledger, read_ledger
from kpi_engine.services.look import Look
from kpi_engine.services.month_readings import read_month
from kpi_engine.services.series import wanted
from kpi_engine.store import tables
from kpi_engine.terms import EvidenceGrade
from kpi_engine.workspace import Workspace
from tests.services.tiny import SOMEBODY, open_workspace, save, values

LINK = "critical_incidents_to_op_delay"
SEPTEMBER, OCTOBER, NOVEMBER = date(2026, 9, 1), date(2026, 10, 1), date(2026, 11, 1)
HISTORY = months_between(date(2023, 10, 1), SEPTEMBER)


def history(*, of_last: float = 1.0) -> list[tuple[object, ...]]:
    """Three years of problems, and of hours lost to them: 16, and 0.42 for each problem.

    Of customers lost there is a month too little to forecast anything.
    """
    rng = np.random.default_rng(12)
    problems = rng.poisson(30, len(HISTORY))
    hours = 16 + 0.42 * problems + rng.normal(0, 1.4, len(HISTORY))
    hours[-3:] *= of_last
    names = [f"{month:%Y-%m}" for month in HISTORY]
    return [
        *zip(names, ["it.critical_incidents"] * 36, [""] * 36, problems, strict=True),
        *zip(names, ["biz.op_delay"] * 36, [""] * 36, hours.round(1), strict=True),
        *zip(names[-23:], ["biz.abandon"] * 23, [""] * 23, hours[-23:] / 1000, strict=True),
    ]


def begun(home: Path, *, of_last: float = 1.0) -> Workspace:
    ws = open_workspace(home, scorecard=["biz.op_delay", "biz.abandon"])
    save(ws, "period,metric,segment,value", history(of_last=of_last), at="2026-10-02 08:00")
    estimate_all(ws)
    return ws


def kept(ws: Workspace) -> set[tuple[object, ...]]:
    with ws.reading() as conn:
        return {tuple(row) for row in conn.execute(sa.select(tables.prediction))}


def months_of(ledger: Ledger, link: str | None = LINK) -> Mapping[date, Entry]:
    (outcome,) = ledger.outcomes
    rows = [outcome.alone, *outcome.links]
    found = next(row for row in rows if (row.link.id if row.link else None) == link)
    return {entry.month: entry for entry in found.entries}


@dataclass(frozen=True, kw_only=True)
class Story:
    """What happens to a store, one thing after the other.

    Attributes:
        kept: Every forecast in it after each.
        ledgers: What the ledger said after each, at the newest tick.
        first: What it says of the first tick once all has happened.
    """

    kept: Mapping[str, set[tuple[object, ...]]]
    ledgers: Mapping[str, Ledger]
    first: Ledger


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    home = tmp_path_factory.mktemp("ledger") / "home"
    own = home / "definitions" / "links.yaml"
    kept_then, ledgers = {}, {}

    def note(name: str, ws: Workspace) -> None:
        estimate_all(ws)
        kept_then[name], ledgers[name] = kept(ws), read_ledger(ws)

    ws = begun(home)
    note("history", ws)
    values(ws, "biz.op_delay", {"2026-10": 37.5}, at="2026-11-02 08:00")
    note("outcome came", ws)
    values(ws, "it.critical_incidents", {"2026-10": 50}, at="2026-11-09 08:00")
    note("driver came", ws)
    values(ws, "biz.op_delay", {"2026-08": 11}, at="2026-11-10 08:00")
    note("August was restated", ws)
    undoing.undo(ws, 2, actor=SOMEBODY, now=imports.batches(ws)[0].at)
    note("October was taken back", ws)
    undoing.undo(ws, 5, actor=SOMEBODY, now=imports.batches(ws)[0].at)
    declared = ws.catalogue.links[LINK].model_dump(mode="json", exclude_none=True)
    ws.close()
    declared["mechanism"] = "Said in other words, and meaning the same as before."
    own.write_text(yaml.safe_dump({"links": [declared]}))
    ws = Workspace.open(home)
    note("the link was described anew", ws)
    estimate_all(ws, as_of=1)
    first = read_ledger(ws, as_of=1)
    ws.close()
    own.write_text(yaml.safe_dump({"links": [{**declared, "lag_days": [0, 31]}]}))
    ws = Workspace.open(home)
    note("the link was declared anew", ws)
    ws.close()
    return Story(kept=kept_then, ledgers=ledgers, first=first)


def test_the_next_month_is_forecast_beforehand_and_the_last_year_afterwards(story: Story) -> None:
    found = months_of(story.ledgers["driver came"])
    assert list(found) == months_between(date(2025, 10, 1), NOVEMBER)
    assert [m for m, one in found.items() if not one.is_retrospective] == [OCTOBER, NOVEMBER]
    assert (found[OCTOBER].made_at, found[NOVEMBER].made_at) == (1, 3)
    assert found[NOVEMBER].value is None


def test_a_month_is_held_against_what_was_said_of_it(story: Story) -> None:
    """Fifty problems, twenty more than usual, cost 8.4 hours more than the usual 28.6."""
    found = story.ledgers["driver came"]
    by_link, alone = months_of(found)[OCTOBER], months_of(found, None)[OCTOBER]
    assert by_link.value == alone.value == 37.5
    assert by_link.without == alone.forecast
    low, high = by_link.forecast.wide
    assert low < 16 + 0.42 * 50 < high
    assert by_link.is_inside
    assert not alone.is_inside


def test_before_it_is_in_a_link_shows_the_month_as_its_driver_usually_is(story: Story) -> None:
    early, late = (months_of(story.ledgers[name])[OCTOBER] for name in ("history", "driver came"))
    assert early.value is None
    assert early.forecast.mid == pytest.approx(28.6, abs=3)
    assert late.forecast.mid - early.forecast.mid == pytest.approx(8.4, abs=3)


def test_what_was_forecast_is_never_changed_by_what_comes_later(story: Story) -> None:
    stages = list(story.kept.values())
    assert len(stages[0]) == 26
    assert all(before <= after for before, after in pairwise(stages))
    october = [row for row in stages[-2] if row[2] == LINK and row[3] == OCTOBER]
    assert [row[0] for row in october] == [1], "made before the month was in, and that once"
    for link in (LINK, None):
        assert months_of(story.first, link) == months_of(story.ledgers["history"], link)


def test_what_came_may_be_restated_and_taken_back(story: Story) -> None:
    august = date(2026, 8, 1)
    before, after = (
        months_of(story.ledgers[name])[august] for name in ("driver came", "August was restated")
    )
    assert after == replace(before, value=11)
    taken_back = months_of(story.ledgers["October was taken back"])[OCTOBER]
    assert (taken_back.value, taken_back.made_at) == (None, 1)


def test_a_late_driver_is_waited_for(story: Story) -> None:
    found = story.ledgers["outcome came"]
    assert months_of(found, None)[OCTOBER].value == 37.5
    assert NOVEMBER in months_of(found, None)
    assert months_of(found)[OCTOBER].value is None
    assert NOVEMBER not in months_of(found)
    assert not months_of(story.ledgers["driver came"])[NOVEMBER].is_retrospective


def test_a_link_that_is_declared_otherwise_proves_itself_anew(story: Story) -> None:
    described, declared = (
        story.ledgers[f"the link was {how} anew"] for how in ("described", "declared")
    )
    assert not months_of(described)[OCTOBER].is_retrospective
    beforehand = [m for m, one in months_of(declared).items() if not one.is_retrospective]
    assert beforehand == [NOVEMBER]
    assert months_of(declared, None) == months_of(described, None)


def test_nothing_is_forecast_of_too_short_a_past(story: Story) -> None:
    assert {row[1] for row in story.kept["history"]} == {"biz.op_delay"}


def test_a_measure_without_data_does_not_keep_others_from_forecasting(story: Story) -> None:
    """Downtime is linked to the same outcome, and nothing of it is known."""
    assert {row[2] for row in story.kept["history"]} == {"", LINK}


def test_months_are_forecast_from_nothing_but_the_months_before_them(
    tmp_path: Path, story: Story
) -> None:
    """With the last three months many times as high, every earlier month is forecast the same."""
    ws = begun(tmp_path / "home", of_last=20)
    mine, theirs = (
        {(row[2], row[3]): row[6] for row in rows} for rows in (story.kept["history"], kept(ws))
    )
    ws.close()
    same = {key for key in mine if mine[key] == theirs[key]}
    assert same == {key for key in mine if key[1] <= date(2026, 7, 1)}
    assert {key[1] for key in mine} == set(months_between(date(2025, 10, 1), OCTOBER))


# Of the sample company: kpi_engine/demo keeps what was planted in truths.json.


@pytest.fixture(scope="module")
def of_sample(sample: Workspace) -> Ledger:
    return read_ledger(sample)


@pytest.mark.parametrize(
    "link",
    [
        "page_load_to_conversion",
        "error_rate_to_tx_success",
        "critical_incidents_to_op_delay",
        "availability_to_tx_success",
    ],
)
def test_planted_links_predict(of_sample: Ledger, link: str) -> None:
    row = next(row for row in of_sample.rows if row.link is not None and row.link.id == link)
    assert row.record.predicts is Predicts.BETTER
    assert (row.record.scored, row.record.looked_back) == (12, 12)
    assert row.record.inside >= 8


def test_ranges_hold_about_as_often_as_they_say(of_sample: Ledger) -> None:
    """A fresh company has looked back at a year; eight and nineteen twentieths should hold."""
    hits = of_sample.made_afterwards
    assert of_sample.made_before.scored == 0
    assert hits.scored > 300
    assert hits.inside / hits.scored == pytest.approx(0.80, abs=0.05)
    assert hits.inside_wide / hits.scored == pytest.approx(0.95, abs=0.04)
    assert [row.label for row in of_sample.rows if row.fails] == []


@pytest.fixture(scope="module")
def estimates(sample: Workspace) -> Estimates:
    with sample.reading() as conn:
        return read_estimates(Look(conn=conn, catalogue=sample.catalogue, as_of=sample.newest()))


def test_a_link_that_does_not_predict_loses_what_it_earned(
    sample: Workspace, estimates: Estimates
) -> None:
    """The same data, with a year of forecasts beside it that came closer without the link."""
    link = sample.catalogue.links["page_load_to_conversion"]

    def judged(found: Estimates) -> tuple[Finding, EvidenceGrade, bool, str]:
        with sample.reading() as conn:
            look = Look(conn=conn, catalogue=sample.catalogue, as_of=sample.newest())
            keys = [wanted(link.driver), wanted(link.outcome)]
            readings = read_month(look, keys, month=OCTOBER)
        influence = read_influence(sample.catalogue, link, found, readings, today=NOVEMBER)
        verdict = influence.verdict
        return verdict.finding, verdict.grade, verdict.is_counted, why_no_number(influence)

    assert judged(estimates) == (Finding.STRONG, EvidenceGrade.C, True, "")
    tight, loose = (
        Ranges(mid=0.025, likely=(0.025 - half, 0.025 + half), wide=(0.0, 0.05))
        for half in (0.001, 0.004)
    )
    spoilt = [
        replace(one, forecast=loose, without=tight, value=0.025) if one.link == link.id else one
        for one in estimates.entries[link.outcome]
    ]
    found = judged(replace(estimates, entries={link.outcome: tuple(spoilt)}))
    assert found[:3] == (Finding.DOES_NOT_PREDICT, EvidenceGrade.D, False)
    assert "forecasts came closer without it" in found[3]

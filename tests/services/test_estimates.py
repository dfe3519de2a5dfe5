"""What own data say of the sample company's links, and how it is kept."""

import json
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest

from kpi_engine.mapping.influence.grading import Finding
from kpi_engine.mapping.influence.link_estimate import LinkEstimate, OutcomeEstimate
from kpi_engine.services import estimating, link_edits, outcomes
from kpi_engine.services.estimate_keeper import EstimateKeeper
from kpi_engine.services.estimates import (
    Estimates,
    estimate_all,
    missing_estimates,
    read_estimates,
)
from kpi_engine.services.fitting import FitBook
from kpi_engine.services.link_edits import edit_of, read_draft
from kpi_engine.services.look import Look
from kpi_engine.services.problems import Problem
from kpi_engine.services.tracks import TrackBook
from kpi_engine.terms import EvidenceGrade, Grain
from kpi_engine.workspace import Workspace
from tests.sample import copy_of_sample
from tests.services.tiny import SOMEBODY, open_workspace, save, values

OCTOBER = date(2026, 10, 1)


@pytest.fixture(scope="module")
def ws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    found = Workspace.open(copy_of_sample(tmp_path_factory, "estimates"))
    yield found
    found.close()


@pytest.fixture(scope="module")
def estimates(ws: Workspace) -> Estimates:
    with ws.reading() as conn:
        return read_estimates(Look(conn=conn, catalogue=ws.catalogue, as_of=ws.newest()))


def of(estimates: Estimates, outcome: str, link: str) -> tuple[OutcomeEstimate, LinkEstimate]:
    found = estimates.of_link(outcome, link)
    assert found is not None
    return found


# Effects as planted: kpi_engine/demo keeps them in truths.json.
@pytest.mark.parametrize(
    ("outcome", "link", "truth", "grain"),
    [
        pytest.param(
            "biz.conversion", "page_load_to_conversion", -0.2 / 1000, Grain.DAY, id="page speed"
        ),
        pytest.param(
            "biz.tx_success", "error_rate_to_tx_success", -3.0, Grain.DAY, id="release failures"
        ),
        pytest.param(
            "biz.op_delay", "critical_incidents_to_op_delay", 0.42, Grain.MONTH, id="incidents"
        ),
        pytest.param(
            "biz.lost_hours", "reopen_to_lost_hours", None, Grain.MONTH, id="reopened tickets"
        ),
    ],
)
def test_planted_effects_are_recovered(
    ws: Workspace,
    estimates: Estimates,
    outcome: str,
    link: str,
    truth: float | None,
    grain: Grain,
) -> None:
    model, found = of(estimates, outcome, link)
    if truth is None:
        planted = json.loads((ws.home / "files" / "demo" / "truths.json").read_text())["effects"]
        truth = 100 * next(one["effect"] for one in planted if one["driver"] == "it.reopen_rate")
    assert model.grain is grain
    assert found.finding in (Finding.STRONG, Finding.SEEN)
    assert found.wide[0] < truth < found.wide[1]
    assert found.lag == 0
    contribution = next(
        driver.contribution
        for driver in outcomes.explain(ws, outcome, month=OCTOBER).drivers
        if driver.contribution.link.id == link
    )
    assert contribution.grade is EvidenceGrade.C


def test_minutes_of_downtime_are_seen_in_the_days_as_well_as_counted(estimates: Estimates) -> None:
    """Availability is counted from events; the days agree: a minute down is a minute lost."""
    _, found = of(estimates, "biz.tx_success", "availability_to_tx_success")
    assert not found.is_asked
    assert found.finding is Finding.STRONG
    assert 0 < found.wide[0] < 1 < found.wide[1]


def test_nothing_else_is_claimed(estimates: Estimates) -> None:
    """Everything that was planted is listed above; any other claim would be a coincidence."""
    claims = {
        link.link
        for models in estimates.of_outcome.values()
        for model in models
        for link in model.links
        if link.is_asked and link.finding in (Finding.STRONG, Finding.SEEN, Finding.CONTRADICTED)
    }
    assert claims == {
        "page_load_to_conversion",
        "error_rate_to_tx_success",
        "critical_incidents_to_op_delay",
        "reopen_to_lost_hours",
    }


def test_two_series_that_share_a_season_are_not_linked(tmp_path: Path) -> None:
    """The planted coincidence: poor calls and customers lost both peak each January."""
    factory_home = tmp_path / "home"
    ws = open_workspace(
        factory_home,
        links=[
            {
                "id": "poor_calls_to_churn",
                "driver": "it.poor_calls",
                "outcome": "biz.churn",
                "kind": "influence",
                "mechanism": "Nobody can say how one would lead to the other.",
                "sign": 1,
                "lag_days": [0, 30],
                "grade": "E",
                "reachable_grade": "C",
                "grade_reason": "Declared by a test.",
                "review_by": "2030-01-01",
            }
        ],
    )
    rng = np.random.default_rng(17)
    season = np.array([5, 3, 1, 0, 0, 0, 0, 0, 0, 1, 2, 3]) / 1000
    for metric, base in (("it.poor_calls", 0.015), ("biz.churn", 0.02)):
        rows = [
            (f"{2023 + n // 12}-{n % 12 + 1:02d}", metric, "", base + season[n % 12] + noise, 1)
            for n, noise in enumerate(rng.normal(0, 0.0008, 36))
        ]
        save(ws, "period,metric,segment,numerator,denominator", rows, at="2026-01-02 08:00")
    estimate_all(ws)
    with ws.reading() as conn:
        found = read_estimates(Look(conn=conn, catalogue=ws.catalogue, as_of=ws.newest()))
    model, link = of(found, "biz.churn", "poor_calls_to_churn")
    ws.close()
    assert model.periods == 35
    assert link.finding in (Finding.NOT_SEEN, Finding.HINT)


@pytest.mark.parametrize("stuck", ["driver", "outcome", "both"])
def test_a_measure_that_never_moved_teaches_nothing_and_breaks_nothing(
    tmp_path: Path, stuck: str
) -> None:
    declared = {
        "outcome": "biz.churn",
        "kind": "influence",
        "mechanism": "Only one of the two ever moved.",
        "lag_days": [0, 0],
        "grade": "C",
        "reachable_grade": "C",
        "grade_reason": "Declared by a test.",
        "review_by": "2030-01-01",
    }
    links = [
        declared | {"id": "poor_calls_to_churn", "driver": "it.poor_calls", "sign": 1},
        declared | {"id": "adoption_to_churn", "driver": "it.adoption", "sign": -1},
    ]
    ws = open_workspace(tmp_path / "home", scorecard=["biz.churn", "biz.revenue"], links=links)
    rng = np.random.default_rng(5)
    for metric in ("it.poor_calls", "it.adoption", "biz.churn"):
        is_stuck = metric == "it.poor_calls" and stuck != "outcome"
        is_stuck |= metric == "biz.churn" and stuck != "driver"
        values = np.full(36, 0.2) if is_stuck else 0.2 + rng.normal(0, 0.01, 36)
        rows = [
            (f"{2023 + n // 12}-{n % 12 + 1:02d}", metric, "", value, 1)
            for n, value in enumerate(values)
        ]
        save(ws, "period,metric,segment,numerator,denominator", rows, at="2026-01-02 08:00")
    estimate_all(ws)
    assert missing_estimates(ws) == ()
    found = outcomes.explain(ws, "biz.churn", month=date(2025, 12, 1))
    contributions = {one.contribution.link.id: one.contribution for one in found.drivers}
    of_stuck = contributions["poor_calls_to_churn"].influence
    ws.close()
    assert of_stuck is not None
    assert of_stuck.estimate is None or stuck == "outcome"
    assert (of_stuck.verdict.finding is Finding.STILL) == (stuck != "outcome")
    assert all(one.effect is None for one in contributions.values())
    assert {one.grade for one in contributions.values()} == {EvidenceGrade.D}, "C is to be earned"


def test_the_usual_course_is_known_only_where_there_are_data(estimates: Estimates) -> None:
    for models in estimates.of_outcome.values():
        for model in models:
            levels = np.array(list(model.course.values()))
            assert len(levels) <= model.periods + 1 if model.grain is Grain.MONTH else True
            assert np.isfinite(levels).all()
            if len(levels):
                assert np.ptp(levels) < 60 * max(model.spread, 1e-12), model.outcome


def test_links_of_an_outcome_taken_by_the_quarter_are_not_guessed(estimates: Estimates) -> None:
    (model,) = estimates.of_outcome["biz.tool_sat"]
    assert model.too_short
    assert model.links == ()


def test_estimates_are_kept_by_tick_and_worked_out_once(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    ws = Workspace.open(copy_of_sample(tmp_path_factory, "kept"))
    tick = ws.newest()
    assert missing_estimates(ws) == ()
    told: list[str] = []
    estimate_all(ws, progress=lambda *_: told.append("worked"))
    assert told == [], "nothing is missing, so nothing is worked out"
    before = outcomes.explain(ws, "biz.op_delay", month=OCTOBER)

    values(ws, "base.headcount", {"2026-10": 5000}, at="2026-11-20 08:00")
    assert "biz.op_delay" in missing_estimates(ws)
    pending = outcomes.explain(ws, "biz.op_delay", month=OCTOBER)
    assert pending.missing_estimates
    assert all(driver.contribution.effect is None for driver in pending.drivers)
    assert outcomes.explain(ws, "biz.op_delay", month=OCTOBER, as_of=tick) == before
    ws.close()


def test_an_import_that_touches_no_number_of_an_outcome_costs_no_estimate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    worked_out: list[str] = []
    estimate = estimating.estimate_links

    def counted(
        problems: Sequence[Problem], *, book: TrackBook, fits: FitBook
    ) -> tuple[OutcomeEstimate, ...]:
        worked_out.append(problems[0].metric.id)
        return estimate(problems, book=book, fits=fits)

    def estimated(at: str) -> Estimates:
        worked_out.clear()
        estimate_all(ws)
        with ws.reading() as conn:
            found = read_estimates(Look(conn=conn, catalogue=ws.catalogue, as_of=ws.newest()))
        assert found.missing == (), at
        return found

    monkeypatch.setattr("kpi_engine.services.estimates.estimate_links", counted)
    link = {
        "id": "poor_calls_to_churn",
        "driver": "it.poor_calls",
        "outcome": "biz.churn",
        "kind": "influence",
        "mechanism": "Declared by a test.",
        "sign": 1,
        "lag_days": [0, 30],
        "grade": "E",
        "reachable_grade": "C",
        "grade_reason": "Declared by a test.",
        "review_by": "2030-01-01",
    }
    ws = open_workspace(tmp_path / "home", scorecard=["biz.churn", "biz.revenue"], links=[link])
    months = [f"{2023 + n // 12}-{n % 12 + 1:02d}" for n in range(36)]
    rng = np.random.default_rng(3)
    calls = 0.02 + rng.normal(0, 0.003, 36)
    churn = 0.01 + 0.5 * calls + rng.normal(0, 0.0003, 36)
    header = "period,metric,segment,numerator,denominator"
    for metric, series in (("it.poor_calls", calls), ("biz.churn", churn)):
        rows = [(month, metric, "", value, 1) for month, value in zip(months, series, strict=True)]
        save(ws, header, rows, at="2026-01-02 08:00")
    before = estimated("first")
    assert "biz.churn" in worked_out
    assert before.of_outcome["biz.churn"][0].links[0].placebos == {}

    values(ws, "base.headcount", {"2025-12": 5000}, at="2026-01-03 08:00")
    assert estimated("what is not in the model came in") == before
    assert worked_out == []

    save(ws, header, [("2025-12", "it.poor_calls", "", 0.05, 1)], at="2026-01-04 08:00")
    assert estimated("the driver was corrected").of_outcome != before.of_outcome
    assert worked_out == ["biz.churn"], "others do not have that driver"

    revenue = dict(zip(months, 1e6 + 1e5 * rng.normal(0, 1, 36), strict=True))
    values(ws, "biz.revenue", revenue, at="2026-01-05 08:00")
    placebos = estimated("an outcome that stands by as a placebo came in")
    assert "biz.churn" in worked_out
    assert "biz.revenue" in placebos.of_outcome["biz.churn"][0].links[0].placebos

    for fields, again in (
        ({"mechanism": "People who cannot hear each other leave sooner."}, []),
        ({"prior": {"low": 0.001, "high": 0.01, "source": "workshop"}}, []),
        ({"lag_days": [0, 60]}, ["biz.churn"]),
    ):
        draft = read_draft(ws, "poor_calls_to_churn", today=date(2026, 1, 6))
        edit = edit_of(ws, draft, fields, today=date(2026, 1, 6))
        at = datetime(2026, 1, 6, tzinfo=UTC)
        link_edits.save(ws, edit, reason="A test asks for it.", actor=SOMEBODY, now=at)
        assert "biz.churn" in missing_estimates(ws), "until it is known what that changes"
        estimated(f"edited: {fields}")
        assert worked_out == again
    ws.close()


def test_the_keeper_works_out_what_is_missing_beside_everything_else(tmp_path: Path) -> None:
    ws = open_workspace(tmp_path / "home", scorecard=["biz.op_delay"])
    values(ws, "biz.op_delay", {"2026-09": 20, "2026-10": 25})
    assert missing_estimates(ws)
    keeper = EstimateKeeper(ws)
    keeper.start()
    deadline = time.monotonic() + 60
    while missing_estimates(ws) and time.monotonic() < deadline:
        time.sleep(0.1)
    keeper.close()
    assert missing_estimates(ws) == ()
    assert keeper.how_far.total == 0
    ws.close()


def test_the_keeper_waits_until_no_more_files_come_in(tmp_path: Path) -> None:
    ws = open_workspace(tmp_path / "home", scorecard=["biz.op_delay"])
    keeper = EstimateKeeper(ws)
    for month in ("2026-09", "2026-10"):
        values(ws, "biz.op_delay", {month: 20})
        keeper._look()
        assert missing_estimates(ws)
    keeper._look()
    assert missing_estimates(ws) == ()
    ws.close()


def test_what_cannot_be_worked_out_is_told_and_not_tried_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str] = []

    def fail(*_args: object, **_kwargs: object) -> None:
        tried.append("once")
        raise RuntimeError

    monkeypatch.setattr("kpi_engine.services.estimate_keeper.estimate_all", fail)
    monkeypatch.setattr("kpi_engine.services.estimate_keeper._LOOK_SECONDS", 0.01)
    ws = open_workspace(tmp_path / "home", scorecard=["biz.op_delay"])
    values(ws, "biz.op_delay", {"2026-09": 20, "2026-10": 25})
    keeper = EstimateKeeper(ws)
    keeper.start()
    deadline = time.monotonic() + 60
    while not keeper.how_far.has_failed and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.1)
    keeper.close()
    assert keeper.how_far.has_failed
    assert tried == ["once"]
    ws.close()

"""The demo company after import: every planted truth shows, and the books add up."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from kpi_engine.actors import local_actor
from kpi_engine.services import health, imports, outcomes, scorecard
from kpi_engine.store import reads
from kpi_engine.terms import BatchKind, Grain, Status
from kpi_engine.workspace import Workspace
from tests.sample import copy_of_sample

SEPTEMBER, OCTOBER = date(2026, 9, 1), date(2026, 10, 1)


@pytest.fixture(scope="module")
def ws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    found = Workspace.open(copy_of_sample(tmp_path_factory, "truths"))
    yield found
    found.close()


@pytest.fixture(scope="module")
def truths(ws: Workspace) -> dict[str, Any]:
    path: Path = ws.home / "files" / "demo" / "truths.json"
    return dict(json.loads(path.read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def october(ws: Workspace) -> scorecard.Scorecard:
    return scorecard.read(ws, month=OCTOBER)


def months(ws: Workspace, metric: str, **segment: str) -> pd.DataFrame:
    """All three years of a metric, by ISO month."""
    with ws.reading() as connection:
        frame = reads.read_values(
            connection,
            metrics=[metric],
            grain=Grain.MONTH,
            first=date(2023, 11, 1),
            last=OCTOBER,
            as_of=ws.newest(),
            segment=segment,
        )
    frame["month"] = frame["period"].map(lambda day: day.isoformat())
    return frame.set_index("month")


def row(card: scorecard.Scorecard, metric: str) -> outcomes.Explanation:
    return next(found for found in card.rows if found.outcome.metric.id == metric)


@pytest.mark.parametrize(
    ("metric", "book"),
    [
        ("biz.orders", "orders"),
        ("biz.revenue", "net_revenue"),
        ("base.sessions", "sessions"),
        ("base.tickets", "tickets_opened"),
    ],
)
def test_every_month_equals_the_books(
    ws: Workspace, truths: dict[str, Any], metric: str, book: str
) -> None:
    values = months(ws, metric)["value"]
    assert len(values) == 36
    for month in truths["books"]:
        assert values[month["month"]] == pytest.approx(month[book], abs=0.005)


def test_checkout_success_and_downtime_equal_the_books(
    ws: Workspace, truths: dict[str, Any]
) -> None:
    success = months(ws, "biz.tx_success")
    downtime = months(ws, "it.downtime", service="Online shop")["value"]
    for month in truths["books"]:
        parts = success.loc[month["month"], ["numerator", "denominator"]]
        assert list(parts) == [month["orders"], month["attempted"]]
        assert downtime.get(month["month"], 0) == month["shop_down_minutes"]


def test_the_outage_lost_as_many_orders_as_the_range_says(
    october: scorecard.Scorecard, truths: dict[str, Any]
) -> None:
    success = row(october, "biz.tx_success")
    shop = next(d for d in success.drivers if d.reading.segment == {"service": "Online shop"})
    amount = shop.contribution.amount
    assert amount is not None
    assert amount.low < truths["outage"]["lost"] < amount.high
    assert shop.reading.judgement.status is Status.ON_TARGET
    assert success.outcome.judgement.status is Status.OFF_TARGET
    assert any(
        event.day == date(2026, 10, 12) and "142 minutes" in event.sentence
        for event in success.events
    )


def test_the_watermelon_is_listed_and_no_link_explains_it(
    october: scorecard.Scorecard, truths: dict[str, Any]
) -> None:
    demos = row(october, truths["watermelon"]["outcome"])
    assert demos.is_watermelon
    assert demos.watermelon_sentence
    assert demos.outcome.judgement.status is Status.OFF_TARGET
    statuses = {d.reading.metric.id: d.reading.judgement.status for d in demos.drivers}
    assert set(truths["watermelon"]["drivers"]) <= set(statuses)
    assert set(statuses.values()) == {Status.ON_TARGET, Status.NO_DATA}
    assert demos.movement is not None
    assert demos.remainder is not None
    away = demos.away
    assert demos.remainder / away > 0.98, "a line that never fails ends no demo"


def test_first_contact_improves_while_more_problems_come_back(
    ws: Workspace, truths: dict[str, Any]
) -> None:
    counter = truths["counter"]
    assert ws.catalogue.metric(counter["improving"]).counter_metric == counter["worsening"]
    for metric, least in ((counter["improving"], 0.02), (counter["worsening"], 0.06)):
        values = months(ws, metric)["value"]
        after = values[values.index >= counter["since"]].mean()
        assert after > values[values.index < counter["since"]].mean() + least


def test_the_corrected_month_shows_what_it_was_and_flips_its_status(
    ws: Workspace, truths: dict[str, Any]
) -> None:
    truth = truths["restatement"]
    card = scorecard.read(ws, month=SEPTEMBER)
    reading = row(card, truth["metric"]).outcome
    assert reading.value == pytest.approx(truth["after"])
    assert reading.restated_from == pytest.approx(truth["before"])
    assert reading.judgement.status is Status.NEAR_TARGET
    restated = [r.outcome.metric.id for r in card.rows if r.outcome.restated_from is not None]
    assert restated == [truth["metric"]]
    assert not reading.was_published, "the sample company publishes nothing by itself"


def test_the_month_after_still_says_that_the_one_before_was_corrected(
    october: scorecard.Scorecard, truths: dict[str, Any]
) -> None:
    truth = truths["restatement"]
    reading = row(october, truth["metric"]).outcome
    assert reading.restated_from is None
    assert reading.previous == pytest.approx(truth["after"])
    assert reading.previous_restated_from == pytest.approx(truth["before"])
    others = [r.outcome.previous_restated_from for r in october.rows if r.outcome is not reading]
    assert set(others) == {None}


def test_the_corrected_month_can_be_read_as_it_was_reported(
    ws: Workspace, truths: dict[str, Any]
) -> None:
    truth = truths["restatement"]
    batch = next(b for b in imports.batches(ws) if b.file_name == truth["file_name"])
    then = outcomes.explain(ws, truth["metric"], month=SEPTEMBER, as_of=batch.id - 1).outcome
    assert then.value == pytest.approx(truth["before"])
    assert then.judgement.status is Status.ON_TARGET


def test_the_late_source_is_named_and_its_measure_has_no_data(
    ws: Workspace, october: scorecard.Scorecard, truths: dict[str, Any]
) -> None:
    state = health.read_health(ws, today=date(2026, 11, 10))
    network = next(source for source in state.sources if source.source == "network")
    assert network.data_through.isoformat() == truths["late"]["data_through"]
    assert network.days_late > 0
    assert max(source.days_late for source in state.sources) == network.days_late
    late = [ws.catalogue.metric(metric).label for metric in truths["late"]["metrics"]]
    assert list(october.late) == late
    assert october.received == october.expected - len(late)
    newest = [metric.cells[-1] for metric in state.metrics]
    assert october.expected == sum(cell != "not_due" for cell in newest)


def test_the_season_is_there(ws: Workspace, truths: dict[str, Any]) -> None:
    orders = months(ws, "biz.orders")["value"]
    by_calendar_month = orders.groupby(orders.index.str[5:7]).mean()
    assert sorted(int(m) for m in by_calendar_month.nlargest(2).index) == truths["peak_months"]


def test_every_movement_is_its_contributions_and_a_remainder(october: scorecard.Scorecard) -> None:
    for found in october.rows:
        counted = [d.contribution.effect.mid for d in found.drivers if d.contribution.effect]
        assert found.movement is not None
        assert found.remainder is not None
        away = found.away
        assert sum(counted) + found.remainder == pytest.approx(away, abs=1e-9)


def test_october_has_outcomes_on_near_and_off_target(october: scorecard.Scorecard) -> None:
    statuses = [found.outcome.judgement.status for found in october.rows]
    assert set(statuses) == {Status.ON_TARGET, Status.NEAR_TARGET, Status.OFF_TARGET}


def test_every_metric_that_is_imported_or_derived_has_three_years(ws: Workspace) -> None:
    quarterly = {m.id for m in ws.catalogue.metrics.values() if m.cadence is Grain.QUARTER}
    for metric in ws.catalogue.metrics:
        if metric == "it.dwa":  # worked out from outages and orders when it is read
            continue
        held = len(months(ws, metric))
        assert held >= (11 if metric in quarterly else 35), metric


def test_no_row_was_rejected_and_one_draft_was_taken_back(ws: Workspace) -> None:
    history = imports.batches(ws)
    assert sum(sum(n for f, n in b.counts.items() if f.value == "rejected") for b in history) == 0
    undone = [batch for batch in history if batch.undone_by]
    assert [batch.file_name for batch in undone] == ["web-analytics-2026-09-draft.csv"]
    assert sum(batch.kind is BatchKind.UNDO for batch in history) == 1


def test_a_file_that_is_imported_again_changes_nothing(ws: Workspace) -> None:
    path = ws.home / "files" / "demo" / "milestones-2026-10.csv"
    shown = imports.preview(ws, path, actor=local_actor("again"))
    imports.discard(ws, shown, actor=local_actor("again"))
    assert shown.changes_nothing
    assert shown.same_file_batch is not None

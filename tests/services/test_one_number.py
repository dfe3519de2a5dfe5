"""Two dashboards, one number: whoever asks for a metric's month gets the same answer."""

import html
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from typer.testing import CliRunner

from kpi_engine.__main__ import app
from kpi_engine.periods import add_months
from kpi_engine.render.ledger import ledger_html
from kpi_engine.services import imports, outcomes, scorecard
from kpi_engine.services.facts import read_facts
from kpi_engine.services.month_readings import read_readings
from kpi_engine.services.series import latest_month, wanted
from kpi_engine.terms import Grain
from kpi_engine.words.reading import value_text
from kpi_engine.workspace import Workspace
from tests.sample import copy_of_sample
from tests.services.tiny import SOMEBODY, values

NEWEST = date(2026, 10, 1)
MONTHS = [add_months(NEWEST, -back) for back in (0, 1, 2, 7, 13, 30)]
EVERY_MONTH = [add_months(NEWEST, -back) for back in range(36)]


@pytest.fixture(scope="module")
def ws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    found = Workspace.open(copy_of_sample(tmp_path_factory, "one-number"))
    yield found
    found.close()


@pytest.fixture(scope="module")
def listed(ws: Workspace) -> dict[str, dict[date, float]]:
    """Every metric's months as the command line lists them; quarters by their last month."""
    found: dict[str, dict[date, float]] = {}
    for name, metric in ws.catalogue.metrics.items():
        grain = Grain.QUARTER if metric.cadence is Grain.QUARTER else Grain.MONTH
        shift = 2 if grain is Grain.QUARTER else 0
        values = read_facts(ws, name, grain=grain).values
        found[name] = {add_months(one.period, shift): one.value for one in values}
    return found


@pytest.mark.parametrize("month", EVERY_MONTH, ids=str)
def test_readings_and_listed_facts_agree_for_every_metric(ws, listed, month):
    keys = [wanted(name) for name in ws.catalogue.metrics]

    for reading in read_readings(ws, keys, month=month):
        shown = latest_month(reading.metric, month)
        assert reading.value == listed[reading.metric.id].get(shown), reading.metric.id
        past = {point.month: point.value for point in reading.history if point.value is not None}
        assert past.items() <= listed[reading.metric.id].items(), reading.metric.id


@pytest.mark.parametrize("month", MONTHS[:3], ids=str)
def test_scorecard_rows_are_the_explanations_of_their_outcomes(ws, listed, month):
    card = scorecard.read(ws, month=month)

    for row in card.rows:
        assert row == outcomes.explain(ws, row.outcome.metric.id, month=month)
        shown = latest_month(row.outcome.metric, month)
        assert row.outcome.value == listed[row.outcome.metric.id].get(shown)


@pytest.mark.parametrize("month", MONTHS, ids=str)
def test_parts_make_the_whole_in_every_row(ws, month):
    """Effects and remainder are the movement; identity parts are too, where there are any."""
    for row in scorecard.read(ws, month=month).rows:
        if row.movement is None:
            assert row.remainder is None
            continue
        effects = [d.contribution.effect.mid for d in row.drivers if d.contribution.effect]
        size = max(1.0, abs(row.outcome.value))
        assert sum(effects) + row.remainder == pytest.approx(row.movement, abs=1e-9 * size)
        along = sum(effects) if row.movement > 0 else -sum(effects)
        assert along <= abs(row.movement) + 1e-9 * size
        if row.identity:
            parts = sum(part.effect for part in row.identity)
            assert parts == pytest.approx(row.movement, abs=1e-9 * size)


def test_the_same_tick_gives_the_same_page(ws):
    """A figure is saved, then taken back; the page of the tick before stays as it was."""
    tick = ws.newest()
    before = scorecard.read(ws, month=NEWEST, as_of=tick)

    batch = values(ws, "base.headcount", {"2026-10": 5000}, at="2026-11-20 08:00")
    assert scorecard.read(ws, month=NEWEST) != before
    assert scorecard.read(ws, month=NEWEST, as_of=tick) == before
    imports.undo(ws, batch.id, actor=SOMEBODY, now=datetime(2026, 11, 21, 8, 0, tzinfo=UTC))

    assert scorecard.read(ws, month=NEWEST, as_of=tick) == before


def asked(ws: Workspace, *arguments: str) -> Any:
    """What the command line answers as JSON."""
    done = CliRunner().invoke(app, [*arguments, "--json", "--home", str(ws.home)])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_the_command_line_lists_the_same_facts_for_every_metric(ws, listed):
    for name, months in listed.items():
        if ws.catalogue.metrics[name].cadence is Grain.QUARTER:
            continue
        told = asked(ws, "facts", name)["values"]
        assert {date.fromisoformat(one["period"]): one["value"] for one in told} == months, name


@pytest.mark.parametrize("month", EVERY_MONTH[:35:4], ids=str)
def test_the_command_line_and_the_printed_ledger_show_the_scorecard(ws, listed, month):
    card = scorecard.read(ws, month=month)
    told = asked(ws, "scorecard", "--month", f"{month:%Y-%m}")["rows"]
    ledger = html.unescape(ledger_html(card, order="goal", show_drivers=True))
    currency = card.organisation.currency
    for row, said in zip(card.rows, told, strict=True):
        assert said["outcome"]["value"] == row.outcome.value
        assert said["movement"] == row.movement
        shown = latest_month(row.outcome.metric, month)
        assert row.outcome.value == listed[row.outcome.metric.id].get(shown)
        if row.outcome.value is not None:
            assert value_text(row.outcome, currency=currency) in ledger, row.outcome.label

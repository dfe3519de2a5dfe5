"""Two dashboards, one number: whoever asks for a metric's month gets the same answer."""

import json
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from kpi_engine.__main__ import app
from kpi_engine.periods import add_months
from kpi_engine.render.ledger import ledger_html
from kpi_engine.services import outcomes, scorecard, undoing
from kpi_engine.services.dwa import DWA
from kpi_engine.services.facts import read_facts
from kpi_engine.services.month_readings import read_readings
from kpi_engine.services.scorecard import Scorecard
from kpi_engine.services.series import latest_month, wanted
from kpi_engine.terms import Grain
from kpi_engine.workspace import Workspace
from tests.bare import bare_rows
from tests.printed import ledger_figures, prints
from tests.sample import copy_of_sample
from tests.services.tiny import SOMEBODY, values

NEWEST = date(2026, 10, 1)
EVERY_MONTH = [add_months(NEWEST, -back) for back in range(36)]
OLDEST = EVERY_MONTH[-1]
ROLLUPS = Path(__file__).with_name("rollups.sql")

Months = dict[date, float]
Ask = Callable[..., Any]


@pytest.fixture(scope="module")
def ws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """The sample company; only ever read."""
    found = Workspace.open(copy_of_sample(tmp_path_factory, "one-number"))
    yield found
    found.close()


@pytest.fixture(scope="module")
def rolled_up(ws: Workspace, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Months]:
    """Every metric's months as the rollup table holds them; quarters by their last month.

    What is worked out anew for every look has no rollup; its months are those that are listed.
    """
    found: dict[str, Months] = {name: {} for name in ws.catalogue.metrics}
    for metric, grain, period, value in bare_rows(
        copy_of_sample(tmp_path_factory, "rollups"), ROLLUPS
    ):
        declared = ws.catalogue.metric(metric)
        if value is not None and grain == grain_of(declared):
            found[metric][add_months(period, 2 if grain == "quarter" else 0)] = value
    assert not found[DWA]
    found[DWA] = {one.period: one.value for one in read_facts(ws, DWA).values}
    return found


@pytest.fixture(scope="module")
def card(ws: Workspace) -> Callable[[date], Scorecard]:
    """A month's scorecard, read once for all tests."""
    return cache(lambda month: scorecard.read(ws, month=month))


@pytest.fixture
def ask(ws: Workspace, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """What a verb of the command line answers as JSON, from the store that is open already."""
    for place in ("reading", "options"):
        monkeypatch.setattr(f"kpi_engine.cli.{place}.opened", lambda _: nullcontext(ws))

    def answer(*arguments: str) -> Any:
        done = CliRunner().invoke(app, [*arguments, "--json"])
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    return answer


def grain_of(metric) -> Grain:
    return Grain.QUARTER if metric.cadence is Grain.QUARTER else Grain.MONTH


@pytest.mark.parametrize("month", EVERY_MONTH, ids=str)
def test_readings_and_rollups_agree_for_every_metric(ws, rolled_up, month):
    keys = [wanted(name) for name in ws.catalogue.metrics]

    for reading in read_readings(ws, keys, month=month):
        shown = latest_month(reading.metric, month)
        months = rolled_up[reading.metric.id]
        assert reading.value == months.get(shown), reading.metric.id
        past = {point.month: point.value for point in reading.history if point.value is not None}
        assert past.items() <= months.items(), reading.metric.id


def test_the_command_line_lists_the_rollups_of_every_metric(ws, rolled_up, ask):
    for name, months in rolled_up.items():
        grain = grain_of(ws.catalogue.metric(name))
        later = 2 if grain is Grain.QUARTER else 0
        told = ask("facts", name, "--grain", grain.value)["values"]
        listed = {date.fromisoformat(one["period"]): one["value"] for one in told}
        assert {add_months(period, later): value for period, value in listed.items()} == months


@pytest.mark.parametrize("month", EVERY_MONTH, ids=str)
def test_every_surface_shows_the_same_outcomes(ws, rolled_up, card, ask, month):
    """Scorecard, outcome service, command line and ledger, each asked for itself.

    The outcome service is asked for a third of the outcomes each month, each in its turn.
    """
    shown = card(month)
    figures = ledger_figures(ledger_html(shown, order="goal", show_drivers=True))
    told = ask("scorecard", "--month", f"{month:%Y-%m}")["rows"]

    assert list(figures) == list(ws.catalogue.organisation.scorecard)
    turn = EVERY_MONTH.index(month)
    for place, (row, said) in enumerate(zip(shown.rows, told, strict=True)):
        outcome, metric = row.outcome, row.outcome.metric
        assert outcome.value == rolled_up[metric.id].get(latest_month(metric, month))
        if (place + turn) % 3 == 0:
            assert row == replace(outcomes.explain(ws, metric.id, month=month), mix=())
        assert (said["outcome"]["metric"], said["outcome"]["value"]) == (metric.id, outcome.value)
        assert (said["movement"], said["remainder"]) == (row.movement, row.remainder)
        assert prints(figures[metric.id].value, outcome.value, metric.unit), metric.id
    one = told[turn % len(told)]
    alone = ask("explain", one["outcome"]["metric"], "--month", f"{month:%Y-%m}")
    assert alone | {"mix": []} == one


@pytest.mark.parametrize("month", EVERY_MONTH, ids=str)
def test_parts_make_the_whole_in_every_row(card, month):
    """Effects, usual course and remainder are the movement; so are identity parts."""
    for row in card(month).rows:
        if row.movement is None:
            assert row.remainder is None
            continue
        effects = [d.contribution.effect.mid for d in row.drivers if d.contribution.effect]
        size = max(1.0, abs(row.outcome.value))
        assert sum(effects) + (row.usual or 0) + row.remainder == pytest.approx(
            row.movement, abs=1e-9 * size
        )
        away = row.away
        along = sum(effects) * ((away > 0) - (away < 0))
        assert along <= abs(away) + 1e-9 * size, "links share what is not the usual course"
        if row.identity:
            parts = sum(part.effect for part in row.identity)
            assert parts == pytest.approx(row.movement, abs=1e-9 * size)


def test_the_same_tick_gives_the_same_page(tmp_path_factory):
    """A figure is saved, then taken back; the page of the tick before stays as it was."""
    ws = Workspace.open(copy_of_sample(tmp_path_factory, "one-tick"))
    tick = ws.newest()
    before = scorecard.read(ws, month=OLDEST, as_of=tick)

    batch = values(ws, "base.headcount", {f"{OLDEST:%Y-%m}": 5000}, at="2026-11-20 08:00")
    assert scorecard.read(ws, month=OLDEST) != before
    assert scorecard.read(ws, month=OLDEST, as_of=tick) == before
    undoing.undo(ws, batch.id, actor=SOMEBODY, now=datetime(2026, 11, 21, 8, 0, tzinfo=UTC))

    assert scorecard.read(ws, month=OLDEST, as_of=tick) == before
    ws.close()

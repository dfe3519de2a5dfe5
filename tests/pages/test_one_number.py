"""Two pages, one number: what the scorecard prints of an outcome, its own page prints too."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as some
from streamlit.testing.v1 import AppTest

from kpi_engine.periods import add_months
from kpi_engine.services import outcomes
from kpi_engine.workspace import Workspace
from tests.pages.conftest import SHELL, html_blocks, open_page
from tests.printed import NOTHING, Figures, ledger_figures, plain, prints

EVERY_MONTH = [add_months(date(2026, 10, 1), -back) for back in range(36)]


@pytest.fixture(scope="module")
def session(sample_home: Path) -> Iterator[AppTest]:
    """One reader who goes from page to page."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("PLUMBLINE_HOME", str(sample_home))
        yield AppTest.from_file(str(SHELL), default_timeout=60).run()


@pytest.fixture(scope="module")
def ws(sample_home: Path) -> Iterator[Workspace]:
    found = Workspace.open(sample_home)
    yield found
    found.close()


def on_the_scorecard(app: AppTest, month: date) -> dict[str, Figures]:
    """What the ledger on the page shows, by outcome."""
    app.query_params["month"] = f"{month:%Y-%m}"
    open_page(app, "scorecard")
    (ledger,) = html_blocks(app)
    return ledger_figures(json.loads(ledger.proto.json)["html"])


def on_its_page(app: AppTest, outcome: str, month: date) -> Figures:
    """What the tiles on the page of an outcome show."""
    app.query_params["outcome"] = outcome
    app.query_params["month"] = f"{month:%Y-%m}"
    open_page(app, "outcome")
    value, change, year_change = (plain(tile.value) for tile in app.metric[:3])
    assert value in plain(app.header[0].value) or value in NOTHING
    return Figures(value=value, change=change, year_change=year_change)


@settings(
    max_examples=3,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # a month does not shrink
)
@given(month=some.sampled_from(EVERY_MONTH))
def test_scorecard_outcome_page_and_service_agree_for_every_outcome(
    session: AppTest, ws: Workspace, month: date
) -> None:
    cells = on_the_scorecard(session, month)

    assert list(cells) == list(ws.catalogue.organisation.scorecard)
    for name, cell in cells.items():
        shown = on_its_page(session, name, month)
        outcome = outcomes.explain(ws, name, month=month).outcome
        assert prints(shown.value, outcome.value, outcome.metric.unit), name
        assert (shown.change, shown.year_change) == (cell.change, cell.year_change), name
        assert shown.value == cell.value or {shown.value, cell.value} <= set(NOTHING), name

"""The page SQL: nothing runs unasked, answers and refusals are shown, a link carries the query."""

import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from kpi_engine.workspace import Workspace
from tests.pages.conftest import RunPage
from tests.sample import copy_of_sample

COUNT = "SELECT grain, count(*) AS n FROM readings GROUP BY grain ORDER BY grain"


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    Workspace.open(tmp_path / "home").close()
    return tmp_path / "home"


def ask(app: AppTest, text: str) -> AppTest:
    app.text_area[0].set_value(text)
    (run,) = (button for button in app.button if button.label == "Run")
    return run.click().run()


def said(app: AppTest) -> str:
    return " ".join(element.value for element in (*app.markdown, *app.error, *app.info))


def test_a_link_opens_its_query_and_does_not_run_it(run_page: RunPage, empty: Path) -> None:
    app = run_page("sql", home=empty, query={"q": COUNT})
    assert not app.exception
    assert app.text_area[0].value == COUNT
    assert "Press **Run** to run it" in said(app)
    assert "Nothing has been asked" not in said(app)
    assert "No data are in yet" in said(app)
    assert not app.dataframe


def test_a_query_is_answered_and_goes_into_the_address_and_the_history(
    run_page: RunPage, empty: Path
) -> None:
    app = ask(run_page("sql", home=empty), "SELECT unnest([3, 4]) AS n, 'x' AS word")
    assert list(app.dataframe[0].value["n"]) == [3, 4]
    assert "2 rows, as of batch 0" in said(app)
    assert app.query_params["q"] == "SELECT unnest([3, 4]) AS n, 'x' AS word"
    app = ask(app, "SELECT 1 AS a WHERE false")
    assert "Nothing fits what was asked" in said(app)
    app = ask(app, "SELECT value FROM readings WHERE metric = 'it.dwa'")
    assert "readings and facts hold none of it" in said(app)
    (before,) = (box for box in app.selectbox if box.label == "Asked before")
    assert len(before.options) >= 1
    app = before.select(before.options[0]).run()
    assert app.text_area[0].value.startswith("SELECT")
    assert "Press **Run** to run it" in said(app)


def test_a_refusal_is_a_sentence_and_the_page_goes_on(run_page: RunPage, empty: Path) -> None:
    app = ask(run_page("sql", home=empty), "DROP TABLE batch")
    assert "DROP is refused" in said(app)
    app = ask(app, "SELECT\n FRM readings")
    assert "DuckDB says" in said(app)
    assert not app.exception


def test_an_answer_is_drawn_as_whoever_asked_picks(
    run_page: RunPage, tmp_path_factory: pytest.TempPathFactory
) -> None:
    home = copy_of_sample(tmp_path_factory, "asked")
    app = run_page("sql", home=home)
    (example,) = (box for box in app.selectbox if box.label == "Start from an example")
    app = example.select(example.options[0]).run()
    app = ask(app, app.text_area[0].value)
    assert len(app.get("vega_lite_chart")) == 1
    (along,) = (box for box in app.selectbox if box.label == "Along")
    assert along.value == "period"
    shutil.rmtree(home, ignore_errors=True)


def test_a_chart_begins_with_time_and_with_what_is_measured(run_page: RunPage, empty: Path) -> None:
    text = (
        "SELECT * FROM (VALUES (1, 'a', DATE '2026-01-01', 3.5), (2, 'b', DATE '2026-02-01', 4.5)) "
        "AS t (batch, part, day, value)"
    )
    app = ask(run_page("sql", home=empty), text)
    picked = {box.label: box.value for box in app.selectbox if box.label in ("Along", "Up")}
    assert picked == {"Along": "day", "Up": "value"}


def test_measures_of_one_month_are_lines_of_their_own(run_page: RunPage, empty: Path) -> None:
    rows = ", ".join(
        f"('m{measure}', DATE '2026-0{month}-01', {measure + month / 10})"
        for month in (1, 2, 3)
        for measure in range(8)
    )
    text = f"SELECT * FROM (VALUES {rows}) AS t (metric, period, value)"  # noqa: S608  # our own
    app = ask(run_page("sql", home=empty), text)
    (line,) = (box for box in app.selectbox if box.label == "A line for each")
    assert line.value == "metric"
    assert any("first 6 of 8 by metric" in one.value for one in app.caption)
    line.select("").run()
    assert not app.exception
    assert not any("of 8 by metric" in one.value for one in app.caption)


def test_whoever_is_no_analyst_is_not_let_in(run_page: RunPage, empty: Path) -> None:
    app = run_page(
        "sql",
        home=empty,
        secrets={"auth": {"client_id": "x"}, "roles": {"default": "viewer"}},
        user={"email": "v@example.com", "email_verified": True},
    )
    assert "may not open this page" in said(app)
    assert not app.text_area

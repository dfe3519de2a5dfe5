"""Every page with the sample company in it."""

import json
import re
from datetime import date
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from kpi_engine.services import outcomes
from kpi_engine.words.drivers import driver_line
from pages.ui.resources import workspace
from tests.html import Page, words
from tests.pages.conftest import RunPage, html_blocks, open_page
from tests.printed import plain

PAGES = ("scorecard", "outcome", "add_data", "health", "catalogue", "sql")


@pytest.mark.parametrize("page", PAGES)
def test_a_page_opens_with_a_sentence_about_the_numbers(
    run_page: RunPage, sample_home: Path, page: str
) -> None:
    app = run_page(page, home=sample_home)
    assert not app.exception
    assert not app.error
    assert app.header[0].value.endswith(("\\.", "."))
    assert "Marlow \\& Finch \\(sample data\\)" in app.title[0].value


def test_the_scorecard_shows_five_figures_and_the_ledger(
    run_page: RunPage, sample_home: Path
) -> None:
    app = run_page("scorecard", home=sample_home)
    assert len(app.metric) == 5
    assert re.fullmatch(r"\d of \d", app.metric[0].value)
    assert len(html_blocks(app)) == 1


def test_a_link_opens_the_outcome_and_the_month_it_names(
    run_page: RunPage, sample_home: Path
) -> None:
    app = run_page("outcome", home=sample_home, query={"outcome": "biz.ttm", "month": "2026-08"})
    assert app.selectbox(key="outcome").value == "biz.ttm"
    assert app.selectbox(key="month").value == "2026-08"
    assert "August 2026" in app.title[0].value
    assert app.header[0].value.startswith("Time to market")


def test_a_link_to_what_is_not_there_says_so_and_shows_the_newest_month(
    run_page: RunPage, sample_home: Path
) -> None:
    app = run_page("outcome", home=sample_home, query={"outcome": "biz.nope", "month": "1999-01"})
    assert not app.exception
    assert not app.error
    assert app.selectbox(key="month").value == "2026-10"
    assert "the month 1999\\-01, which is not here" in app.info[0].value
    assert "biz.nope, which is not here" in app.info[1].value.replace("\\", "")
    assert "Shown is Checkout success" in app.info[1].value


def test_a_link_to_an_it_measure_as_outcome_leads_to_the_catalogue(
    run_page: RunPage, sample_home: Path
) -> None:
    app = run_page("outcome", home=sample_home, query={"outcome": "it.availability"})
    assert "is not an outcome" in app.info[0].value
    link = app.get("page_link")[0].proto
    assert link.query_string == "metric=it.availability"


def test_the_catalogue_says_when_a_measure_is_not_here(
    run_page: RunPage, sample_home: Path
) -> None:
    app = run_page("catalogue", home=sample_home, query={"metric": "nope"})
    assert "The link asks for nope, which is not here" in app.info[0].value
    app.run()
    assert not app.info


def test_a_month_picked_on_one_page_is_shown_on_the_next(
    run_page: RunPage, sample_home: Path
) -> None:
    app = run_page("scorecard", home=sample_home)
    app.selectbox(key="month").select("2026-07").run()
    assert app.query_params["month"] == "2026-07"
    app.query_params.clear()
    open_page(app, "outcome")
    assert app.selectbox(key="month").value == "2026-07"


@pytest.mark.parametrize(
    "outcome",
    ["biz.tx_success", "biz.revenue", "biz.demo_ok", "biz.tool_sat", "biz.cost_to_serve"],
)
def test_each_outcome_shows_its_trend_its_movement_and_its_drivers(
    run_page: RunPage, sample_home: Path, outcome: str
) -> None:
    app = run_page("outcome", home=sample_home, query={"outcome": outcome})
    assert not app.exception
    assert not app.error
    assert len(app.get("vega_lite_chart")) == 2
    headings = [heading.value for heading in app.subheader]
    assert headings[0] == "Two years, with target and usual range"
    assert "IT measures behind this outcome" in headings


def drivers_of(app: AppTest) -> Page:
    """The table of the IT measures behind an outcome."""
    (block,) = html_blocks(app)
    return Page(json.loads(block.proto.json)["html"])


def test_each_measure_says_what_it_did_and_leads_to_how_that_is_known(
    run_page: RunPage, sample_home: Path
) -> None:
    query = {"outcome": "biz.tx_success", "month": "2026-10"}
    app = run_page("outcome", home=sample_home, query=query)
    table = drivers_of(app)
    said = words(table)
    explanation = outcomes.explain(workspace(), "biz.tx_success", month=date(2026, 10, 1))
    for driver in explanation.drivers:
        line = driver_line(driver, explanation.outcome.metric)
        assert driver.reading.label in said
        assert line.share in said
        assert line.amount in said
        assert line.money_range in said
    ways = [link["href"] for link in table.all("a")]
    assert {way.partition("?")[0] for way in ways} == {"outcome", "explore"}
    methods = [way for way in ways if way.startswith("outcome?")]
    assert all("view=How+this+is+worked+out" in way for way in methods)
    app.selectbox(key="outcome").set_value("biz.cost_to_serve").run()
    assert "in business terms" not in words(drivers_of(app)), "nothing was counted there"


def test_an_outcome_shows_what_was_changed_and_whether_that_worked(
    run_page: RunPage, sample_home: Path
) -> None:
    query = {"outcome": "biz.lost_hours", "month": "2026-10"}
    app = run_page("outcome", home=sample_home, query=query)
    assert not app.exception
    assert "What was changed, and whether it worked" in [one.value for one in app.subheader]
    said = [plain(one.value) for one in app.markdown]
    begun = (
        "**Solve problems at the first contact**, since 1 Jul 2026: made something worse so far."
    )
    assert begun in said
    assert any(one.startswith("- Working time lost to IT problems rose by 0.") for one in said)


def test_the_first_month_of_all_has_nothing_to_compare_with(
    run_page: RunPage, sample_home: Path
) -> None:
    app = run_page("scorecard", home=sample_home)
    oldest = app.selectbox(key="month").options[-1]
    assert "2023" in oldest
    app.selectbox(key="month").select_index(len(app.selectbox(key="month").options) - 1).run()
    assert not app.exception
    assert not app.error
    open_page(app, "outcome")
    assert not app.exception
    assert not app.error
    assert any("no earlier value" in text.value for text in app.markdown)


def test_a_search_narrows_the_catalogue_and_says_so(run_page: RunPage, sample_home: Path) -> None:
    app = run_page("catalogue", home=sample_home)
    app.text_input(key="search").set_value("availability").run()
    assert "measures match" in app.header[0].value
    app.text_input(key="search").set_value("no such thing").run()
    assert any("Try fewer words" in text.value for text in app.markdown)
    assert not app.error


@pytest.mark.parametrize("shown", ["Measures", "Links", "Assumptions"])
def test_the_catalogue_lists_measures_links_and_assumptions(
    run_page: RunPage, sample_home: Path, shown: str
) -> None:
    app = run_page("catalogue", home=sample_home)
    app.get_by_key("show").set_value(shown).run()
    assert not app.exception
    assert not app.error
    assert len(app.dataframe[0].value) > 3


def test_health_names_the_source_that_never_came(run_page: RunPage, sample_home: Path) -> None:
    app = run_page("health", home=sample_home)
    sources = app.dataframe[0].value
    late = sources[sources["State"].str.contains("late")]
    assert "network" in " ".join(late["Source"]).lower()


def test_warnings_and_bugs_never_reach_a_reader_as_a_traceback(
    run_page: RunPage, sample_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = run_page("scorecard", home=sample_home)
    monkeypatch.setattr("pages.ui.reads.read_scorecard", _broken)
    monkeypatch.setattr("pages.ui.reads.version", _broken)
    app.run()
    assert not app.exception
    assert "The page could not be shown" in app.error[0].value
    assert re.search(r"[0-9A-F]{4}-[0-9A-F]{2}", app.error[0].value)
    assert "secret detail" not in app.error[0].value


def _broken(*_args: object, **_kwargs: object) -> None:
    raise RuntimeError("secret detail")


def test_an_outcome_says_how_each_of_its_numbers_is_known(
    run_page: RunPage, sample_home: Path
) -> None:
    query = {"outcome": "biz.tx_success", "view": "How this is worked out"}
    app = run_page("outcome", home=sample_home, query=query)
    assert not app.exception
    titles = [one.value for one in app.subheader]
    assert titles[0] == "Service availability, Online shop"
    assert "What was assumed" in titles
    said = " ".join(one.value for one in app.markdown)
    assert "**Chance.** If there were no link at all" in said
    assert re.search(r"1,0\d\d days in which all measures are known", said)
    assert [list(table.value.columns)[:2] for table in app.table][:1] == [["Service", "Minutes"]]


def test_a_driver_that_is_turned_moves_the_outcome_and_its_money(
    run_page: RunPage, sample_home: Path
) -> None:
    query = {"outcome": "biz.conversion", "month": "2026-10"}
    app = run_page("outcome", home=sample_home, query=query)
    assert "Nothing is changed yet" in " ".join(one.value for one in app.markdown)
    slider = app.slider(key="whatif-page_load_to_conversion-2026-10")
    slider.set_value(2.2).run()
    assert not app.exception
    said = next(one.value for one in app.markdown if "would be about" in one.value)
    assert "won back a month" in said
    assert "likely" in said
    slider.set_value(slider.max).run()
    assert "was never seen" in app.warning[0].value
    assert "That takes more months of data" in " ".join(one.value for one in app.markdown)
    asked = app.query_params["set"]
    assert asked.startswith("page_load_to_conversion:")


def test_a_link_to_a_what_if_shows_its_settings_and_what_its_goal_would_take(
    run_page: RunPage, sample_home: Path
) -> None:
    query = {
        "outcome": "biz.conversion",
        "month": "2026-10",
        "set": "page_load_to_conversion:2600,nothing:3,page_load_to_conversion",
        "goal": "2.45",
    }
    app = run_page("outcome", home=sample_home, query=query)
    assert not app.exception
    slider = app.slider(key="whatif-page_load_to_conversion-2026-10")
    assert slider.value == pytest.approx(2.6)
    said = " ".join(one.value for one in app.markdown).replace("\\", "")
    assert "would be about" in said
    assert "To bring visits that end in an order to 2.45" in said
    assert "page load time about 2.6" in said or "page load time about 2.7" in said
    app.button(key="set-so-page_load_to_conversion").click().run()
    assert not app.exception
    moved = app.slider(key="whatif-page_load_to_conversion-2026-10").value
    assert 2.4 < moved < 2.79
    then = next(one.value for one in app.markdown if "would be about" in one.value)
    assert "about 2.45" in then.replace("\\", "")


def test_a_goal_is_said_with_where_the_outcome_is_and_refused_where_it_cannot_be(
    run_page: RunPage, sample_home: Path
) -> None:
    query = {"outcome": "biz.tx_success", "month": "2026-10", "goal": "96"}
    query["set"] = "availability_to_tx_success:0,error_rate_to_tx_success:0.00056"
    app = run_page("outcome", home=sample_home, query=query)

    def said() -> str:
        return " ".join(one.value for one in (*app.markdown, *app.error, *app.caption)).replace(
            "\\", ""
        )

    goal = app.number_input(key="goal-biz.tx_success-2026-10")
    assert said().count("is reached already") == 1
    assert "Checkout success would be at 97.5" in said()
    assert "A value below those seen is no guess for minutes of downtime" in said()
    goal.set_value(-5).run()
    assert "Checkout success cannot be −5.0" in said()
    goal.set_value(None).run()
    assert "Name the value of the outcome" in said()
    assert not app.exception


def test_a_what_if_is_saved_compared_and_becomes_an_initiative(
    run_page: RunPage, own_sample: Path
) -> None:
    query = {"outcome": "biz.conversion", "month": "2026-10"}
    app = run_page("outcome", home=own_sample, query=query)
    assert "Save" not in {button.label for button in app.button}
    app.slider(key="whatif-page_load_to_conversion-2026-10").set_value(2.4).run()
    app.text_input(key="scenario-name").set_value("Faster pages")
    app.button(key="scenario-save").click().run()
    assert not app.exception
    assert app.query_params["scenarios"] == "1"
    assert "Saved as “Faster pages”" in app.toast[0].value
    app.button(key="scenario-save").click().run()
    assert any("There is a scenario of this name" in one.value for one in app.warning)
    assert not app.toast
    (table,) = (one.value for one in app.table if list(one.value.columns) == ["Faster pages"])
    assert table.loc["Since then"].iloc[0] == "numbers as they were"
    next(button for button in app.button if button.label == "Turn into an initiative").click().run()
    assert not app.exception
    said = " ".join(one.value for one in app.markdown).replace("\\", "")
    assert "Page load time falls by 0.39" in said
    assert "Visits that end in an order rises by" in said

"""Links edited on the map: what a form asks, what it refuses, and what the map says afterwards."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from kpi_engine.actors import local_actor
from kpi_engine.services import link_edits
from pages.ui.resources import workspace
from tests.pages.conftest import RunPage
from tests.services.tiny import open_workspace, shares

LINK = {
    "id": "page_load_to_conversion",
    "driver": "it.page_load",
    "outcome": "biz.conversion",
    "kind": "influence",
    "mechanism": "Slow pages make shoppers give up.",
    "sign": -1,
    "lag_days": [0, 7],
    "grade": "D",
    "reachable_grade": "C",
    "grade_reason": "Studies found it elsewhere.",
    "review_by": "2027-06-30",
    "agreed_by": {"business": "Ann", "it": "Bob"},
    "prior": {"low": -0.0012, "high": -0.0001, "agreed_on": "2026-01-15", "source": "workshop"},
}
WHY = "Interviews say that it takes longer."


@pytest.fixture
def home(tmp_path: Path) -> Path:
    ws = open_workspace(tmp_path / "home", scorecard=["biz.conversion"], links=[LINK])
    shares(ws, "biz.conversion", {"2026-09": (3, 100), "2026-10": (4, 100)})
    ws.close()
    return tmp_path / "home"


def editing() -> None:
    from kpi_engine.actors import local_actor
    from pages.ui.link_editor import edit_form, note_link_saved
    from pages.ui.resources import workspace

    note_link_saved()
    edit_form(workspace(), local_actor("tests"))


def adding() -> None:
    from kpi_engine.actors import local_actor
    from pages.ui.link_editor import add_form, note_link_saved
    from pages.ui.resources import workspace

    note_link_saved()
    add_form(workspace(), local_actor("tests"))


@pytest.fixture
def opened(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Nothing is estimated beside it."""
    monkeypatch.setattr("kpi_engine.services.estimate_keeper._LOOK_SECONDS", 3600.0)
    monkeypatch.setenv("PLUMBLINE_HOME", str(home))
    yield home
    st.cache_resource.clear()


@pytest.fixture
def editor(opened: Path) -> AppTest:
    """What the dialog holds, with one link chosen; a dialog by itself closes in this harness."""
    assert (opened / "definitions").is_dir()
    app = AppTest.from_function(editing, default_timeout=60).run()
    app.selectbox(key="link-chosen").select("page_load_to_conversion").run()
    return app


@pytest.mark.usefixtures("opened")
def test_the_editor_opens_on_a_link_into_the_outcome_that_the_map_shows() -> None:
    app = AppTest.from_function(editing, default_timeout=60)
    app.query_params["into"] = "biz.conversion"
    assert app.run().selectbox(key="link-chosen").value == "page_load_to_conversion"


def click(app: AppTest, label: str) -> AppTest:
    next(button for button in app.button if button.label == label).click().run()
    assert not app.exception
    return app


def said(app: AppTest) -> str:
    boxes = [*app.error, *app.warning, *app.success, *app.info]
    return " ".join(box.value.replace("\\", "") for box in boxes)


def test_a_link_is_changed_with_a_reason_and_the_map_shows_it(editor: AppTest, home: Path) -> None:
    assert editor.number_input(key="link-page_load_to_conversion-low").value == -0.12
    editor.number_input(key="link-page_load_to_conversion-most").set_value(14)
    editor.text_area(key="link-page_load_to_conversion-why").set_value(WHY)
    click(editor, "Save link")
    told = said(editor).replace("**", "")
    assert "Saved. The link is changed: when it is felt" in told
    assert f"“{WHY}” (tests, " in told
    assert "The Catalogue lists it under Changes" in told
    assert told == said(editor.run()).replace("**", ""), "it stays however often the page runs"
    link = workspace().catalogue.links["page_load_to_conversion"]
    assert link.lag_days == (0, 14)
    assert link.prior is not None
    assert (link.prior.low, str(link.prior.agreed_on)) == (-0.0012, "2026-01-15")
    assert "lag_days: [0, 14]" in (home / "definitions" / "links.yaml").read_text()
    editor.selectbox(key="link-chosen").select("page_load_to_conversion").run()
    assert editor.number_input(key="link-page_load_to_conversion-most").value == 14
    assert "Saved" not in said(click(editor, "Close"))


def test_mistakes_stand_as_sentences_and_nothing_is_saved(editor: AppTest, home: Path) -> None:
    before = (home / "definitions" / "links.yaml").read_text()
    editor.text_input(key="link-page_load_to_conversion-mechanism").set_value("Slow.")
    editor.number_input(key="link-page_load_to_conversion-high").set_value(0.5)
    editor.number_input(key="link-page_load_to_conversion-low").set_value(0.2)
    editor.text_area(key="link-page_load_to_conversion-why").set_value(WHY)
    click(editor, "Save link")
    assert len(editor.error) >= 1
    assert "How one leads to the other is too short" in said(editor)
    assert "0.2\u202fpp to 0.5\u202fpp says that visits that end in an order rises" in said(editor)
    editor.text_input(key="link-page_load_to_conversion-mechanism").set_value(LINK["mechanism"])
    editor.number_input(key="link-page_load_to_conversion-high").set_value(0.2)
    editor.number_input(key="link-page_load_to_conversion-least").set_value(9)
    click(editor, "Save link")
    assert "From 0.2\u202fpp to 0.2\u202fpp is no range" in said(editor)
    assert "At least 9 days is longer than at most 7 days" in said(editor)
    assert (home / "definitions" / "links.yaml").read_text() == before


def test_all_that_is_missing_is_said_at_once(editor: AppTest) -> None:
    editor.text_input(key="link-page_load_to_conversion-mechanism").set_value("")
    click(editor, "Save link")
    assert "How one leads to the other is missing" in said(editor)
    assert "The reason is missing or too short." in said(editor)


def test_another_range_has_another_source_and_is_not_agreed_by_those_who_agreed_the_first(
    editor: AppTest,
) -> None:
    edited = "link-page_load_to_conversion"
    editor.number_input(key=f"{edited}-low").set_value(-0.2).run()
    editor.text_area(key=f"{edited}-why").set_value(WHY)
    click(editor, "Save link")
    assert "Where the range comes from is missing" in said(editor)
    editor.text_input(key=f"{edited}-source-renewed").set_value("second workshop")
    editor.selectbox(key=f"{edited}-it-renewed").select_index(0)
    click(editor, "Save link")
    assert "Nobody has agreed for the business yet" in said(editor)
    editor.selectbox(key=f"{edited}-business-renewed").select_index(0)
    click(editor, "Save link")
    prior = workspace().catalogue.links["page_load_to_conversion"].prior
    assert prior is not None
    assert (prior.low, prior.source) == (-0.002, "second workshop")


def test_without_a_reason_nothing_is_saved(editor: AppTest) -> None:
    editor.number_input(key="link-page_load_to_conversion-most").set_value(14)
    click(editor, "Save link")
    assert "The reason is missing" in said(editor)


def test_whoever_saves_second_is_told(editor: AppTest, home: Path) -> None:
    file = home / "definitions" / "links.yaml"
    file.write_text(file.read_text().replace("- 7", "- 9"))
    editor.number_input(key="link-page_load_to_conversion-most").set_value(14)
    editor.text_area(key="link-page_load_to_conversion-why").set_value(WHY)
    click(editor, "Save link")
    assert "Somebody has changed the link" in said(editor)


def test_a_link_that_somebody_retired_meanwhile_stays_the_one_that_is_edited(
    editor: AppTest,
) -> None:
    editor.text_area(key="link-page_load_to_conversion-why").set_value(WHY).run()
    ws = workspace()
    draft = link_edits.read_draft(ws, "page_load_to_conversion", today=date(2026, 11, 2))
    gone = link_edits.retirement_of(draft, because=WHY, today=date(2026, 11, 2))
    now = datetime(2026, 11, 2, tzinfo=UTC)
    link_edits.save(ws, gone, reason=WHY, actor=local_actor("ann"), now=now)
    click(editor, "Save link")
    assert editor.selectbox(key="link-chosen").value == "page_load_to_conversion"
    assert editor.text_area(key="link-page_load_to_conversion-why").value == WHY
    assert "Somebody has changed the link" in said(editor)


def test_a_link_is_retired_and_brought_back(editor: AppTest) -> None:
    editor.text_area(key="link-page_load_to_conversion-why").set_value(WHY)
    click(editor, "It no longer counts")
    assert "Page load time to visits that end in an order goes from the map" in said(editor)
    assert "page_load_to_conversion" in workspace().catalogue.links, "asked once more"
    click(editor, "It no longer counts")
    assert "The link no longer counts" in said(editor)
    assert "page_load_to_conversion" in workspace().catalogue.retired
    editor.selectbox(key="link-chosen").select("page_load_to_conversion").run()
    assert "Retired since" in said(editor)
    editor.text_area(key="link-page_load_to_conversion-why").set_value("It was right all along.")
    click(editor, "Save link")
    assert "page_load_to_conversion" in workspace().catalogue.links


@pytest.mark.usefixtures("opened")
def test_a_new_link_is_asked_for_what_it_needs() -> None:
    app = AppTest.from_function(adding, default_timeout=60).run()
    app.selectbox(key="link-new-driver").select("it.mttr").run()
    app.selectbox(key="link-new-outcome").select("biz.conversion").run()
    app.text_area(key="link-None-why").set_value("The workshop asked for it.")
    click(app, "Save link")
    assert "How one leads to the other is missing" in said(app)
    assert "How that is known is missing" in said(app)
    app.text_input(key="link-new-mechanism").set_value("While it is broken nobody can order.")
    app.text_input(key="link-new-reason").set_value("Judged by both owners.")
    app.selectbox(key="link-new-sign").select(-1)
    click(app, "Save link")
    assert "The link is on the map" in said(app)
    assert "mttr_to_conversion" in workspace().catalogue.links


def test_who_may_only_look_sees_no_way_to_edit(run_page: RunPage, home: Path) -> None:
    secrets = {"auth": {"redirect_uri": "x"}, "roles": {"default": "analyst"}}
    app = run_page(
        "map", home=home, secrets=secrets, user={"email": "a@b.c", "email_verified": True}
    )
    assert not {"Edit a link", "Add a link"} & {button.label for button in app.button}


@pytest.mark.parametrize("way", ["Edit a link", "Add a link"])
def test_the_map_opens_the_editor_for_stewards(run_page: RunPage, home: Path, way: str) -> None:
    app = click(run_page("map", home=home), way)
    assert "Save link" in {button.label for button in app.button}

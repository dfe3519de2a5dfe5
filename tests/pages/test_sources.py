"""The page Add data: templates, what is known of a source, recipes, and files refused."""

from pathlib import Path

from streamlit.testing.v1 import AppTest

from kpi_engine.imports.overrides import Overrides
from kpi_engine.services import imports, recipes
from tests.desk import ME, NOW, Desk
from tests.pages.conftest import RunPage

CASES = "Case,Raised\nC-1,2026-10-30 09:00:00\nC-2,2026-10-31 09:00:00\n"
SUMMARY = "service,uptime,uptime_day,uptime_week,uptime_month\nShop,99.9,100,100,99\n"


def recipe_of(desk: Desk) -> bytes:
    """A recipe that reads CASES."""
    said = Overrides(columns={"number": "Case", "opened_at": "Raised"})
    path = desk.write(CASES)
    shown = imports.preview(
        desk.ws, path, actor=ME, recipe="servicenow_incidents", now=NOW, overrides=said
    )
    return recipes.save_as_recipe(desk.ws, shown, name="cases", label="Case desk").encode()


def press(app: AppTest, label: str) -> None:
    next(button for button in app.button if button.label == label).click().run()


def drop(app: AppTest, name: str, content: bytes) -> None:
    app.file_uploader[0].upload(name, content)
    app.run()
    assert not app.exception


def said(app: AppTest) -> str:
    return " ".join(element.value for kind in (app.markdown, app.caption) for element in kind)


def test_a_dropped_recipe_is_added_and_its_files_are_recognised(
    run_page: RunPage, desk: Desk, tmp_path: Path
) -> None:
    app = run_page("add_data", home=tmp_path / "other")
    content = recipe_of(desk)
    drop(app, "shared.yaml", content.replace(b"event: ticket", b"event: tickt"))
    assert "1 mistake. Nothing was added" in app.error[0].value
    assert "Did you mean 'ticket'?" in app.error[0].value.replace("\\", "")
    drop(app, "shared.yaml", content)
    press(app, "Add this kind of file")
    assert "Case desk is a kind of file here" in app.success[0].value
    drop(app, "cases.csv", CASES.encode())
    assert app.header[0].value.startswith("2 rows read")
    assert "Recognised as Case desk" in said(app)


def test_a_file_says_what_it_feeds_and_what_goes_wrong(run_page: RunPage, tmp_path: Path) -> None:
    app = run_page("add_data", home=tmp_path / "home")
    drop(app, "incidents.csv", CASES.replace("Case,Raised", "number,opened_at").encode())
    assert "Problems reported" in said(app)
    assert "A list export stops at 10,000 rows" in said(app).replace("\\", "")


def test_a_recipe_is_made_of_what_was_read_and_needs_a_name(
    run_page: RunPage, tmp_path: Path
) -> None:
    app = run_page("add_data", home=tmp_path / "home")
    drop(app, "incidents.csv", CASES.replace("Case,Raised", "number,opened_at").encode())
    press(app, "Make the recipe")
    assert "It has no name" in app.error[0].value
    next(box for box in app.text_input if box.label == "Name").set_value("Turin help desk")
    press(app, "Make the recipe")
    assert not app.error
    assert "Download turin_help_desk.yaml" in [b.label for b in app.get("download_button")]


def test_a_template_is_found_by_name(run_page: RunPage, tmp_path: Path) -> None:
    app = run_page("add_data", home=tmp_path / "home")
    box = next(box for box in app.selectbox if box.label.startswith("Templates"))
    box.select(("measure", "it.mttr")).run()
    assert not app.exception
    assert "Half of all problems were solved faster" in said(app)
    assert [b.label for b in app.get("download_button")] == ["Download the template"]
    box.select(("source", "jira_issues")).run()
    assert "1,000 issues" in said(app)
    labels = [b.label for b in app.get("download_button")]
    assert labels == ["Download the template", "Download its recipe"]


def test_a_file_that_is_refused_can_be_read_differently(run_page: RunPage, tmp_path: Path) -> None:
    app = run_page("add_data", home=tmp_path / "home")
    drop(app, "summary.csv", SUMMARY.encode())
    assert "This is an Upptime summary" in app.error[0].value
    kind = next(box for box in app.selectbox if box.label == "Kind of file")
    kind.select("uptime_checks")
    press(app, "Read again")
    assert "To be Availability checks it lacks" in app.error[0].value
    kind = next(box for box in app.selectbox if box.label == "Kind of file")
    assert kind.value == "uptime_checks", "what was said is still there"

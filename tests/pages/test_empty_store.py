"""Every page of a first start says what it means that nothing is here, and the next step."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from kpi_engine.actors import Actor
from kpi_engine.demo.build import DEFINITIONS, load_demo
from kpi_engine.errors import StoreError
from kpi_engine.services import imports
from kpi_engine.workspace import Workspace
from pages.ui.building import DemoBuild, sample_build
from tests.desk import NOW, Desk
from tests.pages.conftest import RunPage, open_page
from tests.sample import CutOffError


@pytest.mark.parametrize("page", ["scorecard", "outcome", "map", "health"])
def test_a_first_start_offers_sample_data_or_ones_own(
    run_page: RunPage, tmp_path: Path, page: str
) -> None:
    app = run_page(page, home=tmp_path / "home")
    assert not app.exception
    assert not app.error
    assert [heading.value for heading in app.subheader] == ["No outcomes yet"]
    assert [button.label for button in app.button] == ["Try it with sample data"]
    assert [link.label for link in app.get("page_link")] == ["Add your own data"]


@pytest.mark.parametrize("period", ["2026-Q3", None], ids=["a quarter alone", "undone"])
def test_a_store_that_gives_no_month_says_why(desk: Desk, run_page: RunPage, period: str) -> None:
    assert desk.save(f"period,metric,value\n{period or '2026-09'},biz.orders,100\n")
    if period is None:
        desk.undo(1)
    desk.ws.close()
    app = run_page("scorecard", home=desk.ws.home)
    assert not app.exception
    assert [heading.value for heading in app.subheader] == ["No outcomes yet"]
    assert any("hold only periods longer than a month" in text.value for text in app.markdown)
    assert not app.button, "sample data go into an empty store only"


def test_adding_data_to_an_empty_store_says_what_will_happen(
    run_page: RunPage, tmp_path: Path
) -> None:
    app = run_page("add_data", home=tmp_path / "home")
    assert not app.exception
    assert not app.error
    assert app.header[0].value == "Drop an export, see what it would change, then save it."
    assert any("Nothing has been imported yet" in caption.value for caption in app.caption)


def test_the_catalogue_needs_no_data(run_page: RunPage, tmp_path: Path) -> None:
    app = run_page("catalogue", home=tmp_path / "home")
    assert not app.exception
    assert not app.error
    assert "IT measures are linked to a business outcome" in app.header[0].value


def test_the_sample_company_is_one_click_away(
    run_page: RunPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With one figure of its files, so that nobody waits for all: how they come in is tested
    where they are made."""

    def load(ws: Workspace, *, actor: Actor, progress: Callable[[int, int, str], None]) -> None:
        ws.adopt(DEFINITIONS, actor=actor)
        file = tmp_path / "revenue.csv"
        file.write_text("period,metric,value\n2026-09,biz.revenue,9\n2026-10,biz.revenue,10\n")
        imports.commit(ws, imports.preview(ws, file, actor=actor, now=NOW), actor=actor, now=NOW)
        progress(1, 1, "")

    monkeypatch.setattr("pages.ui.building.load_demo", load)
    app = run_page("scorecard", home=tmp_path / "home")
    app.button[0].click().run()
    sample_build().wait()
    app.run()
    assert not app.exception
    assert not app.error
    assert "on target" in app.header[0].value
    assert "sample data" in app.title[0].value


def test_a_click_begins_the_real_files_and_their_number_is_told(
    run_page: RunPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The build itself, cut off after two of its files."""

    def cut_off(ws: Workspace, *, actor: Actor, progress: Callable[[int, int, str], None]) -> None:
        def tell(done: int, total: int, name: str) -> None:
            progress(done, total, name)
            if done == 2:
                raise CutOffError

        load_demo(ws, actor=actor, progress=tell)

    monkeypatch.setattr("pages.ui.building.load_demo", cut_off)
    app = run_page("scorecard", home=tmp_path / "home")
    app.button[0].click().run()
    sample_build().wait()
    app.run()
    assert not app.exception
    assert any("2 of 22 files are in" in text.value for text in app.markdown)


def test_whoever_comes_while_sample_data_come_in_sees_how_far_they_are(
    run_page: RunPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    halfway, go_on = threading.Event(), threading.Event()
    calls = []

    def stuck(_ws: object, *, actor: object, progress: Callable[[int, int, str], None]) -> None:
        calls.append(actor)
        progress(14, 27, "visits.csv")
        halfway.set()
        go_on.wait(60)

    monkeypatch.setattr("pages.ui.building.load_demo", stuck)
    first = run_page("scorecard", home=tmp_path / "home")
    second = run_page("scorecard", home=tmp_path / "home")
    first.button[0].click().run()
    assert halfway.wait(30)
    try:
        second.button[0].click().run()
        for page in ("scorecard", "outcome", "add_data", "health", "catalogue"):
            open_page(second, page)
            assert not second.exception
            said = [text.value for text in second.markdown]
            assert any("being imported, 14 of 27 files" in one for one in said), page
            assert "No outcomes yet" not in [heading.value for heading in second.subheader]
            assert second.button(key="sample-started").disabled
    finally:
        go_on.set()
        sample_build().wait()
    assert len(calls) == 1
    open_page(second, "scorecard")
    assert [heading.value for heading in second.subheader] == ["No outcomes yet"]


def test_a_sample_that_cannot_be_built_says_why_on_every_page(
    run_page: RunPage, tmp_path: Path
) -> None:
    def refused(_tell: object) -> None:
        raise StoreError("The store is not empty.", hint="Choose another.")

    app = run_page("catalogue", home=tmp_path / "home")
    sample_build().start(refused)
    sample_build().wait()
    app.run()
    assert "The store is not empty" in app.error[0].value
    assert app.header


def test_a_bug_while_building_leaves_a_code_and_another_try() -> None:
    def broken(_tell: object) -> None:
        raise ZeroDivisionError

    build = DemoBuild()
    assert build.start(broken)
    build.wait()
    assert "code" in build.standing().failure
    assert build.start(lambda tell: tell(1, 1, ""))
    build.wait()
    assert build.standing().failure == ""

"""A large file is read and saved apart from the page, which says how far it is and can cancel."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from kpi_engine.job import check_cancelled
from kpi_engine.services import imports, preparing
from pages.ui import working
from tests.pages.conftest import RunPage, open_page, settled

TIDY = b"period,metric,segment,value\n2025-10,biz.orders,all,1\n"


class Gate:
    """Holds work up, so that a page can be looked at meanwhile; cancelling works all the same."""

    def __init__(self) -> None:
        self.reached, self.opened = threading.Event(), threading.Event()

    def before(self, work: Callable[..., Any]) -> Callable[..., Any]:
        def held(*args: Any, **kwargs: Any) -> Any:
            self.reached.set()
            while not self.opened.wait(0.02):
                check_cancelled()
            return work(*args, **kwargs)

        return held


@pytest.fixture
def gate() -> Iterator[Gate]:
    gate = Gate()
    yield gate
    gate.opened.set()


@pytest.fixture
def all_are_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(working, "LARGE", 0)


def labels(app: AppTest) -> list[str]:
    return [button.label for button in app.button]


def left(home: Path) -> list[Path]:
    return [*(home / "files" / "incoming").glob("*"), *(home / "staging").glob("*")]


@pytest.mark.usefixtures("all_are_large")
def test_while_a_file_is_read_the_page_says_so_and_others_see_their_pages(
    run_page: RunPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gate: Gate
) -> None:
    monkeypatch.setattr(preparing, "read_table", gate.before(preparing.read_table))
    app = run_page("add_data", home=tmp_path / "home")
    app.file_uploader[0].upload("orders_25.csv", TIDY)
    app.run()
    assert gate.reached.wait(30)
    app.run()
    assert app.header[0].value == "Reading orders\\_25\\.csv\\."
    assert any(text.value.startswith("Looking at the file") for text in app.markdown)
    assert labels(app) == ["Cancel"]
    other = run_page("scorecard", home=tmp_path / "home")
    assert not other.exception
    assert not other.error
    open_page(app, "catalogue")
    gate.opened.set()
    open_page(app, "add_data")
    settled(app)
    assert "1 row read: 1 can be saved" in app.header[0].value.replace("\\", "")
    app.button[labels(app).index("Save 1 row")].click().run()
    settled(app)
    assert "1 row saved as batch 1" in app.success[0].value.replace("*", "")
    assert left(tmp_path / "home") == []


@pytest.mark.usefixtures("all_are_large")
def test_reading_is_cancelled_by_a_click_and_the_file_can_be_added_again(
    run_page: RunPage, tmp_path: Path, gate: Gate
) -> None:
    app = run_page("add_data", home=tmp_path / "home")
    with pytest.MonkeyPatch.context() as held_up:
        held_up.setattr(preparing, "read_table", gate.before(preparing.read_table))
        app.file_uploader[0].upload("orders.csv", TIDY)
        app.run()
        assert gate.reached.wait(30)
        app.button(key="cancel-errand").click().run()
        settled(app)
    assert "Cancelled: nothing was saved" in app.info[0].value.replace("\\", "")
    assert left(tmp_path / "home") == []
    app.file_uploader[0].upload("orders.csv", TIDY)
    app.run()
    settled(app)
    assert not app.info
    assert "Save 1 row" in labels(app)


@pytest.mark.usefixtures("all_are_large")
def test_a_file_taken_out_while_it_is_read_is_cancelled(
    run_page: RunPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gate: Gate
) -> None:
    monkeypatch.setattr(preparing, "read_table", gate.before(preparing.read_table))
    app = run_page("add_data", home=tmp_path / "home")
    app.file_uploader[0].upload("orders.csv", TIDY)
    app.run()
    assert gate.reached.wait(30)
    app.file_uploader[0].clear()
    app.run()
    assert app.header[0].value.startswith("Drop an export")
    assert left(tmp_path / "home") == []


@pytest.mark.usefixtures("all_are_large")
def test_a_save_that_is_cancelled_saves_nothing_and_shows_the_file_again(
    run_page: RunPage, tmp_path: Path, gate: Gate
) -> None:
    app = run_page("add_data", home=tmp_path / "home")
    app.file_uploader[0].upload("orders.csv", TIDY)
    app.run()
    settled(app)
    with pytest.MonkeyPatch.context() as held_up:
        held_up.setattr(imports, "_still_fresh", gate.before(imports._still_fresh))
        app.button[labels(app).index("Save 1 row")].click().run()
        assert gate.reached.wait(30)
        app.run()
        assert app.header[0].value == "Saving orders\\.csv\\."
        app.button(key="cancel-errand").click().run()
        settled(app)
    assert "**Cancelled: nothing was saved.**" in app.info[0].value
    assert "Nothing has been imported yet." in [caption.value for caption in app.caption]
    app.button[labels(app).index("Save 1 row")].click().run()
    settled(app)
    assert "1 row saved as batch 1" in app.success[0].value.replace("*", "")


@pytest.mark.usefixtures("all_are_large")
def test_a_large_file_that_cannot_be_read_is_explained_and_leaves_nothing(
    run_page: RunPage, tmp_path: Path
) -> None:
    app = run_page("add_data", home=tmp_path / "home")
    app.file_uploader[0].upload("odd.csv", b"colour,shape\nred,round\n")
    app.run()
    settled(app)
    assert "No known source" in app.error[0].value
    assert left(tmp_path / "home") == []

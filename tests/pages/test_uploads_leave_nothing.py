"""An uploaded file may name people: its copy goes as soon as nobody looks at its preview."""

from pathlib import Path

import pytest

from kpi_engine.actors import Actor
from kpi_engine.errors import NotAllowedError, StoreError
from kpi_engine.services import imports, preparing
from kpi_engine.terms import Role
from kpi_engine.workspace import Workspace
from tests.desk import ME, NOW, Desk
from tests.pages.conftest import RunPage, open_page

TIDY = b"period,metric,segment,value\n2025-10,biz.orders,all,1\n"


def incoming(home: Path) -> list[Path]:
    return list((home / "files" / "incoming").glob("*"))


def test_a_refused_file_is_gone(run_page: RunPage, tmp_path: Path) -> None:
    home = tmp_path / "home"
    app = run_page("add_data", home=home)
    app.file_uploader[0].upload("odd.csv", b"colour,shape\nred,round\n")
    app.run()
    assert "No known source" in app.error[0].value
    assert incoming(home) == []


def test_a_file_that_hits_a_bug_is_gone(
    run_page: RunPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: object, **_kwargs: object) -> None:
        raise ZeroDivisionError

    home = tmp_path / "home"
    app = run_page("add_data", home=home)
    monkeypatch.setattr(preparing, "read_table", broken)
    app.file_uploader[0].upload("orders.csv", TIDY)
    app.run()
    assert "The page could not be shown" in app.error[0].value
    assert incoming(home) == []


def test_a_file_that_is_looked_at_again_leaves_no_second_copy(
    run_page: RunPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else saved the same fact between preview and save."""

    def overtaken(*_args: object, **_kwargs: object) -> None:
        raise StoreError("Somebody else saved something.", hint="Look again.")

    home = tmp_path / "home"
    app = run_page("add_data", home=home)
    app.file_uploader[0].upload("orders.csv", TIDY)
    app.run()
    assert len(incoming(home)) == 1
    monkeypatch.setattr(imports, "commit", overtaken)
    next(button for button in app.button if button.label == "Save 1 row").click().run()
    assert "Somebody else saved something" in app.error[0].value
    assert incoming(home) == []
    assert [heading.value for heading in app.subheader][-1] == "Earlier imports"
    next(button for button in app.button if button.label == "Look again").click().run()
    assert len(incoming(home)) == 1
    assert "Save 1 row" in [button.label for button in app.button]


def test_a_file_taken_out_of_the_drop_zone_is_cancelled(run_page: RunPage, tmp_path: Path) -> None:
    home = tmp_path / "home"
    app = run_page("add_data", home=home)
    app.file_uploader[0].upload("orders.csv", TIDY)
    app.run()
    assert len(incoming(home)) == 1
    app.file_uploader[0].clear()
    app.run()
    assert app.header[0].value.startswith("Drop an export")
    assert incoming(home) == []


def test_a_preview_outlives_a_look_at_another_page(run_page: RunPage, tmp_path: Path) -> None:
    home = tmp_path / "home"
    app = run_page("add_data", home=home)
    app.file_uploader[0].upload("orders.csv", TIDY)
    app.run()
    open_page(app, "catalogue")
    open_page(app, "add_data")
    assert "Save 1 row" in [button.label for button in app.button]


def test_what_a_closed_browser_left_behind_goes_with_the_next_start(tmp_path: Path) -> None:
    left = tmp_path / "home" / "files" / "incoming" / "0123456789abcdef.csv"
    left.parent.mkdir(parents=True)
    left.write_bytes(TIDY)
    Workspace.open(tmp_path / "home").close()
    assert not left.exists()


def test_rejected_rows_and_previews_belong_to_those_who_may_add_data(
    desk: Desk,
) -> None:
    viewer = Actor(name="viewer", roles=frozenset({Role.VIEWER}))
    shown = desk.preview(TIDY)
    with pytest.raises(NotAllowedError):
        imports.rejected_csv(desk.ws, shown, actor=viewer)
    with pytest.raises(NotAllowedError):
        imports.discard(desk.ws, shown, actor=viewer)
    assert imports.commit(desk.ws, shown, actor=ME, now=NOW) is not None

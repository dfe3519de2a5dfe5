"""What goes wrong in an expected way is said in words, and says what to do next."""

from pathlib import Path

import pytest

from tests.pages.conftest import RunPage, open_page, settled

PAGES = ("scorecard", "outcome", "add_data", "health", "catalogue", "sql")
OUTAGES = b"""service,start,end,type
Online shop,2026-10-20 09:00:00,2026-10-20 19:00:00,outage
Online shop,2026-13-45 09:00:00,2026-10-22 12:00:00,outage
Online shop,2026-10-23 12:00:00,2026-10-23 09:00:00,outage
,2026-10-24 09:00:00,2026-10-24 10:00:00,outage
"""


def somebody(address: str) -> dict[str, object]:
    return {"email": address, "email_verified": True}


@pytest.mark.parametrize("page", PAGES)
def test_a_broken_definition_names_the_command_that_lists_all_mistakes(
    run_page: RunPage, tmp_path: Path, page: str
) -> None:
    own = tmp_path / "home" / "definitions"
    own.mkdir(parents=True)
    (own / "organisation.yaml").write_text("organisation:\n  nmae: Misspelt\n")
    app = run_page(page, home=tmp_path / "home")
    assert not app.exception
    assert "python \\-m kpi\\_engine check" in app.error[0].value


@pytest.mark.parametrize("page", PAGES)
def test_a_damaged_store_is_said_in_words(run_page: RunPage, tmp_path: Path, page: str) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "plumbline.duckdb").write_bytes(b"this is no database" * 400)
    app = run_page(page, home=home)
    assert not app.exception
    assert len(app.error) == 1
    assert "Traceback" not in app.error[0].value


@pytest.mark.parametrize("page", PAGES)
def test_who_has_no_role_reads_so_on_every_page(
    run_page: RunPage, tmp_path: Path, page: str
) -> None:
    app = run_page("scorecard", home=tmp_path / "home", secrets=LOGIN, user=somebody("c@x.org"))
    open_page(app, page)
    assert not app.exception
    assert "may not open this page" in app.info[0].value
    assert not app.title


def test_a_viewer_may_read_but_not_add_data(run_page: RunPage, tmp_path: Path) -> None:
    app = run_page("catalogue", home=tmp_path / "home", secrets=LOGIN, user=somebody("v@x.org"))
    assert app.title
    open_page(app, "add_data")
    assert "may not open this page" in app.info[0].value
    assert "contributor" in app.info[0].value


def test_whose_login_has_expired_sees_the_way_in(run_page: RunPage, tmp_path: Path) -> None:
    user = {**somebody("v@x.org"), "exp": 1_000_000_000}
    app = run_page("scorecard", home=tmp_path / "home", secrets=LOGIN, user=user)
    assert [button.label for button in app.button] == ["Log in"]


def test_who_is_not_logged_in_sees_the_way_in_and_nothing_else(
    run_page: RunPage, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    app = run_page("scorecard", home=home, secrets=LOGIN, user={"is_logged_in": False})
    assert [button.label for button in app.button] == ["Log in"]
    assert not app.selectbox
    assert not home.exists()


LOGIN = {
    "auth": {"client_id": "plumbline"},
    "roles": {"viewer": ["v@x.org"], "contributor": ["it-ops"]},
}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        pytest.param("empty.csv", b"", id="empty file"),
        pytest.param("header.csv", b"service,start,end\n", id="header only"),
        pytest.param("binary.csv", bytes(range(256)) * 40, id="binary file"),
        pytest.param("words.csv", b"colour,taste\nred,sweet\n", id="unknown header"),
        pytest.param("twice.csv", b"service,start,start,end\na,b,c,d\n", id="duplicate headers"),
        pytest.param(
            "wide.csv", b"service,start,end\nx," + b"9" * 5_000_000 + b",y\n", id="5 MB cell"
        ),
        pytest.param("latin.csv", "service,start,end\nCafé,x,y\n".encode("cp1252"), id="not UTF-8"),
    ],
)
def test_no_file_however_bad_shows_a_traceback(
    run_page: RunPage, tmp_path: Path, name: str, content: bytes
) -> None:
    app = run_page("add_data", home=tmp_path / "home")
    app.file_uploader[0].upload(name, content)
    app.run()
    settled(app)
    assert not app.exception
    said = " ".join([*(e.value for e in app.error), *(h.value for h in app.header)])
    assert "could not be shown" not in said
    assert app.error or "row" in said
    if app.error:
        assert any(part in app.error[0].value for part in (name.replace(".", "\\."), "columns"))
        choices = {box.label for box in app.selectbox}
        assert ("This file is" in choices) == (name == "words.csv")
        assert ("Kind of file" in choices) == (name != "empty.csv")
    assert list((tmp_path / "home" / "files" / "incoming").glob("*")) == [] or not app.error


def test_good_rows_are_saved_beside_bad_ones_and_taken_back(
    run_page: RunPage, own_sample: Path
) -> None:
    app = run_page("add_data", home=own_sample)
    before = len(app.dataframe[-1].value)
    app.file_uploader[0].upload("outages.csv", OUTAGES)
    app.run()
    assert app.header[0].value.startswith("4 rows read\\: 1 can be saved, 3 need you")
    findings = next(frame.value for frame in app.dataframe if "Line" in frame.value)
    assert list(findings["Line"]) == ["3", "4", "5"]
    assert not findings.isna().any().any()
    assert all(findings["What you can do"])
    next(button for button in app.button if button.label == "Save 1 row").click().run()
    assert not app.error
    assert "1 row saved" in app.success[0].value
    assert " before, " in app.success[0].value
    assert "Open the scorecard" in [link.label for link in app.get("page_link")]
    assert len(app.dataframe[-1].value) == before + 1
    assert list((own_sample / "files" / "incoming").glob("*")) == []
    next(button for button in app.button if button.label == "Undo this save").click().run()
    assert {"Service availability", "Minutes of downtime"} <= set(app.table[0].value.index)
    next(button for button in app.button if button.label == "Undo this import").click().run()
    assert "undone" in app.success[0].value
    assert list(app.dataframe[-1].value["Undo"])[:2] == ["Bring back", ""]


def test_cancelling_leaves_nothing_behind(run_page: RunPage, tmp_path: Path) -> None:
    home = tmp_path / "home"
    app = run_page("add_data", home=home)
    app.file_uploader[0].upload("outages.csv", OUTAGES)
    app.run()
    next(button for button in app.button if button.label == "Cancel").click().run()
    assert not app.error
    assert app.header[0].value.startswith("Drop an export")
    assert list((home / "files" / "incoming").glob("*")) == []


def test_a_batch_taken_back_in_another_tab_says_so_and_keeps_the_page(
    run_page: RunPage, tmp_path: Path
) -> None:
    app = run_page("add_data", home=tmp_path / "home")
    app.file_uploader[0].upload("outages.csv", OUTAGES)
    app.run()
    next(button for button in app.button if button.label == "Save 1 row").click().run()
    app.session_state["wanted_undo"] = 1
    app.run()
    next(button for button in app.button if button.label == "Undo this import").click().run()
    assert list(app.dataframe[-1].value["Batch"]) == [2, 1]
    app.session_state["wanted_undo"] = 1
    app.run()
    assert "already undone" in app.error[0].value
    assert list(app.dataframe[-1].value["Batch"]) == [2, 1]
    assert app.file_uploader
    app.session_state["wanted_undo"] = 2
    app.run()
    next(button for button in app.button if button.label == "Leave it out").click().run()
    assert list(app.dataframe[-1].value["Batch"]) == [2, 1]
    app.session_state["wanted_undo"] = 2
    app.run()
    next(button for button in app.button if button.label == "Bring this import back").click().run()
    assert "Batch 1 is back" in app.success[0].value
    assert list(app.dataframe[-1].value["Undo"]) == ["", "", "Undo"]

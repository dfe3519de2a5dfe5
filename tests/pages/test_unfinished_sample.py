"""A sample company whose build was cut off is said to be unfinished, and shows no half figures."""

import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from kpi_engine.errors import StoreError
from pages.ui.building import sample_build
from tests.pages.conftest import RunPage
from tests.sample import begin_sample

SAID = "**Sample data: 2 of 22 files are in.** "


@pytest.fixture(scope="module")
def begun_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build that was cut off after two files; to be copied."""
    home = tmp_path_factory.mktemp("begun") / "home"
    begin_sample(home, files=2)
    return home


@pytest.fixture
def begun(begun_home: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(begun_home, tmp_path / "home"))


def is_said(app: AppTest) -> bool:
    return any(text.value.startswith(SAID) for text in app.markdown)


@pytest.mark.parametrize("page", ["scorecard", "outcome", "add_data", "health"])
def test_pages_with_figures_end_with_how_far_the_sample_is(
    run_page: RunPage, begun: Path, page: str
) -> None:
    app = run_page(page, home=begun)
    assert not app.exception
    assert not app.error
    assert is_said(app)
    assert [button.label for button in app.button] == ["Add the other files"]
    assert [*app.header, *app.subheader, *app.metric, *app.dataframe] == []


def test_the_catalogue_shows_no_figures_and_goes_on(run_page: RunPage, begun: Path) -> None:
    app = run_page("catalogue", home=begun)
    assert not app.exception
    assert is_said(app)
    assert "measures" in app.header[0].value


@pytest.mark.parametrize(
    ("role", "buttons"),
    [
        ("viewer", []),
        ("contributor", []),
        ("steward", ["Add the other files"]),
        ("admin", ["Add the other files"]),
    ],
)
def test_the_rest_is_offered_to_those_who_may_add_it(
    run_page: RunPage, begun: Path, role: str, buttons: list[str]
) -> None:
    secrets: dict[str, object] = {
        "auth": {"client_id": "x"},
        "roles": {role: ["somebody@example.com"]},
    }
    user = {"email": "somebody@example.com", "email_verified": True}
    app = run_page("scorecard", home=begun, secrets=secrets, user=user)
    assert not app.exception
    assert is_said(app)
    assert [button.label for button in app.button if button.label != "Log out"] == buttons
    who = "Somebody with the role steward can add them."
    assert (who in [caption.value for caption in app.caption]) is not bool(buttons)


def test_a_click_goes_on_where_the_build_was_cut_off(
    run_page: RunPage, begun: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    monkeypatch.setattr(
        "pages.ui.building.load_demo", lambda ws, **_: asked.append((ws.home, ws.newest()))
    )
    app = run_page("scorecard", home=begun)
    app.button(key="sample-rest").click().run()
    sample_build().wait()
    assert not app.exception
    assert asked == [(begun, 2)]


def test_after_a_failure_both_are_said_and_the_rest_is_offered(
    run_page: RunPage, begun: Path
) -> None:
    def refused(_tell: object) -> None:
        raise StoreError("The disk is full.", hint="Make room.")

    app = run_page("scorecard", home=begun)
    sample_build().start(refused)
    sample_build().wait()
    app.run()
    assert "The disk is full" in app.error[0].value
    assert is_said(app)
    assert [button.label for button in app.button] == ["Add the other files"]
    assert not app.header

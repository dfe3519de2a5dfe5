"""Pages run through the shell, as Streamlit runs them."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from tests.sample import copy_of_sample

SHELL = Path(__file__).resolve().parents[2] / "pages" / "ui" / "shell.py"
RunPage = Callable[..., AppTest]

READ_ONLY: set[Path] = set()
"""Data folders that no test changes: what pages worked out of them, the next test may see too."""


@pytest.fixture
def run_page(monkeypatch: pytest.MonkeyPatch) -> Iterator[RunPage]:
    """Open a page of a data folder; what a test may have changed is not cached for the next."""
    opened: set[Path] = set()

    def run(
        name: str,
        *,
        home: Path,
        query: dict[str, str] | None = None,
        secrets: dict[str, object] | None = None,
        user: dict[str, object] | None = None,
    ) -> AppTest:
        opened.add(home)
        monkeypatch.setenv("PLUMBLINE_HOME", str(home))
        app = AppTest.from_file(str(SHELL), default_timeout=60)
        app.secrets.update(secrets or {})
        if user is not None:
            app.user = {"is_logged_in": True, **user}
        app.run()
        for key, value in (query or {}).items():
            app.query_params[key] = value
        return app if name == "scorecard" and not query else open_page(app, name)

    yield run
    if not opened <= READ_ONLY:
        st.cache_resource.clear()


def open_page(app: AppTest, name: str) -> AppTest:
    """Go to another page of a running session."""
    return app.switch_page(f"../{name}.py").run()


def settled(app: AppTest) -> AppTest:
    """Run the page until nothing of its session is going on apart from it."""
    for _ in range(200):
        if "errand" not in app.session_state:
            return app
        time.sleep(0.05)
        app.run()
    pytest.fail("it never ended")


@pytest.fixture(scope="session")
def sample_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample company; tests must not change it."""
    home = copy_of_sample(tmp_path_factory, "sample")
    READ_ONLY.add(home)
    return home


@pytest.fixture
def own_sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample company for a test that changes it."""
    return copy_of_sample(tmp_path_factory, "own")


def html_blocks(app: AppTest) -> list[Any]:
    """Blocks of our own HTML; what a page holds without showing anything is none."""
    return [one for one in app.get("bidi_component") if one.proto.json]

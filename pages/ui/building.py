"""The sample company on its way in: built once per workspace, watched from every page."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

import streamlit as st

from kpi_engine.actors import Actor
from kpi_engine.demo.build import Unfinished, load_demo
from kpi_engine.errors import ScorecardError
from kpi_engine.terms import Role
from kpi_engine.workspace import Workspace
from pages.ui.actor import current_actor
from pages.ui.messages import bug_sentence, explained, sentence
from pages.ui.reads import read_unfinished
from pages.ui.resources import home, workspace

LOOK_SECONDS = 2.0
"""How often a page that waits looks again."""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How far the sample company is.

    Attributes:
        is_running: Whether it is being built now.
        done: Files imported.
        total: Files in all; 0 until they are written.
        failure: Why it ended early, as Markdown; empty unless it did.
    """

    is_running: bool = False
    done: int = 0
    total: int = 0
    failure: str = ""


class DemoBuild:
    """One workspace's sample company, built in a thread of its own.

    A click, a reload or a closed browser cannot cut it off, and a second click starts no second.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._standing = Standing()
        self._thread: threading.Thread | None = None

    def standing(self) -> Standing:
        """How far it is."""
        with self._lock:
            return self._standing

    def start(self, build: Callable[[Callable[[int, int, str], None]], object]) -> bool:
        """Build it, unless that is going on.

        Args:
            build: Builds; told how to report its progress.

        Returns:
            Whether this call started it.
        """
        with self._lock:
            if self._standing.is_running:
                return False
            self._standing = Standing(is_running=True)
            self._thread = threading.Thread(
                target=self._run, args=(build,), name="sample-company", daemon=True
            )
        self._thread.start()
        return True

    def wait(self) -> None:
        """Return once nothing is being built."""
        if self._thread is not None:
            self._thread.join()

    def _run(self, build: Callable[[Callable[[int, int, str], None]], object]) -> None:
        failure = ""
        try:
            build(self._tell)
        except ScorecardError as error:
            failure = sentence(error)
        except Exception as bug:  # noqa: BLE001 - bug_sentence logs it
            failure = bug_sentence(
                bug, happened="The sample data could not all be imported.", again="Try again"
            )
        with self._lock:
            self._standing = replace(self._standing, is_running=False, failure=failure)

    def _tell(self, done: int, total: int, _name: str) -> None:
        with self._lock:
            self._standing = replace(self._standing, done=done, total=total)


def sample_build() -> DemoBuild:
    """The build of the workspace in ``home()``, shared by everybody this process serves."""
    return _build_in(str(home()))


@st.cache_resource(show_spinner=False, on_release=DemoBuild.wait)
def _build_in(folder: str) -> DemoBuild:  # noqa: ARG001 - one for each folder
    return DemoBuild()


def may_build(actor: Actor) -> bool:
    """Whether sample data are offered to somebody."""
    return bool(actor.roles & {Role.STEWARD, Role.ADMIN})


def start_sample(ws: Workspace, *, actor: Actor) -> None:
    """Start building the sample company, or what is missing of it, unless somebody has already.

    Raises:
        NotAllowedError: The actor may not.
    """
    actor.require(Role.STEWARD, to="build the sample company")
    sample_build().start(lambda tell: load_demo(ws, actor=actor, progress=tell))


def show_building() -> None:
    """On every page: that the sample company is being imported, or why it is not all there."""
    standing = sample_build().standing()
    if standing.is_running:
        with st.container(border=True, key="building"):
            _progress()
        return
    if standing.failure:
        st.error(standing.failure, icon=None)
    unfinished = read_unfinished(workspace())
    if unfinished is not None:
        with st.container(border=True, key="unfinished"):
            _offer_rest(unfinished)


def end_while_building() -> None:
    """End the page while figures of a half-imported company would look final."""
    if sample_build().standing().is_running or read_unfinished(workspace()) is not None:
        st.stop()


def _offer_rest(unfinished: Unfinished) -> None:
    """How far the sample company is, and the way to the rest of it for those who may."""
    actor = current_actor()
    st.markdown(
        f"**Sample data: {unfinished.done} of {unfinished.total} files are in.** "
        "No figures are shown until the others have followed."
    )
    st.progress(unfinished.done / unfinished.total)
    if not may_build(actor):
        st.caption("Somebody with the role steward can add them.")
    elif st.button("Add the other files", type="primary", key="sample-rest"):
        with explained():
            start_sample(workspace(), actor=actor)
        st.rerun()


@st.fragment(run_every=LOOK_SECONDS)
def _progress() -> None:
    """How far it is; the whole page runs again once it has ended."""
    standing = sample_build().standing()
    if not standing.is_running:
        st.rerun()
    if standing.total:
        said = (
            f"**Sample data are being imported, {standing.done} of {standing.total} files.** "
            "Figures appear here by themselves when all are in."
        )
    else:
        said = "**Sample data are being made: three years of a made-up retailer.**"
    st.markdown(said)
    st.progress(standing.done / standing.total if standing.total else 0.0)
    st.button("Try it with sample data", disabled=True, key="sample-started")

"""A batch taken back: what that would change is shown first, then it is done or left."""

from contextlib import suppress
from datetime import UTC, datetime
from functools import partial

import streamlit as st

from kpi_engine.actors import Actor
from kpi_engine.errors import CancelledError
from kpi_engine.job import Job
from kpi_engine.services import imports, undoing
from kpi_engine.services.import_results import UndoPreview
from kpi_engine.words import undoing as words
from kpi_engine.workspace import Workspace
from pages.ui import history, working
from pages.ui.impacts import most_telling, show_impacts
from pages.ui.messages import told
from pages.ui.text import esc

ASKED = "undo_preview"
_MANY_ROWS = 10_000
"""Rows of a batch from which a page does not wait until it is known what undoing changes."""


def ask(ws: Workspace, *, actor: Actor) -> None:
    """Show what the undo would change that somebody asked for in the last run, if any."""
    wanted: int | None = None if working.is_busy() else st.session_state.pop(history.WANTED, None)
    if wanted is not None:
        _leave(ws, actor)
        working.begin(
            f"Looking at what undoing batch {wanted} changes",
            partial(undoing.preview, ws, wanted, actor=actor),
            finish=_hold,
            is_large=_is_large(ws, wanted),
        )
    shown: UndoPreview | None = st.session_state.get(ASKED)
    if shown is not None:
        leave = partial(_leave, ws, actor)
        st.dialog(words.question(shown), width="large", on_dismiss=leave)(_decide)(ws, shown, actor)


def _is_large(ws: Workspace, wanted: int) -> bool:
    known = {batch.id: batch for batch in imports.batches(ws)}
    return wanted in known and known[wanted].rows_read > _MANY_ROWS


def _hold(job: Job[UndoPreview]) -> None:
    with told(), suppress(CancelledError):
        st.session_state[ASKED] = job.result()


def _decide(ws: Workspace, shown: UndoPreview, actor: Actor) -> None:
    """What would change, and the two ways on."""
    zone = ws.catalogue.organisation.zone
    st.markdown(f"**{esc(words.which(shown, zone))}** {esc(words.rows_sentence(shown))}")
    show_impacts(ws, shown.impacts, after="Afterwards")
    st.caption(words.PROMISE)
    with st.container(horizontal=True, vertical_alignment="center", key="undo-decision"):
        wants = st.button(words.button(shown), type="primary")
        wants_out = st.button(words.way_out(shown), type="tertiary")
    if wants:
        st.session_state.pop(ASKED, None)
        with st.spinner("Saving"), told():
            batch = undoing.commit(ws, shown, actor=actor, now=datetime.now(UTC))
            history.notice(batch, impacts=most_telling(shown.impacts))
            st.rerun()
    if wants_out:
        _leave(ws, actor)
        st.rerun()


def _leave(ws: Workspace, actor: Actor) -> None:
    """Let go of what was worked out; nothing changes."""
    shown: UndoPreview | None = st.session_state.pop(ASKED, None)
    if shown is not None:
        undoing.discard(ws, shown, actor=actor)

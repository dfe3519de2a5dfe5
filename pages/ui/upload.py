"""A dropped file on its way to a preview; what is held lives in this session only."""

import secrets
from datetime import UTC, datetime
from pathlib import Path

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from kpi_engine.actors import Actor
from kpi_engine.errors import ScorecardError, StoreError, UnknownHeaderError
from kpi_engine.services import imports
from kpi_engine.services.import_results import Preview
from kpi_engine.workspace import Workspace
from pages.ui.messages import sentence
from pages.ui.resources import ROOT

TEMPLATES = ROOT / "data" / "templates"
HELD = "held_preview"
SEEN = "seen_upload"
REFUSED = "refused_upload"
CONFLICT = "overtaken_upload"
REMOVED = "removed_upload"
ROUND = "upload_round"
RECIPE = "named_recipe"


def drop_zone() -> UploadedFile | None:
    """Where a file is dropped. A new round clears it, and with it the copy in memory."""
    return st.file_uploader(
        "An export of one of your systems, as CSV",
        type=["csv", "tsv", "txt"],
        key=_drop_key(),
        on_change=_note_removal,
    )


def _drop_key() -> str:
    return f"upload-{st.session_state.setdefault(ROUND, 0)}"


def _note_removal() -> None:
    """Taking the file out of the drop zone is a Cancel; leaving the page is none."""
    if st.session_state.get(_drop_key()) is None:
        st.session_state[REMOVED] = True


def held_preview(ws: Workspace, dropped: UploadedFile | None, *, actor: Actor) -> Preview | None:
    """What this session is looking at: a new file is read once and then held.

    A refused file is explained, and its sender may say what kind of file it is.
    """
    if st.session_state.pop(REMOVED, False):
        forget(ws, actor=actor)
        st.session_state.pop(SEEN, None)
    conflict: StoreError | None = st.session_state.get(CONFLICT)
    if dropped is not None and conflict is not None:
        st.error(sentence(conflict), icon=None)
        st.button("Look again", type="primary", on_click=_look_again)
    if dropped is not None and st.session_state.get(SEEN) != dropped.file_id:
        forget(ws, actor=actor)
        st.session_state[SEEN] = dropped.file_id
        _read(ws, dropped, actor=actor, recipe=None)
    refused: ScorecardError | None = st.session_state.get(REFUSED)
    if dropped is not None and refused is not None:
        st.error(sentence(refused), icon=None)
        nameable = isinstance(refused, UnknownHeaderError)
        recipe = _named_recipe(ws) if nameable else None
        if recipe is not None:
            _read(ws, dropped, actor=actor, recipe=recipe)
            st.rerun()
    held: Preview | None = st.session_state.get(HELD)
    return held


def forget(ws: Workspace, *, actor: Actor) -> None:
    """Drop what is held, staged rows and incoming file included."""
    held: Preview | None = st.session_state.pop(HELD, None)
    st.session_state.pop(REFUSED, None)
    st.session_state.pop(CONFLICT, None)
    if held is not None:
        held.path.unlink(missing_ok=True)
        imports.discard(ws, held, actor=actor)


def set_aside(conflict: StoreError) -> None:
    """Drop a preview the store has moved on from; whoever dropped the file may look again."""
    held: Preview | None = st.session_state.pop(HELD, None)
    if held is not None:
        held.path.unlink(missing_ok=True)
    st.session_state[CONFLICT] = conflict


def _look_again() -> None:
    st.session_state.pop(CONFLICT, None)
    st.session_state.pop(SEEN, None)


def next_round() -> None:
    """Empty the drop zone."""
    for key in (HELD, SEEN, REFUSED, CONFLICT):
        st.session_state.pop(key, None)
    st.session_state[ROUND] = st.session_state.get(ROUND, 0) + 1


def templates() -> None:
    """Files to start from, one per kind that is filled in by hand."""
    with st.popover("Templates"):
        for path in sorted(TEMPLATES.glob("*.csv")):
            st.download_button(
                path.stem.replace("_", " ").capitalize(),
                path.read_bytes(),
                file_name=path.name,
                mime="text/csv",
                on_click="ignore",
                type="tertiary",
            )


def _read(ws: Workspace, dropped: UploadedFile, *, actor: Actor, recipe: str | None) -> None:
    """Write the upload to disk and read it from there: a file in memory is held twice.

    The copy stays only while its preview is held: it may name people.
    """
    path = _incoming(ws)
    try:
        with path.open("wb") as file:
            file.write(dropped.getbuffer())
        with st.spinner("Reading the file and working out what it would change", show_time=True):
            st.session_state[HELD] = imports.preview(
                ws,
                path,
                actor=actor,
                file_name=dropped.name,
                recipe=recipe,
                now=datetime.now(UTC),
            )
        st.session_state.pop(REFUSED, None)
    except ScorecardError as error:
        st.session_state[REFUSED] = error
    finally:
        held: Preview | None = st.session_state.get(HELD)
        if held is None or held.path != path:
            path.unlink(missing_ok=True)


def _incoming(ws: Workspace) -> Path:
    """A path of our own making: nothing of the sender's file name reaches the disk."""
    ws.incoming_folder.mkdir(parents=True, exist_ok=True)
    return ws.incoming_folder / f"{secrets.token_hex(8)}.csv"


def _named_recipe(ws: Workspace) -> str | None:
    """What the sender says the file is, once they have said it."""
    labels = dict(imports.known_recipes(ws))
    with st.form("name-the-kind", border=False):
        chosen = st.selectbox(
            "This file is", list(labels), index=None, format_func=labels.__getitem__, key=RECIPE
        )
        asked = st.form_submit_button("Try again", type="primary")
    return chosen if asked else None

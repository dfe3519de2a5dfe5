"""A dropped file on its way to a preview; what is held lives in this session only."""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from kpi_engine.actors import Actor
from kpi_engine.errors import (
    CancelledError,
    ImportRejectedError,
    ScorecardError,
    StoreError,
    UnknownHeaderError,
)
from kpi_engine.imports.overrides import AS_READ
from kpi_engine.job import Job, last_call
from kpi_engine.services import imports
from kpi_engine.services.import_results import Preview
from kpi_engine.workspace import Workspace
from pages.ui import sources, working
from pages.ui.messages import sentence
from pages.ui.reading import Wish, ask_again, read_refused
from pages.ui.text import esc

HELD = "held_preview"
SEEN = "seen_upload"
REFUSED = "refused_upload"
CONFLICT = "overtaken_upload"
TRIED = "tried_reading"
REMOVED = "removed_upload"
SAID = "said_of_upload"
ROUND = "upload_round"
DONE = "decided_uploads"
TYPED = "typed_figures"
TYPES = ["csv", "tsv", "txt", "gz", "zip", "xlsx", "xlsm", "xlsb", "xls", "ods", "parquet"]
TYPES += ["ndjson", "jsonl", "json", *sources.TYPES]


def drop_zone() -> list[UploadedFile]:
    """Where files are dropped. A new round clears it, and with it the copies in memory."""
    return st.file_uploader(
        "Exports of your systems: CSV, Excel, OpenDocument, Parquet, JSON or a zip of them, "
        f"up to {st.get_option('server.maxUploadSize')} MB each",
        type=TYPES,
        accept_multiple_files=True,
        key=_drop_key(),
        on_change=_note_removal,
    )


def _drop_key() -> str:
    return f"upload-{st.session_state.setdefault(ROUND, 0)}"


def _note_removal() -> None:
    """Taking the file out of the drop zone is a Cancel; leaving the page is none."""
    left = {file.file_id for file in st.session_state.get(_drop_key()) or ()}
    if st.session_state.get(SEEN) not in {None, *left}:
        st.session_state[REMOVED] = True


def held_preview(ws: Workspace, files: Sequence[UploadedFile], *, actor: Actor) -> Preview | None:
    """What this session is looking at: each file in turn is read once and then held.

    A refused file is explained, and its sender may say what kind of file it is.
    """
    dropped = _next(files)
    if st.session_state.pop(REMOVED, False):
        forget(ws, actor=actor)
        st.session_state.pop(SEEN, None)
    conflict: StoreError | None = st.session_state.get(CONFLICT)
    if conflict is not None:
        st.error(sentence(conflict), icon=None)
    if dropped is not None and conflict is not None:
        st.button("Look again", type="primary", on_click=_look_again)
    if dropped is not None and st.session_state.get(SEEN) != dropped.file_id:
        forget(ws, actor=actor)
        st.session_state[SEEN] = dropped.file_id
        _read(ws, dropped, actor=actor)
    held: Preview | None = st.session_state.get(HELD)
    if SAID in st.session_state:
        st.info(st.session_state.pop(SAID), icon=None)
    refused: ScorecardError | None = st.session_state.get(REFUSED)
    if dropped is not None and refused is not None and held is None:
        _explain(ws, dropped, refused, actor=actor, are_more=len(files) > 1)
    elif refused is not None and held is not None:
        st.error(sentence(st.session_state.pop(REFUSED)), icon=None)
    return held


def _next(files: Sequence[UploadedFile]) -> UploadedFile | None:
    """The first file about which nothing has been decided."""
    decided = st.session_state.get(DONE, ())
    open_ones = [file for file in files if file.file_id not in decided]
    if len(files) > 1 and open_ones:
        st.caption(f"File {len(files) - len(open_ones) + 1} of {len(files)}")
    return open_ones[0] if open_ones else None


def _explain(
    ws: Workspace,
    dropped: UploadedFile,
    refused: ScorecardError,
    *,
    actor: Actor,
    are_more: bool,
) -> None:
    """Why a file was refused, and the ways on from there."""
    st.error(sentence(refused), icon=None)
    tried: Wish = st.session_state.get(TRIED, {}).get(dropped.file_id, (None, AS_READ))
    wish = None
    if isinstance(refused, UnknownHeaderError):
        st.caption(esc(" ".join(refused.decisions)))
        wish = ask_again(ws, refused, tried, key=dropped.file_id)
    if isinstance(refused, ImportRejectedError) and refused.tables:
        wish = read_refused(ws, refused, tried, key=dropped.file_id) or wish
    if wish is not None:
        st.session_state[TRIED] = {dropped.file_id: wish}
        _read(ws, dropped, actor=actor, wish=wish)
        st.rerun()
    if are_more and st.button("Leave this file out"):
        done()
        st.rerun()


def read_again(ws: Workspace, files: Sequence[UploadedFile], wish: Wish, *, actor: Actor) -> None:
    """Read the file that is looked at otherwise; what cannot be read so leaves all as it was."""
    dropped = _next(files)
    if dropped is not None:
        _read(ws, dropped, actor=actor, wish=wish)
        st.rerun()


def forget(ws: Workspace, *, actor: Actor) -> None:
    """Drop what is held or being worked at, staged rows and incoming file included."""
    working.drop()
    held: Preview | None = st.session_state.pop(HELD, None)
    st.session_state.pop(REFUSED, None)
    st.session_state.pop(CONFLICT, None)
    if held is not None:
        held.path.unlink(missing_ok=True)
        imports.discard(ws, held, actor=actor)


def say(markdown: str) -> None:
    """Remember something for the next run to say once."""
    st.session_state[SAID] = markdown


def hold(preview: Preview) -> None:
    """Look at what was typed in as at a file."""
    st.session_state.pop(CONFLICT, None)
    st.session_state[HELD] = preview


def forget_typed() -> None:
    """What was typed is saved: the next one starts with an empty table."""
    st.session_state.pop(TYPED, None)


def set_aside(conflict: StoreError) -> None:
    """Drop a preview the store has moved on from; whoever dropped the file may look again."""
    held: Preview | None = st.session_state.pop(HELD, None)
    if held is not None:
        held.path.unlink(missing_ok=True)
    st.session_state[CONFLICT] = conflict


def _look_again() -> None:
    st.session_state.pop(CONFLICT, None)
    st.session_state.pop(SEEN, None)


def done() -> None:
    """Go on to the next file; after the last one the drop zone is emptied."""
    files = st.session_state.get(_drop_key()) or ()
    decided = {*st.session_state.get(DONE, ()), st.session_state.get(SEEN)}
    for key in (HELD, SEEN, REFUSED, CONFLICT):
        st.session_state.pop(key, None)
    st.session_state[DONE] = decided
    if all(file.file_id in decided for file in files):
        st.session_state.pop(DONE, None)
        st.session_state[ROUND] = st.session_state.get(ROUND, 0) + 1


def _read(
    ws: Workspace, dropped: UploadedFile, *, actor: Actor, wish: Wish = (None, AS_READ)
) -> None:
    """Write the upload to disk and read it from there: a file in memory is held twice.

    The copy stays only while its preview is held: it may name people.
    """
    path, (recipe, overrides) = _incoming(ws), wish
    st.session_state.pop(REFUSED, None)

    def work() -> Preview:
        shown = None
        try:
            with path.open("wb") as file:
                file.write(dropped.getbuffer())
            shown = imports.preview(
                ws,
                path,
                actor=actor,
                file_name=dropped.name,
                recipe=recipe,
                now=datetime.now(UTC),
                overrides=overrides,
            )
            last_call()
        except BaseException:
            path.unlink(missing_ok=True)
            if shown is not None:
                imports.discard(ws, shown, actor=actor)
            raise
        return shown

    working.begin(
        f"Reading {dropped.name}",
        work,
        finish=partial(_take_in, ws, actor),
        is_large=dropped.size > working.LARGE,
    )


def _take_in(ws: Workspace, actor: Actor, job: Job[Preview]) -> None:
    """Hold what was read in place of what was held, which stays where nothing could be read."""
    try:
        shown = job.result()
    except CancelledError as cancelled:
        say(sentence(cancelled))
        if HELD not in st.session_state:
            done()
        return
    except ScorecardError as error:
        st.session_state[REFUSED] = error
        return
    held: Preview | None = st.session_state.get(HELD)
    if held is not None:
        held.path.unlink(missing_ok=True)
        imports.discard(ws, held, actor=actor)
    st.session_state[HELD] = shown
    st.session_state.pop(REFUSED, None)


def _incoming(ws: Workspace) -> Path:
    """A path of our own making: nothing of the sender's file name reaches the disk."""
    ws.incoming_folder.mkdir(parents=True, exist_ok=True)
    return ws.incoming_folder / f"{secrets.token_hex(8)}.upload"

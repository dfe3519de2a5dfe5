"""What is seen, to keep and to hand on: named views, the address, and files."""

from datetime import UTC, datetime
from functools import partial
from urllib.parse import parse_qsl

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from kpi_engine.actors import Actor
from kpi_engine.render.documents.explored import LABELS, Seen, file_name, seen_file, seen_mime
from kpi_engine.services.saved_views import drop_view, save_view, saved_views
from kpi_engine.workspace import Workspace
from pages.ui.explore_ask import address
from pages.ui.messages import is_second, told
from pages.ui.reads import version
from pages.ui.text import esc

PAGE = "explore"
_SAVED, _DOUBTED = "_view_saved", "_view_doubted"


def share_menu(ws: Workspace, seen: Seen, *, actor: Actor, into: DeltaGenerator) -> None:
    """Named views first, then the address and files of what is seen."""
    with into.popover("Save and share", width="content"):
        _show_views(ws, actor)
        _save_form(ws, actor)
        st.caption("Link to this view")
        st.code(f"{st.context.url}?{address()}", language=None, wrap_lines=True)
        if not seen.tables:
            return
        for form in seen.forms:
            st.download_button(
                LABELS[form],
                partial(
                    seen_file,
                    seen,
                    form,
                    organisation=ws.catalogue.organisation,
                    as_of=version(ws).tick,
                    now=datetime.now(UTC),
                ),
                file_name=file_name(seen, form),
                mime=seen_mime(form),
                on_click="ignore",
                key=f"seen_{form}",
                width="stretch",
            )


def _show_views(ws: Workspace, actor: Actor) -> None:
    """Views with a name, to open; one's own can be taken back."""
    found = saved_views(ws, PAGE, actor=actor)
    st.caption("Saved views" if found else "No view has been saved yet.")
    for place, view in enumerate(found):
        with st.container(horizontal=True, vertical_alignment="center", key=f"view-{place}"):
            whose = "yours" if view.owner == actor.name else f"by {view.owner}"
            shared = ", shared" if view.is_shared else ", private"
            # No link: one to the page that is open leaves the browser's address as it was.
            label = f"{esc(view.name)} :small[:gray[{esc(whose + shared)}]]"
            if st.button(label, key=f"open-{place}", type="tertiary", width="stretch"):
                st.query_params.from_dict(dict(parse_qsl(view.address, keep_blank_values=True)))
                st.rerun()
            if view.owner == actor.name and st.button(
                "Delete", key=f"drop-{place}", type="tertiary"
            ):
                with told():
                    now = datetime.now(UTC)
                    drop_view(ws, PAGE, view.name, owner=view.owner, actor=actor, now=now)
                    st.rerun()


def _save_form(ws: Workspace, actor: Actor) -> None:
    with st.form("save-view", border=False):
        name = st.text_input("Name of this view")
        is_shared = st.toggle("Everybody who explores sees it")
        wants = st.form_submit_button("Save this view")
    if said := st.session_state.pop(_SAVED, None):
        st.toast(esc(said))
    if not wants:
        return
    called = " ".join(name.split())
    own = {one.name: one for one in saved_views(ws, PAGE, actor=actor) if one.owner == actor.name}
    if called in own and not is_second(_DOUBTED, f"{called}, {is_shared}"):
        before = "shared" if own[called].is_shared else "private"
        st.warning(
            f"**You have a {before} view of this name.** Save again to replace it.", icon=None
        )
        return
    with told():
        view = save_view(
            ws,
            PAGE,
            name,
            address=address(),
            is_shared=is_shared,
            actor=actor,
            now=datetime.now(UTC),
        )
        st.session_state.pop(_DOUBTED, None)
        whose = "for everybody who explores" if view.is_shared else "for you alone"
        st.session_state[_SAVED] = f"Saved as “{view.name}”, {whose}."
        st.rerun()

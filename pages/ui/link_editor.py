"""Links added, changed and retired in a dialog, by those who may."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import streamlit as st

from kpi_engine.actors import Actor
from kpi_engine.services import link_edits
from kpi_engine.services.definition_edits import Edit, EditPreview
from kpi_engine.services.link_edits import Choices, LinkDraft
from kpi_engine.terms import Role
from kpi_engine.words import link_edits as words
from kpi_engine.workspace import Workspace
from pages.ui.link_form import LinkForm
from pages.ui.messages import told
from pages.ui.text import esc

_DRAFT, _DONE, _DOUBTED = "_link_draft", "_link_done", "_link_doubted"


def show_link_buttons(ws: Workspace, actor: Actor) -> None:
    """The ways to edit and to add a link, for stewards; nothing for others."""
    if not actor.roles & {Role.STEWARD, Role.ADMIN}:
        return
    if st.button("Edit a link"):
        _forget()
        st.dialog("Edit a link", width="large")(edit_form)(ws, actor)
    if st.button("Add a link", type="primary"):
        _forget()
        st.dialog("Add a link", width="large")(add_form)(ws, actor)


def note_link_saved() -> None:
    """Once after a link was saved: what was done."""
    said = st.session_state.pop(_DONE, None)
    if said:
        st.success(f"**Saved.** {esc(said)}", icon=None)


def edit_form(ws: Workspace, actor: Actor) -> None:
    """One link of all there are, those retired among them, to be changed."""
    choices = link_edits.choices(ws)
    links = {one.id: one for one in (*choices.links, *choices.retired)}
    if not links:
        st.markdown("No link is declared yet: add one.")
        return
    chosen = st.selectbox(
        "Link",
        list(links),
        format_func=lambda name: esc(words.link_name(links[name], ws.catalogue)),
        key="link-chosen",
    )
    with told():
        _form(ws, actor, _draft(ws, chosen), choices)


def add_form(ws: Workspace, actor: Actor) -> None:
    """A link that is not there yet."""
    with told():
        _form(ws, actor, _draft(ws, None), link_edits.choices(ws))


def _form(ws: Workspace, actor: Actor, draft: LinkDraft, choices: Choices) -> None:
    currency = ws.catalogue.organisation.currency
    form = LinkForm(ws.catalogue, draft, choices)
    if draft.is_retired:
        why = draft.content["retired"]
        st.info(
            f"**Retired since {esc(why['since'])}.** {esc(why['because'])} Saving it brings it "
            "back.",
            icon=None,
        )
    form.ends(_parts(ws, choices) if draft.id is None else {})
    form.mechanism()
    form.evidence()
    form.agreed_range(currency=currency)
    form.worth()
    form.agreement()
    reason = st.text_area(
        "Why are you changing it?" if draft.id else "Why is it added?", key=f"link-{draft.id}-why"
    )
    form.spots[""] = st.container()
    with st.container(horizontal=True):
        wants_save = st.button("Save link", type="primary")
        is_there = draft.id is not None and not draft.is_retired
        wants_retire = is_there and st.button("It no longer counts")
    today = _today(ws)
    with form.spots[""], told():
        if wants_save:
            edit = link_edits.edit_of(ws, draft, form.said, today=today)
            _save(ws, actor, edit, form, reason)
        elif wants_retire:
            _save(
                ws,
                actor,
                link_edits.retirement_of(draft, because=reason, today=today),
                form,
                reason,
            )


def _save(ws: Workspace, actor: Actor, edit: Edit, form: LinkForm, reason: str) -> None:
    """Show what is wrong, or once what is in doubt; else write it."""
    shown = link_edits.preview(ws, edit)
    if shown.mistakes:
        form.show(shown.by_field(), is_wrong=True)
        return
    doubts = repr((sorted(edit.content.items(), key=str), shown.findings))
    if shown.findings and st.session_state.get(_DOUBTED) != doubts:
        st.session_state[_DOUBTED] = doubts
        form.show(shown.by_field(), is_wrong=False)
        st.info(words.SECOND, icon=None)
        return
    saved: EditPreview = link_edits.save(
        ws, edit, reason=reason, actor=actor, now=datetime.now(UTC)
    )
    st.session_state[_DONE] = words.done_text(saved)
    _forget()
    st.rerun()


def _draft(ws: Workspace, link: str | None) -> LinkDraft:
    """What the editor opened: it stays what it was while others save."""
    drafts: dict[str | None, LinkDraft] = st.session_state.setdefault(_DRAFT, {})
    if link not in drafts:
        drafts[link] = link_edits.read_draft(ws, link, today=_today(ws))
    return drafts[link]


def _parts(ws: Workspace, choices: Choices) -> dict[str, tuple[dict[str, str], ...]]:
    """Of the measure that is chosen, the parts that were ever seen."""
    chosen = st.session_state.get("link-new-driver", choices.drivers[0].id)
    return {chosen: tuple(dict(one) for one in link_edits.read_parts(ws, chosen))}


def _forget() -> None:
    """An editor opened anew shows what is there now."""
    st.session_state.pop(_DRAFT, None)
    st.session_state.pop(_DOUBTED, None)
    for key in [key for key in st.session_state if str(key).startswith("link-")]:
        del st.session_state[key]


def _today(ws: Workspace) -> date:
    return datetime.now(ZoneInfo(ws.catalogue.organisation.time_zone)).date()

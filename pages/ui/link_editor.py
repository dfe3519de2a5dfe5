"""Links added, changed and retired in a dialog, by those who may."""

from datetime import UTC, datetime
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
from pages.ui.messages import is_second, told
from pages.ui.resources import today_of
from pages.ui.text import esc

_DRAFT, _DONE, _DOUBTED = "_link_draft", "_link_done", "_link_doubted"
_CHOSEN = "_link_chosen"


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
    """What was done to a link, until it is closed: the page may run again before it is read."""
    said = st.session_state.get(_DONE)
    if said:
        st.success(f"**Saved.** {esc(said)}", icon=None)
        st.button("Close", type="tertiary", on_click=_forget)


def edit_form(ws: Workspace, actor: Actor) -> None:
    """One link of all there are, those retired among them; first one into what the map shows."""
    choices = link_edits.choices(ws)
    links = {one.id: one for one in (*choices.links, *choices.retired)}
    if not links:
        st.markdown("No link is declared yet: add one.")
        return
    into = st.query_params.get("into")
    first = next((name for name, one in links.items() if one.outcome == into), next(iter(links)))
    # Set in every run: another order of the links, once others have edited, chooses no other one.
    kept = st.session_state.get(_CHOSEN)
    st.session_state["link-chosen"] = kept if kept in links else first
    chosen = st.selectbox(
        "Link",
        list(links),
        format_func=lambda name: esc(words.link_name(links[name], ws.catalogue)),
        key="link-chosen",
        on_change=_choose,
    )
    with told():
        _form(ws, actor, _draft(ws, chosen), choices)


def _choose() -> None:
    st.session_state[_CHOSEN] = st.session_state["link-chosen"]


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
    reason = form.reason()
    with st.container(key="dialog-foot"):
        form.spots[""] = st.container()
        with st.container(horizontal=True):
            wants_save = st.button("Save link", type="primary")
            is_there = draft.id is not None and not draft.is_retired
            wants_retire = is_there and st.button("It no longer counts")
    today = today_of(ws)
    with form.spots[""], told():
        if wants_save and form.show_mistakes(reason, currency=currency):
            st.error("Something above has to be mended first.", icon=None)
        elif wants_save:
            edit = link_edits.edit_of(ws, draft, form.said, today=today)
            _save(ws, actor, edit, form, reason)
        elif wants_retire and is_second(_DOUBTED, f"retire {draft.id}"):
            _save(
                ws,
                actor,
                link_edits.retirement_of(draft, because=reason, today=today),
                form,
                reason,
            )
        elif wants_retire:
            name = words.link_name(ws.catalogue.links[str(draft.id)], ws.catalogue)
            st.warning(esc(words.retiring_text(name)), icon=None)


def _save(ws: Workspace, actor: Actor, edit: Edit, form: LinkForm, reason: str) -> None:
    """Show what is wrong, or once what is in doubt; else write it."""
    shown = link_edits.preview(ws, edit)
    if shown.mistakes:
        form.show(shown.by_field(), is_wrong=True)
        return
    doubts = repr((sorted(edit.content.items(), key=str), shown.findings))
    if shown.findings and "retired" not in edit.content and not is_second(_DOUBTED, doubts):
        form.show(shown.by_field(), is_wrong=False)
        st.info(words.SECOND, icon=None)
        return
    now = datetime.now(UTC)
    saved: EditPreview = link_edits.save(ws, edit, reason=reason, actor=actor, now=now)
    at = f"{now.astimezone(_zone(ws)):%-d %b %Y %H:%M}"
    _forget()
    st.session_state[_DONE] = words.done_text(saved, reason=reason, actor=actor.name, at=at)
    st.rerun()


def _draft(ws: Workspace, link: str | None) -> LinkDraft:
    """What the editor opened: it stays what it was while others save."""
    drafts: dict[str | None, LinkDraft] = st.session_state.setdefault(_DRAFT, {})
    if link not in drafts:
        drafts[link] = link_edits.read_draft(ws, link, today=today_of(ws))
    return drafts[link]


def _parts(ws: Workspace, choices: Choices) -> dict[str, tuple[dict[str, str], ...]]:
    """Of the measure that is chosen, the parts that were ever seen."""
    chosen = st.session_state.get("link-new-driver", choices.drivers[0].id)
    return {chosen: tuple(dict(one) for one in link_edits.read_parts(ws, chosen))}


def _forget() -> None:
    """An editor opened anew shows what is there now."""
    st.session_state.pop(_DRAFT, None)
    st.session_state.pop(_DOUBTED, None)
    st.session_state.pop(_DONE, None)
    st.session_state.pop(_CHOSEN, None)
    for key in [key for key in st.session_state if str(key).startswith("link-")]:
        del st.session_state[key]


def _zone(ws: Workspace) -> ZoneInfo:
    return ws.catalogue.organisation.zone

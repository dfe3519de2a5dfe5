"""What went well, on the review page: drafts to be told, and what was."""

from datetime import UTC, datetime

import streamlit as st

from kpi_engine.actors import Actor
from kpi_engine.services.wins import Draft, Wins, publish_win
from kpi_engine.words import wins as words
from kpi_engine.workspace import Workspace
from pages.ui.lines import line_with_button
from pages.ui.messages import told
from pages.ui.text import esc

_MOST_SHOWN = 12


def show_wins(ws: Workspace, found: Wins, *, actor: Actor) -> None:
    """Drafts, each with the way to tell it; below them what was told, newest first."""
    if not found.drafts and not found.published:
        return
    st.subheader("What went well", anchor=False)
    currency = ws.catalogue.organisation.currency
    for place, draft in enumerate(found.drafts):
        with line_with_button(f"win-{place}"):
            said = esc(words.draft_text(draft, currency=currency))
            st.markdown(f":gray-badge[Draft] {said}")
            if st.button("Publish", key=f"win-publish-{place}", type="tertiary"):
                _publish(ws, found, draft, actor)
    if found.published:
        told_before = [words.win_text(one) for one in found.published[:_MOST_SHOWN]]
        st.markdown("  \n".join(esc(one) for one in told_before))


@st.dialog("Publish a win")
def _publish(ws: Workspace, found: Wins, draft: Draft, actor: Actor) -> None:
    currency = ws.catalogue.organisation.currency
    text = st.text_area("In your words", words.draft_text(draft, currency=currency))
    if st.button("Publish", type="primary"):
        with told():
            publish_win(ws, found, draft.key, text=text, actor=actor, now=datetime.now(UTC))
            st.rerun()

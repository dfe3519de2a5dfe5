"""While own data are still being asked what they say of the links: how far that is."""

import streamlit as st

from kpi_engine.services.estimates import estimated_outcomes
from kpi_engine.words import map as words
from kpi_engine.workspace import Workspace
from pages.ui.building import LOOK_SECONDS
from pages.ui.reads import version
from pages.ui.resources import how_far_estimates_are


def note_estimates(ws: Workspace) -> None:
    """Say so while links are being worked out, and run the page again with each that is."""
    missing = version(ws).missing
    if missing:
        with st.container(border=True, key="estimating"):
            _progress(ws, shown=missing)


@st.fragment(run_every=LOOK_SECONDS)
def _progress(ws: Workspace, *, shown: int) -> None:
    missing, total = version(ws).missing, len(estimated_outcomes(ws.catalogue))
    if missing != shown:
        st.rerun()
    if how_far_estimates_are().has_failed:
        st.markdown(words.NOT_WORKED_OUT)
        return
    st.markdown(words.worked_out(total - missing, total))
    st.progress((total - missing) / total)

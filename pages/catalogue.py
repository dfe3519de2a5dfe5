"""What do the numbers mean? Every definition with its target, owners and links."""

import streamlit as st

from kpi_engine.services.catalogue import read_catalogue
from kpi_engine.terms import Role
from kpi_engine.words import catalogue as words
from pages.ui import definitions as view
from pages.ui.actor import require_role
from pages.ui.filters import pick_metric, to_url
from pages.ui.head import page_head
from pages.ui.messages import explained
from pages.ui.resources import workspace
from pages.ui.states import note_in_vain
from pages.ui.text import esc

actor = require_role(Role.VIEWER)

# Ask
ws = workspace()
head = page_head("Catalogue", ws.catalogue.organisation)
with head.actions:
    search = st.text_input(
        "Search",
        key="search",
        bind="query-params",
        placeholder="Search names and meanings",
        label_visibility="collapsed",
        width=260,
    )

# Compute
with explained():
    page = read_catalogue(ws, search=search)

# Say what is missing
st.header(esc(words.headline(page)), anchor=False)
if not page.entries:
    st.markdown(f"**Nothing in the catalogue matches “{esc(search)}”.** Try fewer words.")
    st.stop()

# Show: the list, then one definition in full
shown = st.segmented_control(
    "Show",
    list(view.VIEWS),
    default=next(iter(view.VIEWS)),
    required=True,
    key="show",
    bind="query-params",
    label_visibility="collapsed",
)
view.VIEWS[shown](page)
if shown == "Measures":
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader("One measure in full", anchor=False, width="content")
        metric = pick_metric([entry.metric for entry in page.entries])
    note_in_vain("metric", metric, catalogue=ws.catalogue)
    to_url("metric")
    view.show_entry(next(entry for entry in page.entries if entry.metric.id == metric.id), page)

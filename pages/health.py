"""Can the numbers be trusted? What has arrived, what is late, what does not add up."""

import streamlit as st

from kpi_engine.services.health import read_health
from kpi_engine.terms import Role
from kpi_engine.words import health as words
from pages.ui import arrivals as view
from pages.ui.actor import require_role
from pages.ui.building import end_while_building
from pages.ui.head import page_head
from pages.ui.messages import explained
from pages.ui.resources import today_of, workspace
from pages.ui.states import nothing_yet
from pages.ui.text import esc

actor = require_role(Role.VIEWER)

# Ask
ws = workspace()
head = page_head("Data health", ws.catalogue.organisation)
end_while_building()
if not ws.newest():
    nothing_yet(ws, actor=actor)

# Compute
with explained(), st.skeleton(height=900):
    found = read_health(ws, today=today_of(ws))

# Show: the answer first, detail below
st.header(esc(words.headline(found)), anchor=False)
left, right = st.columns([58, 42], gap="large")
with left:
    st.subheader("Last 12 months", anchor=False)
    view.show_coverage(found)
with right:
    st.subheader("When data arrives", anchor=False)
    view.show_sources(found)
    st.subheader("Checks that raised a question", anchor=False)
    view.show_checks(found)

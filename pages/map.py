"""Which IT measures move which outcomes, and how sure are we? Every link, drawn and in full."""

import streamlit as st

from kpi_engine.terms import Role
from kpi_engine.words import map as words
from pages.ui import map_view as view
from pages.ui.actor import require_role
from pages.ui.building import end_while_building
from pages.ui.estimating import note_estimates
from pages.ui.filters import to_url
from pages.ui.forecasts import show_forecasts
from pages.ui.head import page_head
from pages.ui.link_editor import note_link_saved, show_link_buttons
from pages.ui.messages import explained
from pages.ui.reads import read_ledger, read_map, read_newest
from pages.ui.resources import workspace
from pages.ui.states import note_open_month, nothing_yet
from pages.ui.text import esc

actor = require_role(Role.VIEWER)

# Ask
ws = workspace()
head = page_head("Map", ws.catalogue.organisation)
end_while_building()
newest = read_newest(ws)
if newest is None:
    nothing_yet(ws, actor=actor)
with head.actions:
    show_link_buttons(ws, actor)
month = head.month(newest.months or (newest.month,), newest.open_months)

# Compute
with explained(), st.skeleton(height=900):
    found = read_map(ws, month=month)

# Say what is missing
note_link_saved()
note_open_month(newest, month)
note_estimates(ws)

# Show: the answer first, detail below
st.header(esc(words.headline(found)), anchor=False)
shown = view.narrowed(found)
to_url("month", "into", "evidence")
if not shown.outcomes:
    st.markdown(words.NONE_SO_KNOWN)
    st.stop()
view.show_drawing(shown)
view.show_what_to_look_at(shown)
view.show_links(shown)
show_forecasts(read_ledger(ws).narrowed([one.reading.metric.id for one in shown.outcomes]))

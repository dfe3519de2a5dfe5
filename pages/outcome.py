"""Why did this one move? One outcome's month: its trend, its parts, its drivers, the rest."""

import streamlit as st

from kpi_engine.mapping.coverage import outcomes_on_map
from kpi_engine.terms import Role
from kpi_engine.words import outcome as words
from pages.ui import explanation as view
from pages.ui.actor import require_role
from pages.ui.building import end_while_building
from pages.ui.filters import pick_outcome, pick_view, to_url
from pages.ui.head import page_head
from pages.ui.initiatives import show_what_happened
from pages.ui.messages import explained
from pages.ui.method import show_method
from pages.ui.reads import read_initiatives, read_method, read_newest, read_setting
from pages.ui.resources import workspace
from pages.ui.states import note_in_vain, nothing_yet
from pages.ui.text import esc
from pages.ui.tiles import show_tiles
from pages.ui.whatif import left_behind, show_whatif

actor = require_role(Role.VIEWER)

# Ask
ws = workspace()
organisation = ws.catalogue.organisation
head = page_head("Outcome", organisation)
end_while_building()
newest = read_newest(ws)
if newest is None:
    nothing_yet(ws, actor=actor)
with head.actions:
    outcome = pick_outcome([ws.catalogue.metric(key) for key in outcomes_on_map(ws.catalogue)])
month = head.month(newest.months or (newest.month,), newest.open_months)
note_in_vain("outcome", outcome, catalogue=ws.catalogue)
to_url("outcome", "month", without=left_behind())

# Compute
with explained(), st.skeleton(height=900):
    setting = read_setting(ws, outcome=outcome.id, month=month)
    found = setting.explanation

# Say what is missing
view.note_month(ws, newest, found)

# Show: the answer first, detail below
st.header(esc(words.headline(found, currency=organisation.currency)), anchor=False)
view.show_standing(found, currency=organisation.currency)
if pick_view((words.THE_MONTH, words.METHOD)) == words.METHOD:
    with explained(), st.skeleton(height=900):
        method = read_method(ws, outcome=outcome.id, month=month)
    show_method(method, ws.catalogue)
else:
    show_tiles(view.tiles(found, currency=organisation.currency), key="tiles")
    view.show_change(found, currency=organisation.currency)
    view.show_drivers(setting, currency=organisation.currency)
    show_whatif(ws, setting, actor=actor)
    view.show_parts(found, ws.catalogue)
    show_what_happened(found, read_initiatives(ws, month=month), ws.catalogue)

"""Is the month ready to be published? What is open, who says why, who signs, what was published."""

import streamlit as st

from kpi_engine.services.actions import read_actions
from kpi_engine.services.wins import wins_of
from kpi_engine.terms import Role
from kpi_engine.words import closing as words
from pages.ui import closing as view
from pages.ui.actor import require_role
from pages.ui.alerts import show_alerts
from pages.ui.building import end_while_building
from pages.ui.estimating import note_estimates
from pages.ui.filters import to_url
from pages.ui.head import page_head
from pages.ui.messages import explained
from pages.ui.reads import read_alerts, read_close, read_initiatives, read_newest, read_restated
from pages.ui.resources import today_of, workspace
from pages.ui.states import note_open_month, nothing_yet
from pages.ui.text import esc
from pages.ui.wins import show_wins

actor = require_role(Role.VIEWER)

# Ask
ws = workspace()
head = page_head("Review", ws.catalogue.organisation)
end_while_building()
newest = read_newest(ws)
if newest is None:
    nothing_yet(ws, actor=actor)
month = head.month(newest.months or (newest.month,))
to_url("month")

# Compute
with explained(), st.skeleton(height=600):
    close = read_close(ws, month=month)
    number = close.published[-1].number if close.published else None
    restated = read_restated(ws, month=month, number=number) if number else ()
    alerts = read_alerts(ws, today=today_of(ws)) if month == newest.month else None

# Say what is missing
note_open_month(newest)
note_estimates(ws)

# Show: the answer first, detail below
st.header(esc(words.headline(close)), anchor=False)
if not close.is_closed:
    view.show_checklist(close)
view.show_demands(ws, close, actor=actor)
view.show_signatures(ws, close, actor=actor)
view.show_actions(ws, read_actions(ws, today=today_of(ws)), actor=actor)
view.show_editions(ws, close, restated, actor=actor)
show_wins(ws, wins_of(ws, close.card, read_initiatives(ws, month=month)), actor=actor)
if alerts:
    show_alerts(ws, alerts, actor=actor)

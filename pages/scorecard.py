"""Where do we stand? Every outcome of a month with the IT measures that moved it."""

import streamlit as st

from kpi_engine.terms import Role
from kpi_engine.words import scorecard as words
from pages.ui.actor import require_role
from pages.ui.building import end_while_building
from pages.ui.export import export_menu
from pages.ui.filters import to_url
from pages.ui.head import page_head
from pages.ui.ledger import ORDERS, ledger
from pages.ui.messages import explained
from pages.ui.reads import read_newest, read_scorecard
from pages.ui.resources import workspace
from pages.ui.states import note_open_month, nothing_yet
from pages.ui.text import esc, esc_bold
from pages.ui.tiles import show_tiles

actor = require_role(Role.VIEWER)

# Ask
ws = workspace()
head = page_head("Scorecard", ws.catalogue.organisation)
end_while_building()
newest = read_newest(ws)
if newest is None:
    nothing_yet(ws, actor=actor)
export = head.actions.container(width="content")
month = head.month(newest.months or (newest.month,))
to_url("month")

# Compute
with explained(), st.skeleton(height=900):
    card = read_scorecard(ws, month=month)

# Say what is missing
note_open_month(card)

# Show: the answer first, detail below
export_menu(card, into=export)
st.header(esc(words.headline(card)), anchor=False)
st.markdown(esc_bold(" ".join(words.explanation(card, emphasis=True))))
show_tiles(words.tiles(card), key="tiles")
with st.container(horizontal=True, vertical_alignment="center", key="controls"):
    order = st.segmented_control(
        "Order",
        list(ORDERS),
        default=next(iter(ORDERS)),
        required=True,
        key="order",
        bind="query-params",
        label_visibility="collapsed",
    )
    show_drivers = st.toggle(
        "Show the IT measures behind each outcome", value=True, key="drivers", bind="query-params"
    )
ledger(card, order=ORDERS[order], show_drivers=show_drivers)
st.caption(esc(words.footnote(card)))

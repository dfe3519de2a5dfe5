"""Where do we stand? Every outcome of a month with the IT measures that moved it."""

import streamlit as st

from kpi_engine.services.checklist import comments_of
from kpi_engine.terms import Role
from kpi_engine.words import scorecard as words
from kpi_engine.words.imprint import draft, of_edition
from pages.ui import reads
from pages.ui.actor import require_role
from pages.ui.building import end_while_building
from pages.ui.closing import note_decisions, note_edition
from pages.ui.export import export_menu
from pages.ui.filters import pick_edition, to_url
from pages.ui.head import page_head
from pages.ui.ledger import show_ledger
from pages.ui.messages import explained
from pages.ui.resources import workspace
from pages.ui.states import note_open_month, nothing_yet
from pages.ui.text import esc, esc_bold
from pages.ui.tiles import show_tiles

actor = require_role(Role.VIEWER)

# Ask
ws = workspace()
head = page_head("Scorecard", ws.catalogue.organisation)
end_while_building()
newest = reads.read_newest(ws)
if newest is None:
    nothing_yet(ws, actor=actor)
export = head.actions.container(width="content")
month = head.month(newest.months or (newest.month,), newest.open_months)
published = reads.read_editions(ws).get(month)
with head.actions:
    number = pick_edition(month, published)
to_url("month")

# Compute
with explained(), st.skeleton(height=900):
    edition = reads.read_edition(ws, month=month, number=number) if number else None
    card = edition.card if edition else reads.read_scorecard(ws, month=month)
    shown = number or published
    restated = reads.read_restated(ws, month=month, number=shown) if shown else ()

# Say what is missing
note_open_month(card)
note_edition(ws, edition, restated, newest=published)

# Show: the answer first, detail below
st.header(esc(words.headline(card)), anchor=False)
st.markdown(esc_bold(" ".join(words.explanation(card, emphasis=True))))
if not edition:
    note_decisions(ws, card)
show_tiles(words.tiles(card, is_edition=edition is not None), key="tiles")
imprint = of_edition(edition) if edition else draft(card, comments_of(ws, month))
export_menu(card, imprint, into=export)
show_ledger(card, imprint.said, is_latest=edition is None)
st.caption(esc(words.footnote(card)))

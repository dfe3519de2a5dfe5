"""Files in: what a file says, what saving it would change, and how to take it back."""

import streamlit as st

from kpi_engine.terms import Role
from pages.ui import history, manual, preview, sources, undo, upload, working
from pages.ui.actor import require_role
from pages.ui.building import end_while_building
from pages.ui.head import page_head
from pages.ui.messages import explained
from pages.ui.resources import today_of, workspace

actor = require_role(Role.CONTRIBUTOR, Role.STEWARD)

# Ask
ws = workspace()
page_head("Add data", ws.catalogue.organisation)
end_while_building()
said = st.container()
with said, explained():
    working.settle()
    undo.ask(ws, actor=actor)
left, right = st.columns([46, 54], gap="large")
with left:
    st.subheader("1 File", anchor=False)
    dropped = upload.drop_zone()
    with explained():
        dropped = sources.take_recipes(ws, dropped, actor=actor)

# Compute: reading the file changes nothing but the staging area
with left, explained():
    held = upload.held_preview(ws, dropped, actor=actor)

# Say what is going on, what is missing, or what saving would do
if working.is_busy():
    with said:
        working.watch()
    history.show_history(ws)
    st.stop()
with said:
    preview.show_step(ws, held)
if held is not None:
    with left, explained():
        wish = preview.show_reading(ws, held)
        if wish is not None:
            upload.read_again(ws, dropped, wish, actor=actor)
    with right:
        preview.show_rows(ws, held, actor=actor)
        preview.show_impact(ws, held)
        with explained():
            preview.decide(ws, held, actor=actor)
else:
    with left, explained():
        sources.look_up(ws, today=today_of(ws))
    with right, explained():
        preview.show_promise()
        manual.grid(ws, actor=actor)
history.show_history(ws)

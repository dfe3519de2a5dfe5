"""What else is in the numbers? Any measure by any segment, side by side, and down to its rows."""

from kpi_engine.terms import Role
from pages.ui import explore_ask as ask
from pages.ui.actor import require_role
from pages.ui.building import end_while_building
from pages.ui.explore_rows import show_rows
from pages.ui.explore_share import share_menu
from pages.ui.explore_together import show_together
from pages.ui.explore_views import show_limits, show_slices
from pages.ui.head import page_head
from pages.ui.messages import explained
from pages.ui.reads import read_newest
from pages.ui.resources import workspace
from pages.ui.states import nothing_yet

actor = require_role(Role.ANALYST, Role.STEWARD)

# Ask
ws = workspace()
head = page_head("Explore", ws.catalogue.organisation)
end_while_building()
newest = read_newest(ws)
if newest is None:
    nothing_yet(ws, actor=actor)
share = head.actions.container(width="content")
look = ask.pick_look()
months = sorted((*newest.months, *newest.open_months)) or [newest.month]

# Compute and show: each way to look asks, says what is missing, and draws
looks = {
    ask.TOGETHER: show_together,
    ask.SLICES: show_slices,
    ask.LIMITS: show_limits,
    ask.ROWS: show_rows,
}
with explained():
    seen = looks[look](ws, months)
    share_menu(ws, seen, actor=actor, into=share)

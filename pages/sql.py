"""A question no page asks: SQL over documented views, its answer as a table, a chart and a file."""

from kpi_engine.terms import Role
from pages.ui.actor import require_role
from pages.ui.building import end_while_building
from pages.ui.head import page_head
from pages.ui.resources import workspace
from pages.ui.sql_console import sql_console

actor = require_role(Role.ANALYST, Role.STEWARD)

ws = workspace()
page_head("SQL", ws.catalogue.organisation)
end_while_building()
sql_console(ws, actor)

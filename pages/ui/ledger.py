"""The ledger of a month on its page."""

from kpi_engine.render.ledger import Order, ledger_html
from kpi_engine.services.scorecard import Scorecard
from pages.ui.block import html_block

ORDERS: dict[str, Order] = {"By strategic goal": "goal", "Needs attention first": "attention"}


def ledger(card: Scorecard, *, order: Order, show_drivers: bool) -> None:
    """Show the month; outcomes open their pages."""
    html = ledger_html(card, order=order, show_drivers=show_drivers)
    html_block(html, month=card.month, key="ledger")

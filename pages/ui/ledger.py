"""The ledger as a block of its own: escaped HTML whose links keep the reader's state."""

import streamlit as st

from kpi_engine.render.ledger import Order, ledger_html
from kpi_engine.services.scorecard import Scorecard
from pages.ui.states import OUTCOME

ORDERS: dict[str, Order] = {"By strategic goal": "goal", "Needs attention first": "attention"}
SCRIPT = """
export default function ({ data, parentElement, setTriggerValue }) {
  const place = parentElement.querySelector('.place')
  if (place.dataset.shown !== data.html) {
    place.innerHTML = data.html
    place.dataset.shown = data.html
  }
  place.onclick = (event) => {
    const link = event.target.closest('a[data-o]')
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return
    event.preventDefault()
    setTriggerValue('open', link.dataset.o)
  }
}
"""


def ledger(card: Scorecard, *, order: Order, show_drivers: bool) -> None:
    """Show the month; a plain click on an outcome opens its page within the session.

    Every link has a real address too, for a copy or a new tab.
    """
    block = st.components.v2.component(
        "plumbline_ledger", html="<div class='place'></div>", js=SCRIPT
    )
    html = ledger_html(card, order=order, show_drivers=show_drivers)
    asked = block(data={"html": html}, key="ledger", on_open_change=lambda: None)
    if asked.open:
        st.switch_page(
            OUTCOME, query_params={"outcome": asked.open, "month": f"{card.month:%Y-%m}"}
        )

"""The ledger of a month on its page."""

from collections.abc import Mapping

import streamlit as st

from kpi_engine.render.ledger import Order, ledger_html
from kpi_engine.services.scorecard import Scorecard
from pages.ui.block import html_block
from pages.ui.exploring import may_explore

ORDERS: dict[str, Order] = {"By strategic goal": "goal", "Needs attention first": "attention"}


def show_ledger(card: Scorecard, said: Mapping[str, str], *, is_latest: bool) -> None:
    """Show the month in the order somebody chooses; outcomes open their pages.

    Args:
        card: The month.
        said: Why an outcome is where it is and what will be done, by its id.
        is_latest: Not as published: then numbers lead to the rows behind them.
    """
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
            "Show the IT measures behind each outcome",
            value=True,
            key="drivers",
            bind="query-params",
        )
    html = ledger_html(
        card,
        said,
        order=ORDERS[order],
        show_drivers=show_drivers,
        leads_to_rows=is_latest and may_explore(),
    )
    html_block(html, key="ledger")

"""Ways from a number to Explore, for those who may open it."""

import streamlit as st

from kpi_engine.periods import add_months
from kpi_engine.render.addresses import rows_query
from kpi_engine.services.readings import Reading
from kpi_engine.terms import Grain, Role
from pages.ui.actor import current_actor
from pages.ui.states import EXPLORE

_WHO = {Role.ANALYST, Role.STEWARD, Role.ADMIN}


def may_explore() -> bool:
    """Whether whoever asks may open Explore."""
    return bool(current_actor().roles & _WHO)


def offer_to_explore(reading: Reading) -> None:
    """Links to the rows behind a number, and to its segments where it has any."""
    if reading.value is None or not may_explore():
        return
    metric, month, rows = reading.metric, reading.shown_month, rows_query(reading)
    with st.container(horizontal=True, key="explore-links"):
        st.page_link(EXPLORE, label="Rows behind this number", query_params=rows, width="content")
        if metric.dimensions and not reading.segment:
            slices = {
                "metric": metric.id,
                "only": rows["only"],
                "look": "slices",
                "by": metric.dimensions[0],
                "grain": Grain.MONTH.value,
                "from": f"{add_months(month, -35):%Y-%m}",
                "to": f"{month:%Y-%m}",
            }
            st.page_link(EXPLORE, label="By segment", query_params=slices, width="content")

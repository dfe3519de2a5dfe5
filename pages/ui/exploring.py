"""Ways from a number to Explore, for those who may open it."""

import streamlit as st

from kpi_engine.periods import add_months
from kpi_engine.services.readings import Reading
from kpi_engine.terms import Grain, Role
from pages.ui.actor import current_actor
from pages.ui.states import EXPLORE

_WHO = {Role.ANALYST, Role.STEWARD, Role.ADMIN}


def offer_to_explore(reading: Reading) -> None:
    """Links to the rows behind a number, and to its segments where it has any."""
    if reading.value is None or not current_actor().roles & _WHO:
        return
    metric, month = reading.metric, reading.shown_month
    is_quarterly = metric.cadence is Grain.QUARTER
    start = add_months(month, -2) if is_quarterly else month
    only = ";".join(f"{name}={member}" for name, member in reading.segment.items()) or "none"
    here = {"metric": metric.id, "only": only}
    grain = Grain.QUARTER if is_quarterly else Grain.MONTH
    rows = {"look": "rows", "grain": grain.value, "at": start.isoformat()}
    with st.container(horizontal=True, key="explore-links"):
        st.page_link(
            EXPLORE, label="Rows behind this number", query_params={**here, **rows}, width="content"
        )
        if metric.dimensions and not reading.segment:
            from_on = f"{add_months(month, -35):%Y-%m}"
            when = {"grain": Grain.MONTH.value, "from": from_on, "to": f"{month:%Y-%m}"}
            st.page_link(
                EXPLORE,
                label="By segment",
                query_params={**here, "look": "slices", "by": metric.dimensions[0], **when},
                width="content",
            )

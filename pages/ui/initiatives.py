"""What was changed: dated events of the month, and initiatives with their verdicts."""

import streamlit as st

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.services.initiatives import Initiatives, Judged
from kpi_engine.services.outcomes import Explanation
from kpi_engine.words import initiatives as words
from kpi_engine.words.reading import day_text
from pages.ui.explanation import show_events
from pages.ui.text import esc


def show_what_happened(found: Explanation, initiatives: Initiatives, catalogue: Catalogue) -> None:
    """Events of the month, and whether what was changed to move this outcome worked."""
    show_events(found)
    outcome = found.outcome.metric.id
    drivers = [driver.reading.metric.id for driver in found.drivers]
    about = initiatives.about([outcome, *drivers])
    planned = initiatives.planned_about([outcome, *drivers])
    if not about and not planned:
        return
    st.subheader("What was changed, and whether it worked", anchor=False)
    for plan in planned:
        st.markdown(f"**{esc(plan.label)}**, {esc(words.planned_text(plan))}.")
        for move in plan.model_dump(exclude_none=True)["moves"]:
            currency = catalogue.organisation.currency
            st.markdown(f"- {esc(words.expected_text(move, catalogue, currency=currency))}")
    for one in about:
        _show(one, currency=catalogue.organisation.currency)


def _show(one: Judged, *, currency: str) -> None:
    began = day_text(one.initiative.starts)
    st.markdown(f"**{esc(one.initiative.label)}**, since {esc(began)}: {esc(words.overall(one))}.")
    st.caption(esc(words.about(one, currency=currency)))
    for verdict in one.verdicts:
        said = words.sentence(verdict, is_final=one.is_final, currency=currency)
        st.markdown(f"- {esc(said)}")
        st.caption(esc(words.how_known(verdict)))

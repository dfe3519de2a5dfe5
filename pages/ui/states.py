"""Nothing to show: what that means, and the one next step."""

from datetime import date
from pathlib import Path
from typing import NoReturn

import streamlit as st

from kpi_engine.actors import Actor
from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.metrics import Metric
from kpi_engine.services.scorecard import Scorecard
from kpi_engine.words import open_month as words
from kpi_engine.workspace import Workspace
from pages.ui.building import may_build, start_sample
from pages.ui.filters import asked_in_vain, closest
from pages.ui.messages import explained
from pages.ui.text import esc

PAGES = Path(__file__).resolve().parents[1]
SCORECARD = PAGES / "scorecard.py"
OUTCOME = PAGES / "outcome.py"
EXPLORE = PAGES / "explore.py"
MAP = PAGES / "map.py"
REVIEW = PAGES / "review.py"
ADD_DATA = PAGES / "add_data.py"
CATALOGUE = PAGES / "catalogue.py"
SQL = PAGES / "sql.py"


def nothing_yet(ws: Workspace, *, actor: Actor) -> NoReturn:
    """First start: offer the way to one's own data, or sample data, and end the page.

    Sample data go into an empty store only, and are offered to those who may build them.
    """
    offers_sample = not ws.newest() and may_build(actor)
    with st.container(border=True, key="first-start"):
        st.subheader("No outcomes yet", anchor=False)
        st.markdown("A scorecard needs one business outcome with a target and one month of data.")
        if ws.newest():
            st.markdown(
                "What is stored gives none: imports were undone, or hold only periods longer than "
                "a month. The history under **Add data** says what came in."
            )
        with st.container(horizontal=True, vertical_alignment="center"):
            wants_sample = offers_sample and st.button("Try it with sample data", type="primary")
            st.page_link(ADD_DATA, label="Add your own data")
    if wants_sample:
        with explained():
            start_sample(ws, actor=actor)
        st.rerun()
    st.stop()


def note_open_month(card: Scorecard, month: date | None = None) -> None:
    """Above a month that is open: that it is, and what has arrived of it where that is known.

    Args:
        card: Of the month shown, or the newest.
        month: The month shown, where it may be another than that of the card.
    """
    if card.months and (month or card.month) not in card.open_months:
        return
    if month not in (None, card.month):
        what, compared = words.so_far(month, card)
        with st.container(border=True, key="not-closed"):
            st.markdown(f"**{esc(what)}** {esc(compared)}")
        return
    what, arrived = words.not_closed(card)
    with st.container(border=True, key="not-closed"):
        st.markdown(f"**{esc(what)}** {esc(arrived)}")
        st.progress(card.received / card.expected if card.expected else 0.0)


def note_in_vain(key: str, shown: Metric, *, catalogue: Catalogue) -> None:
    """When the address names no ``key`` that is here: what is shown instead, and where to pick.

    A measure that is no outcome is one of the IT side: the catalogue tells what it is.
    """
    asked = asked_in_vain(key)
    if asked is None:
        return
    instead = f"Shown is {shown.label}; others can be picked in the list"
    measure = catalogue.metrics.get(asked)
    if measure is None:
        labels = {one.id: one.label for one in catalogue.metrics.values()}
        said = f"{closest(asked, labels)} {instead}.".strip()
        st.info(f"**The link asks for {esc(asked)}, which is not here.** {esc(said)}", icon=None)
        return
    st.info(f"**{esc(measure.label)} is not an outcome.** {esc(instead)} of outcomes.", icon=None)
    st.page_link(
        CATALOGUE,
        label=f"{esc(measure.label)} in the catalogue",
        query_params={"metric": measure.id},
    )


def no_link(label: str) -> None:
    """An outcome no IT measure is linked to."""
    with st.container(border=True):
        st.markdown(
            f"**No IT measure is linked to *{label}*.** So a change here cannot be explained yet. "
            "Links are declared in the definitions; the map shows those that exist."
        )
        st.page_link(MAP, label="Open the map")


def too_little_history(*, months: int, needed: int) -> None:
    """An outcome too young for a usual range."""
    with st.container(border=True):
        st.markdown(
            f"**Usual range not shown.** It needs {needed} values; this measure has {months}. "
            "Until then its change is shown, but not judged."
        )

"""The pieces of the map page: the drawing, what to look at, and every link in full."""

import streamlit as st

from kpi_engine.mapping.evidence import GRADE_WORDS
from kpi_engine.render.links import links_html
from kpi_engine.render.map import map_html
from kpi_engine.render.map_layout import LinkTexts, MapTexts
from kpi_engine.services.map import LinkMap
from kpi_engine.words import map as words
from kpi_engine.words.remarks import Remark, remarks
from pages.ui.block import html_block
from pages.ui.exploring import may_explore
from pages.ui.filters import asked_in_vain, pick_evidence, pick_into
from pages.ui.text import esc


def narrowed(found: LinkMap) -> LinkMap:
    """What the filters leave of the map; both stand in the address."""
    with st.container(horizontal=True, key="controls"):
        outcome = pick_into([one.reading.metric for one in found.outcomes])
        word = pick_evidence(list(words.LINES))
    for key in ("into", "evidence"):
        asked = asked_in_vain(key)
        if asked is not None:
            st.info(
                f"**The link asks for {esc(asked)}, which is not on the map.** Shown is all; "
                "others can be picked in the lists.",
                icon=None,
            )
    grades = {grade for grade, said in GRADE_WORDS.items() if said == word}
    return found.narrowed(outcome=outcome, grades=grades if word else None)


def show_drawing(found: LinkMap) -> None:
    """The map as boxes that lead on; where there is little room it scrolls by itself."""
    said = words.lines(found)
    texts = MapTexts(
        links={
            one.id: LinkTexts(how=one.mechanism, felt=one.felt, evidence=one.evidence.capitalize())
            for one in said
        },
        gap_outcome=words.GAP_OUTCOME,
        gap_measure=words.GAP_MEASURE,
        activity=words.ACTIVITY,
        no_goal=words.NO_GOAL,
    )
    with st.container(key="drawing"):
        st.markdown(esc(words.HOW_TO_READ))
        with st.container(key="mapbox"):
            html_block(
                map_html(found, texts, alt=words.alt(found), leads_to_rows=may_explore()),
                key="map",
            )
        st.caption(esc(words.legend(found)))


def show_what_to_look_at(found: LinkMap) -> None:
    """Where the two sides disagree, what is in doubt, and what is tied to nothing; if anything."""
    told = remarks(found)
    columns = st.columns(max(1, len(told)), gap="medium")
    for column, (title, rows) in zip(columns, told.items(), strict=False):
        with column:
            st.subheader(title, anchor=False)
            st.markdown("\n\n".join(_remark(one) for one in rows))


def show_links(found: LinkMap) -> None:
    """Every link in full, one a row."""
    st.subheader("All links", anchor=False)
    st.markdown(esc(f"{words.how_sure(found)} {words.EFFECTS_OPEN}"))
    html_block(links_html(found), key="links")


def _remark(one: Remark) -> str:
    claim = f":red[**{esc(one.claim)}.**]" if one.is_alarm else f"{esc(one.claim)}."
    return f"**{esc(one.about)}.** {claim} {esc(one.why)}"

"""How the numbers of an outcome come about."""

import streamlit as st

from kpi_engine.services.outcomes import Explanation
from kpi_engine.units import lower_first
from kpi_engine.words import drivers as driver_words
from kpi_engine.words.judgement import EVIDENCE
from kpi_engine.words.valuation import assumption_text
from pages.ui.text import esc


def show_method(found: Explanation, *, currency: str) -> None:
    """How the numbers come about: definition, links, assumptions, and the tick looked at."""
    metric = found.outcome.metric
    leaves_out = esc(f"It leaves out: {lower_first(metric.not_measured)}")
    st.markdown(f"**{esc(metric.label)}.** {esc(metric.sentence)} {leaves_out}")
    for driver in found.drivers:
        link, contribution = driver.contribution.link, driver.contribution
        st.markdown(
            f"**{esc(driver.reading.label)}.** {esc(link.mechanism)} "
            f"Evidence {EVIDENCE[contribution.grade]}: {esc(contribution.grade_reason)} "
            f"{esc(contribution.reason)}"
        )
    rest = driver_words.remainder_text(found, currency=currency)
    if rest:
        st.markdown(f"**{driver_words.OTHER_CAUSES}:** {esc(rest)}.")
    for assumption in found.assumptions:
        source = assumption.source.rstrip(".")
        st.markdown(
            f"**Assumed: {esc(assumption.label)}.** "
            f"{esc(assumption_text(assumption, currency=currency))}. {esc(source)}. "
            f"Answered for by {esc(assumption.owner)}, until {assumption.expires:%d %b %Y}."
        )
    st.caption(f"As of batch {found.as_of}.")

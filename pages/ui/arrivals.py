"""What has arrived and when, and what was found in it."""

import pandas as pd
import streamlit as st

from kpi_engine.render.coverage import coverage_html
from kpi_engine.services.health import Health
from kpi_engine.words import health as words
from kpi_engine.words.reading import day_text
from pages.ui.block import html_block
from pages.ui.text import esc


def show_coverage(health: Health) -> None:
    """Measures by months, each cell a letter."""
    html_block(coverage_html(health, alt=words.coverage_alt(health)), key="coverage")
    st.caption(esc(words.LEGEND))


def show_sources(health: Health) -> None:
    """When each source last delivered."""
    rows = [
        {
            "Source": source.label,
            "State": words.source_state(source),
            "Last data": day_text(source.data_through),
            "Expected": source.cadence,
        }
        for source in health.sources
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True, height="content", alt="When data arrives")


def show_checks(health: Health) -> None:
    """What the checks found; each with a next step."""
    if not health.checks:
        st.markdown("Every check passed: the stored figures add up to what was imported.")
        return
    rows = [
        {
            "Where": esc(check.place),
            "What was found": esc(check.sentence),
            "What to do": esc(check.next_step),
        }
        for check in health.checks
    ]
    st.table(pd.DataFrame(rows).set_index("Where"))

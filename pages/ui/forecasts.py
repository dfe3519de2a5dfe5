"""Do the links predict? The forecasts that were kept, and what came of them."""

import pandas as pd
import streamlit as st

from kpi_engine.charts.forecasts import forecasts_chart
from kpi_engine.services.ledger import Ledger, LinkLedger
from kpi_engine.words import forecasts as words
from pages.ui.text import esc


def show_forecasts(found: Ledger) -> None:
    """How often forecasts held, one row a link, and one row of choice month by month."""
    st.subheader("Do the links predict?", anchor=False)
    st.markdown(esc(words.headline(found)))
    if not found.outcomes:
        return
    currency = found.organisation.currency
    st.dataframe(
        pd.DataFrame([_row(row, found, currency) for row in found.rows]),
        hide_index=True,
        height="content",
        alt="Forecasts of each outcome, by its own past and by each link",
    )
    st.caption(esc(words.HOW_TO_READ))
    names = [_name(row) for row in found.rows]
    place = st.selectbox(
        "Month by month", range(len(names)), format_func=names.__getitem__, key="forecast"
    )
    row = found.rows[place]
    st.altair_chart(
        forecasts_chart(row, currency=currency),
        theme=None,
        alt=words.chart_alt(row, found.config),
    )
    st.caption(esc(words.CHART_LEGEND))


def _row(row: LinkLedger, found: Ledger, currency: str) -> dict[str, str]:
    return {
        "Outcome": row.outcome.label,
        "Forecast by": row.label or words.OWN_PAST,
        "In the 80 % range (expected)": words.inside_text(row.record, found.config),
        "Made": words.when_made(row.record) if row.record.scored else "",
        "Does it predict?": words.verdict_text(row.record) if row.link else "",
        "Next month": words.next_text(row, currency=currency),
        "Width, misses × 10": words.cost_text(row, currency=currency),
    }


def _name(row: LinkLedger) -> str:
    return f"{row.outcome.label}: {row.label or words.OWN_PAST.lower()}"

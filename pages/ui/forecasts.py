"""Do the links predict? The forecasts that were kept, and what came of them."""

import pandas as pd
import streamlit as st

from kpi_engine.charts.forecasts import forecasts_chart
from kpi_engine.services.ledger import Ledger, LinkLedger
from kpi_engine.words import forecasts as words
from pages.ui.text import esc

_TABLE_PIXELS, _MANY_ROWS = 460, 12
"""More rows are scrolled to."""


def show_forecasts(found: Ledger) -> None:
    """How often forecasts held, one row a link, and one row of choice month by month."""
    st.subheader("Do the links predict?", anchor=False)
    st.markdown(esc(words.headline(found)))
    if not found.outcomes:
        return
    currency = found.organisation.currency
    st.dataframe(
        pd.DataFrame(
            [words.row_texts(row, found.config, currency=currency) for row in found.rows],
            columns=list(words.COLUMNS),
        ),
        hide_index=True,
        height="content" if len(found.rows) < _MANY_ROWS else _TABLE_PIXELS,
        alt="Forecasts of each outcome, by its own past and by each link",
    )
    st.caption(esc(words.HOW_TO_READ))
    names = {_name(row): row for row in found.rows}
    best = max(found.rows, key=lambda row: row.record.gain or 0.0)
    picked = st.selectbox(
        "Month by month", list(names), index=found.rows.index(best), key="forecast"
    )
    row = names[picked]
    st.altair_chart(
        forecasts_chart(row, currency=currency),
        theme=None,
        alt=words.chart_alt(row, found.config),
    )
    st.caption(esc(words.CHART_LEGEND))


def _name(row: LinkLedger) -> str:
    return f"{row.outcome.label}: {row.label or words.OWN_PAST.lower()}"

"""A month to hand on: files of every kind, and the address of what is shown."""

from functools import partial
from urllib.parse import urlencode

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from kpi_engine.render.documents.formats import KINDS, document, file_name
from kpi_engine.services.scorecard import Scorecard
from kpi_engine.words.imprint import Imprint


def export_menu(card: Scorecard, imprint: Imprint, *, into: DeltaGenerator) -> None:
    """Downloads, each made only when it is asked for, and the link to this view."""
    with into.popover("Export", width="content"):
        for form, kind in KINDS.items():
            st.download_button(
                kind.label,
                partial(document, card, form, imprint),
                file_name=file_name(card, form, imprint),
                mime=kind.mime,
                on_click="ignore",
                key=f"export_{form}",
                width="stretch",
            )
        st.caption("Link to this view")
        st.code(f"{st.context.url}?{urlencode(st.query_params)}", language=None, wrap_lines=True)

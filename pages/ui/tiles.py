"""Figures in a row: five across on a desk, two on a phone."""

from collections.abc import Iterable

import streamlit as st

from kpi_engine.words.scorecard import Tile
from pages.ui.text import esc


def show_tiles(tiles: Iterable[Tile], *, key: str) -> None:
    """Draw the figures; the note stands grey below, because a change here is not a judgement."""
    with st.grid(columns=5, min_column_width=150, key=key):
        for tile in tiles:
            st.metric(
                esc(tile.label),
                esc(tile.value),
                delta=esc(tile.note) or None,
                delta_color="off",
                delta_arrow="off",
                help=esc(tile.meaning) or None,
            )

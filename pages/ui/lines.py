"""A line of a list: words on the left, what can be done about them on the right."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator


def line_with_button(key: str) -> DeltaGenerator:
    """An open line; put words into it first, then a button."""
    return st.container(
        horizontal=True,
        horizontal_alignment="distribute",
        vertical_alignment="center",
        key=f"line-{key}",
    )

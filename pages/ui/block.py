"""A block of our own HTML: escaped by its template, with links that keep the reader's state."""

from datetime import date

import streamlit as st

from pages.ui.states import OUTCOME

SCRIPT = """
export default function ({ data, parentElement, setTriggerValue }) {
  const place = parentElement.querySelector('.place')
  if (place.dataset.shown !== data.html) {
    place.innerHTML = data.html
    place.dataset.shown = data.html
  }
  place.onclick = (event) => {
    const link = event.target.closest('a[data-o]')
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return
    event.preventDefault()
    setTriggerValue('open', link.dataset.o)
  }
}
"""


def html_block(html: str, *, month: date, key: str) -> None:
    """Show HTML; a plain click on an outcome opens its page within the session.

    Every link has a real address too, for a copy or a new tab.

    Args:
        html: Escaped already.
        month: In which outcomes are opened.
        key: One for each block of a page.
    """
    block = st.components.v2.component(
        f"plumbline_{key}", html="<div class='place'></div>", js=SCRIPT
    )
    asked = block(data={"html": html}, key=key, on_open_change=lambda: None)
    if asked.open:
        st.switch_page(OUTCOME, query_params={"outcome": asked.open, "month": f"{month:%Y-%m}"})

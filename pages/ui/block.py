"""A block of our own HTML: escaped by its template, with links that keep the reader's state."""

from urllib.parse import parse_qsl

import streamlit as st

from pages.ui.states import CATALOGUE, EXPLORE, OUTCOME

_PAGES = {"outcome": OUTCOME, "explore": EXPLORE, "catalogue": CATALOGUE}

SCRIPT = """
export default function ({ data, parentElement, setTriggerValue }) {
  const place = parentElement.querySelector('.place')
  if (place.dataset.shown !== data.html) {
    place.innerHTML = data.html
    place.dataset.shown = data.html
  }
  place.onclick = (event) => {
    const link = event.target.closest('a[href]')
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return
    event.preventDefault()
    setTriggerValue('open', link.getAttribute('href'))
  }
}
"""


def html_block(html: str, *, key: str) -> None:
    """Show HTML; a plain click on a link opens its page within the session.

    Every link has a real address too, for a copy or a new tab.

    Args:
        html: Escaped already.
        key: One for each block of a page.
    """
    block = st.components.v2.component(
        f"plumbline_{key}", html="<div class='place'></div>", js=SCRIPT
    )
    asked = block(data={"html": html}, key=key, on_open_change=lambda: None)
    if asked.open:
        page, _, query = asked.open.partition("?")
        st.switch_page(_PAGES[page], query_params=dict(parse_qsl(query)))

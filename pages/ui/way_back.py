"""The browser's Back leads to the page before, not to the same page with less in its address.

A page fills in its address once it knows what it shows, and Streamlit makes an entry of the
browser's history of every address. The first one, which nobody asked for, takes the place of the
bare one.
"""

import streamlit as st

SCRIPT = """
export default function () {
  if (history.keepsWayBack) return
  history.keepsWayBack = true
  const push = history.pushState.bind(history)
  let isTouched = false
  for (const touch of ['pointerdown', 'keydown']) {
    addEventListener(touch, () => { isTouched = true }, true)
  }
  history.pushState = (state, title, url) => {
    const to = new URL(url ?? location.href, location.href)
    const isHere = to.pathname === location.pathname
    if (isHere && to.search && !location.search && !isTouched) {
      return history.replaceState(state, title, url)
    }
    if (!isHere) isTouched = false
    return push(state, title, url)
  }
}
"""


def keep_way_back() -> None:
    """Once a page: it holds until the browser leaves the program."""
    st.components.v2.component("plumbline_way_back", html="<i></i>", js=SCRIPT)(key="way-back")

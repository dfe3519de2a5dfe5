"""What every page stands in: page settings, style, the login gate, navigation.

This is the script Streamlit runs (see app.py for why), so nothing here may be imported by pages.
"""

from pathlib import Path

import streamlit as st

from pages.ui.actor import current_actor, is_logged_in, login_is_configured
from pages.ui.filters import arrive
from pages.ui.messages import explained
from pages.ui.text import esc
from pages.ui.way_back import keep_way_back

UI = Path(__file__).resolve().parent
PAGES = UI.parent


def login_gate() -> None:
    """Show nothing but a way in to somebody who has not logged in."""
    if not login_is_configured() or is_logged_in():
        return
    st.title("Plumbline")
    st.header("The scorecard where IT and the business read the same numbers.")
    st.markdown("Log in with the account of your organisation.")
    st.button("Log in", type="primary", on_click=st.login)
    st.stop()


def footer() -> None:
    """Who is logged in, and the way out."""
    if not login_is_configured():
        return
    actor = current_actor()
    roles = ", ".join(sorted(role.value for role in actor.roles)) or "no role yet"
    with st.container(horizontal=True, vertical_alignment="center", key="footer"):
        st.caption(f"Logged in as {esc(actor.name)} ({roles}).", width="content")
        st.button("Log out", type="tertiary", on_click=st.logout)


st.set_page_config(page_title="Plumbline", page_icon=str(UI / "icon.svg"), layout="wide")
st.logo(UI / "logo.svg", size="large")
st.html(UI / "style.css")
login_gate()
page = st.navigation(
    {
        "": [
            st.Page(PAGES / "scorecard.py", title="Scorecard", default=True),
            st.Page(PAGES / "outcome.py", title="Outcome"),
            st.Page(PAGES / "explore.py", title="Explore"),
            st.Page(PAGES / "map.py", title="Map"),
            st.Page(PAGES / "review.py", title="Review"),
            st.Page(PAGES / "add_data.py", title="Add data"),
        ],
        "More": [
            st.Page(PAGES / "health.py", title="Data health"),
            st.Page(PAGES / "catalogue.py", title="Catalogue"),
            st.Page(PAGES / "sql.py", title="SQL"),
        ],
    },
    position="top",
)
arrive(page.url_path)
body = st.container()
with explained():
    footer()
keep_way_back()
with body, explained():
    page.run()

"""The launcher: `streamlit run app.py` starts pages/ui/shell.py behind its security headers.

A `pages/` folder beside the script that calls `st.navigation` would let the first deep link after
a start run a page without that script, hence without its login gate. The shell has no such
neighbour, so Streamlit is given the shell.
"""

import runpy
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages.ui.messages import show_bug
from pages.ui.middleware import SecurityHeaders, ThisMachineOnly

SHELL = Path(__file__).resolve().parent / "pages" / "ui" / "shell.py"

if get_script_run_ctx(suppress_warning=True) is None:
    app = st.App(
        SHELL,
        middleware=[Middleware(SecurityHeaders), Middleware(ThisMachineOnly)],
        on_script_error=show_bug,
    )
    if __name__ == "__main__":
        app.run()
else:  # Streamlit's own test runner executes this file as a page
    runpy.run_path(str(SHELL))

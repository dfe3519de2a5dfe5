"""Every state in words: what happened, what it means, one next step."""

import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from kpi_engine.errors import NotAllowedError, ScorecardError
from pages.ui.text import esc

logger = logging.getLogger("plumbline")


@contextmanager
def explained() -> Iterator[None]:
    """Expected errors become words and end the page; a bug becomes a code to quote."""
    try:
        yield
    except NotAllowedError as error:
        st.info(sentence(error), icon=None)
        st.stop()
    except ScorecardError as error:
        st.error(sentence(error), icon=None)
        st.stop()
    except Exception as bug:  # noqa: BLE001 - show_bug logs it
        show_bug(bug)
        st.stop()


@contextmanager
def told() -> Iterator[None]:
    """Expected errors become words and the page goes on: what else it shows still holds."""
    try:
        yield
    except ScorecardError as error:
        st.error(sentence(error), icon=None)


def is_second(key: str, what: str) -> bool:
    """Whether the same was asked for just before; the first time it is only said what it means.

    Args:
        key: Of the session, under which it is kept what was asked for.
        what: That which is asked for.
    """
    before = st.session_state.get(key)
    st.session_state[key] = what
    return bool(before == what)


def sentence(error: ScorecardError) -> str:
    """What happened in bold, then what to do next, as Markdown."""
    return f"**{esc(error.message)}** {esc(error.hint)}".strip()


def show_bug(bug: Exception) -> bool:
    """Log something unexpected and show a code that finds it in the log.

    Returns:
        True: nothing else needs to show it.
    """
    st.error(bug_sentence(bug), icon=None)
    return True


def bug_sentence(
    bug: Exception,
    *,
    happened: str = "The page could not be shown.",
    again: str = "Reload the page",
) -> str:
    """Log something unexpected; words with a code that finds it in the log, as Markdown."""
    code = f"{secrets.token_hex(2)}-{secrets.token_hex(1)}".upper()
    logger.error("Unexpected error %s", code, exc_info=bug)
    return (
        f"**{happened}** Your data is safe: a save happens whole or not at all. "
        f"{again}; if it happens again, send the code **{code}** to your administrator."
    )

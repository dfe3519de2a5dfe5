"""Work that may take longer than a run of the page: begun once, watched, cancelled by a click.

It goes on in a thread of its own, so a click, a reload or another page does not cut it off. What
the page does with its end is done in the run after it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import streamlit as st

from kpi_engine.job import Job
from kpi_engine.words import imports as words
from pages.ui.resources import keep_open_for
from pages.ui.text import esc

LARGE = 1_000_000
"""Bytes of a file from which a page does not wait for the work; below, that is quicker."""
LOOK_SECONDS = 1.0
"""How often the page looks how far it is."""
_ERRAND = "errand"

Result = TypeVar("Result")


@dataclass(frozen=True, kw_only=True)
class _Errand:
    """One piece of work of this session.

    Attributes:
        name: What is being done, for the reader.
        finish: What the page does with it once it has ended.
    """

    name: str
    job: Job[Any]
    finish: Callable[[Job[Any]], None]


def begin(
    name: str,
    work: Callable[[], Result],
    *,
    finish: Callable[[Job[Result]], None],
    is_large: bool,
) -> None:
    """Begin some work; the page waits for it unless it is large.

    Args:
        name: What is being done, for the reader: "Reading orders.csv".
        work: Must not touch the page.
        finish: Called with the ended job, in this run or a later one.
        is_large: It may take longer than anybody waits without a word.
    """
    job = Job(work)
    keep_open_for(job)
    st.session_state[_ERRAND] = _Errand(name=name, job=job.start(), finish=finish)
    if not is_large:
        with st.spinner(esc(name), show_time=True):
            job.wait()
        settle()


def is_busy() -> bool:
    """Whether work of this session is going on."""
    return _ERRAND in st.session_state


def settle() -> None:
    """Do with work that has ended what remains to be done."""
    errand: _Errand | None = st.session_state.get(_ERRAND)
    if errand is not None and not errand.job.is_running:
        del st.session_state[_ERRAND]
        errand.finish(errand.job)


def drop() -> None:
    """Cancel the work, if there is any, and wait until nothing is left of it.

    Where it is too late to cancel, it ends as it would have ended.
    """
    errand: _Errand | None = st.session_state.get(_ERRAND)
    if errand is None:
        return
    is_cancelled = errand.job.cancel()
    errand.job.wait()
    if is_cancelled:
        del st.session_state[_ERRAND]
    else:
        settle()


@st.fragment(run_every=LOOK_SECONDS)
def watch() -> None:
    """How far it is, with a way to cancel it; the whole page runs again once it has ended."""
    errand: _Errand | None = st.session_state.get(_ERRAND)
    if errand is None or not errand.job.is_running:
        st.rerun()
    far = errand.job.progress()
    st.header(esc(f"{errand.name}."), anchor=False)
    st.markdown(f"{esc(words.how_far(far))}.")
    if far.share is not None:
        st.progress(far.share)
    if far.is_final:
        st.caption("It is being saved now, whole or not at all. Afterwards it can be undone.")
        return
    st.caption("You can go on to other pages meanwhile, and so can everybody else.")
    st.button("Cancel", key="cancel-errand", on_click=_cancel, disabled=far.is_cancelled)


def _cancel() -> None:
    errand: _Errand | None = st.session_state.get(_ERRAND)
    if errand is not None:
        errand.job.cancel()

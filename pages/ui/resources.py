"""The open workspace, one for everybody this process serves."""

import gc
import os
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from weakref import WeakSet

import streamlit as st

from kpi_engine.job import Job
from kpi_engine.services.estimate_keeper import EstimateKeeper, HowFar
from kpi_engine.services.inbox import InboxWatcher
from kpi_engine.services.redefining import FOLDER, bring_up_to_date
from kpi_engine.workspace import Workspace

ROOT = Path(__file__).resolve().parents[2]
HOME, NOTIFY = "PLUMBLINE_HOME", "PLUMBLINE_NOTIFY"
OPENING = (
    "Opening the data folder. Where definitions or Plumbline itself have changed, every number is "
    "counted again first, which takes minutes on large data."
)


def home() -> Path:
    """The folder with the store and the definitions: ``PLUMBLINE_HOME``, else data/home."""
    return (ROOT / os.environ.get(HOME, "data/home")).resolve()


def notify_addresses() -> list[str]:
    """Where digests are sent: the Apprise addresses in ``PLUMBLINE_NOTIFY``, apart by spaces."""
    return os.environ.get(NOTIFY, "").split()


def workspace() -> Workspace:
    """The workspace in ``home()``, created at the first start.

    Raises:
        StoreError: The store cannot be opened, for instance because another process holds it.
            Nothing is remembered: a reload tries again.
    """
    return _open(str(home())).ws


def how_far_estimates_are() -> HowFar:
    """How far what own data say of links is worked out."""
    return _open(str(home())).keeper.how_far


def keep_open_for(job: Job[Any]) -> None:
    """Let go of the workspace only after a job has ended, for which it is then cancelled."""
    _open(str(home())).jobs.add(job)


@dataclass(frozen=True, kw_only=True)
class _Open:
    """An open workspace, who watches it (inbox, estimates), and what sessions have going on."""

    ws: Workspace
    watcher: InboxWatcher
    keeper: EstimateKeeper
    jobs: "WeakSet[Job[Any]]" = field(default_factory=WeakSet)

    def close(self) -> None:
        """Stop looking, end what is going on, then let go of the store."""
        for job in self.jobs:
            job.cancel()
        for job in self.jobs:
            job.wait()
        self.watcher.close()
        self.keeper.close()
        self.ws.close()


@st.cache_resource(show_spinner=OPENING, on_release=_Open.close)
def _open(folder: str) -> _Open:
    ws = Workspace.open(Path(folder))
    try:
        bring_up_to_date(ws, actor=FOLDER, now=datetime.now(UTC))
    except BaseException:
        ws.close()
        raise
    watcher = InboxWatcher(ws)
    watcher.start()
    keeper = EstimateKeeper(ws)
    keeper.start()
    # Streamlit looks for garbage after each run of a page; what a start has made is none, and to
    # look through it takes longer than a run.
    gc.freeze()
    return _Open(ws=ws, watcher=watcher, keeper=keeper)


def today_of(ws: Workspace) -> date:
    """The day it is where the organisation is."""
    return ws.catalogue.organisation.day_of(datetime.now(UTC))

"""Imports in processes of their own, to be killed at any moment.

They are forked from one that has loaded everything already, so that none spends seconds on that.
"""

import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

from kpi_engine.actors import local_actor
from kpi_engine.services import imports
from kpi_engine.workspace import Workspace

PREVIEWED, SAVED = "previewed", "saved"


@contextmanager
def importing(home: Path, file: Path) -> Iterator[tuple[BaseProcess, Connection]]:
    """Start an import; the process, and where it says how far it is."""
    forks = multiprocessing.get_context("forkserver")
    forks.set_forkserver_preload([__name__])
    says, heard = forks.Pipe(duplex=False)[::-1]
    process = forks.Process(target=_import, args=(home, file, says))
    process.start()
    says.close()
    try:
        yield process, heard
    finally:
        process.kill()
        process.join()
        heard.close()


def _import(home: Path, file: Path, says: Connection) -> None:
    me, now = local_actor("tester"), datetime(2026, 11, 5, tzinfo=UTC)
    ws = Workspace.open(home)
    shown = imports.preview(ws, file, actor=me, now=now)
    says.send(PREVIEWED)
    imports.commit(ws, shown, actor=me, now=now)
    says.send(SAVED)

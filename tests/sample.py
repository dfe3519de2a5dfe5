"""The sample company, built once per test run and copied to whoever needs it."""

import os
import shutil
import time
from pathlib import Path

import pytest

from kpi_engine.actors import local_actor
from kpi_engine.demo.build import load_demo
from kpi_engine.services.estimates import estimate_all
from kpi_engine.workspace import Workspace

PATIENCE_SECONDS = 300


def copy_of_sample(factory: pytest.TempPathFactory, name: str) -> Path:
    """A data folder of its own with the sample company in it.

    A store admits one process, so the built folder is only ever copied, never opened again.
    """
    built = _built_once(factory)
    home = factory.mktemp(name) / "home"
    shutil.copytree(built, home)
    return home


class CutOffError(Exception):
    """What ends a build before its time."""


def begin_sample(home: Path, *, files: int) -> None:
    """A data folder in which the build of the sample company was cut off.

    Args:
        home: The folder; made if it is missing.
        files: How many files are in by then.
    """

    def cut_off(done: int, _total: int, _name: str) -> None:
        if done == files:
            raise CutOffError

    ws = Workspace.open(home)
    with pytest.raises(CutOffError):
        load_demo(ws, actor=local_actor("sample"), progress=cut_off)
    ws.close()


def _built_once(factory: pytest.TempPathFactory) -> Path:
    """The built folder, shared by all workers: the first to come builds, the others wait."""
    own = factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    folder = shared / "sample-company"
    home, done, failed = folder / "home", folder / "done", folder / "failed"
    try:
        folder.mkdir()
    except FileExistsError:
        _wait_for(done, failed)
        return home
    try:
        ws = Workspace.open(home)
        load_demo(ws, actor=local_actor("sample"))
        estimate_all(ws)
        ws.close()
    except BaseException:
        failed.touch()
        raise
    done.touch()
    return home


def _wait_for(done: Path, failed: Path) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not done.exists():
        if failed.exists() or time.monotonic() > deadline:
            raise RuntimeError("another worker could not build the sample company")
        time.sleep(0.2)

"""The sample company, built once and copied to whoever needs it."""

import shutil
from functools import cache
from hashlib import sha256
from importlib.metadata import distributions
from pathlib import Path

import pytest
from filelock import FileLock

from kpi_engine.actors import local_actor
from kpi_engine.demo.build import load_demo
from kpi_engine.services.estimates import estimate_all
from kpi_engine.workspace import Workspace

ROOT = Path(__file__).resolve().parents[1]
KEPT = ROOT / ".pytest_cache" / "sample-company"
"""Where it stays from one test run to the next, as long as nothing it is made from changes."""


def copy_of_sample(factory: pytest.TempPathFactory, name: str) -> Path:
    """A data folder of its own with the sample company in it.

    A store admits one process, so the built folder is only ever copied, never opened again.
    """
    home = factory.mktemp(name) / "home"
    KEPT.mkdir(parents=True, exist_ok=True)
    with FileLock(KEPT / "lock"):
        shutil.copytree(_built(), home)
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


def _built() -> Path:
    """The built folder; the first to come builds it, whatever was built from other sources goes."""
    built = KEPT / _sources()
    if not built.is_dir():
        for old in KEPT.iterdir():
            if old.is_dir():
                shutil.rmtree(old)
        making = KEPT / "making"
        ws = Workspace.open(making)
        load_demo(ws, actor=local_actor("sample"))
        estimate_all(ws)
        ws.close()
        making.rename(built)
    return built


@cache
def _sources() -> str:
    """Digest of all it is made from: the engine, what comes with it, the installed packages."""
    digest = sha256()
    for folder in ("kpi_engine", "data/definitions", "data/recipes", "data/samples"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in (".py", ".yaml"):
                digest.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes() + b"\0")
    installed = sorted(f"{one.name} {one.version}" for one in distributions())
    digest.update("\n".join(installed).encode())
    return digest.hexdigest()[:16]

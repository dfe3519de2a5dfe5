"""The sample company twice: open, and shut for bare DuckDB, which wants a store to itself."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kpi_engine.workspace import Workspace
from tests.desk import Desk
from tests.sample import copy_of_sample


@pytest.fixture(scope="session")
def shut_sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of the sample company, which nobody opens."""
    return copy_of_sample(tmp_path_factory, "shut")


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The sample company, to be asked only."""
    home = copy_of_sample(tmp_path_factory, "asked")
    ws = Workspace.open(home)
    yield Desk(ws, home / "dropped")
    ws.close()

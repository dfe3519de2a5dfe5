"""Somebody at a desk who drops files into an empty store, and asks what it says then."""

import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from kpi_engine.actors import local_actor
from kpi_engine.imports.overrides import Overrides
from kpi_engine.services import imports, undoing
from kpi_engine.services.facts import read_facts
from kpi_engine.services.import_results import Batch, Preview
from kpi_engine.terms import Grain, RowFate
from kpi_engine.workspace import Workspace

ME = local_actor("tester")
NOW = datetime(2026, 11, 5, 8, 0, tzinfo=UTC)


class Desk:
    """Files are written, previewed and saved in one call.

    Attributes:
        ws: The workspace, with the shipped definitions and UTC days.
        folder: Where dropped files lie.
    """

    def __init__(self, ws: Workspace, folder: Path) -> None:
        self.ws, self.folder = ws, folder
        folder.mkdir(exist_ok=True)

    def write(self, text: str | bytes, name: str = "file.csv") -> Path:
        path = self.folder / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def open(self, path: Path, *, replaces: bool = False) -> Preview:
        said = Overrides(replaces=replaces)
        return imports.preview(self.ws, path, actor=ME, now=NOW, overrides=said)

    def preview(
        self, text: str | bytes, name: str = "file.csv", *, replaces: bool = False
    ) -> Preview:
        return self.open(self.write(text, name), replaces=replaces)

    def save(
        self, text: str | bytes, name: str = "file.csv", *, replaces: bool = False
    ) -> Batch | None:
        shown = self.preview(text, name, replaces=replaces)
        return imports.commit(self.ws, shown, actor=ME, now=NOW)

    def save_file(self, path: Path) -> Batch | None:
        return imports.commit(self.ws, self.open(path), actor=ME, now=NOW)

    def stored(self) -> bytes:
        """Every byte of the store, the log of its latest changes included."""
        return b"".join(
            path.read_bytes() for path in sorted(self.ws.home.glob("plumbline.duckdb*"))
        )

    def undo(self, number: int) -> Batch:
        return undoing.undo(self.ws, number, actor=ME, now=NOW)

    def values(
        self,
        metric: str,
        *,
        grain: Grain = Grain.MONTH,
        as_of: int | None = None,
        **segment: str,
    ) -> dict[date, float]:
        found = read_facts(self.ws, metric, grain=grain, as_of=as_of, segment=segment)
        return {point.period: point.value for point in found.values}


def fates(preview: Preview) -> dict[str, int]:
    """Rows by fate, without those that did not occur."""
    return {fate.value: count for fate, count in preview.counts.items() if count}


def adds_up(preview: Preview) -> bool:
    """Every row read has exactly one fate."""
    return preview.rows_read == sum(preview.counts[fate] for fate in RowFate)


@pytest.fixture(scope="session")
def empty_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty store to copy: making one costs a second."""
    home = tmp_path_factory.mktemp("empty")
    Workspace.open(home).close()
    return home


@pytest.fixture
def desk(empty_home: Path, tmp_path: Path) -> Iterator[Desk]:
    shutil.copytree(empty_home, tmp_path / "home")
    ws = Workspace.open(tmp_path / "home")
    yield Desk(ws, tmp_path / "dropped")
    ws.close()

"""A workspace: the data folder, its definitions, and the open store. What a page holds."""

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.load import load_catalogue
from kpi_engine.store.engine import open_engine
from kpi_engine.store.migrations import migrate
from kpi_engine.store.staging import sweep_staging
from kpi_engine.store.versions import read_tick

SHIPPED = Path(__file__).resolve().parent.parent / "data"
"""Definitions, recipes, samples and templates that come with the product."""

STORE_NAME = "plumbline.duckdb"


class Workspace:
    """One organisation's data folder, open.

    Attributes:
        home: The folder: ``plumbline.duckdb``, ``definitions/``, ``files/``.
        engine: The store; one per process.
        catalogue: Definitions in force: the shipped ones, replaced by those in ``definitions/``.
        writing: Held while a change of the store is prepared to be saved.
    """

    def __init__(self, *, home: Path, engine: sa.Engine, catalogue: Catalogue) -> None:
        self.home = home
        self.engine = engine
        self.catalogue = catalogue
        self.writing = threading.RLock()

    @classmethod
    def open(cls, home: Path | str) -> "Workspace":
        """Open a data folder, made if it is missing.

        Raises:
            DefinitionError: A definition is broken; every mistake is listed.
            StoreError: The store is in use by another process, or damaged.
        """
        folder = Path(home).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        catalogue = _load(folder)
        engine = open_engine(folder / STORE_NAME)
        migrate(engine, catalogue.events.values())
        sweep_staging(folder / "staging")
        return cls(home=folder, engine=engine, catalogue=catalogue)

    @property
    def staging_folder(self) -> Path:
        """Where imports are prepared."""
        return self.home / "staging"

    @property
    def files_folder(self) -> Path:
        """Where uploaded files lie until they are saved or dropped."""
        return self.home / "files"

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A connection to read with."""
        with self.engine.connect() as connection:
            yield connection

    def newest(self) -> int:
        """The newest tick; 0 in an empty store."""
        with self.reading() as connection:
            return read_tick(connection).as_of

    def adopt(self, definitions: Path) -> None:
        """Take a folder's definitions as this organisation's own, and load them.

        Raises:
            DefinitionError: They are broken; the catalogue stays as it was.
        """
        own = self.home / "definitions"
        own.mkdir(exist_ok=True)
        for file in sorted(definitions.glob("*.yaml")):
            shutil.copyfile(file, own / file.name)
        self.catalogue = _load(self.home)
        migrate(self.engine, self.catalogue.events.values())

    def close(self) -> None:
        """Let go of the store."""
        self.engine.dispose()


def _load(home: Path) -> Catalogue:
    own = home / "definitions"
    folders = [SHIPPED / "definitions", *([own] if own.is_dir() else [])]
    return load_catalogue(*folders, recipes=SHIPPED / "recipes")

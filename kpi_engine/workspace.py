"""A workspace: the data folder, its definitions, and the open store. What a page holds."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import sqlalchemy as sa

from kpi_engine.actors import Actor
from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.load import load_catalogue
from kpi_engine.errors import DefinitionError
from kpi_engine.store.backfill import fold_days
from kpi_engine.store.copies import Copies
from kpi_engine.store.engine import newest_write, open_engine, watched
from kpi_engine.store.migrations import migrate
from kpi_engine.store.recovery import drop_unsaved
from kpi_engine.store.staging import Staging, sweep_staging
from kpi_engine.store.versions import read_tick
from kpi_engine.terms import Role

SHIPPED = Path(__file__).resolve().parent.parent / "data"
"""Definitions, recipes and samples that come with the product."""

STORE_NAME = "plumbline.duckdb"


class Workspace:
    """One organisation's data folder, open.

    Attributes:
        home: The folder: ``plumbline.duckdb``, ``definitions/``, ``recipes/``, ``files/``.
        engine: The store; one per process.
        catalogue: Definitions in force: the shipped ones, replaced by those in ``definitions/``
            and ``recipes/``.
        writing: Held while a change of the store is prepared to be saved.
        copies: What processes that only read may read.
    """

    def __init__(self, *, home: Path, engine: sa.Engine, catalogue: Catalogue) -> None:
        self.home = home
        self.engine = engine
        self.catalogue = catalogue
        self.writing = threading.RLock()
        self.copies = Copies(engine, home / STORE_NAME, self.staging_folder)

    @classmethod
    def open(cls, home: Path | str) -> "Workspace":
        """Open a data folder, made if it is missing.

        Raises:
            DefinitionError: A definition is broken; every mistake is listed.
            StoreError: The store is in use by another process, or damaged.
        """
        folder = Path(home).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        catalogue = _load(own_definitions(folder), own_recipes(folder))
        engine = open_engine(folder / STORE_NAME)
        try:
            migrate(engine, catalogue.events.values())
            drop_unsaved(engine)
            sweep_staging(folder / "staging")
            fold_days(engine, folder / "staging", catalogue)
        except BaseException:
            engine.dispose()
            raise
        ws = cls(home=folder, engine=engine, catalogue=catalogue)
        for left in ws.incoming_folder.glob("*"):
            left.unlink()
        return ws

    @property
    def staging_folder(self) -> Path:
        """Where imports are prepared."""
        return self.home / "staging"

    @property
    def files_folder(self) -> Path:
        """Where uploaded files lie until they are saved or dropped."""
        return self.home / "files"

    @property
    def outbox_folder(self) -> Path:
        """Where digests are written."""
        return self.home / "outbox"

    @property
    def incoming_folder(self) -> Path:
        """Uploaded files whose preview is being looked at; emptied with the next start."""
        return self.files_folder / "incoming"

    @contextmanager
    def reading(self, staging: Staging | None = None) -> Iterator[sa.Connection]:
        """A connection to read with, also what is staged in one area."""
        with self.engine.connect() as connection, watched(connection):
            yield staging.on(connection) if staging else connection

    def newest(self) -> int:
        """The newest tick; 0 in an empty store."""
        with self.reading() as connection:
            return read_tick(connection).as_of

    def newest_write(self) -> int:
        """A number of the newest write: while it stays, so does all that is in the store."""
        return newest_write(self.engine)

    def adopt(self, definitions: Path, *, actor: Actor) -> None:
        """Take a folder's definitions as this organisation's own, all or none, and load them.

        Args:
            definitions: A folder of YAML files.
            actor: Needs the role steward.

        Raises:
            DefinitionError: They are broken, or the organisation has definitions of its own,
                which are never overwritten; everything stays as it was.
            NotAllowedError: The actor may not.
        """
        actor.require(Role.STEWARD, to="replace definitions")
        own = self.home / "definitions"
        incoming = {file.name: file.read_bytes() for file in sorted(definitions.glob("*.yaml"))}
        for file in sorted(own.glob("*.yaml")):
            if incoming.get(file.name) != file.read_bytes():
                raise DefinitionError(
                    f"There are definitions already, among them {file.name}.",
                    hint="They are never overwritten: start with an empty data folder.",
                )
        catalogue = _load([definitions], own_recipes(self.home))
        self.staging_folder.mkdir(exist_ok=True)
        with TemporaryDirectory(prefix="stage_", dir=self.staging_folder) as folder:
            fresh = Path(folder) / own.name
            fresh.mkdir()
            for name, content in incoming.items():
                (fresh / name).write_bytes(content)
            if own.is_dir():
                for file in fresh.iterdir():
                    file.replace(own / file.name)
            else:
                fresh.rename(own)
        self.catalogue = catalogue
        migrate(self.engine, catalogue.events.values())

    def load_definitions(self, own: Path | None = None) -> Catalogue:
        """The definitions as the files say at this moment; nothing else changes.

        Args:
            own: A folder in place of the organisation's own.

        Raises:
            BrokenCatalogueError: There are mistakes; it carries all of them.
        """
        folders = [own] if own else own_definitions(self.home)
        return _load(folders, own_recipes(self.home))

    def write_definitions(self, file: str, raw: bytes) -> None:
        """Put one file among the organisation's own, whole or not at all.

        Args:
            file: Its name.
            raw: Definitions that are known to be right.
        """
        folder = self.home / "definitions"
        folder.mkdir(exist_ok=True)
        part = folder / f"{file}.part"
        part.write_bytes(raw)
        part.replace(folder / file)

    def take_up(self) -> None:
        """Let the definitions count as the files say at this moment."""
        catalogue = self.load_definitions()
        migrate(self.engine, catalogue.events.values())
        self.catalogue = catalogue

    def keep_recipe(self, name: str, text: str) -> None:
        """Put a recipe among the organisation's own, and let it count.

        Args:
            name: Its id.
            text: YAML that is known to be right.
        """
        folder = self.home / "recipes"
        folder.mkdir(exist_ok=True)
        part = folder / f"{name}.yaml.part"
        part.write_text(text, encoding="utf-8")
        part.replace(folder / f"{name}.yaml")
        self.take_up()

    def close(self) -> None:
        """Let go of the store."""
        self.copies.close()
        self.engine.dispose()


def own_definitions(home: Path) -> list[Path]:
    """The folder of an organisation's own definitions; empty where it has none."""
    own = home / "definitions"
    return [own] if own.is_dir() else []


def own_recipes(home: Path) -> list[Path]:
    """The folder of an organisation's own recipes; empty where it has none."""
    own = home / "recipes"
    return [own] if own.is_dir() else []


def _load(definitions: Sequence[Path], recipes: Sequence[Path]) -> Catalogue:
    return load_catalogue(
        SHIPPED / "definitions", *definitions, recipes=SHIPPED / "recipes", own_recipes=recipes
    )

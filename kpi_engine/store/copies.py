"""A copy of the store's file, for processes that read beside the one that holds the store.

A store admits one process. So one that only reads gets a copy, made while nobody writes, at most
one for each tick, and pruned to what counts then. On file systems that can (Btrfs, XFS) it shares
its blocks with the store; elsewhere making it takes as long as copying the file does.
"""

import json
import secrets
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.errors import StoreError
from kpi_engine.store.engine import at_rest, threads
from kpi_engine.store.migrations import known_columns
from kpi_engine.store.pruning import pruning
from kpi_engine.store.versions import Tick, read_tick
from kpi_engine.store.views import documented_views

_SPARE = 64 * 1024 * 1024
"""Bytes that must stay free beside a copy."""
_COPYING = Path(__file__).with_name("copying.py")


@dataclass(kw_only=True)
class Copy:
    """One copy.

    Attributes:
        tick: What counted when it was made.
        key: Fingerprint of the definitions in force.
        alias: What the copy is called where it is read; nobody can guess it.
        views: What may be asked, each as a SELECT that names the alias.
        readers: How many are reading it.
    """

    path: Path
    tick: Tick
    key: str
    alias: str
    views: Mapping[str, str]
    readers: int = 0


class Copies:
    """The copies of one store. Every method may be called from any thread."""

    def __init__(self, engine: sa.Engine, store: Path, folder: Path) -> None:
        self._engine, self._store, self._folder = engine, store, folder
        self._lock = threading.Lock()
        self._kept: list[Copy] = []

    @contextmanager
    def newest(self, catalogue: Catalogue) -> Iterator[Copy]:
        """A copy as of the newest tick, kept as long as somebody reads it.

        Args:
            catalogue: Definitions in force: which events there are tables of.

        Raises:
            StoreError: There is no room for it.
        """
        with self._lock:
            copy = self._find(catalogue)
            copy.readers += 1
        try:
            yield copy
        finally:
            with self._lock:
                copy.readers -= 1
                self._drop(keep=self._kept[-1:])

    def close(self) -> None:
        """Remove them all."""
        with self._lock:
            self._drop(keep=[])

    def _find(self, catalogue: Catalogue) -> Copy:
        with self._engine.connect() as connection:
            now = read_tick(connection)
        last = self._kept[-1] if self._kept else None
        if last and (last.tick, last.key) == (now, catalogue.fingerprint) and last.path.exists():
            return last
        path = self._folder / f"stage_{secrets.token_hex(6)}.duckdb"
        try:
            tick, known = at_rest(self._engine, lambda connection: self._copy(connection, path))
            statements = list(pruning(tick, catalogue.events.values(), known))
            _run(store=str(path), statements=statements, threads=threads())
        except StoreError:
            _remove(path)
            raise
        alias = f"store_{secrets.token_hex(16)}"
        views = {
            view.name: self._compiled(view.select(tick), alias)
            for view in documented_views(catalogue)
        }
        copy = Copy(path=path, tick=tick, key=catalogue.fingerprint, alias=alias, views=views)
        self._kept.append(copy)
        return copy

    def _copy(self, connection: sa.Connection, path: Path) -> tuple[Tick, list[str]]:
        """Copy the store; its tick and the names of its tables."""
        size = self._store.stat().st_size
        self._folder.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(self._folder).free < size + _SPARE:
            raise StoreError(
                "There is no room on the disk for a copy of the store, which queries read.",
                hint=f"Free {(size + _SPARE) // 1_000_000 + 1} MB and try again.",
            )
        pairs = ((self._store, path), (_log(self._store), _log(path)))
        _run(files=[(str(source), str(target)) for source, target in pairs if source.exists()])
        return read_tick(connection), list(known_columns(connection))

    def _compiled(self, select: sa.Select[Any], alias: str) -> str:
        compiled = select.compile(
            dialect=self._engine.dialect,
            schema_translate_map={None: alias},
            render_schema_translate=True,
            compile_kwargs={"literal_binds": True},
        )
        return str(compiled)

    def _drop(self, *, keep: list[Copy]) -> None:
        for copy in [one for one in self._kept if not one.readers and one not in keep]:
            _remove(copy.path)
            self._kept.remove(copy)


def _log(store: Path) -> Path:
    """The write-ahead log beside a store."""
    return store.with_name(store.name + ".wal")


def _remove(store: Path) -> None:
    store.unlink(missing_ok=True)
    _log(store).unlink(missing_ok=True)


def _run(**task: Any) -> None:
    """Let another process do it.

    Raises:
        StoreError: It could not.
    """
    done = subprocess.run(  # noqa: S603  # our own code
        [sys.executable, "-I", str(_COPYING)],
        input=json.dumps({"files": [], "statements": [], **task}).encode(),
        check=False,
        capture_output=True,
    )
    if done.returncode:
        lines = done.stderr.decode(errors="replace").splitlines()
        said = next((line for line in reversed(lines) if "Error" in line), "it was ended.")
        raise StoreError(
            f"The store could not be copied for queries to read: {said}",
            hint="See whether the disk is full, then try again.",
        )

"""The inbox folder: files that a scheduler drops, and work that the command line hands over.

The process that holds the store looks into ``HOME/inbox/``. What is saved goes to ``done/``, what
is refused to ``refused/``, each with an answer beside it as JSON. A file without a request is taken
once it has stopped growing.
"""

import json
import logging
import os
import secrets
import shutil
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kpi_engine.actors import Actor, local_actor
from kpi_engine.catalogue.load import BrokenCatalogueError
from kpi_engine.errors import CancelledError, ScorecardError
from kpi_engine.imports.overrides import AS_READ, Overrides
from kpi_engine.job import Job
from kpi_engine.services import imports, recipes
from kpi_engine.services.handing_over import ANSWER, CANCEL, PROGRESS, RECIPE, REQUEST, inbox_of
from kpi_engine.services.sources import read_source
from kpi_engine.terms import Role
from kpi_engine.workspace import Workspace

_SCHEDULER = Actor(name="inbox", roles=frozenset({Role.CONTRIBUTOR}))
_LOOK_SECONDS = 2.0
_TELL_SECONDS = 0.5
_LOG = logging.getLogger(__name__)
_OURS = "This is a mistake of ours, not of the file. It was set aside; nothing was saved."
_PARTIAL = (".part", ".tmp", ".crdownload", ".filepart")

_Answer = dict[str, Any]


@dataclass(kw_only=True)
class Inbox:
    """One workspace's inbox, looked into by the process that holds its store."""

    ws: Workspace
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    _sizes: dict[Path, tuple[int, float]] = field(default_factory=dict)

    def look(self) -> int:
        """Take in everything that is complete.

        Returns:
            How many files were dealt with, saved or refused.
        """
        folder = inbox_of(self.ws.home)
        if not folder.is_dir():
            return 0
        taken = 0
        for request in sorted(folder.glob(f"*{REQUEST}")):
            self._serve(request)
            taken += 1
        for path in sorted(folder.iterdir()):
            if path.is_file() and self._is_settled(path):
                self._take(path, lambda one: self._import(one, _SCHEDULER, note="From the inbox"))
                taken += 1
        return taken

    def _is_settled(self, path: Path) -> bool:
        """Whether a file is a table and has not changed since the last look."""
        name = path.name
        if name.startswith(".") or name.endswith((REQUEST, ANSWER, *_PARTIAL)):
            return False
        if path.with_name(name + REQUEST).exists():
            return False
        try:
            stat = path.stat()
        except FileNotFoundError:
            return False
        seen = (stat.st_size, stat.st_mtime)
        if self._sizes.get(path) != seen:
            self._sizes[path] = seen
            return False
        del self._sizes[path]
        return True

    def _serve(self, request: Path) -> None:
        """Do what the command line asked for, in the name of who asked."""
        left = request.with_name(request.name.removesuffix(REQUEST))
        try:
            work, name = self._asked(request, json.loads(request.read_text(encoding="utf-8")))
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            _write(request.parent / "refused", request.name, {"error": f"Not a request: {error}"})
        else:
            answer = self._take(left, lambda one: _watched(one, work), name=name)
            _write(request.parent, left.name, answer)
        for kind in (REQUEST, PROGRESS):
            left.with_name(left.name + kind).unlink(missing_ok=True)

    def _asked(
        self, request: Path, asked: dict[str, Any]
    ) -> tuple[Callable[[Path], _Answer], str | None]:
        """What a request asks for, and the name of the file that it is about."""
        person, name = str(asked["actor"]), asked.get("name")
        actor = Actor(name=person, roles=_SCHEDULER.roles)
        if asked.get("what") == RECIPE:
            # Whoever may write here brings data; only who runs this process speaks for it.
            steward = local_actor(person) if _is_ours(request) else actor
            return lambda left: self._add(left, steward, name=str(name)), name
        recipe, note = asked.get("recipe"), str(asked.get("note", ""))
        said = Overrides(**asked.get("said", {}))
        return (
            lambda left: self._import(left, actor, note=note, name=name, recipe=recipe, said=said),
            name,
        )

    def _take(
        self, path: Path, work: Callable[[Path], _Answer], *, name: str | None = None
    ) -> _Answer:
        """Work on one file, move it out of the way, and write down what happened."""
        kept_name = f"{self.now():%Y%m%dT%H%M%S}-{secrets.token_hex(3)}-{name or path.name}"
        place = "refused"
        try:
            answer, place = work(path), "done"
        except CancelledError as cancelled:
            path.unlink(missing_ok=True)
            return {"error": str(cancelled), "is_cancelled": True}
        except BrokenCatalogueError as error:
            answer = {"error": str(error), "findings": [one.to_dict() for one in error.findings]}
        except ScorecardError as error:
            answer = {"error": str(error)}
        except Exception:  # noqa: BLE001 - logged, and the watch goes on
            _LOG.exception("a file in the inbox met a mistake of ours: %s", kept_name)
            answer = {"error": _OURS}
        folder = path.parent / place
        folder.mkdir(parents=True, exist_ok=True)
        if path.exists():
            shutil.move(path, folder / kept_name)
        _write(folder, kept_name, answer)
        return answer

    def _import(
        self,
        path: Path,
        actor: Actor,
        *,
        note: str,
        name: str | None = None,
        recipe: str | None = None,
        said: Overrides = AS_READ,
    ) -> _Answer:
        """Save the good rows of one file."""
        shown = imports.preview(
            self.ws,
            path,
            actor=actor,
            file_name=name or path.name,
            recipe=recipe,
            now=self.now(),
            overrides=said,
        )
        try:
            batch = imports.commit(self.ws, shown, actor=actor, now=self.now(), note=note)
        finally:
            imports.discard(self.ws, shown, actor=actor)
        return {"preview": shown.to_dict(), "batch": batch.to_dict() if batch else None}

    def _add(self, path: Path, actor: Actor, *, name: str) -> _Answer:
        """Make a recipe a source."""
        added = recipes.add_recipe(self.ws, name, path.read_bytes(), actor=actor, now=self.now())
        source = read_source(self.ws, added.recipe)
        return {"source": source.to_dict(), "is_known": added.is_known}


def _is_ours(request: Path) -> bool:
    """Whether the account that this process runs under wrote a request."""
    return hasattr(os, "getuid") and request.stat().st_uid == os.getuid()


def _watched(path: Path, work: Callable[[Path], _Answer]) -> _Answer:
    """Work on a file; say beside it how far that is, and stop once nobody waits any more."""
    cancel = path.with_name(path.name + CANCEL)
    if cancel.exists():
        raise CancelledError
    job = Job(lambda: work(path)).start()
    while not job.wait(_TELL_SECONDS):
        _write(path.parent, path.name, asdict(job.progress()), kind=PROGRESS)
        if cancel.exists():
            job.cancel()
    return job.result()


def _write(folder: Path, name: str, said: _Answer, *, kind: str = ANSWER) -> None:
    """Write an answer whole: whoever waits for it never sees half of it."""
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f".{name}.part"
    part.write_text(json.dumps(said, ensure_ascii=False, indent=2, default=str), encoding="utf-8")
    part.replace(folder / f"{name}{kind}")


class InboxWatcher:
    """Looks into the inbox every other second, in a thread of its own."""

    def __init__(self, ws: Workspace) -> None:
        self._inbox = Inbox(ws=ws)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="inbox", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def close(self) -> None:
        """Stop after the file at work, and wait for that."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(_LOOK_SECONDS):
            self._inbox.look()

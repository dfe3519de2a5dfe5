"""The inbox folder: files that a scheduler drops, and work that the command line hands over.

The process that holds the store looks into ``HOME/inbox/``. What is saved goes to ``done/``, what
is refused to ``refused/``, each with an answer beside it as JSON. A request is a file
``<name>.request.json`` beside its table; it is written last, so that a table whose request is
there is complete. A file without a request is taken once it has stopped growing.
"""

import json
import logging
import secrets
import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kpi_engine.actors import Actor
from kpi_engine.errors import ImportRejectedError, ScorecardError, StoreError
from kpi_engine.imports.overrides import AS_READ, Overrides
from kpi_engine.services import imports
from kpi_engine.terms import Role
from kpi_engine.workspace import Workspace

REQUEST, ANSWER = ".request.json", ".answer.json"
_SCHEDULER = Actor(name="inbox", roles=frozenset({Role.CONTRIBUTOR}))
_LOOK_SECONDS = 2.0
_LOG = logging.getLogger(__name__)
_OURS = "This is a mistake of ours, not of the file. It was set aside; nothing was saved."
_PARTIAL = (".part", ".tmp", ".crdownload", ".filepart")


def inbox_of(home: Path) -> Path:
    """Where files are dropped."""
    return home / "inbox"


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
                self._take(path, actor=_SCHEDULER, recipe=None, note="From the inbox")
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
        table = request.with_name(request.name.removesuffix(REQUEST))
        try:
            asked = json.loads(request.read_text(encoding="utf-8"))
            actor = Actor(name=str(asked["actor"]), roles=_SCHEDULER.roles)
            recipe, note = asked.get("recipe"), str(asked.get("note", ""))
            said = Overrides(**asked.get("said", {}))
        except (OSError, ValueError, KeyError, TypeError) as error:
            _answer(request.parent / "refused", request.name, {"error": f"Not a request: {error}"})
            request.unlink(missing_ok=True)
            return
        name = asked.get("name")
        self._take(table, actor=actor, recipe=recipe, note=note, name=name, said=said)
        request.unlink(missing_ok=True)

    def _take(
        self,
        path: Path,
        *,
        actor: Actor,
        recipe: str | None,
        note: str,
        name: str | None = None,
        said: Overrides = AS_READ,
    ) -> None:
        """Save the good rows of one file, move it out of the way, and write down what happened."""
        shown_name = name or path.name
        kept_name = f"{self.now():%Y%m%dT%H%M%S}-{secrets.token_hex(3)}-{shown_name}"
        answer: dict[str, Any]
        try:
            shown = imports.preview(
                self.ws,
                path,
                actor=actor,
                file_name=shown_name,
                recipe=recipe,
                now=self.now(),
                overrides=said,
            )
            batch = imports.commit(self.ws, shown, actor=actor, now=self.now(), note=note)
            answer = {"preview": shown.to_dict(), "batch": batch.to_dict() if batch else None}
            place = "done"
        except ScorecardError as error:
            answer, place = {"error": str(error)}, "refused"
        except Exception:  # noqa: BLE001 - logged, and the watch goes on
            _LOG.exception("a file in the inbox met a mistake of ours: %s", kept_name)
            answer, place = {"error": _OURS}, "refused"
        folder = path.parent / place
        folder.mkdir(parents=True, exist_ok=True)
        kept = folder / kept_name
        if path.exists():
            shutil.move(path, kept)
        _answer(folder, kept.name, answer)
        if name is not None:
            _answer(path.parent, path.name, answer)


def _answer(folder: Path, name: str, answer: dict[str, Any]) -> None:
    """Write an answer whole: whoever waits for it never sees half of it."""
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f".{name}.part"
    part.write_text(json.dumps(answer, ensure_ascii=False, indent=2), encoding="utf-8")
    part.replace(folder / f"{name}{ANSWER}")


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


def hand_over(
    home: Path,
    file: Path,
    *,
    actor: str,
    recipe: str | None,
    note: str,
    said: Overrides = AS_READ,
    patience: float,
) -> dict[str, Any]:
    """Leave a file for the process that holds the store, and wait for its answer.

    Args:
        home: The data folder.
        file: What to import; a copy is left, so it may change afterwards.
        actor: In whose name.
        recipe: Read it as this source.
        note: Kept with the batch.
        said: How it is to be read.
        patience: Seconds to wait.

    Raises:
        ImportRejectedError: There is no such file.
        StoreError: Nobody answered in time; the file stays in the inbox.
    """
    if not file.is_file():
        raise ImportRejectedError(f"There is no file {file.name}.", hint="Check the path.")
    inbox = inbox_of(home)
    inbox.mkdir(parents=True, exist_ok=True)
    table = inbox / f".{secrets.token_hex(8)}"
    shutil.copyfile(file, table)
    asked = {
        "actor": actor,
        "recipe": recipe,
        "note": note,
        "name": file.name,
        "said": asdict(said),
    }
    part = inbox / f"{table.name}.part"
    part.write_text(json.dumps(asked), encoding="utf-8")
    part.replace(inbox / f"{table.name}{REQUEST}")
    answer = inbox / f"{table.name}{ANSWER}"
    until = time.monotonic() + patience
    while time.monotonic() < until:
        if answer.is_file():
            answered: dict[str, Any] = json.loads(answer.read_text(encoding="utf-8"))
            answer.unlink()
            return answered
        time.sleep(0.2)
    raise StoreError(
        "The process that holds the store has not answered.",
        hint="The file waits in the inbox; it is imported as soon as that process looks.",
    )

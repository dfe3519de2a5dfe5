"""Work left in the inbox folder for the process that holds the store, and its answer awaited.

A request is a file ``<name>.request.json`` beside what it is about; it is written last, so that a
file whose request is there is complete. Beside them the other process says how far it is, and
looks whether anybody still waits.
"""

import json
import secrets
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from kpi_engine.errors import CancelledError, ImportRejectedError, StoreError
from kpi_engine.imports.overrides import AS_READ, Overrides
from kpi_engine.job import Progress

REQUEST, ANSWER = ".request.json", ".answer.json"
PROGRESS, CANCEL = ".progress.json", ".cancel"
TABLE, RECIPE = "table", "recipe"
"""What can be handed over: a file to import, and a recipe to add."""
_LOOK_SECONDS = 0.2
_WITHDRAWING_SECONDS = 10.0
"""So long the other process may take to answer once it is asked to stop."""

Tell = Callable[[Progress], None]
"""Called with how far the other process is."""


def inbox_of(home: Path) -> Path:
    """Where files are dropped."""
    return home / "inbox"


def hand_over(
    home: Path,
    file: Path,
    *,
    actor: str,
    recipe: str | None,
    note: str,
    said: Overrides = AS_READ,
    patience: float,
    tell: Tell | None = None,
) -> dict[str, Any]:
    """Leave a file for the process that holds the store, and wait for its answer.

    Args:
        home: The data folder.
        file: What to import; a copy is left, so it may change afterwards.
        actor: In whose name.
        recipe: Read it as this source.
        note: Kept with the batch.
        said: How it is to be read.
        patience: Seconds to wait without a word from the other process.
        tell: Told how far it is.

    Raises:
        CancelledError: Ctrl-C came in time.
        ImportRejectedError: There is no such file.
        StoreError: Nobody answered in time; the file stays in the inbox.
    """
    asked = {"actor": actor, "recipe": recipe, "note": note, "said": asdict(said)}
    return _Request(home, file, {"what": TABLE, **asked}).answer(patience, tell)


def hand_recipe_over(home: Path, file: Path, *, actor: str, patience: float) -> dict[str, Any]:
    """Leave a recipe for the process that holds the store, and wait for its answer.

    It is added only if whoever asks is the account that the other process runs under.

    Args:
        home: The data folder.
        file: The YAML.
        actor: In whose name.
        patience: Seconds to wait.

    Raises:
        CancelledError: Ctrl-C came in time.
        ImportRejectedError: There is no such file.
        StoreError: Nobody answered in time; the recipe stays in the inbox.
    """
    return _Request(home, file, {"what": RECIPE, "actor": actor}).answer(patience, None)


class _Request:
    """What was left, until it is answered."""

    def __init__(self, home: Path, file: Path, asked: Mapping[str, Any]) -> None:
        if not file.is_file():
            raise ImportRejectedError(f"There is no file {file.name}.", hint="Check the path.")
        inbox = inbox_of(home)
        inbox.mkdir(parents=True, exist_ok=True)
        self._left = inbox / f".{secrets.token_hex(8)}"
        shutil.copyfile(file, self._left)
        part = self._beside(".part")
        part.write_text(json.dumps({**asked, "name": file.name}), encoding="utf-8")
        part.replace(self._beside(REQUEST))

    def answer(self, patience: float, tell: Tell | None) -> dict[str, Any]:
        until = time.monotonic() + patience
        heard: dict[str, Any] | None = None
        while time.monotonic() < until:
            try:
                if (answered := self._read(ANSWER)) is not None:
                    return self._ended(answered)
                said = self._read(PROGRESS)
                if said is not None and said != heard and not self._is_withdrawn:
                    heard, until = said, time.monotonic() + patience
                    if tell:
                        tell(Progress(**said))
                time.sleep(_LOOK_SECONDS)
            except KeyboardInterrupt:
                self._beside(CANCEL).touch()
                until = time.monotonic() + _WITHDRAWING_SECONDS
        if self._is_withdrawn:
            self._clear(REQUEST, CANCEL, "")
            raise CancelledError
        raise StoreError(
            "The process that holds the store has not answered.",
            hint="The file waits in the inbox; it is dealt with as soon as that process looks.",
        )

    @property
    def _is_withdrawn(self) -> bool:
        return self._beside(CANCEL).exists()

    def _beside(self, kind: str) -> Path:
        return self._left.with_name(self._left.name + kind)

    def _read(self, kind: str) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = json.loads(self._beside(kind).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        return found

    def _ended(self, answered: dict[str, Any]) -> dict[str, Any]:
        self._clear(ANSWER, CANCEL)
        if answered.get("is_cancelled"):
            raise CancelledError
        return answered

    def _clear(self, *kinds: str) -> None:
        for kind in kinds:
            self._beside(kind).unlink(missing_ok=True)

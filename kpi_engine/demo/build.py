"""The demo company into a workspace: simulate, export as its systems would, import."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

from kpi_engine.actors import Actor
from kpi_engine.demo.simulate import LAST_MONTH, SEED
from kpi_engine.demo.truths import Truths
from kpi_engine.demo.writing import write_exports
from kpi_engine.errors import StoreError
from kpi_engine.services import imports
from kpi_engine.terms import Role
from kpi_engine.workspace import Workspace

DEFINITIONS = Path(__file__).parents[2] / "data" / "samples" / "marlow_finch"

Progress = Callable[[int, int, str], None]
"""Called with files done, files in all, and the name of the file at work."""


def load_demo(
    ws: Workspace,
    *,
    actor: Actor,
    seed: int = SEED,
    last_month: date = LAST_MONTH,
    progress: Progress | None = None,
) -> Truths:
    """Fill a workspace with the demo company, through the same door as any upload.

    Args:
        ws: Must be empty, without definitions of its own.
        actor: In whose name everything is imported; needs the role steward.
        seed: Which company of its kind.
        last_month: First day of the newest month.
        progress: Told before each file, and once when all is done.

    Raises:
        DefinitionError: The workspace has definitions of its own.
        NotAllowedError: The actor may not.
        StoreError: The workspace holds data.
    """
    actor.require(Role.STEWARD, to="build the sample company")
    if ws.newest():
        raise StoreError(
            "The sample company is not built here: the store is not empty.",
            hint="Choose an empty data folder for it.",
        )
    ws.adopt(DEFINITIONS, actor=actor)
    made = write_exports(ws.home / "files" / "demo", last_month=last_month, seed=seed)
    total = len(made.files)
    for done, file in enumerate(made.files):
        if progress:
            progress(done, total, file.path.name)
        preview = imports.preview(ws, file.path, actor=actor, now=file.accepted_at)
        batch = imports.commit(ws, preview, actor=actor, now=file.accepted_at, note=file.note)
        if batch and file.undone_at:
            imports.undo(ws, batch.id, actor=actor, now=file.undone_at, note="Draft, not final")
    if progress:
        progress(total, total, "")
    return made.truths

"""The demo company into a workspace: simulate, export as its systems would, import.

A build that was cut off, whatever cut it off, goes on with the first file that is not in yet.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from kpi_engine.actors import Actor
from kpi_engine.demo.simulate import LAST_MONTH, SEED
from kpi_engine.demo.truths import Truths
from kpi_engine.demo.writing import TRUTHS, ExportFile, Exports, planned_files, writing_exports
from kpi_engine.errors import StoreError
from kpi_engine.imports.sniff import file_hash
from kpi_engine.services import imports, undoing
from kpi_engine.services.import_results import Batch
from kpi_engine.terms import BatchKind, Role
from kpi_engine.workspace import Workspace

DEFINITIONS = Path(__file__).parents[2] / "data" / "samples" / "marlow_finch"

Progress = Callable[[int, int, str], None]
"""Called with files done, files in all, and the name of the file at work."""


@dataclass(frozen=True, kw_only=True)
class Unfinished:
    """A build that was begun and has not come to its end.

    Attributes:
        done: Files that are in.
        total: Files in all.
    """

    done: int
    total: int


@dataclass(frozen=True, kw_only=True)
class _Step:
    """One batch of a build.

    Attributes:
        file: What is imported, or taken back.
        at: When (UTC).
        done: Files that are in before it.
        undoes: The batch it takes back; None for an import.
    """

    file: ExportFile
    at: datetime
    done: int
    undoes: int | None = None

    def made(self, batch: Batch) -> bool:
        """Whether a batch looks like this step: its kind, its file's name and its time."""
        kind, name = (
            (BatchKind.UNDO, "") if self.undoes else (BatchKind.IMPORT, self.file.path.name)
        )
        step = (kind, name, self.at, self.undoes)
        return step == (batch.kind, batch.file_name, batch.at, batch.undoes)


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
        ws: Must be empty, without definitions of its own, or hold nothing but the beginning of
            the same company: then what is missing is added.
        actor: In whose name everything is imported; needs the role steward.
        seed: Which company of its kind.
        last_month: First day of the newest month.
        progress: Told before each file that is not in yet, and once when all is done.

    Raises:
        DefinitionError: The workspace has definitions of its own.
        NotAllowedError: The actor may not.
        StoreError: The workspace holds other data.
    """
    actor.require(Role.STEWARD, to="build the sample company")
    saved = _saved(ws)
    folder = ws.files_folder / "demo"
    if not _is_begun(saved, _steps(planned_files(folder, last_month=last_month))):
        raise _not_empty()
    ws.adopt(DEFINITIONS, actor=actor)
    ws.staging_folder.mkdir(exist_ok=True)
    with (
        TemporaryDirectory(prefix="stage_", dir=ws.staging_folder) as fresh,
        writing_exports(Path(fresh), last_month=last_month, seed=seed) as made,
    ):
        steps = _steps(made.files)
        if not _is_same(saved, steps, made):
            raise _not_empty()
        folder.mkdir(parents=True, exist_ok=True)
        for place, step in enumerate(steps):
            made.wait_for(step.file)
            if not step.undoes:
                step = replace(step, file=_kept(step.file, folder))
            if place < len(saved):
                continue
            if progress:
                progress(step.done, len(made.files), step.file.path.name)
            _take(ws, step, actor=actor)
        truths = made.truths
        (Path(fresh) / TRUTHS).replace(folder / TRUTHS)
    if progress:
        progress(len(made.files), len(made.files), "")
    return truths


def _kept(file: ExportFile, folder: Path) -> ExportFile:
    """A file that was written, where it stays."""
    return replace(file, path=file.path.replace(folder / file.path.name))


def read_unfinished(ws: Workspace) -> Unfinished | None:
    """How far the demo company is where its build was cut off.

    Returns:
        None where no build was begun, where it came to its end, and where other data have been
        saved since, so that it cannot go on.
    """
    files = planned_files(ws.files_folder / "demo", last_month=LAST_MONTH)
    saved, steps = _saved(ws), _steps(files)
    if not saved or len(saved) == len(steps) or not _is_begun(saved, steps):
        return None
    return Unfinished(done=steps[len(saved)].done, total=len(files))


def _saved(ws: Workspace) -> tuple[Batch, ...]:
    """Every batch, oldest first."""
    return imports.batches(ws)[::-1]


def _steps(files: Sequence[ExportFile]) -> list[_Step]:
    """Every batch of a whole build, in its order; the first has the number 1."""
    steps: list[_Step] = []
    for done, file in enumerate(files):
        steps.append(_Step(file=file, at=file.accepted_at, done=done))
        if file.undone_at:
            steps.append(_Step(file=file, at=file.undone_at, done=done + 1, undoes=len(steps)))
    return steps


def _is_begun(saved: Sequence[Batch], steps: Sequence[_Step]) -> bool:
    """Whether the batches look like the first steps of a build, and like nothing else."""
    pairs = zip(saved, steps, strict=False)
    return len(saved) <= len(steps) and all(step.made(batch) for batch, step in pairs)


def _is_same(saved: Sequence[Batch], steps: Sequence[_Step], made: Exports) -> bool:
    """Whether the files that are in are those of this company, byte for byte."""
    for batch, step in zip(saved, steps, strict=False):
        made.wait_for(step.file)
        if not step.undoes and batch.sha256 != file_hash(step.file.path):
            return False
    return True


def _not_empty() -> StoreError:
    return StoreError(
        "The sample company is not built here: the store is not empty.",
        hint="Choose an empty data folder for it.",
    )


def _take(ws: Workspace, step: _Step, *, actor: Actor) -> None:
    """Import a step's file, or take it back."""
    if step.undoes:
        undoing.undo(ws, step.undoes, actor=actor, now=step.at, note="Draft, not final")
        return
    preview = imports.preview(ws, step.file.path, actor=actor, now=step.at, is_shown=False)
    imports.commit(ws, preview, actor=actor, now=step.at, note=step.file.note)

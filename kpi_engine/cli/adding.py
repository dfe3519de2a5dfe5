"""Data in and out again: the sample company, files, and the list of what was accepted."""

import getpass
from collections.abc import Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from kpi_engine import terminal
from kpi_engine.cli.options import (
    HOME,
    PATIENCE,
    Home,
    Json,
    me,
    now,
    opened,
)
from kpi_engine.demo.build import load_demo
from kpi_engine.errors import CancelledError, StoreBusyError
from kpi_engine.imports.overrides import Overrides
from kpi_engine.services import imports, undoing
from kpi_engine.services.handing_over import hand_over
from kpi_engine.services.import_results import Batch, Preview
from kpi_engine.services.redefining import bring_up_to_date
from kpi_engine.terms import RowFate
from kpi_engine.words import imports as import_words
from kpi_engine.words import undoing as undo_words
from kpi_engine.workspace import Workspace

app = typer.Typer()
Replace = Annotated[
    bool,
    typer.Option(
        "--replace",
        help="The file holds everything of its days: take out what its source brought earlier "
        "for them and it lacks.",
    ),
]
Column = Annotated[
    list[str] | None,
    typer.Option(
        "--column",
        help="What a column means, as 'service=Affected system'; may be given several times. "
        "Nothing behind the sign leaves the field out.",
    ),
]
AddUp = Annotated[
    bool,
    typer.Option(
        "--add-up",
        help="Rows of the same measure, part and period are parts of one number: add them.",
    ),
]

OnlyLook = Annotated[
    bool, typer.Option("--preview", help="Only show what would change; nothing is taken back.")
]


@app.command()
def demo(home: Home = HOME, as_json: Json = False) -> None:
    """Fill an empty data folder with the sample company, or add what is missing of it."""
    with opened(home) as ws, terminal.bar_of_files() as bar:
        task = bar.add_task("Starting", total=None)

        def tell(done: int, total: int, name: str) -> None:
            bar.update(task, completed=done, total=total, description=name or "Done")

        truths = load_demo(ws, actor=me(), progress=tell)
        terminal.answer(
            truths.to_dict(),
            as_json=as_json,
            said=f"{ws.catalogue.organisation.name} is in {home}.",
        )


@app.command()
def preview(
    file: Path,
    home: Home = HOME,
    recipe: str | None = None,
    column: Column = None,
    replace: Replace = False,
    add_up: AddUp = False,
    as_json: Json = False,
) -> None:
    """Show what importing a file would change; nothing is saved."""
    with opened(home) as ws:
        said = Overrides(columns=_columns(column), replaces=replace, adds=add_up)
        shown = terminal.watched(partial(_preview, ws, file, recipe=recipe, said=said))
        imports.discard(ws, shown, actor=me())
        terminal.answer(shown.to_dict(), as_json=as_json, said=import_words.headline(shown))
        if not as_json:
            terminal.show_preview(shown, ws.catalogue)


@app.command("import")
def import_files(
    files: list[Path],
    home: Home = HOME,
    recipe: str | None = None,
    note: str = "",
    column: Column = None,
    replace: Replace = False,
    add_up: AddUp = False,
    as_json: Json = False,
) -> None:
    """Import files; good rows are saved, rejected ones are listed. Ctrl-C cancels.

    A store that the app holds is left to the app: the files are handed over to it.
    """
    saved: list[dict[str, Any]] = []
    refused = False
    said = Overrides(columns=_columns(column), replaces=replace, adds=add_up)
    try:
        ws = Workspace.open(home)
    except StoreBusyError as busy:
        _hand_over(busy, files, home=home, recipe=recipe, note=note, said=said, as_json=as_json)
        return
    with closing(ws):
        bring_up_to_date(ws, actor=me(), now=now())
        for file in files:
            try:
                shown, batch = terminal.watched(
                    partial(_import, ws, file, recipe=recipe, note=note, said=said)
                )
            except CancelledError:
                if saved:
                    terminal.note(
                        f"Before {file.name}, all was done: {len(saved)} of {len(files)}."
                    )
                raise
            refused |= shown.counts[RowFate.REJECTED] > 0
            saved.append({"preview": shown.to_dict(), "batch": batch.to_dict() if batch else None})
            terminal.note(f"{file.name}: {import_words.headline(shown)}")
            terminal.show_findings(shown.findings)
    terminal.answer(saved, as_json=as_json)
    if refused:
        raise typer.Exit(1)


def _import(
    ws: Workspace, file: Path, *, recipe: str | None, note: str, said: Overrides
) -> tuple[Preview, Batch | None]:
    shown = _preview(ws, file, recipe=recipe, said=said)
    try:
        return shown, imports.commit(ws, shown, actor=me(), now=now(), note=note)
    finally:
        imports.discard(ws, shown, actor=me())


def _preview(ws: Workspace, file: Path, *, recipe: str | None, said: Overrides) -> Preview:
    return imports.preview(ws, file, actor=me(), recipe=recipe, now=now(), overrides=said)


def _hand_over(
    busy: StoreBusyError,
    files: Sequence[Path],
    *,
    home: Path,
    recipe: str | None,
    note: str,
    said: Overrides,
    as_json: bool,
) -> None:
    """Leave the files to the process that holds the store, and print what it answers."""
    terminal.note(f"{busy.message} The files are handed over to it.")
    answers = []
    for file in files:
        with terminal.telling() as tell:
            handed = hand_over(
                home.resolve(),
                file,
                actor=getpass.getuser(),
                recipe=recipe,
                note=note,
                said=said,
                patience=PATIENCE,
                tell=tell,
            )
        answers.append(handed)
    terminal.answer(answers, as_json=as_json)
    for file, answer in zip(files, answers, strict=True):
        if not as_json:
            terminal.line(f"{file.name}: {_handed(answer)}")
    if any(_is_wrong(answer) for answer in answers):
        raise typer.Exit(1)


def _handed(answer: dict[str, Any]) -> str:
    """What the other process made of a file."""
    if "error" in answer:
        return str(answer["error"])
    counts = answer["preview"]["counts"]
    said = ", ".join(f"{count} {fate}" for fate, count in counts.items() if count)
    batch = answer["batch"]
    return f"{said}; saved as batch {batch['id']}." if batch else f"{said}; nothing to save."


def _is_wrong(answer: dict[str, Any]) -> bool:
    return "error" in answer or answer["preview"]["counts"][RowFate.REJECTED.value] > 0


@app.command()
def undo(
    batch: int, home: Home = HOME, note: str = "", preview: OnlyLook = False, as_json: Json = False
) -> None:
    """Take a batch back, and show what changes; undoing an undo brings its batch back."""
    with opened(home) as ws:
        shown = terminal.watched(partial(undoing.preview, ws, batch, actor=me()))
        if preview:
            undoing.discard(ws, shown, actor=me())
            document, said = shown.to_dict(), undo_words.rows_sentence(shown)
        else:
            done = undoing.commit(ws, shown, actor=me(), now=now(), note=note)
            brings_back = shown.root.id if shown.brings_back else None
            document = done.to_dict()
            said = import_words.undone_message(done, brings_back=brings_back)
        terminal.answer(document, as_json=as_json, said=said)
        if not as_json:
            terminal.line(import_words.impact_sentence(shown.impacts))
            terminal.show_impacts(shown.impacts, ws.catalogue)


@app.command()
def batches(home: Home = HOME, as_json: Json = False) -> None:
    """List every accepted change, newest first."""
    with opened(home) as ws:
        found = imports.batches(ws)
    rows = [
        (
            str(b.id),
            f"{b.at:%Y-%m-%d %H:%M}",
            b.actor,
            b.file_name or b.kind.value,
            str(b.rows_read),
            import_words.batch_result(b),
        )
        for b in found
    ]
    header = ("Batch", "When (UTC)", "By", "File", "Rows", "Result")
    terminal.answer([b.to_dict() for b in found], as_json=as_json, table=(header, rows))


def _columns(given: Sequence[str] | None) -> dict[str, str]:
    """Field to column, of pairs as they stand on the command line."""
    pairs = [one.partition("=") for one in given or ()]
    for field, sign, _ in pairs:
        if not sign:
            raise typer.BadParameter(
                f"'{field}' names no column; write it as service=Affected system",
                param_hint="--column",
            )
    return {field.strip(): column.strip() for field, _, column in pairs}

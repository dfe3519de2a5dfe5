"""Kinds of files: share one, or add one."""

import getpass
from pathlib import Path
from typing import Any

import typer

from kpi_engine import terminal
from kpi_engine.cli.options import HOME, PATIENCE, Home, Json, me, now, opened
from kpi_engine.errors import StoreBusyError, StoreError
from kpi_engine.findings import Finding
from kpi_engine.services import recipes as recipe_service
from kpi_engine.services.handing_over import hand_recipe_over
from kpi_engine.services.sources import read_source

app = typer.Typer(no_args_is_help=True, help="Kinds of files: share one, or add one.")


@app.command("add")
def recipe_add(file: Path, home: Home = HOME, as_json: Json = False) -> None:
    """Make a recipe that somebody shared a source of this data folder, or list its mistakes."""
    if not file.is_file():
        raise StoreError(f"There is no file {file}.", hint="Check the path.")
    try:
        with opened(home) as ws:
            added = recipe_service.add_recipe(
                ws, file.name, file.read_bytes(), actor=me(), now=now()
            )
            source, is_known = read_source(ws, added.recipe).to_dict(), added.is_known
    except StoreBusyError as busy:
        source, is_known = _hand_over(busy, file, home=home)
    feeds = f" It feeds {', '.join(source['feeds'])}." if source["feeds"] else ""
    state = "is here already" if is_known else "is known from now on"
    terminal.answer(source, as_json=as_json, said=f"{source['label']} {state}.{feeds}")


def _hand_over(busy: StoreBusyError, file: Path, *, home: Path) -> tuple[dict[str, Any], bool]:
    """Leave a recipe to the process that holds the store; the source, and whether it was known."""
    terminal.note(f"{busy.message} The recipe is handed over to it.")
    answer = hand_recipe_over(home.resolve(), file, actor=getpass.getuser(), patience=PATIENCE)
    if "error" not in answer:
        return answer["source"], answer["is_known"]
    findings = [Finding(**one) for one in answer.get("findings", ())]
    terminal.show_findings(findings)
    if not findings:
        terminal.note(answer["error"])
    raise typer.Exit(1)


@app.command("show")
def recipe_show(recipe: str, home: Home = HOME) -> None:
    """Print a recipe as YAML, to be shared or changed."""
    with opened(home) as ws:
        print(recipe_service.recipe_text(ws, recipe), end="")

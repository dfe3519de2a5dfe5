"""Whether definitions are right, and whether what is kept holds."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from kpi_engine import terminal
from kpi_engine.catalogue.checks import check_dates
from kpi_engine.catalogue.load import BrokenCatalogueError, load_catalogue
from kpi_engine.cli.options import HOME, Home, Json, opened
from kpi_engine.errors import StoreError
from kpi_engine.findings import Finding
from kpi_engine.services.doctor import examine
from kpi_engine.terms import Severity
from kpi_engine.workspace import SHIPPED, own_definitions, own_recipes

app = typer.Typer()


@app.command()
def check(
    context: typer.Context,
    folders: Annotated[
        list[Path] | None, typer.Argument(help="Folders of definitions, in place of the shipped.")
    ] = None,
    home: Home = HOME,
    as_json: Json = False,
) -> None:
    """Check definitions, the shipped and the data folder's own, and list every mistake at once."""
    source = context.get_parameter_source("home")
    is_named = source is not None and source.name == "COMMANDLINE"
    if is_named and not home.is_dir():
        raise StoreError(f"There is no data folder {home}.", hint="Check the path.")
    given, own = folders or [SHIPPED / "definitions"], list[Path]()
    if is_named or not folders:
        given = [*given, *own_definitions(home)]
        own = own_recipes(home)
    findings: tuple[Finding, ...]
    try:
        found = load_catalogue(*given, recipes=SHIPPED / "recipes", own_recipes=own)
        today = found.organisation.day_of(datetime.now(UTC))
        findings = (*found.findings, *check_dates(found, today=today))
    except BrokenCatalogueError as error:
        findings = error.findings
    wrong = sum(finding.severity is Severity.ERROR for finding in findings)
    count = "1 mistake." if wrong == 1 else f"{wrong} mistakes."
    terminal.answer([f.to_dict() for f in findings], as_json=as_json, said=count)
    if not as_json:
        terminal.show_findings(findings)
    if wrong:
        raise typer.Exit(1)


@app.command()
def doctor(home: Home = HOME, as_json: Json = False) -> None:
    """Work everything derived out again and compare it with what is kept."""
    with opened(home) as ws:
        findings = examine(ws)
    count = len(findings)
    broken = "1 thing does not hold." if count == 1 else f"{count} things do not hold."
    terminal.answer(
        [f.to_dict() for f in findings],
        as_json=as_json,
        said=broken if findings else "Everything holds.",
    )
    if not as_json:
        terminal.show_findings(findings)
    if findings:
        raise typer.Exit(1)

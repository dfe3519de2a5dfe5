"""Links: which there are and how sure they are; changed, added and retired."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from kpi_engine import terminal
from kpi_engine.catalogue.files import parsed
from kpi_engine.cli.options import (
    HOME,
    AsOf,
    Home,
    Json,
    Month,
    estimated,
    me,
    month_asked,
    now,
    opened,
)
from kpi_engine.periods import month_label
from kpi_engine.services import link_edits
from kpi_engine.services import map as maps
from kpi_engine.services.definition_edits import Edit
from kpi_engine.words import link_edits as words
from kpi_engine.words import map as map_words
from kpi_engine.words.remarks import remarks
from kpi_engine.workspace import Workspace

app = typer.Typer()

Because = Annotated[str, typer.Option("--because", help="Why; kept with the version.")]
Fields = Annotated[
    list[str] | None,
    typer.Option("--set", help="A field and its value as in YAML: 'lag_days=[0, 14]'."),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")]


@app.callback(invoke_without_command=True)
def links(
    context: typer.Context,
    home: Home = HOME,
    month: Month = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """Say which IT measures move which outcomes, how sure that is, and what is tied to nothing."""
    if context.invoked_subcommand is not None:
        return
    with opened(home) as ws:
        estimated(ws, as_of)
        today = ws.catalogue.organisation.day_of(now())
        this_month = ws.catalogue.organisation.calendar.month_of(today)
        shown = month_asked(month) or (None if ws.newest() else this_month)
        found = maps.read_map(ws, month=shown, as_of=as_of)
    rows = [
        (
            line.outcome,
            line.measure,
            line.evidence,
            line.felt,
            " · ".join(filter(None, (line.effect, line.own_data))),
        )
        for line in map_words.lines(found)
    ]
    header = ("Outcome", "IT measure", "Evidence", "Felt after", "Effect of one step")
    said = f"{month_label(found.month)}: {map_words.headline(found)} {map_words.how_sure(found)}"
    terminal.answer(found.to_dict(), as_json=as_json, said=said, table=(header, rows))
    if as_json:
        return
    for title, told in remarks(found).items():
        terminal.line(f"{title}:")
        for remark in told:
            terminal.line(f"  {remark.text}")


@app.command("change")
def links_change(
    link: str,
    because: Because,
    settings: Fields = None,
    home: Home = HOME,
    is_dry: DryRun = False,
    as_json: Json = False,
) -> None:
    """Change fields of a link; one that was retired comes back. The file keeps its comments."""
    said = dict(_field(text) for text in settings or [])

    def edit(ws: Workspace, today: date) -> Edit:
        draft = link_edits.read_draft(ws, link, today=today)
        return link_edits.edit_of(ws, draft, said, today=today)

    _save(edit, because=because, home=home, is_dry=is_dry, as_json=as_json)


@app.command("add")
def links_add(
    driver: str,
    outcome: str,
    because: Because,
    settings: Fields = None,
    home: Home = HOME,
    is_dry: DryRun = False,
    as_json: Json = False,
) -> None:
    """Declare that a measure moves an outcome: an influence, with the fields that --set gives."""
    said = {"driver": driver, "outcome": outcome, **dict(_field(text) for text in settings or [])}

    def edit(ws: Workspace, today: date) -> Edit:
        draft = link_edits.read_draft(ws, None, today=today)
        return link_edits.edit_of(ws, draft, said, today=today)

    _save(edit, because=because, home=home, is_dry=is_dry, as_json=as_json)


@app.command("retire")
def links_retire(
    link: str,
    because: Because,
    home: Home = HOME,
    is_dry: DryRun = False,
    as_json: Json = False,
) -> None:
    """Let a link count no longer; it stays on file with the reason."""

    def edit(ws: Workspace, today: date) -> Edit:
        draft = link_edits.read_draft(ws, link, today=today)
        return link_edits.retirement_of(draft, because=because, today=today)

    _save(edit, because=because, home=home, is_dry=is_dry, as_json=as_json)


def _save(
    edit: Callable[[Workspace, date], Edit],
    *,
    because: str,
    home: Path,
    is_dry: bool,
    as_json: bool,
) -> None:
    """Say what an edit changes, and write it unless it is a trial; mistakes end with status 1."""
    at = now()
    with opened(home) as ws:
        wanted = edit(ws, at.date())
        shown = link_edits.preview(ws, wanted)
        if not shown.mistakes and not is_dry:
            link_edits.save(ws, wanted, reason=because, actor=me(), now=at)
    done = (
        "Nothing is written yet."
        if is_dry
        else words.done_text(shown, reason=because, actor=me().name, at=f"{at:%-d %b %Y %H:%M}")
    )
    said = "Nothing is saved." if shown.mistakes else done
    terminal.answer(shown.to_dict(), as_json=as_json, said=said)
    if not as_json:
        for change in shown.changes:
            terminal.line(f"  {words.change_text(change)}")
        terminal.show_findings(shown.findings)
    if shown.mistakes:
        raise typer.Exit(1)


def _field(text: str) -> tuple[str, Any]:
    name, sign, value = text.partition("=")
    if not sign:
        raise typer.BadParameter(f"'{text}' is not a field and a value: there is no '=' in it.")
    try:
        return name.strip(), parsed(value)[1]
    except yaml.YAMLError as error:
        raise typer.BadParameter(f"'{value}' is not a value; put it in quotes.") from error

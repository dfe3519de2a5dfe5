"""Questions in SQL, over documented views."""

from typing import Annotated

import typer

from kpi_engine import terminal
from kpi_engine.cli.options import HOME, Home, Json, me, now, opened
from kpi_engine.services import sql as service
from kpi_engine.words import sql as words

app = typer.Typer()


@app.command()
def sql(
    query: Annotated[
        str | None, typer.Argument(help="One SELECT; the views are listed without it.")
    ] = None,
    home: Home = HOME,
    as_csv: Annotated[bool, typer.Option("--csv", help="CSV on standard output.")] = False,
    as_json: Json = False,
) -> None:
    """Answer one SELECT over documented views; without one, list the views."""
    with opened(home) as ws:
        if query is None:
            views = service.described_views(ws)
            document = [vars(view) for view in views]
            listed = [(view.name, words.columns(view), view.sentence) for view in views]
            terminal.answer(
                document, as_json=as_json, table=(("View", "Columns", "One row is"), listed)
            )
            return
        found = service.run(ws, query, actor=me(), now=now())
        catalogue = ws.catalogue
    if as_csv:
        terminal.raw(found.to_csv())
        return
    rows = [tuple("" if cell is None else str(cell) for cell in row) for row in found.rows]
    header = [name for name, _ in found.columns]
    terminal.answer(found.to_dict(), as_json=as_json, table=(header, rows))
    terminal.note(words.outcome(found))
    if not found.rows:
        terminal.note(words.nothing(found.text, catalogue))

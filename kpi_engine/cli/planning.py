"""Plans: what was changed, and whether it worked."""

import typer

from kpi_engine import terminal
from kpi_engine.cli.options import HOME, AsOf, Home, Json, Month, month_asked, opened
from kpi_engine.services.initiatives import read_initiatives
from kpi_engine.words import initiatives as words

app = typer.Typer()


@app.command()
def initiatives(
    home: Home = HOME, month: Month = None, as_of: AsOf = None, as_json: Json = False
) -> None:
    """Say of every initiative whether it did what was expected of it."""
    with opened(home) as ws:
        found = read_initiatives(ws, month=month_asked(month), as_of=as_of)
        said = words.headline(found, is_declared=bool(ws.catalogue.initiatives))
    currency = found.organisation.currency
    rows = [
        words.row_texts(one, verdict, currency=currency)
        for one in found.judged
        for verdict in one.verdicts
    ]
    table = (words.COLUMNS, rows) if rows else None
    terminal.answer(found.to_dict(), as_json=as_json, said=said, table=table)
    if as_json:
        return
    for one in found.judged:
        terminal.line(f"{one.initiative.label}: {words.about(one, currency=currency)}")
        for verdict in one.verdicts:
            text = words.sentence(verdict, is_final=one.is_final, currency=currency)
            terminal.line(f"  {text} {words.how_known(verdict)}".rstrip())

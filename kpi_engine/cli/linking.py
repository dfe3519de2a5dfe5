"""Links: what can be turned, which there are and how sure they are, and whether they predict."""

from typing import Annotated

import typer

from kpi_engine import terminal
from kpi_engine.cli.options import (
    HOME,
    AsOf,
    Home,
    Json,
    Month,
    estimated,
    month_asked,
    now,
    opened,
)
from kpi_engine.periods import month_label, month_of
from kpi_engine.services import map as maps
from kpi_engine.services import whatif as whatifs
from kpi_engine.services.ledger import read_ledger
from kpi_engine.words import forecasts as forecast_words
from kpi_engine.words import map as map_words
from kpi_engine.words import whatif as whatif_words
from kpi_engine.words.remarks import remarks

app = typer.Typer()


@app.command()
def whatif(
    outcome: str,
    home: Home = HOME,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", help="A link and the value of its driver, as 'link=2.4'."),
    ] = None,
    month: Month = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """Say what an outcome would be with its drivers set otherwise; without --set, what can be."""
    changes = dict(_setting(text) for text in settings or [])
    with opened(home) as ws:
        estimated(ws, as_of)
        found = whatifs.simulate(ws, outcome, changes, month=month_asked(month), as_of=as_of)
        currency = ws.catalogue.organisation.currency
    said = whatif_words.sentence(found, currency=currency)
    terminal.answer(found.to_dict(), as_json=as_json, said=said)
    if as_json:
        return
    for text in whatif_words.warnings(found, currency=currency):
        terminal.line(f"  {text}")
    for lever in found.levers:
        now = whatif_words.now_and_seen((lever,), currency=currency)
        terminal.line(f"  --set {lever.link.id}={lever.now:.6g}   {now}")


def _setting(text: str) -> tuple[str, float]:
    name, sign, value = text.partition("=")
    try:
        return name.strip(), float(value)
    except ValueError as error:
        message = f"'{text}' is not a link and a number, such as 'page_load_to_conversion=2400'."
        raise typer.BadParameter(
            message if sign else f"{message} There is no '=' in it."
        ) from error


@app.command()
def links(
    home: Home = HOME, month: Month = None, as_of: AsOf = None, as_json: Json = False
) -> None:
    """Say which IT measures move which outcomes, how sure that is, and what is tied to nothing."""
    with opened(home) as ws:
        estimated(ws, as_of)
        shown = month_asked(month) or (None if ws.newest() else month_of(now().date()))
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


@app.command()
def ledger(
    outcome: Annotated[
        str | None, typer.Argument(help="Only this outcome, month by month; all otherwise.")
    ] = None,
    home: Home = HOME,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """Say whether the links predict: what was forecast of each month, and what came."""
    with opened(home) as ws:
        estimated(ws, as_of)
        found = read_ledger(ws, outcome=outcome, as_of=as_of)
    currency = found.organisation.currency
    rows = [forecast_words.row_texts(row, found.config, currency=currency) for row in found.rows]
    said = forecast_words.headline(found)
    table = (forecast_words.COLUMNS, rows) if rows else None
    terminal.answer(found.to_dict(), as_json=as_json, said=said, table=table)
    if as_json or outcome is None:
        return
    for row in found.rows:
        terminal.line(f"{row.label or forecast_words.OWN_PAST}:")
        for entry in row.entries:
            terminal.line(f"  {forecast_words.entry_text(entry, row.outcome, currency=currency)}")

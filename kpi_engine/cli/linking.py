"""What can be turned, what it would take, and whether the links predict."""

from collections.abc import Iterable
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
    opened,
)
from kpi_engine.services import whatif as whatifs
from kpi_engine.services.goal_seek import seek_goal
from kpi_engine.services.ledger import read_ledger
from kpi_engine.words import forecasts as forecast_words
from kpi_engine.words import goal_seek as goal_words
from kpi_engine.words import whatif as whatif_words

app = typer.Typer()


@app.command()
def whatif(
    outcome: str,
    home: Home = HOME,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", help="A link and the value of its driver, as 'link=2.4'."),
    ] = None,
    goal: Annotated[
        str | None,
        typer.Option(help="Say what each driver would have to be: 'target', or a value as 0.975."),
    ] = None,
    month: Month = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """Say what an outcome would be with its drivers set otherwise; without --set, what can be."""
    changes = settings_asked(settings or [])
    with opened(home) as ws:
        estimated(ws, as_of)
        setting = whatifs.read_setting(ws, outcome, month=month_asked(month), as_of=as_of)
        found = setting.simulate(changes)
        currency = ws.catalogue.organisation.currency
    sought = [
        seek_goal(setting, lever.link.id, goal=_goal(goal), settings=changes)
        for lever in (setting.levers if goal else ())
    ]
    said = whatif_words.sentence(found, currency=currency)
    document = found.to_dict() | ({"goal": [one.to_dict() for one in sought]} if goal else {})
    terminal.answer(document, as_json=as_json, said=said)
    if as_json:
        return
    if sought and (there := goal_words.reached(sought[0], currency=currency)):
        terminal.line(f"  {there}")
    for one in sought:
        sentence = goal_words.sentence(one, currency=currency).replace("**", "")
        if sentence:
            terminal.line(f"  {sentence}")
    for text in whatif_words.warnings(found, currency=currency):
        terminal.line(f"  {text}")
    for lever in found.levers:
        now = whatif_words.now_and_seen((lever,), currency=currency)
        terminal.line(f"  --set {lever.link.id}={lever.now:.6g}   {now}")


def _goal(text: str | None) -> float | None:
    """A goal as it stands on the command line; None for the target."""
    if text in (None, "target"):
        return None
    try:
        return float(str(text))
    except ValueError as error:
        message = "write 'target', or a value in the outcome's unit: 0.975 is 97.5 %"
        raise typer.BadParameter(message, param_hint="--goal") from error


def settings_asked(texts: Iterable[str]) -> dict[str, float]:
    """Settings as they stand on the command line: value by link."""
    return dict(map(_setting, texts))


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

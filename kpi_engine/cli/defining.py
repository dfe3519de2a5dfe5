"""What definitions said before, and what changing them did to the numbers."""

from typing import Annotated

import typer

from kpi_engine import terminal
from kpi_engine.cli.options import HOME, Home, Json, me, month_asked, now, opened
from kpi_engine.services.definition_history import read_changes
from kpi_engine.services.earlier import read_metric_history
from kpi_engine.services.redefining import bring_up_to_date
from kpi_engine.services.year_shape import read_year_shape
from kpi_engine.words.definitions import KIND, change_name, change_text, earlier_text

app = typer.Typer()


@app.command()
def definitions(
    metric: Annotated[str | None, typer.Argument(help="Only what concerns this measure.")] = None,
    home: Home = HOME,
    again: Annotated[
        bool, typer.Option("--again", help="Work every number out again first.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Say what changed in definitions and when; of one measure also how its level shifted."""
    with opened(home) as ws:
        if again:
            bring_up_to_date(ws, actor=me(), now=now(), again=True)
        found = read_metric_history(ws, metric) if metric else None
        listed = found.changes if found else read_changes(ws)
        organisation, catalogue = ws.catalogue.organisation, ws.catalogue
    zone, currency = organisation.zone, organisation.currency
    rows = [
        (
            one.day(zone).isoformat(),
            KIND[one.kind],
            change_name(one, catalogue),
            change_text(one, catalogue, currency=currency),
        )
        for one in listed
    ]
    terminal.answer(
        found.to_dict() if found else [one.to_dict() for one in listed],
        as_json=as_json,
        said="" if rows else "No definition has changed since the first data came in.",
        table=(("From", "Kind", "Of", "What changed"), rows) if rows else None,
    )
    if not as_json and found:
        for one in found.earlier:
            terminal.line(earlier_text(one, found.metric, currency=currency))


@app.command()
def shape(
    metric: str,
    month: Annotated[str, typer.Option("--year", help="Any month of the year, as 2027-01.")],
    home: Home = HOME,
    as_json: Json = False,
) -> None:
    """Print shares to spread a year's target by: how the year before was spread over its months."""
    asked = month_asked(month)
    if asked is None:
        raise AssertionError("a year is always named")
    with opened(home) as ws:
        found = read_year_shape(ws, metric, month=asked)
    terminal.answer(found.to_dict(), as_json=as_json)
    if not as_json:
        fields = found.to_dict()
        shares = ", ".join(f"{share:g}" for share in found.shares)
        for name, value in (fields | {"shares": f"[{shares}]"}).items():
            terminal.line(f"{name}: {value}")

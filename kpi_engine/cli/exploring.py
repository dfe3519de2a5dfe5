"""Questions of an analyst: any measure by any dimension, and the rows behind a number."""

from datetime import date, datetime
from typing import Annotated

import typer

from kpi_engine import terminal
from kpi_engine.cli.options import HOME, AsOf, Home, Json, opened
from kpi_engine.services.explore import query
from kpi_engine.services.rows_behind import rows_behind
from kpi_engine.terms import Comparison, Grain
from kpi_engine.words import explore as words
from kpi_engine.words import rows_behind as row_words

app = typer.Typer()

Only = Annotated[
    list[str] | None, typer.Option("--only", help="A member of a dimension: team=Network.")
]


@app.command()
def explore(
    metric: str,
    home: Home = HOME,
    by: Annotated[str | None, typer.Option("--by", help="The dimension to slice by.")] = None,
    grain: Grain = Grain.MONTH,
    first: Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"])] = None,
    last: Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"])] = None,
    compare: Annotated[Comparison | None, typer.Option("--compare")] = None,
    only: Only = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """Slice a measure: over time, by a dimension, beside what it is held against."""
    with opened(home) as ws:
        found = query(
            ws,
            metric,
            by=by,
            grain=grain,
            first=day_of(first),
            last=day_of(last),
            segment=segment_of(only),
            compare=compare,
            as_of=as_of,
        )
        organisation = ws.catalogue.organisation
    currency = organisation.currency
    said = words.headline(found, organisation)
    if found.board is None:
        header = (grain.value, found.metric.label, words.COMPARED[compare] if compare else "")
        rows = [
            (
                point.period.isoformat(),
                words.value_text(point.value, found.metric, currency=currency),
                words.value_text(point.held_against, found.metric, currency=currency)
                if compare
                else "",
            )
            for point in found.whole.points
        ]
        terminal.answer(found.to_dict(), as_json=as_json, said=said, table=(header, rows))
    else:
        cells = words.board_rows(found.board, found.metric, currency=currency)
        table = (tuple(cells[0]), [tuple(row.values()) for row in cells])
        terminal.answer(found.to_dict(), as_json=as_json, said=said, table=table)
    if as_json:
        return
    if found.board is not None:
        terminal.line(words.board_caption(found.board, found, organisation))
    for remark in found.remarks:
        terminal.line(remark)


def day_of(instant: datetime | None) -> date | None:
    """The day that was named; None where none was."""
    return instant.date() if instant else None


def segment_of(only: list[str] | None) -> dict[str, str]:
    """Members as they stand on the command line: ``team=Network``."""
    found = {}
    for text in only or []:
        name, mark, member = text.partition("=")
        if not mark or not name.strip() or not member.strip():
            raise typer.BadParameter("write a member as team=Network", param_hint="--only")
        found[name.strip()] = member.strip()
    return found


@app.command()
def rows(
    metric: str,
    period: Annotated[datetime, typer.Option("--period", formats=["%Y-%m-%d"])],
    home: Home = HOME,
    grain: Grain = Grain.MONTH,
    only: Only = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="Rows of each table.")] = 20,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """Open a number: the facts and events it is made of, with batch, file and query."""
    with opened(home) as ws:
        found = rows_behind(
            ws,
            metric,
            period=period.date(),
            grain=grain,
            segment=segment_of(only),
            as_of=as_of,
            limit=limit,
        )
        catalogue = ws.catalogue
    said = row_words.headline(found, catalogue.organisation)
    terminal.answer(found.to_dict(), as_json=as_json, said=said)
    if as_json:
        return
    terminal.line(row_words.how(found))
    for part in found.parts:
        table = part.events or part.facts
        if table is None:
            continue
        cells = [[str(value) for value in row] for row in table.frame.itertuples(index=False)]
        terminal.line(f"{row_words.part_title(part, found, catalogue)}:")
        terminal.answer({}, as_json=False, table=([str(c) for c in table.frame.columns], cells))
        terminal.line(row_words.rows_caption(part, table, found, catalogue.organisation, first=0))
    for month, point in found.months:
        value = words.value_text(point.value, found.metric)
        terminal.line(f"  {month.isoformat()}: {value}")

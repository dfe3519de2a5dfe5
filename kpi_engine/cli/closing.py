"""Close a month: what is open, why outcomes are where they are, signatures, editions."""

from datetime import date, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from kpi_engine import terminal
from kpi_engine.cli.options import HOME, Home, Json, estimated, me, now, opened
from kpi_engine.periods import month_label, parse_month
from kpi_engine.services import checklist, closing, editions
from kpi_engine.terms import Cause, Side
from kpi_engine.words import closing as words
from kpi_engine.words import scorecard as scorecard_words
from kpi_engine.workspace import Workspace

app = typer.Typer(no_args_is_help=True, help="Close a month, or read what was published.")


def _month(text: str) -> date:
    try:
        return parse_month(text)
    except ValueError as error:
        raise typer.BadParameter("write the month as 2026-10") from error


Number = Annotated[int | None, typer.Option(help="Of an edition; the newest otherwise.")]
Month = Annotated[date, typer.Argument(parser=_month, metavar="MONTH", help="As 2026-10.")]


@app.command("show")
def close_show(month: Month, home: Home = HOME, as_json: Json = False) -> None:
    """Print what is open before a month can be published, and what was published."""
    with opened(home) as ws:
        estimated(ws, None)
        found = checklist.read_close(ws, month)
        zone = _zone(ws)
    lines = [words.point_text(one) for one in found.points]
    labels = {row.outcome.metric.id: row.outcome.label for row in found.card.rows}
    lines += [
        f"{labels.get(one.metric, one.metric)}: {words.comment_text(one)}" for one in found.comments
    ]
    lines += [words.signature_text(one, zone) for one in found.signatures]
    lines += [words.published_text(one, zone) for one in found.published]
    said = "\n".join([words.headline(found), *lines])
    terminal.answer(found.to_dict(), as_json=as_json, said=said)


@app.command("comment")
def close_comment(
    month: Month,
    outcome: str,
    text: str,
    cause: Annotated[Cause, typer.Option(help="Its kind.")],
    action: Annotated[str, typer.Option(help="What will be done.")] = "",
    owner: Annotated[str, typer.Option(help="Who does it.")] = "",
    due: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="By when.")] = None,
    home: Home = HOME,
    as_json: Json = False,
) -> None:
    """Say why an outcome is where it is, and what will be done about it."""
    with opened(home) as ws:
        closing.comment(
            ws,
            month,
            outcome,
            cause=cause,
            text=text,
            action=action,
            owner=owner,
            due=due.date() if due else None,
            actor=me(),
            now=now(),
        )
        said = {one.metric: one for one in checklist.comments_of(ws, month)}[outcome]
    terminal.answer(said.to_dict(), as_json=as_json, said=words.comment_text(said))


@app.command("withdraw")
def close_withdraw(month: Month, outcome: str, home: Home = HOME, as_json: Json = False) -> None:
    """Take back what was said of an outcome."""
    with opened(home) as ws:
        closing.withdraw(ws, month, outcome, actor=me(), now=now())
    answer = {"month": month.isoformat(), "outcome": outcome}
    terminal.answer(answer, as_json=as_json, said="Taken back.")


@app.command("sign")
def close_sign(
    month: Month, side: Side, name: str, home: Home = HOME, as_json: Json = False
) -> None:
    """Put the signature of an owner of one side under a month as it stands."""
    with opened(home) as ws:
        estimated(ws, None)
        closing.sign(ws, month, side, name=name, actor=me(), now=now())
        found = checklist.read_close(ws, month)
    terminal.answer(found.to_dict(), as_json=as_json, said=words.headline(found))


@app.command("publish")
def close_publish(month: Month, home: Home = HOME, as_json: Json = False) -> None:
    """Freeze a month that both sides have signed as its next edition."""
    with opened(home) as ws:
        estimated(ws, None)
        edition = closing.publish(ws, month, actor=me(), now=now())
        said = words.edition_text(edition, _zone(ws))
    terminal.answer(edition.to_dict(), as_json=as_json, said=said)


@app.command("reopen")
def close_reopen(month: Month, reason: str, home: Home = HOME, as_json: Json = False) -> None:
    """Open a closed month again; what was published stays."""
    with opened(home) as ws:
        number = closing.reopen(ws, month, reason=reason, actor=me(), now=now())
    said = f"{month_label(month)} is open again, for edition {number}."
    terminal.answer({"month": str(month), "edition": number}, as_json=as_json, said=said)


@app.command("edition")
def close_edition(
    month: Month, number: Number = None, home: Home = HOME, as_json: Json = False
) -> None:
    """Print a month as it was published; the same today and in a year."""
    with opened(home) as ws:
        found = editions.read_edition(ws, month, number=number)
    zone = found.card.organisation.zone
    said = "\n".join([words.edition_text(found, zone), scorecard_words.headline(found.card)])
    terminal.answer(found.to_dict(), as_json=as_json, said=said)


@app.command("restated")
def close_restated(
    month: Month, number: Number = None, home: Home = HOME, as_json: Json = False
) -> None:
    """Print what is another now than it was published."""
    with opened(home) as ws:
        found = editions.read_edition(ws, month, number=number)
        changed = editions.read_restated(ws, found)
        currency = ws.catalogue.organisation.currency
    rows = [tuple(words.restated_row(one, currency=currency).values()) for one in changed]
    terminal.answer(
        [one.to_dict() for one in changed],
        as_json=as_json,
        said=words.restated_text(changed),
        table=(words.RESTATED_COLUMNS, rows) if rows else None,
    )


def _zone(ws: Workspace) -> ZoneInfo:
    return ws.catalogue.organisation.zone

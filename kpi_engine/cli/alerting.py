"""What has changed since somebody was last told: print it, send it, put it off."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated

import typer

from kpi_engine import terminal
from kpi_engine.cli.options import HOME, Home, Json, estimated, me, now, opened
from kpi_engine.services import alerts as service
from kpi_engine.services.delivery import to_file, to_people
from kpi_engine.words import alerts as words
from kpi_engine.workspace import Workspace

app = typer.Typer()
Notify = Annotated[
    list[str] | None,
    typer.Option(
        "--notify",
        envvar="PLUMBLINE_NOTIFY",
        help="Apprise addresses; several in the environment are apart by spaces.",
    ),
]


@app.command()
def alerts(
    home: Home = HOME,
    send: Annotated[
        bool, typer.Option("--send", help="Deliver a digest and mark it as told.")
    ] = False,
    notify: Notify = None,
    as_json: Json = False,
) -> None:
    """Print what has changed since the last digest; with --send deliver it and mark it as told."""
    with opened(home) as ws:
        estimated(ws, None)
        found = service.read_alerts(ws, today=_today(ws))
        currency = ws.catalogue.organisation.currency
        text = words.digest(found, currency=currency)
        keys = [f"  {one.key}" for one in words.by_weight(found.open)]
        if send and found.new:
            _send(ws, found, text, addresses=notify or ())
    if keys and not send:
        text = "\n".join([text, "To put one off, name its key:", *keys])
    terminal.answer(found.to_dict(), as_json=as_json, said=text)


@app.command()
def snooze(
    key: str,
    until: Annotated[
        datetime, typer.Option(formats=["%Y-%m-%d"], help="First day it counts again.")
    ],
    reason: Annotated[str, typer.Option(help="Why, in a sentence.")],
    home: Home = HOME,
    as_json: Json = False,
) -> None:
    """Put an alert off; its key is printed by ``alerts``."""
    with opened(home) as ws:
        day = until.date()
        found = service.read_alerts(ws, today=_today(ws))
        service.snooze(
            ws, found, key, until=day, reason=reason, actor=me(), today=_today(ws), now=now()
        )
    said = f"Put off until {day}."
    terminal.answer({"key": key, "until": day.isoformat()}, as_json=as_json, said=said)


def _send(ws: Workspace, found: service.Alerts, text: str, *, addresses: Sequence[str]) -> None:
    at = now()

    def deliver(said: str) -> None:
        to_file(ws.outbox_folder, text=said, now=at)
        to_people(addresses, title=words.title(found), text=said)

    service.tell(ws, found, text=text, actor=me(), now=at, deliver=deliver)


def _today(ws: Workspace) -> date:
    return ws.catalogue.organisation.day_of(now())

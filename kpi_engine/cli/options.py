"""What every verb takes, and what it does first."""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from kpi_engine import terminal
from kpi_engine.actors import Actor, local_actor
from kpi_engine.errors import StoreError
from kpi_engine.periods import month_label, parse_month
from kpi_engine.services import scorecard
from kpi_engine.services.estimates import estimate_all, missing_estimates
from kpi_engine.services.redefining import bring_up_to_date
from kpi_engine.services.scorecard import Scorecard
from kpi_engine.workspace import Workspace

Home = Annotated[Path, typer.Option("--home", envvar="PLUMBLINE_HOME", help="The data folder.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]
Month = Annotated[str | None, typer.Option("--month", help="As 2026-10; the newest otherwise.")]
AsOf = Annotated[int | None, typer.Option("--as-of", help="Look only at batches up to this one.")]
HOME = Path("data/home")
PATIENCE = 600.0
"""Seconds that the command line waits for the process that holds the store."""


@contextmanager
def opened(home: Path) -> Iterator[Workspace]:
    """The workspace in a data folder, for the length of one verb, up to date with definitions."""
    ws = Workspace.open(home)
    try:
        bring_up_to_date(ws, actor=me(), now=now())
        yield ws
    finally:
        ws.close()


def estimated(ws: Workspace, as_of: int | None) -> None:
    """Work out what own data say of links, where nobody has since the data came in."""
    if not missing_estimates(ws, as_of=as_of):
        return
    with terminal.bar_of_files() as bar:
        task = bar.add_task("Estimating links", total=None)

        def tell(done: int, total: int, outcome: str) -> None:
            bar.update(task, completed=done, total=total, description=outcome or "Done")

        estimate_all(ws, as_of=as_of, progress=tell)


def scorecard_asked(home: Path, *, month: str | None, as_of: int | None) -> Scorecard:
    """The scorecard of the month that was named, or of the newest.

    Raises:
        StoreError: A month was named in which no outcome has data.
    """
    with opened(home) as ws:
        estimated(ws, as_of)
        found = scorecard.read(ws, month=month_asked(month), as_of=as_of)
    if month and all(row.outcome.value is None for row in found.rows):
        raise StoreError(
            f"No outcome has data for {month_label(found.month)}.", hint="Choose another month."
        )
    return found


def me() -> Actor:
    """In whose name a verb acts: whoever is logged in to this machine."""
    return local_actor(getpass.getuser())


def now() -> datetime:
    """The instant at which a verb acts."""
    return datetime.now(UTC)


def month_asked(text: str | None) -> date | None:
    """A month as it stands on the command line; None where none was named."""
    if text is None:
        return None
    try:
        return parse_month(text)
    except ValueError as error:
        raise typer.BadParameter("write the month as 2026-10", param_hint="--month") from error

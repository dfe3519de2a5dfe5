"""Files to hand on: a month as PDF, slides, workbook, web page or table."""

from hashlib import sha256
from pathlib import Path
from typing import Annotated

import typer

from kpi_engine import terminal
from kpi_engine.cli.options import (
    HOME,
    AsOf,
    Home,
    Json,
    Month,
    month_asked,
    opened,
    scorecard_asked,
)
from kpi_engine.errors import StoreError
from kpi_engine.render.documents.formats import Format, document, file_name
from kpi_engine.services.checklist import comments_of
from kpi_engine.services.editions import read_edition
from kpi_engine.services.scorecard import Scorecard
from kpi_engine.units import format_count
from kpi_engine.words.imprint import Imprint, draft, of_edition

app = typer.Typer()


@app.command()
def export(
    form: Annotated[Format, typer.Argument(metavar="FORMAT", help="pdf, pptx, xlsx, html or csv.")],
    home: Home = HOME,
    month: Month = None,
    as_of: AsOf = None,
    edition: Annotated[
        int | None, typer.Option("--edition", help="As it was published; latest figures otherwise.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Where to; a name of its own here otherwise.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Write a month's scorecard to a file that can be handed on."""
    found, imprint = _asked(home, month=month, as_of=as_of, edition=edition)
    file = out or Path(file_name(found, form, imprint))
    if not file.parent.is_dir():
        raise StoreError(f"There is no folder {file.parent}.", hint="Make it, or check the path.")
    made = document(found, form, imprint)
    file.write_bytes(made)
    answer = {
        "file": str(file.resolve()),
        "month": f"{found.month:%Y-%m}",
        "as_of": found.as_of,
        "bytes": len(made),
        "sha256": sha256(made).hexdigest(),
    }
    terminal.answer(answer, as_json=as_json, said=f"{file}: {format_count(len(made))} bytes.")


def _asked(
    home: Path, *, month: str | None, as_of: int | None, edition: int | None
) -> tuple[Scorecard, Imprint]:
    """A month's latest figures, or as they were published, with what a document says of them."""
    if edition is None:
        found = scorecard_asked(home, month=month, as_of=as_of)
        if as_of is not None:
            return found, draft(found)
        with opened(home) as ws:
            return found, draft(found, comments_of(ws, found.month))
    if as_of is not None:
        raise typer.BadParameter("an edition has a tick of its own", param_hint="--as-of")
    asked = month_asked(month)
    if asked is None:
        raise typer.BadParameter("name its month as well", param_hint="--edition")
    with opened(home) as ws:
        published = read_edition(ws, asked, number=edition)
    return published.card, of_edition(published)

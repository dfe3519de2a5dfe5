"""Files to hand on: a month as PDF, slides, workbook, web page or table."""

from hashlib import sha256
from pathlib import Path
from typing import Annotated

import typer

from kpi_engine import terminal
from kpi_engine.cli.options import HOME, AsOf, Home, Json, Month, scorecard_asked
from kpi_engine.errors import StoreError
from kpi_engine.render.documents.formats import Format, document, file_name
from kpi_engine.units import format_count

app = typer.Typer()


@app.command()
def export(
    form: Annotated[Format, typer.Argument(metavar="FORMAT", help="pdf, pptx, xlsx, html or csv.")],
    home: Home = HOME,
    month: Month = None,
    as_of: AsOf = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Where to; a name of its own here otherwise.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Write a month's scorecard to a file that can be handed on."""
    found = scorecard_asked(home, month=month, as_of=as_of)
    file = out or Path(file_name(found, form))
    if not file.parent.is_dir():
        raise StoreError(f"There is no folder {file.parent}.", hint="Make it, or check the path.")
    made = document(found, form)
    file.write_bytes(made)
    answer = {
        "file": str(file.resolve()),
        "month": f"{found.month:%Y-%m}",
        "as_of": found.as_of,
        "bytes": len(made),
        "sha256": sha256(made).hexdigest(),
    }
    terminal.answer(answer, as_json=as_json, said=f"{file}: {format_count(len(made))} bytes.")

"""Plumbline without a browser: ``python -m kpi_engine VERB``.

With ``--json`` exactly one JSON document goes to standard output; messages go to standard error.
Exit status: 0 done, 1 the input was refused, 2 wrong usage, 130 cancelled with Ctrl-C.
"""

import gc

import typer

from kpi_engine import terminal
from kpi_engine.catalogue.load import BrokenCatalogueError
from kpi_engine.cli import (
    adding,
    alerting,
    asking,
    checking,
    closing,
    defining,
    exploring,
    exporting,
    linking,
    links,
    planning,
    reading,
    recipes,
    scenarios,
)
from kpi_engine.errors import CancelledError, ScorecardError

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
for part in (
    adding,
    reading,
    exploring,
    exporting,
    linking,
    planning,
    alerting,
    asking,
    defining,
    checking,
):
    app.add_typer(part.app)
app.add_typer(recipes.app, name="recipe")
app.add_typer(closing.app, name="close")
app.add_typer(links.app, name="links")
app.add_typer(scenarios.app, name="scenarios")

_CANCELLED = 130


def main() -> None:
    """Run one verb; expected errors become a sentence and exit status 1."""
    # Composing statements makes many objects and no cycles: looking for some took 7 % of a build.
    gc.set_threshold(50_000, 20, 100)
    try:
        app()
    except BrokenCatalogueError as error:
        terminal.show_findings(error.findings)
        raise SystemExit(1) from error
    except CancelledError as cancelled:
        terminal.note(str(cancelled))
        raise SystemExit(_CANCELLED) from cancelled
    except ScorecardError as error:
        terminal.note(str(error))
        raise SystemExit(1) from error


if __name__ == "__main__":
    main()

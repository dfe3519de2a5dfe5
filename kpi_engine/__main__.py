"""Plumbline without a browser: ``python -m kpi_engine VERB``.

With ``--json`` exactly one JSON document goes to standard output; messages go to standard error.
Exit status: 0 done, 1 the input was refused, 2 wrong usage, 130 cancelled with Ctrl-C.
"""

import gc
import getpass
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from kpi_engine import terminal
from kpi_engine.actors import Actor, local_actor
from kpi_engine.catalogue.load import BrokenCatalogueError, load_catalogue
from kpi_engine.demo.build import load_demo
from kpi_engine.errors import CancelledError, ScorecardError, StoreBusyError, StoreError
from kpi_engine.findings import Finding
from kpi_engine.imports.overrides import Overrides
from kpi_engine.periods import month_label, month_of, parse_month
from kpi_engine.services import imports, outcomes, recipes
from kpi_engine.services import map as maps
from kpi_engine.services import scorecard as scorecards
from kpi_engine.services import whatif as whatifs
from kpi_engine.services.doctor import examine
from kpi_engine.services.estimates import estimate_all, missing_estimates
from kpi_engine.services.facts import read_facts
from kpi_engine.services.handing_over import hand_over, hand_recipe_over
from kpi_engine.services.import_results import Batch, Preview
from kpi_engine.services.sources import read_source
from kpi_engine.terms import Grain, RowFate, Severity
from kpi_engine.words import drivers as driver_words
from kpi_engine.words import imports as import_words
from kpi_engine.words import judgement
from kpi_engine.words import map as map_words
from kpi_engine.words import outcome as outcome_words
from kpi_engine.words import reading as reading_words
from kpi_engine.words import scorecard as scorecard_words
from kpi_engine.words import whatif as whatif_words
from kpi_engine.words.remarks import remarks
from kpi_engine.workspace import SHIPPED, Workspace, own_definitions, own_recipes

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
recipes_app = typer.Typer(no_args_is_help=True, help="Kinds of files: share one, or add one.")
app.add_typer(recipes_app, name="recipe")

Home = Annotated[Path, typer.Option("--home", envvar="PLUMBLINE_HOME", help="The data folder.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]
Month = Annotated[str | None, typer.Option("--month", help="As 2026-10; the newest otherwise.")]
Replace = Annotated[
    bool,
    typer.Option(
        "--replace",
        help="The file holds everything of its days: take out what its source brought earlier "
        "for them and it lacks.",
    ),
]
Column = Annotated[
    list[str] | None,
    typer.Option(
        "--column",
        help="What a column means, as 'service=Affected system'; may be given several times. "
        "Nothing behind the sign leaves the field out.",
    ),
]
AddUp = Annotated[
    bool,
    typer.Option(
        "--add-up",
        help="Rows of the same measure, part and period are parts of one number: add them.",
    ),
]
AsOf = Annotated[int | None, typer.Option("--as-of", help="Look only at batches up to this one.")]
HOME = Path("data/home")
_PATIENCE = 600.0
"""Seconds that the command line waits for the process that holds the store."""
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


@app.command()
def demo(home: Home = HOME, as_json: Json = False) -> None:
    """Fill an empty data folder with the sample company, or add what is missing of it."""
    with _open(home) as ws, terminal.bar_of_files() as bar:
        task = bar.add_task("Starting", total=None)

        def tell(done: int, total: int, name: str) -> None:
            bar.update(task, completed=done, total=total, description=name or "Done")

        truths = load_demo(ws, actor=_me(), progress=tell)
        terminal.answer(
            truths.to_dict(),
            as_json=as_json,
            said=f"{ws.catalogue.organisation.name} is in {home}.",
        )


@app.command()
def preview(
    file: Path,
    home: Home = HOME,
    recipe: str | None = None,
    column: Column = None,
    replace: Replace = False,
    add_up: AddUp = False,
    as_json: Json = False,
) -> None:
    """Show what importing a file would change; nothing is saved."""
    with _open(home) as ws:
        said = Overrides(columns=_columns(column), replaces=replace, adds=add_up)
        shown = terminal.watched(partial(_preview, ws, file, recipe=recipe, said=said))
        imports.discard(ws, shown, actor=_me())
        terminal.answer(shown.to_dict(), as_json=as_json, said=import_words.headline(shown))
        if not as_json:
            terminal.show_preview(shown, ws.catalogue)


@app.command("import")
def import_files(
    files: list[Path],
    home: Home = HOME,
    recipe: str | None = None,
    note: str = "",
    column: Column = None,
    replace: Replace = False,
    add_up: AddUp = False,
    as_json: Json = False,
) -> None:
    """Import files; good rows are saved, rejected ones are listed. Ctrl-C cancels.

    A store that the app holds is left to the app: the files are handed over to it.
    """
    saved: list[dict[str, Any]] = []
    refused = False
    said = Overrides(columns=_columns(column), replaces=replace, adds=add_up)
    try:
        ws = Workspace.open(home)
    except StoreBusyError as busy:
        _hand_over(busy, files, home=home, recipe=recipe, note=note, said=said, as_json=as_json)
        return
    with closing(ws):
        for file in files:
            try:
                shown, batch = terminal.watched(
                    partial(_import, ws, file, recipe=recipe, note=note, said=said)
                )
            except CancelledError:
                if saved:
                    terminal.note(
                        f"Before {file.name}, all was done: {len(saved)} of {len(files)}."
                    )
                raise
            refused |= shown.counts[RowFate.REJECTED] > 0
            saved.append({"preview": shown.to_dict(), "batch": batch.to_dict() if batch else None})
            terminal.note(f"{file.name}: {import_words.headline(shown)}")
            terminal.show_findings(shown.findings)
    terminal.answer(saved, as_json=as_json)
    if refused:
        raise typer.Exit(1)


def _import(
    ws: Workspace, file: Path, *, recipe: str | None, note: str, said: Overrides
) -> tuple[Preview, Batch | None]:
    shown = _preview(ws, file, recipe=recipe, said=said)
    try:
        return shown, imports.commit(ws, shown, actor=_me(), now=_now(), note=note)
    finally:
        imports.discard(ws, shown, actor=_me())


def _preview(ws: Workspace, file: Path, *, recipe: str | None, said: Overrides) -> Preview:
    return imports.preview(ws, file, actor=_me(), recipe=recipe, now=_now(), overrides=said)


def _hand_over(
    busy: StoreBusyError,
    files: Sequence[Path],
    *,
    home: Path,
    recipe: str | None,
    note: str,
    said: Overrides,
    as_json: bool,
) -> None:
    """Leave the files to the process that holds the store, and print what it answers."""
    terminal.note(f"{busy.message} The files are handed over to it.")
    answers = []
    for file in files:
        with terminal.telling() as tell:
            handed = hand_over(
                home.resolve(),
                file,
                actor=getpass.getuser(),
                recipe=recipe,
                note=note,
                said=said,
                patience=_PATIENCE,
                tell=tell,
            )
        answers.append(handed)
    terminal.answer(answers, as_json=as_json)
    for file, answer in zip(files, answers, strict=True):
        if not as_json:
            terminal.line(f"{file.name}: {_handed(answer)}")
    if any(_is_wrong(answer) for answer in answers):
        raise typer.Exit(1)


def _handed(answer: dict[str, Any]) -> str:
    """What the other process made of a file."""
    if "error" in answer:
        return str(answer["error"])
    counts = answer["preview"]["counts"]
    said = ", ".join(f"{count} {fate}" for fate, count in counts.items() if count)
    batch = answer["batch"]
    return f"{said}; saved as batch {batch['id']}." if batch else f"{said}; nothing to save."


def _is_wrong(answer: dict[str, Any]) -> bool:
    return "error" in answer or answer["preview"]["counts"][RowFate.REJECTED.value] > 0


@app.command()
def undo(batch: int, home: Home = HOME, note: str = "", as_json: Json = False) -> None:
    """Take a batch back; undoing an undo brings its batch back."""
    with _open(home) as ws:
        done = imports.undo(ws, batch, actor=_me(), now=_now(), note=note)
        terminal.answer(done.to_dict(), as_json=as_json, said=import_words.undone_message(done))


@app.command()
def batches(home: Home = HOME, as_json: Json = False) -> None:
    """List every accepted change, newest first."""
    with _open(home) as ws:
        found = imports.batches(ws)
    rows = [
        (
            str(b.id),
            f"{b.at:%Y-%m-%d %H:%M}",
            b.actor,
            b.file_name or b.kind.value,
            str(b.rows_read),
            import_words.batch_result(b),
        )
        for b in found
    ]
    header = ("Batch", "When (UTC)", "By", "File", "Rows", "Result")
    terminal.answer([b.to_dict() for b in found], as_json=as_json, table=(header, rows))


@app.command()
def facts(
    metric: str,
    home: Home = HOME,
    grain: Grain = Grain.MONTH,
    first: Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"])] = None,
    last: Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"])] = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """Print one metric's values over time."""
    with _open(home) as ws:
        found = read_facts(
            ws,
            metric,
            grain=grain,
            first=first.date() if first else date(1900, 1, 1),
            last=last.date() if last else date(2200, 1, 1),
            as_of=as_of,
        )
    rows = [
        (
            v.period.isoformat(),
            reading_words.number_text(v.value, found.metric),
            reading_words.short_text(v, grain),
        )
        for v in found.values
    ]
    header = (grain.value, found.metric.label, "")
    terminal.answer(found.to_dict(), as_json=as_json, table=(header, rows))


@app.command()
def scorecard(
    home: Home = HOME, month: Month = None, as_of: AsOf = None, as_json: Json = False
) -> None:
    """Print a month's scorecard."""
    with _open(home) as ws:
        _estimate(ws, as_of)
        found = scorecards.read(ws, month=_month(month), as_of=as_of)
    if month and all(row.outcome.value is None for row in found.rows):
        raise StoreError(
            f"No outcome has data for {month_label(found.month)}.", hint="Choose another month."
        )
    said = f"{month_label(found.month)}: {scorecard_words.headline(found)}"
    currency = found.organisation.currency
    rows = [
        (
            row.outcome.label,
            f"{reading_words.value_text(row.outcome, currency=currency)} "
            f"{reading_words.as_of_text(row.outcome)}".strip(),
            reading_words.target_text(row.outcome, currency=currency),
            judgement.STATUS[row.outcome.judgement.status].word,
            reading_words.change_text(row.outcome, currency=currency),
            judgement.verdict_text(row.outcome.verdict),
        )
        for row in found.rows
    ]
    header = ("Outcome", "Value", "Target", "Status", "Change", "Against its history")
    terminal.answer(found.to_dict(), as_json=as_json, said=said, table=(header, rows))


@app.command()
def explain(
    outcome: str, home: Home = HOME, month: Month = None, as_of: AsOf = None, as_json: Json = False
) -> None:
    """Say why an outcome moved: parts, links, events, and what stays unexplained."""
    with _open(home) as ws:
        _estimate(ws, as_of)
        found = outcomes.explain(ws, outcome, month=_month(month), as_of=as_of)
        currency = ws.catalogue.organisation.currency
    terminal.answer(
        found.to_dict(), as_json=as_json, said=outcome_words.headline(found, currency=currency)
    )
    if as_json:
        return
    for driver in found.drivers:
        line = driver_words.driver_line(driver, found.outcome.metric, currency=currency)
        terminal.line(f"  {driver.reading.label}: {line.text}")
    if usual := driver_words.usual_text(found, currency=currency):
        terminal.line(f"  {driver_words.USUAL_COURSE}: {usual}")
    rest = driver_words.remainder_text(found, currency=currency) or "nothing that would show"
    terminal.line(f"  {driver_words.OTHER_CAUSES}: {rest}")
    for sentence in outcome_words.mix_sentences(found, currency=currency):
        terminal.line(f"  {sentence}")
    for event in found.events:
        terminal.line(f"  {event.day.isoformat()}: {event.sentence}")


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
    with _open(home) as ws:
        _estimate(ws, as_of)
        found = whatifs.simulate(ws, outcome, changes, month=_month(month), as_of=as_of)
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
    with _open(home) as ws:
        _estimate(ws, as_of)
        shown = _month(month) or (None if ws.newest() else month_of(_now().date()))
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
def check(
    context: typer.Context,
    folders: Annotated[
        list[Path] | None, typer.Argument(help="Folders of definitions, in place of the shipped.")
    ] = None,
    home: Home = HOME,
    as_json: Json = False,
) -> None:
    """Check definitions, the shipped and the data folder's own, and list every mistake at once."""
    source = context.get_parameter_source("home")
    is_named = source is not None and source.name == "COMMANDLINE"
    if is_named and not home.is_dir():
        raise StoreError(f"There is no data folder {home}.", hint="Check the path.")
    given, own = folders or [SHIPPED / "definitions"], list[Path]()
    if is_named or not folders:
        given = [*given, *own_definitions(home)]
        own = own_recipes(home)
    try:
        findings = load_catalogue(*given, recipes=SHIPPED / "recipes", own_recipes=own).findings
    except BrokenCatalogueError as error:
        findings = error.findings
    wrong = sum(finding.severity is Severity.ERROR for finding in findings)
    count = "1 mistake." if wrong == 1 else f"{wrong} mistakes."
    terminal.answer([f.to_dict() for f in findings], as_json=as_json, said=count)
    if not as_json:
        terminal.show_findings(findings)
    if wrong:
        raise typer.Exit(1)


@app.command()
def doctor(home: Home = HOME, as_json: Json = False) -> None:
    """Work everything derived out again and compare it with what is kept."""
    with _open(home) as ws:
        findings = examine(ws)
    count = len(findings)
    broken = "1 thing does not hold." if count == 1 else f"{count} things do not hold."
    terminal.answer(
        [f.to_dict() for f in findings],
        as_json=as_json,
        said=broken if findings else "Everything holds.",
    )
    if not as_json:
        terminal.show_findings(findings)
    if findings:
        raise typer.Exit(1)


@recipes_app.command("add")
def recipe_add(file: Path, home: Home = HOME, as_json: Json = False) -> None:
    """Make a recipe that somebody shared a source of this data folder, or list its mistakes."""
    if not file.is_file():
        raise StoreError(f"There is no file {file}.", hint="Check the path.")
    try:
        with _open(home) as ws:
            added = recipes.add_recipe(ws, file.name, file.read_bytes(), actor=_me(), now=_now())
            source, is_known = read_source(ws, added.recipe).to_dict(), added.is_known
    except StoreBusyError as busy:
        source, is_known = _hand_recipe_over(busy, file, home=home)
    feeds = f" It feeds {', '.join(source['feeds'])}." if source["feeds"] else ""
    state = "is here already" if is_known else "is known from now on"
    terminal.answer(source, as_json=as_json, said=f"{source['label']} {state}.{feeds}")


def _hand_recipe_over(
    busy: StoreBusyError, file: Path, *, home: Path
) -> tuple[dict[str, Any], bool]:
    """Leave a recipe to the process that holds the store; the source, and whether it was known."""
    terminal.note(f"{busy.message} The recipe is handed over to it.")
    answer = hand_recipe_over(home.resolve(), file, actor=getpass.getuser(), patience=_PATIENCE)
    if "error" not in answer:
        return answer["source"], answer["is_known"]
    findings = [Finding(**one) for one in answer.get("findings", ())]
    terminal.show_findings(findings)
    if not findings:
        terminal.note(answer["error"])
    raise typer.Exit(1)


@recipes_app.command("show")
def recipe_show(recipe: str, home: Home = HOME) -> None:
    """Print a recipe as YAML, to be shared or changed."""
    with _open(home) as ws:
        print(recipes.recipe_text(ws, recipe), end="")


def _columns(given: Sequence[str] | None) -> dict[str, str]:
    """Field to column, of pairs as they stand on the command line."""
    pairs = [one.partition("=") for one in given or ()]
    for field, sign, _ in pairs:
        if not sign:
            raise typer.BadParameter(
                f"'{field}' names no column; write it as service=Affected system",
                param_hint="--column",
            )
    return {field.strip(): column.strip() for field, _, column in pairs}


@contextmanager
def _open(home: Path) -> Iterator[Workspace]:
    ws = Workspace.open(home)
    try:
        yield ws
    finally:
        ws.close()


def _estimate(ws: Workspace, as_of: int | None) -> None:
    """Work out what own data say of links, where nobody has since the data came in."""
    if not missing_estimates(ws, as_of=as_of):
        return
    with terminal.bar_of_files() as bar:
        task = bar.add_task("Estimating links", total=None)

        def tell(done: int, total: int, outcome: str) -> None:
            bar.update(task, completed=done, total=total, description=outcome or "Done")

        estimate_all(ws, as_of=as_of, progress=tell)


def _me() -> Actor:
    return local_actor(getpass.getuser())


def _now() -> datetime:
    return datetime.now(UTC)


def _month(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return parse_month(text)
    except ValueError as error:
        raise typer.BadParameter("write the month as 2026-10", param_hint="--month") from error


if __name__ == "__main__":
    main()

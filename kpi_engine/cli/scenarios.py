"""What-ifs under a name: saved, compared, taken off the list, made an initiative."""

from datetime import datetime
from typing import Annotated

import typer

from kpi_engine import terminal
from kpi_engine.cli.linking import settings_asked
from kpi_engine.cli.options import HOME, Home, Json, Month, estimated, me, month_asked, now, opened
from kpi_engine.periods import month_label
from kpi_engine.services import scenarios as scenario_service
from kpi_engine.services import whatif as whatifs
from kpi_engine.services.initiative_plans import Plan, expected_moves, save_plan
from kpi_engine.words import initiatives as initiative_words
from kpi_engine.words import scenarios as words
from kpi_engine.words import whatif as whatif_words

app = typer.Typer(help="What-ifs saved under a name, compared, and made initiatives.")

_DAY = ["%Y-%m-%d"]
Day = Annotated[datetime, typer.Option(formats=_DAY)]
Settings = Annotated[
    list[str], typer.Option("--set", help="A link and the value of its driver, as 'link=2.4'.")
]


@app.callback(invoke_without_command=True)
def scenarios(context: typer.Context, home: Home = HOME, as_json: Json = False) -> None:
    """List saved scenarios."""
    if context.invoked_subcommand is not None:
        return
    with opened(home) as ws:
        found = scenario_service.saved_scenarios(ws)
        labels = {one.outcome: ws.catalogue.metric(one.outcome).label for one in found}
    rows = [
        (
            one.name,
            labels[one.outcome],
            month_label(one.month),
            one.actor,
            f"{one.saved_at:%Y-%m-%d}",
        )
        for one in found
    ]
    header = ("Scenario", "Outcome", "Month", "Saved by", "On")
    said = f"{len(rows)} saved." if rows else words.NOTHING_SAVED
    table = (header, rows) if rows else None
    terminal.answer([one.to_dict() for one in found], as_json=as_json, said=said, table=table)


@app.command("save")
def scenarios_save(
    outcome: str,
    name: str,
    settings: Settings,
    home: Home = HOME,
    month: Month = None,
    as_json: Json = False,
) -> None:
    """Keep a what-if under a name."""
    with opened(home) as ws:
        estimated(ws, None)
        changes = settings_asked(settings)
        found = whatifs.simulate(ws, outcome, changes, month=month_asked(month))
        saved = scenario_service.save_scenario(ws, found, name=name, actor=me(), now=now())
        currency = ws.catalogue.organisation.currency
    said = whatif_words.sentence(found, currency=currency)
    terminal.answer(saved.to_dict(), as_json=as_json, said=f"Saved. {said}")


@app.command("compare")
def scenarios_compare(names: list[str], home: Home = HOME, as_json: Json = False) -> None:
    """Hold up to four scenarios beside each other, and say what has moved since."""
    with opened(home) as ws:
        estimated(ws, None)
        found = scenario_service.compare(ws, names)
    header, rows = words.table(found)
    terminal.answer(found.to_dict(), as_json=as_json, said="", table=(header, rows))


@app.command("drop")
def scenarios_drop(name: str, home: Home = HOME, as_json: Json = False) -> None:
    """Take a scenario off the list; what was saved is kept."""
    with opened(home) as ws:
        scenario_service.drop_scenario(ws, name, actor=me(), now=now())
    terminal.answer({"dropped": name}, as_json=as_json, said=f"{name} is off the list.")


@app.command("plan")
def scenarios_plan(
    name: str,
    label: Annotated[str, typer.Option(help="What the initiative is called.")],
    what: Annotated[str, typer.Option(help="What is done, in a sentence.")],
    starts: Day,
    due: Day,
    owner: Annotated[str, typer.Option(help="Who answers for it.")],
    business: Annotated[str, typer.Option(help="Who agreed for the business.")],
    it: Annotated[str, typer.Option(help="Who agreed for IT.")],
    home: Home = HOME,
    as_json: Json = False,
) -> None:
    """Write down what an initiative should do, as a scenario says today, before it begins."""
    at = now()
    with opened(home) as ws:
        estimated(ws, None)
        (one,) = scenario_service.compare(ws, [name]).scenarios
        if one.now is None:
            terminal.note(one.why_not)
            raise typer.Exit(1)
        plan = Plan(
            id=Plan.name_for(label),
            label=label,
            sentence=what,
            starts=starts.date(),
            due=due.date(),
            owner=owner,
            business=business,
            it=it,
        )
        shown = save_plan(ws, one.now, plan, actor=me(), now=at, today=at.date())
        currency = ws.catalogue.organisation.currency
        lines = [
            initiative_words.expected_text(move, ws.catalogue, currency=currency)
            for move in expected_moves(one.now)
        ]
    said = f"{label} is written to {shown.file} and judged by {due:%Y-%m-%d}."
    terminal.answer(shown.to_dict(), as_json=as_json, said=said)
    if not as_json:
        for line in lines:
            terminal.line(f"  {line}")

"""Numbers: one measure over time, a month on one page, and why one of them moved."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Annotated

import typer

from kpi_engine import terminal
from kpi_engine.cli.options import (
    HOME,
    AsOf,
    Home,
    Json,
    Month,
    estimated,
    month_asked,
    now,
    opened,
    scorecard_asked,
)
from kpi_engine.periods import month_label
from kpi_engine.services import outcomes
from kpi_engine.services.facts import read_facts
from kpi_engine.services.fiscal_year import read_fiscal_year
from kpi_engine.services.outcomes import Explanation
from kpi_engine.terms import Grain
from kpi_engine.units import DASH
from kpi_engine.words import drivers as driver_words
from kpi_engine.words import outcome as outcome_words
from kpi_engine.words import reading as reading_words
from kpi_engine.words import scorecard as scorecard_words
from kpi_engine.words.definitions import earlier_text
from kpi_engine.words.goals import standing_text, standing_word
from kpi_engine.words.landing import landing_sentence, so_far_sentence
from kpi_engine.words.variation import verdict_text

app = typer.Typer()


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
    with opened(home) as ws:
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
def calendar(home: Home = HOME, month: Month = None, as_json: Json = False) -> None:
    """Print the months of the fiscal year a month lies in: their days, weeks and working days."""
    with opened(home) as ws:
        organisation = ws.catalogue.organisation
        this_month = organisation.calendar.month_of(organisation.day_of(now()))
        found = read_fiscal_year(ws, month=month_asked(month) or this_month)
    rows = [
        (
            month_label(one.month),
            one.first.isoformat(),
            one.last.isoformat(),
            str(one.weeks or DASH),
            DASH if one.working_days is None else str(one.working_days),
            ", ".join(f"{day.day} {day:%b} {name}" for day, name in one.days_off.items()),
        )
        for one in found.months
    ]
    header = ("Month", "First day", "Last day", "Weeks", "Working days", "Days off")
    said = f"{found.calendar.described[:1].upper()}{found.calendar.described[1:]}."
    terminal.answer(found.to_dict(), as_json=as_json, said=said, table=(header, rows))


@app.command()
def scorecard(
    home: Home = HOME, month: Month = None, as_of: AsOf = None, as_json: Json = False
) -> None:
    """Print a month's scorecard."""
    found = scorecard_asked(home, month=month, as_of=as_of)
    said = scorecard_words.headline(found)
    if not found.is_open:
        said = f"{found.organisation.calendar.label(found.month)}: {said}"
    currency = found.organisation.currency
    rows = [
        (
            row.outcome.label,
            f"{reading_words.value_text(row.outcome, currency=currency)} "
            f"{reading_words.as_of_text(row.outcome)}".strip(),
            reading_words.target_text(row.outcome, currency=currency),
            reading_words.word_of_status(row.outcome),
            reading_words.change_text(row.outcome, currency=currency),
            reading_words.so_far_text(row.outcome)
            or verdict_text(row.outcome.verdict, cadence=row.outcome.metric.cadence),
        )
        for row in found.rows
    ]
    header = ("Outcome", "Value", "Target", "Status", "Change", "Against its history")
    terminal.answer(found.to_dict(), as_json=as_json, said=said, table=(header, rows))
    if as_json:
        return
    for goal in found.goals:
        said = f"{standing_word(goal.standing)}: {standing_text(goal.standing)}"
        terminal.line(f"{goal.name or 'No goal'}: {said}.")


@app.command()
def explain(
    outcome: str, home: Home = HOME, month: Month = None, as_of: AsOf = None, as_json: Json = False
) -> None:
    """Say why an outcome moved: parts, links, events, and what stays unexplained."""
    with opened(home) as ws:
        estimated(ws, as_of)
        found = outcomes.explain(ws, outcome, month=month_asked(month), as_of=as_of)
        currency = ws.catalogue.organisation.currency
    terminal.answer(
        found.to_dict(), as_json=as_json, said=outcome_words.headline(found, currency=currency)
    )
    if not as_json:
        for said in _lines(found, currency):
            terminal.line(f"  {said}")


def _lines(found: Explanation, currency: str) -> Iterator[str]:
    """Why an outcome moved, line by line."""
    metric = found.outcome.metric
    if found.so_far is not None:
        yield so_far_sentence(found.so_far, metric, currency=currency)
    if found.landing is not None:
        yield landing_sentence(found.landing, metric, currency=currency)
    for driver in found.drivers:
        line = driver_words.driver_line(driver, metric, currency=currency)
        yield f"{driver.reading.label}: {line.text}"
    if usual := driver_words.usual_text(found, currency=currency):
        yield f"{driver_words.USUAL_COURSE}: {usual}"
    if not found.outcome.is_open:
        rest = driver_words.remainder_text(found, currency=currency) or "nothing that would show"
        yield f"{driver_words.OTHER_CAUSES}: {rest}"
    yield from outcome_words.mix_sentences(found, currency=currency)
    for one in found.earlier:
        yield earlier_text(one, metric, currency=currency)
    for event in found.events:
        yield f"{event.day.isoformat()}: {event.sentence}"

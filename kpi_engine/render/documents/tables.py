"""A month as tables of raw numbers, for those who go on calculating with them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from kpi_engine.catalogue.metrics import Metric
from kpi_engine.maths.intervals import Estimate
from kpi_engine.maths.status import Bound
from kpi_engine.render.documents.cells import (
    COUNT,
    DAY,
    SCORE,
    Cell,
    change,
    change_unit,
    effect,
    money,
    month,
    text,
    value,
    value_unit,
)
from kpi_engine.services.goals import Goal
from kpi_engine.services.outcomes import Driver, Explanation
from kpi_engine.services.readings import Reading
from kpi_engine.services.scorecard import Scorecard
from kpi_engine.words.catalogue import BETTER, SIDES
from kpi_engine.words.drivers import driver_line, watermelon_tag
from kpi_engine.words.goals import counts_text, left_out_text, standing_word
from kpi_engine.words.imprint import Imprint, imprint_text
from kpi_engine.words.influence import felt_text
from kpi_engine.words.judgement import EVIDENCE, STATUS, UNCERTAIN
from kpi_engine.words.landing import landing_sentence
from kpi_engine.words.outcome import STILL_WORKED_OUT, headline
from kpi_engine.words.reading import joined, tags
from kpi_engine.words.scorecard import explanation, footnote
from kpi_engine.words.scorecard import headline as card_headline
from kpi_engine.words.variation import verdict_text

Row = Mapping[str, Cell]
UNITS = (
    "Values are as stored: percentages as fractions (0.962 is 96.2\u202f%), seconds as "
    "milliseconds. Changes and effects of percentages are in percentage points. Money lost is "
    "negative. Low and high are the ends of a 90\u202f% range."
)


@dataclass(frozen=True, kw_only=True)
class Table:
    """Rows of cells by column; a row lacks the columns that mean nothing for it.

    Attributes:
        name: What the sheet is called.
    """

    name: str
    rows: tuple[Row, ...]

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """In order; none where there are no rows. Found once: every row is looked at."""
        return tuple(dict.fromkeys(title for row in self.rows for title in row))


def tables(scorecard: Scorecard, imprint: Imprint) -> tuple[Table, ...]:
    """Everything a workbook has, a sheet each."""
    currency = scorecard.organisation.currency
    return (
        Table(
            name="Scorecard",
            rows=tuple(
                {**_outcome(row, currency), **_comment(row, imprint)} for row in scorecard.rows
            ),
        ),
        Table(name="Goals", rows=tuple(_goal(goal) for goal in scorecard.goals)),
        Table(
            name="Drivers",
            rows=tuple(
                _driver(driver, row.outcome, currency)
                for row in scorecard.rows
                for driver in row.drivers
            ),
        ),
        Table(name="History", rows=tuple(_history(scorecard))),
        Table(name="Definitions", rows=tuple(map(_definition, _metrics(scorecard)))),
        Table(name="About", rows=tuple(_about(scorecard, imprint))),
    )


def one_table(scorecard: Scorecard, imprint: Imprint) -> Table:
    """Outcomes, each followed by its IT measures, in one table that says which a row is."""
    currency = scorecard.organisation.currency
    about = {
        "Organisation": text(scorecard.organisation.name),
        "Edition": text(imprint.edition),
        "As of batch": Cell(value=imprint.as_of, form=COUNT),
    }
    rows: list[Row] = []
    for found in scorecard.rows:
        outcome = found.outcome
        start = {"Row": text("outcome"), "Outcome": text(outcome.label)}
        said = {"What it says": text(outcome.metric.sentence)}
        rows.append(
            {**start, **_outcome(found, currency), **_comment(found, imprint), **said, **about}
        )
        for driver in found.drivers:
            said = {"What it says": text(driver.reading.metric.sentence)}
            row = _driver(driver, outcome, currency)
            rows.append({"Row": text("IT measure"), **row, **said, **about})
    return Table(name="Scorecard", rows=tuple(rows))


def _comment(found: Explanation, imprint: Imprint) -> Row:
    return {"Why and what is done": text(imprint.said.get(found.outcome.metric.id, ""))}


def _outcome(found: Explanation, currency: str) -> Row:
    metric, melon = found.outcome.metric, watermelon_tag(found)
    still = f" {STILL_WORKED_OUT}" if found.missing_estimates else ""
    return {
        "Goal": text(metric.goal or ""),
        **_reading(found.outcome, currency),
        "Time of year and trend": effect(found.usual, metric, currency=currency),
        "Not explained by IT": effect(found.remainder, metric, currency=currency),
        **_money(found.money, currency),
        "IT and business": text(melon.label if melon else ""),
        **_year(found, currency),
        "In words": text(f"{headline(found, currency=currency)}{still}"),
    }


def _year(found: Explanation, currency: str) -> Row:
    """Where the fiscal year will end; empty where nothing is said of it."""
    landing, outcome = found.landing, found.outcome
    ends = landing.ends if landing else None
    target = landing.target if landing else None
    return {
        **{
            f"Year ends at, {end}": value(number, outcome, currency=currency)
            for end, number in _ends(ends)
        },
        "Year's target": value(_lower(target), outcome, currency=currency),
        "The year": text(
            landing_sentence(landing, outcome.metric, currency=currency) if landing else ""
        ),
    }


def _goal(goal: Goal) -> Row:
    return {
        "Goal": text(goal.name or "No goal"),
        "Status": text(standing_word(goal.standing)),
        "Outcomes": text(counts_text(goal.standing)),
        "Score, 0 to 10": Cell(value=goal.standing.score, form=SCORE),
        "Left out": text(left_out_text(goal.standing)),
    }


def _driver(driver: Driver, outcome: Reading, currency: str) -> Row:
    found, metric = driver.contribution, outcome.metric
    return {
        "Outcome": text(outcome.label),
        **_reading(driver.reading, currency),
        **{
            f"Share of the change, {end}": effect(number, metric, currency=currency)
            for end, number in _ends(found.effect)
        },
        "Share in": text(change_unit(metric, currency=currency)),
        **{
            f"Counted this month, {end}": Cell(value=number, form=COUNT)
            for end, number in _ends(found.amount)
        },
        "Counted": text(found.amount_unit if found.amount else ""),
        **_money(found.money, currency),
        "Evidence": text(EVIDENCE[found.grade]),
        "Grade": text(found.grade.value),
        "Felt after": text(felt_text(found)),
        "In words": text(driver_line(driver, metric, currency=currency).text),
    }


def _reading(reading: Reading, currency: str) -> Row:
    metric, judgement, usual = reading.metric, reading.judgement, reading.usual_range
    notes = [*tags(reading, currency=currency), *([UNCERTAIN] if judgement.is_uncertain else [])]

    def raw(number: float | None) -> Cell:
        return value(number, reading, currency=currency)

    return {
        "Measure": text(reading.label),
        "Id": text(metric.id),
        "Month": month(reading.shown_month),
        "Unit": text(value_unit(metric, currency=currency)),
        "Value": raw(reading.value),
        "Target": raw(_lower(judgement.target)),
        "Target, upper end": raw(_upper(judgement.target)),
        "Red line": raw(_lower(judgement.red_line)),
        "Red line, upper end": raw(_upper(judgement.red_line)),
        "Status": text(STATUS[judgement.status].word),
        "Noted": text("; ".join(notes)),
        "Before": raw(reading.previous),
        "Change": change(reading.change, metric, currency=currency),
        "A year ago": raw(reading.year_ago),
        "Change on a year ago": change(reading.change_on_year, metric, currency=currency),
        "Change in": text(change_unit(metric, currency=currency)),
        "Against its history": text(verdict_text(reading.verdict, cadence=metric.cadence)),
        "Usual range, low": raw(usual.low if usual else None),
        "Usual range, high": raw(usual.high if usual else None),
        "Restated from": raw(reading.restated_from),
        "Data to": Cell(value=reading.freshness.data_through, form=DAY),
    }


def _history(scorecard: Scorecard) -> Iterator[Row]:
    currency = scorecard.organisation.currency
    for reading in _readings(scorecard):
        for point in reading.history:
            usual = point.usual

            def raw(number: float | None, reading: Reading = reading) -> Cell:
                return value(number, reading, currency=currency)

            yield {
                "Measure": text(reading.label),
                "Id": text(reading.metric.id),
                "Month": month(point.month),
                "Unit": text(value_unit(reading.metric, currency=currency)),
                "Value": raw(point.value),
                "Target": raw(point.target),
                "Usual range, low": raw(usual.low if usual else None),
                "Usual range, high": raw(usual.high if usual else None),
                "As usual": text("" if point.value is None else "no" if point.causes else "yes"),
            }


def _definition(metric: Metric) -> Row:
    return {
        "Measure": text(metric.label),
        "Id": text(metric.id),
        "Side": text(SIDES[metric.side]),
        "What it says": text(metric.sentence),
        "What it leaves out": text(metric.not_measured),
        "Better is": text(BETTER[metric.direction]),
        "Unit": text(metric.unit.value.replace("_", " ")),
        "Expected every": text(metric.cadence.value),
        "Business owner": text(metric.owners.business),
        "IT owner": text(metric.owners.it),
        "Sources": text(joined(metric.sources)),
        "Technical name": text(metric.origin or ""),
    }


def _about(scorecard: Scorecard, imprint: Imprint) -> Iterator[Row]:
    organisation = scorecard.organisation
    loaded = scorecard.loaded_at
    said = {
        "Organisation": organisation.name,
        "Month": scorecard.organisation.calendar.label(scorecard.month),
        "Edition": imprint_text(imprint, organisation),
        "Currency": organisation.currency,
        "Headline": card_headline(scorecard),
        "Explanation": " ".join(explanation(scorecard)),
        "Units": UNITS,
        "Method": footnote(scorecard),
    }
    for item, found in said.items():
        yield {"About": text(item), "Says": text(found)}
    yield {"About": text("As of batch"), "Says": Cell(value=imprint.as_of, form=COUNT)}
    if scorecard.data_through:
        yield {"About": text("Data to"), "Says": Cell(value=scorecard.data_through, form=DAY)}
    if loaded:
        local = organisation.day_of(loaded)
        yield {"About": text("Loaded on"), "Says": Cell(value=local, form=DAY)}


def _readings(scorecard: Scorecard) -> Iterable[Reading]:
    """Every reading once, outcomes with their drivers below them."""
    found: dict[tuple[str, tuple[tuple[str, str], ...]], Reading] = {}
    for row in scorecard.rows:
        for reading in (row.outcome, *(driver.reading for driver in row.drivers)):
            found.setdefault((reading.metric.id, tuple(reading.segment.items())), reading)
    return found.values()


def _metrics(scorecard: Scorecard) -> Iterable[Metric]:
    return {one.metric.id: one.metric for one in _readings(scorecard)}.values()


def _money(amount: Estimate | None, currency: str) -> Row:
    return {
        f"Money this month, {end}": money(number, currency=currency)
        for end, number in _ends(amount)
    }


def _ends(found: Estimate | None) -> tuple[tuple[str, float | None], ...]:
    if found is None:
        return ("low", None), ("likely", None), ("high", None)
    return ("low", found.low), ("likely", found.mid), ("high", found.high)


def _lower(bound: Bound | None) -> float | None:
    return bound[0] if isinstance(bound, tuple) else bound


def _upper(bound: Bound | None) -> float | None:
    return bound[1] if isinstance(bound, tuple) else None

"""The scorecard's ledger: every outcome with the IT measures that moved it, as one table.

The same HTML stands on the page, on paper and in exports. Every name is escaped by the template,
also inside the drawings; colours come from the palette and follow the reader's theme.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from kpi_engine.periods import add_months, month_label
from kpi_engine.render.addresses import outcome_address, rows_address
from kpi_engine.render.blocks import environment, styles
from kpi_engine.render.sparkline import HEIGHT, MONTHS, WIDTH, Sparkline, sparkline
from kpi_engine.services.goals import Goal
from kpi_engine.services.outcomes import Driver, Explanation
from kpi_engine.services.readings import Reading
from kpi_engine.services.scorecard import Scorecard
from kpi_engine.terms import Status
from kpi_engine.units import DASH
from kpi_engine.words.drivers import (
    OF_CHANGE,
    OTHER_CAUSES,
    THIS_MONTH,
    USUAL_COURSE,
    DriverLine,
    Tag,
    driver_line,
    leading_drivers,
    more_drivers_text,
    remainder_text,
    usual_text,
    watermelon_tag,
)
from kpi_engine.words.goals import standing_text, standing_word
from kpi_engine.words.judgement import UNCERTAIN
from kpi_engine.words.landing import landing_note
from kpi_engine.words.news import by_attention
from kpi_engine.words.outcome import trend_alt
from kpi_engine.words.reading import (
    as_of_text,
    change_text,
    compared_text,
    has_changed,
    restated_before_tag,
    tags,
    target_text,
    value_text,
    word_of_status,
    year_change_text,
)
from kpi_engine.words.variation import assurance_word, is_signal, verdict_text

Order = Literal["goal", "attention"]
UNLINKED = "No IT measure is linked to this outcome yet, so its change cannot be explained."


@dataclass(frozen=True, kw_only=True)
class Cells:
    """What a row shows of one reading; ``note`` and ``restated`` stand small below the change.

    Attributes:
        rows: Address of the rows behind the value; empty where there is none.
    """

    label: str
    tags: tuple[str, ...]
    value: str
    rows: str
    as_of: str
    is_open: bool
    target: str
    assurance: str
    status: Status
    word: str
    doubt: str
    change: str
    is_signal: bool
    note: str
    compared: str
    restated: str
    year_change: str


@dataclass(frozen=True, kw_only=True)
class DriverRow:
    """One IT measure below its outcome."""

    cells: Cells
    line: DriverLine


@dataclass(frozen=True, kw_only=True)
class Heading:
    """A strategic goal above its outcomes, with what they amount to."""

    name: str
    status: Status
    word: str
    text: str


@dataclass(frozen=True, kw_only=True)
class OutcomeRow:
    """One outcome; ``heading`` is the goal it opens, None for the goal's other outcomes.

    Attributes:
        href: Empty where it leads nowhere.
    """

    id: str
    href: str
    heading: Heading | None
    cells: Cells
    comment: str
    spark: Sparkline
    alt: str
    melon: Tag | None
    year: str
    drivers: tuple[DriverRow, ...]
    notes: tuple[str, ...]
    usual: str
    remainder: str
    more: str


def ledger_html(
    scorecard: Scorecard,
    said: Mapping[str, str] | None = None,
    *,
    order: Order = "goal",
    show_drivers: bool = True,
    ways: Mapping[str, str] | None = None,
    leads_to_rows: bool = False,
) -> str:
    """The ledger with its styles, ready to be put into a page.

    Args:
        scorecard: The month to show.
        said: Why an outcome is where it is and what will be done, by its id.
        order: ``goal`` keeps every outcome in its place; ``attention`` puts the worst first.
        show_drivers: Whether the IT measures stand below their outcomes.
        ways: Where an outcome leads to, by its id; None for its page in Plumbline.
        leads_to_rows: Whether each number leads to the rows behind it.
    """
    template = environment().get_template("ledger.html.j2")
    return template.render(
        styles=styles("ledger"),
        rows=ledger_rows(scorecard, said, order=order, show_drivers=show_drivers, ways=ways),
        show_drivers=show_drivers,
        leads_to_rows=leads_to_rows,
        organisation=scorecard.organisation.name,
        month=month_label(scorecard.month),
        month_short=month_label(scorecard.month, short=True),
        last_month=month_label(add_months(scorecard.month, -1), short=True),
        last_year=month_label(add_months(scorecard.month, -12), short=True),
        first_month=month_label(add_months(scorecard.month, 1 - MONTHS), short=True),
        other_causes=OTHER_CAUSES,
        usual_course=USUAL_COURSE,
        this_month=THIS_MONTH,
        of_change=OF_CHANGE,
        width=WIDTH,
        height=HEIGHT,
    )


def ledger_rows(
    scorecard: Scorecard,
    said: Mapping[str, str] | None = None,
    *,
    order: Order = "goal",
    show_drivers: bool = True,
    ways: Mapping[str, str] | None = None,
) -> list[OutcomeRow]:
    """What the ledger shows, row by row, for documents that draw it themselves."""
    explained = by_attention(scorecard) if order == "attention" else scorecard.rows
    headings = {goal.name: _heading(goal) for goal in scorecard.goals if goal.name}
    rows: list[OutcomeRow] = []
    goal = ""
    for one in explained:
        found = one.outcome.metric.goal or ""
        heading = headings.get(found) if order == "goal" and found != goal else None
        goal = found
        row = replace(
            _outcome_row(one, scorecard, heading=heading, show_drivers=show_drivers),
            comment=(said or {}).get(one.outcome.metric.id, ""),
        )
        rows.append(row if ways is None else replace(row, href=ways.get(row.id, "")))
    return rows


def _heading(goal: Goal) -> Heading:
    return Heading(
        name=goal.name,
        status=goal.standing.status,
        word=standing_word(goal.standing),
        text=standing_text(goal.standing),
    )


def _outcome_row(
    explanation: Explanation, scorecard: Scorecard, *, heading: Heading | None, show_drivers: bool
) -> OutcomeRow:
    outcome, currency = explanation.outcome, scorecard.organisation.currency
    return OutcomeRow(
        id=outcome.metric.id,
        href=outcome_address(outcome.metric.id, scorecard.month),
        heading=heading,
        cells=_cells(outcome, currency),
        comment="",
        spark=sparkline(outcome),
        alt=trend_alt(outcome, currency=currency),
        melon=watermelon_tag(explanation),
        year=landing_note(explanation.landing),
        drivers=tuple(
            _driver_row(driver, outcome, currency)
            for driver in (leading_drivers(explanation) if show_drivers else ())
        ),
        notes=(UNLINKED,) if show_drivers and not explanation.drivers else (),
        usual=usual_text(explanation, currency=currency) if show_drivers else "",
        remainder=remainder_text(explanation, currency=currency) if show_drivers else "",
        more=more_drivers_text(explanation) if show_drivers else "",
    )


def _driver_row(driver: Driver, outcome: Reading, currency: str) -> DriverRow:
    return DriverRow(
        cells=_cells(driver.reading, currency),
        line=driver_line(driver, outcome.metric, currency=currency),
    )


def _cells(reading: Reading, currency: str) -> Cells:
    judgement, compared = reading.judgement, compared_text(reading)
    return Cells(
        label=reading.label,
        tags=tags(reading, currency=currency),
        value=DASH if reading.value is None else value_text(reading, currency=currency),
        rows=rows_address(reading),
        as_of=as_of_text(reading),
        is_open=reading.is_open,
        target=target_text(reading, currency=currency),
        assurance=assurance_word(reading.assurance),
        status=judgement.status,
        word=word_of_status(reading),
        doubt=UNCERTAIN if judgement.is_uncertain else "",
        change=change_text(reading, currency=currency),
        is_signal=is_signal(reading.verdict) and has_changed(reading),
        note=_verdict(reading) if reading.change is not None and not compared else "",
        compared=compared,
        restated=restated_before_tag(reading),
        year_change=year_change_text(reading, currency=currency),
    )


def _verdict(reading: Reading) -> str:
    return verdict_text(reading.verdict, cadence=reading.metric.cadence)

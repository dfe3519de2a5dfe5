"""An outcome that needs attention on a page of its own: what it did, why, and how that is known."""

from dataclasses import dataclass

from kpi_engine.charts.trend import trend_chart
from kpi_engine.charts.waterfall import movement_chart
from kpi_engine.render.documents.stills import chart_svg
from kpi_engine.render.ledger import UNLINKED
from kpi_engine.render.sparkline import Sparkline, sparkline
from kpi_engine.services.outcomes import Driver, Explanation
from kpi_engine.services.readings import Reading
from kpi_engine.services.scorecard import Scorecard
from kpi_engine.terms import Status
from kpi_engine.units import DASH, format_effect_range
from kpi_engine.words.drivers import Tag, driver_line, rests, watermelon_tag
from kpi_engine.words.influence import felt_text
from kpi_engine.words.judgement import EVIDENCE, STATUS
from kpi_engine.words.landing import landing_sentence
from kpi_engine.words.news import needs_attention
from kpi_engine.words.outcome import (
    TREND_TITLE,
    headline,
    instruction_text,
    movement_alt,
    movement_caption,
    movement_title,
    no_movement_text,
    status_sentences,
    trend_alt,
)
from kpi_engine.words.reading import (
    as_of_text,
    change_text,
    day_text,
    tags,
    target_text,
    value_text,
    word_of_status,
)

_TREND_WIDTH, _MOVEMENT_WIDTH = 430, 250
COLUMNS = (
    "IT measure",
    "Now",
    "Target",
    "IT status",
    "Change",
    "Share of the change (range)",
    "This month",
    "Felt after",
    "Evidence",
)


@dataclass(frozen=True, kw_only=True)
class DriverCells:
    """One IT measure as a row of a table, in the order of ``COLUMNS``."""

    label: str
    value: str
    target: str
    status: Status
    word: str
    change: str
    share: str
    month: str
    felt: str
    evidence: str
    spark: Sparkline
    alt: str


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A drawing with its title and what it says to those who do not see it."""

    title: str
    svg: str
    alt: str


@dataclass(frozen=True, kw_only=True)
class Story:
    """One outcome's page.

    Attributes:
        movement: None where there is no change to draw; ``caption`` then says why.
        rest: What no driver explains, by name.
        note: What it means that no IT measure is linked; empty otherwise.
        events: What happened in the month, by day.
    """

    id: str
    label: str
    status: Status
    word: str
    tags: tuple[str, ...]
    headline: str
    sentences: str
    instruction: str
    melon: Tag | None
    trend: Chart
    movement: Chart | None
    movement_title: str
    caption: str
    drivers: tuple[DriverCells, ...]
    rest: tuple[tuple[str, str], ...]
    note: str
    events: tuple[tuple[str, str], ...]


def stories(scorecard: Scorecard) -> tuple[Story, ...]:
    """A page for every outcome that misses its target or is not as usual, in the ledger's order."""
    currency = scorecard.organisation.currency
    return tuple(story(row, currency) for row in scorecard.rows if needs_attention(row))


def story(found: Explanation, currency: str) -> Story:
    """One outcome's page."""
    outcome = found.outcome
    status = outcome.judgement.status
    trend = trend_chart(outcome, found.events, currency=currency)
    return Story(
        id=outcome.metric.id,
        label=outcome.label,
        status=status,
        word=STATUS[status].word,
        tags=tags(outcome, currency=currency),
        headline=headline(found, currency=currency),
        sentences=standing_sentences(found, currency),
        instruction=instruction_text(found),
        melon=watermelon_tag(found),
        trend=Chart(
            title=TREND_TITLE,
            svg=chart_svg(trend, width=_TREND_WIDTH),
            alt=trend_alt(outcome, currency=currency),
        ),
        movement=_movement(found, currency),
        movement_title=movement_title(found),
        caption=no_movement_text(found) or movement_caption(found),
        drivers=tuple(driver_cells(driver, outcome, currency) for driver in found.drivers),
        rest=rests(found, currency=currency),
        note="" if found.drivers else UNLINKED,
        events=tuple((day_text(event.day), event.sentence) for event in found.events),
    )


def driver_cells(driver: Driver, outcome: Reading, currency: str) -> DriverCells:
    """One IT measure as a row of the table below an outcome."""
    reading, found, metric = driver.reading, driver.contribution, outcome.metric
    line = driver_line(driver, metric, currency=currency)
    worth = f"{line.money} {line.money_range}".strip()
    share = line.share
    if found.effect is not None and found.effect.low != found.effect.high:
        share = format_effect_range(
            found.effect, unit=metric.unit, decimals=metric.decimals, currency=currency
        )
    value = DASH if reading.value is None else value_text(reading, currency=currency)
    return DriverCells(
        label=reading.label,
        value=f"{value} {as_of_text(reading)}".strip(),
        target=target_text(reading, currency=currency),
        status=reading.judgement.status,
        word=word_of_status(reading),
        change=change_text(reading, currency=currency),
        share=share,
        month=" = ".join(part for part in (line.amount, worth) if part),
        felt=felt_text(found),
        evidence=EVIDENCE[found.grade].capitalize(),
        spark=sparkline(reading),
        alt=trend_alt(reading, currency=currency),
    )


def standing_sentences(found: Explanation, currency: str) -> str:
    """Target, usual range and meaning, and where the year will end."""
    said = status_sentences(found, currency=currency)
    if found.landing is None:
        return said
    landing = landing_sentence(found.landing, found.outcome.metric, currency=currency)
    return f"{said} {landing}"


def _movement(found: Explanation, currency: str) -> Chart | None:
    if no_movement_text(found):
        return None
    return Chart(
        title=movement_title(found),
        svg=chart_svg(movement_chart(found, currency=currency), width=_MOVEMENT_WIDTH),
        alt=movement_alt(found, currency=currency),
    )

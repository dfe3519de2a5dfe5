"""The month as slides: one for all, and one for each outcome that misses its target."""

import io
from collections.abc import Sequence

from pptx import Presentation
from pptx.presentation import Presentation as Deck
from pptx.slide import Slide
from pptx.util import Inches

from kpi_engine.charts import palette
from kpi_engine.periods import month_label
from kpi_engine.render.documents.slides import (
    HEIGHT,
    MARGIN,
    WIDTH,
    Box,
    Run,
    add_table,
    add_text,
    add_trend,
    set_title,
)
from kpi_engine.render.documents.stories import driver_cells, standing_sentences
from kpi_engine.services.outcomes import Explanation
from kpi_engine.services.readings import Reading
from kpi_engine.services.scorecard import Scorecard
from kpi_engine.terms import Status
from kpi_engine.units import DASH
from kpi_engine.words import outcome as outcome_words
from kpi_engine.words import scorecard as words
from kpi_engine.words.drivers import rests, watermelon_tag
from kpi_engine.words.imprint import Imprint, about, imprint_text
from kpi_engine.words.judgement import STATUS
from kpi_engine.words.news import misses_target
from kpi_engine.words.reading import (
    as_of_text,
    change_text,
    has_changed,
    tags,
    target_text,
    value_text,
)
from kpi_engine.words.variation import is_signal, verdict_text

_TITLE_ONLY = 5
"""The layout of the library's own template that has a title and nothing else."""
_BODY_TOP, _BODY_BOTTOM = 1.4, 6.95
_ROW, _LEAST_CHART = 0.33, 1.9


def scorecard_pptx(scorecard: Scorecard, imprint: Imprint) -> bytes:
    """Slides in which everything can be edited: titles, texts, tables and charts."""
    deck = Presentation()
    deck.slide_width, deck.slide_height = Inches(WIDTH), Inches(HEIGHT)
    properties = deck.core_properties
    properties.title = f"Scorecard {month_label(scorecard.month)}"
    properties.author = properties.last_modified_by = scorecard.organisation.name
    properties.created = properties.modified = imprint.dated_at.replace(tzinfo=None)
    properties.comments = imprint.edition
    properties.language = "en-GB"
    foot = _foot(scorecard, imprint)
    _summarise(_slide(deck, words.headline(scorecard), foot), scorecard)
    currency = scorecard.organisation.currency
    for row in scorecard.rows:
        if misses_target(row):
            slide = _slide(deck, outcome_words.headline(row, currency=currency), foot)
            _tell(slide, row, imprint.said.get(row.outcome.metric.id, ""), currency)
    out = io.BytesIO()
    deck.save(out)
    return out.getvalue()


def _slide(deck: Deck, title: str, foot: str) -> Slide:
    slide = deck.slides.add_slide(deck.slide_layouts[_TITLE_ONLY])
    set_title(slide, title)
    box = Box(left=MARGIN, top=7.05, width=WIDTH - 2 * MARGIN, height=0.25)
    add_text(slide, box, [[Run(text=foot, tone=palette.SECONDARY)]], size=9)
    return slide


def _summarise(slide: Slide, scorecard: Scorecard) -> None:
    currency = scorecard.organisation.currency
    lines = words.explanation(scorecard)
    box = Box(left=MARGIN, top=_BODY_TOP, width=WIDTH - 2 * MARGIN, height=0.85)
    add_text(slide, box, [[Run(text=" ".join(lines))]], size=12)
    head = ("Outcome", "Value", "Target", "Status", "Change", "Against its history")
    rows = [[_head(one) for one in head]]
    rows += [_outcome_cells(row.outcome, currency) for row in scorecard.rows]
    top = _BODY_TOP + 1.0
    add_table(
        slide,
        Box(
            left=MARGIN,
            top=top,
            width=WIDTH - 2 * MARGIN,
            height=min(_BODY_BOTTOM - top, 0.44 * len(rows)),
        ),
        rows,
        shares=(38, 12, 12, 14, 12, 20),
        right=frozenset({1, 2, 4}),
        name="Outcomes",
    )


def _outcome_cells(outcome: Reading, currency: str) -> list[Run]:
    status = outcome.judgement.status
    value = DASH if outcome.value is None else value_text(outcome, currency=currency)
    noted = (as_of_text(outcome), *tags(outcome, currency=currency))
    label = " ".join([outcome.label, *(f"({note})" for note in noted if note)])
    is_news = is_signal(outcome.verdict) and has_changed(outcome)
    verdict = verdict_text(outcome.verdict, cadence=outcome.metric.cadence)
    return [
        Run(text=label, is_bold=True),
        Run(text=value, is_bold=True),
        Run(text=target_text(outcome, currency=currency)),
        _status(status, is_bold=status is Status.OFF_TARGET),
        Run(text=change_text(outcome, currency=currency), is_bold=is_news),
        Run(text=verdict if outcome.change is not None else ""),
    ]


def _tell(slide: Slide, found: Explanation, why: str, currency: str) -> None:
    rows = _driver_rows(found, currency)
    height = min(_ROW * len(rows), _BODY_BOTTOM - _BODY_TOP - _LEAST_CHART - 0.2)
    chart_height = _BODY_BOTTOM - _BODY_TOP - height - 0.2
    chart = Box(left=MARGIN, top=_BODY_TOP, width=7.4, height=chart_height)
    said = outcome_words.trend_alt(found.outcome, currency=currency)
    add_trend(slide, chart, found.outcome, currency=currency, said=said)
    beside = MARGIN + chart.width + 0.3
    add_text(
        slide,
        Box(left=beside, top=_BODY_TOP, width=WIDTH - MARGIN - beside, height=chart_height),
        _standing(found, why, currency),
        size=12,
    )
    add_table(
        slide,
        Box(
            left=MARGIN,
            top=_BODY_BOTTOM - height,
            width=WIDTH - 2 * MARGIN,
            height=height,
        ),
        rows,
        shares=(26, 8, 9, 11, 9, 25, 36, 11),
        right=frozenset({1, 2, 4}),
        name=outcome_words.BEHIND,
    )


def _standing(found: Explanation, why: str, currency: str) -> list[list[Run]]:
    outcome, melon = found.outcome, watermelon_tag(found)
    said = standing_sentences(found, currency)
    instruction = outcome_words.instruction_text(found)
    paragraphs = [
        [_status(outcome.judgement.status, is_bold=True), Run(text=f"  {said}")],
        [Run(text=instruction, is_bold=True)] if instruction else [],
        [Run(text=why)] if why else [],
        [Run(text=f"{melon.label}. ", is_bold=True), Run(text=melon.sentence)] if melon else [],
    ]
    return [runs for runs in paragraphs if runs]


def _driver_rows(found: Explanation, currency: str) -> Sequence[Sequence[Run]]:
    """The head, a row a driver, and what they leave over."""
    head = ("IT measure", "Now", "Target", "IT status", "Change", "Share of the change (range)")
    rows = [[_head(one) for one in (*head, "This month", "Evidence")]]
    for driver in found.drivers:
        cells = driver_cells(driver, found.outcome, currency)
        rows.append(
            [
                Run(text=cells.label),
                Run(text=cells.value),
                Run(text=cells.target),
                _status(cells.status),
                Run(text=cells.change),
                Run(text=cells.share),
                Run(text=cells.month),
                Run(text=cells.evidence),
            ]
        )
    for name, text in rests(found, currency=currency):
        empty = [Run(text="")] * 4
        rows.append([Run(text=name), *empty, Run(text=text), *empty[:2]])
    return rows


def _status(status: Status, *, is_bold: bool = False) -> Run:
    return Run(text=STATUS[status].text, tone=palette.STATUS_TEXT[status], is_bold=is_bold)


def _head(title: str) -> Run:
    return Run(text=title, tone=palette.SECONDARY)


def _foot(scorecard: Scorecard, imprint: Imprint) -> str:
    return f"Scorecard {about(scorecard)}. {imprint_text(imprint, scorecard.organisation)}"

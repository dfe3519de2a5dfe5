"""The scorecard as PDF: one A4 page for all, and one for each outcome that needs attention.

Everything foreign reaches the typesetter as data, never as markup. Only fonts that come with
Plumbline are used, and no clock, so that the same month makes the same bytes everywhere.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from importlib.resources import files
from typing import Any

import typst

from kpi_engine.charts import palette
from kpi_engine.periods import add_months, month_label
from kpi_engine.render.documents.stills import FONTS, spark_svg
from kpi_engine.render.documents.stories import COLUMNS, Story, stories
from kpi_engine.render.ledger import OutcomeRow, ledger_rows
from kpi_engine.render.sparkline import MONTHS
from kpi_engine.services.outcomes import Explanation
from kpi_engine.services.scorecard import Scorecard
from kpi_engine.terms import Status
from kpi_engine.words.drivers import (
    MOST_DRIVERS,
    OF_CHANGE,
    THIS_MONTH,
    more_drivers_text,
    rest_text,
)
from kpi_engine.words.imprint import Imprint, about, imprint_text, lines_to_sign
from kpi_engine.words.outcome import BEHIND, HAPPENED
from kpi_engine.words.scorecard import explanation, footnote, headline, tiles


def scorecard_pdf(scorecard: Scorecard, imprint: Imprint) -> bytes:
    """A tagged PDF with text that can be searched and read aloud."""
    compiled = typst.compile(
        _template(),
        font_paths=typst.Fonts(include_system_fonts=False, font_paths=[FONTS]),
        sys_inputs={"card": json.dumps(_card(scorecard, imprint))},
        format="pdf",
        pdf_standards="ua-1",
        timestamp=int(imprint.dated_at.timestamp()),
    )
    if not isinstance(compiled, bytes):
        raise TypeError("a PDF is one file")
    return compiled


def _card(scorecard: Scorecard, imprint: Imprint) -> Mapping[str, Any]:
    organisation, month = scorecard.organisation, scorecard.month
    rows = zip(ledger_rows(scorecard, imprint.said), scorecard.rows, strict=True)
    return {
        "title": f"Scorecard {about(scorecard)}",
        "organisation": organisation.name,
        "about": about(scorecard),
        "edition": imprint_text(imprint, organisation),
        "imprint": f"Scorecard {about(scorecard)}. {imprint_text(imprint, organisation)}",
        "to_sign": lines_to_sign(imprint),
        "headline": headline(scorecard),
        "lines": [_pieces(line) for line in explanation(scorecard, emphasis=True)],
        "tiles": [asdict(tile) for tile in tiles(scorecard)],
        "rows": [_row(row, explained, organisation.currency) for row, explained in rows],
        "month_short": month_label(month, short=True),
        "last_month": month_label(add_months(month, -1), short=True),
        "last_year": month_label(add_months(month, -12), short=True),
        "first_month": month_label(add_months(month, 1 - MONTHS), short=True),
        "of_change": OF_CHANGE,
        "this_month": THIS_MONTH,
        "footnote": footnote(scorecard),
        "columns": COLUMNS,
        "two_years": "24 months",
        "behind": BEHIND,
        "happened": HAPPENED,
        "stories": [_story(one, imprint) for one in stories(scorecard)],
        "tones": {
            "text": palette.TEXT.light,
            "secondary": palette.SECONDARY.light,
            "hairline": palette.HAIRLINE.light,
            **{status.value: palette.STATUS_TEXT[status].light for status in Status},
        },
    }


def _row(row: OutcomeRow, explained: Explanation, currency: str) -> Mapping[str, Any]:
    return {
        **asdict(row),
        "svg": spark_svg(row.spark),
        "rest": rest_text(explained, currency=currency),
        "more": [more_drivers_text(explained, shown=count) for count in range(MOST_DRIVERS + 1)],
    }


def _story(story: Story, imprint: Imprint) -> Mapping[str, Any]:
    drivers = [{**asdict(one), "svg": spark_svg(one.spark)} for one in story.drivers]
    return {**asdict(story), "drivers": drivers, "said": imprint.said.get(story.id, "")}


def _pieces(line: str) -> list[Mapping[str, Any]]:
    """A sentence in pieces, every other one bold."""
    return [
        {"text": piece, "bold": place % 2 == 1}
        for place, piece in enumerate(line.split("**"))
        if piece
    ]


def _template() -> bytes:
    return files("kpi_engine.render").joinpath("templates", "scorecard.typ").read_bytes()

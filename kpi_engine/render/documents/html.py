"""The scorecard as one file: opens anywhere, loads nothing, runs nothing, prints on A4."""

import re
from base64 import b64encode
from functools import cache

from markupsafe import Markup, escape

from kpi_engine.charts import palette
from kpi_engine.render.blocks import environment
from kpi_engine.render.documents.stills import FONTS
from kpi_engine.render.documents.stories import COLUMNS, stories
from kpi_engine.render.ledger import ledger_html
from kpi_engine.services.scorecard import Scorecard
from kpi_engine.terms import Status
from kpi_engine.words.imprint import Imprint, about, imprint_text, lines_to_sign
from kpi_engine.words.outcome import BEHIND, HAPPENED
from kpi_engine.words.scorecard import explanation, footnote, headline, tiles

_FONTS = (
    ("Source Sans 3", 400, "SourceSans3-Regular"),
    ("Source Sans 3", 600, "SourceSans3-Semibold"),
    ("Source Serif 4", 600, "SourceSerif4-Semibold"),
)
_NAME_SPACE = re.compile(r' xmlns(:\w+)?="[^"]*"')


def scorecard_html(scorecard: Scorecard, imprint: Imprint) -> bytes:
    """A whole HTML document of one month, with a line to sign on paper.

    The same ledger as on the page, always with its drivers; an outcome that needs attention leads
    to its own part further down. Always in light colours, like everything that is handed on.
    """
    told = stories(scorecard)
    ways = {story.id: f"#{story.id}" for story in told}
    return (
        environment()
        .get_template("document.html.j2")
        .render(
            about=about(scorecard),
            headline=headline(scorecard),
            lines=[_bold(line) for line in explanation(scorecard, emphasis=True)],
            tiles=tiles(scorecard),
            ledger=Markup(ledger_html(scorecard, imprint.said, ways=ways)),  # noqa: S704 - escaped by itself
            stories=told,
            said=imprint.said,
            inline=_inline,
            columns=COLUMNS,
            behind=BEHIND,
            happened=HAPPENED,
            footnote=footnote(scorecard),
            edition=imprint_text(imprint, scorecard.organisation),
            to_sign=lines_to_sign(imprint),
            fonts=_fonts(),
            page=palette.PAGE.light,
            text=palette.TEXT.light,
            secondary=palette.SECONDARY.light,
            hairline=palette.HAIRLINE.light,
            statuses={status.value: palette.STATUS_TEXT[status].light for status in Status},
        )
        .encode()
    )


@cache
def _fonts() -> tuple[tuple[str, int, str], ...]:
    """Family, weight and file of each font, the file as text."""
    return tuple(
        (family, weight, b64encode((FONTS / f"{name}.woff2").read_bytes()).decode())
        for family, weight, name in _FONTS
    )


def _inline(svg: str) -> Markup:
    """Our own drawing inside HTML, where it needs no name spaces: they look like addresses."""
    return Markup(_NAME_SPACE.sub("", svg, count=2))  # noqa: S704 - escaped by who drew it


def _bold(line: str) -> Markup:
    """Our own sentence with ``**amounts**`` set bold; everything in it is escaped first."""
    pieces = [escape(piece) for piece in line.split("**")]
    return Markup("").join(
        Markup("<b>{}</b>").format(piece) if place % 2 else piece
        for place, piece in enumerate(pieces)
    )

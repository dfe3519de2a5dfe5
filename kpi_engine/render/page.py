"""The scorecard as one file: opens anywhere, loads nothing, prints on A4."""

from markupsafe import Markup, escape

from kpi_engine.charts import palette
from kpi_engine.periods import month_label
from kpi_engine.render.blocks import environment
from kpi_engine.render.ledger import ledger_html
from kpi_engine.services.scorecard import Scorecard
from kpi_engine.words.scorecard import explanation, footnote, headline, tiles


def scorecard_html(scorecard: Scorecard) -> str:
    """A whole HTML document of one month, with a line to sign on paper.

    The same ledger as on the page, always with its drivers; links are left as they are and
    lead nowhere outside Plumbline.
    """
    organisation = scorecard.organisation
    sample = " (sample data)" if organisation.is_sample else ""
    return (
        environment()
        .get_template("page.html.j2")
        .render(
            month=month_label(scorecard.month),
            organisation=f"{organisation.name}{sample}",
            headline=headline(scorecard),
            lines=[_bold(line) for line in explanation(scorecard, emphasis=True)],
            tiles=tiles(scorecard),
            ledger=Markup(ledger_html(scorecard)),  # noqa: S704 - escaped by its own template
            footnote=footnote(scorecard),
            page=palette.PAGE.css,
            text=palette.TEXT.css,
            secondary=palette.SECONDARY.css,
            hairline=palette.HAIRLINE.css,
        )
    )


def _bold(line: str) -> Markup:
    """Our own sentence with ``**amounts**`` set bold; everything in it is escaped first."""
    pieces = [escape(piece) for piece in line.split("**")]
    return Markup("").join(
        Markup("<b>{}</b>").format(piece) if place % 2 else piece
        for place, piece in enumerate(pieces)
    )

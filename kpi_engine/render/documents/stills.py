"""Charts and sparklines as SVG that needs nothing else: light colours, own fonts, no network."""

import json
import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from textwrap import wrap
from typing import Any

import altair as alt
import vl_convert

from kpi_engine.charts import palette
from kpi_engine.charts.theme import FONT, LABEL_PIXELS
from kpi_engine.render.blocks import environment
from kpi_engine.render.sparkline import HEIGHT, WIDTH, Sparkline
from kpi_engine.terms import Status

FONTS = Path(__file__).resolve().parents[1] / "fonts"
_AIR_PIXELS = 6
_TITLE_PIXELS = 16
_MEASURED = "SourceSans3-Regular"
"""What text is measured by: a family whose name has a digit by itself is not found."""
_PIXELS_A_LETTER = 5.6
"""Of running text at the size of labels; what decides where a line above a drawing breaks."""
_TWO_TONES = re.compile(r"light-dark\((#[0-9A-Fa-f]{6}), #[0-9A-Fa-f]{6}\)")


def chart_svg(
    chart: alt.LayerChart | alt.VConcatChart,
    *,
    width: int,
    title: str = "",
    said: Sequence[str] = (),
) -> str:
    """A chart as it is drawn on paper.

    Args:
        chart: With inline data.
        width: Of the plot, without axis labels, in pixels.
        title: Printed above it; empty where the page around it names it.
        said: Sentences below the title, each on lines of its own.
    """
    drawn = _drawn(chart, width, title, said)
    svg = vl_convert.vegalite_to_svg(json.dumps(drawn), allowed_base_urls=[])
    return svg.replace(f'font-family="{_MEASURED}"', f"font-family='{FONT}'")


def chart_png(
    chart: alt.LayerChart | alt.VConcatChart,
    *,
    width: int,
    title: str = "",
    said: Sequence[str] = (),
) -> bytes:
    """The same as a picture, on the ground of a page, at twice the size for sharp print."""
    drawn = _drawn(chart, width, title, said) | {"background": palette.PAGE.light}
    return vl_convert.vegalite_to_png(json.dumps(drawn), scale=2, allowed_base_urls=[])


def _drawn(
    chart: alt.LayerChart | alt.VConcatChart, width: int, title: str, said: Sequence[str]
) -> dict[str, Any]:
    _register_fonts()
    drawn: dict[str, Any] = still(chart.to_dict())
    drawn.pop("usermeta", None)
    for part in _parts(drawn):
        part["width"] = width
    drawn["padding"] = _AIR_PIXELS
    if title:
        drawn["title"] = _heading(title, said, width)
    # Who places the drawing says in words what it shows; what would stand inside it hangs on the
    # time zone of the machine.
    drawn["config"]["aria"] = False
    return drawn


def _parts(drawn: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Those that have a plot of their own."""
    if "vconcat" not in drawn:
        yield drawn
    for part in drawn.get("vconcat", ()):
        yield from _parts(part)


def _heading(title: str, said: Sequence[str], width: int) -> dict[str, Any]:
    letters = round(width / _PIXELS_A_LETTER)
    return {
        "text": wrap(title, round(letters * LABEL_PIXELS / _TITLE_PIXELS)),
        "subtitle": [line for sentence in said for line in wrap(sentence, letters)],
        "anchor": "start",
        "frame": "bounds",
        "offset": 14,
        "font": _MEASURED,
        "fontSize": _TITLE_PIXELS,
        "fontWeight": 600,
        "color": palette.TEXT.light,
        "subtitleFont": _MEASURED,
        "subtitleFontSize": LABEL_PIXELS,
        "subtitleColor": palette.SECONDARY.light,
        "subtitlePadding": 5,
    }


def spark_svg(spark: Sparkline) -> str:
    """A sparkline drawn as in the ledger."""
    return (
        environment()
        .get_template("spark.svg.j2")
        .render(
            spark=spark,
            width=WIDTH,
            height=HEIGHT,
            page="#FFFFFF",
            band=palette.BAND.light,
            line=palette.LINE.light,
            accent=palette.ACCENT.light,
            text=palette.TEXT.light,
            shapes={status.value: palette.STATUS_TONES[status].light for status in Status},
        )
    )


def still(value: Any) -> Any:
    """A chart's plain values with light colours for pairs, and the one font that is at hand."""
    if isinstance(value, dict):
        return {key: still(one) for key, one in value.items()}
    if isinstance(value, list):
        return [still(one) for one in value]
    if value == FONT:
        return _MEASURED
    if isinstance(value, str) and (pair := _TWO_TONES.fullmatch(value)):
        return pair[1]
    return value


@cache
def _register_fonts() -> None:
    vl_convert.register_font_directory(str(FONTS))

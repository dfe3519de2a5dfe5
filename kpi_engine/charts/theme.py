"""One look for every chart: transparent ground, light grid, colours that follow the theme."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import altair as alt

from kpi_engine.charts.palette import HAIRLINE, SECONDARY, TEXT
from kpi_engine.terms import Unit
from kpi_engine.units import axis_parts

FONT = '"Source Sans", "Source Sans 3", sans-serif'
LABEL_PIXELS = 12
_LETTERED_FROM = 10_000
_AS_FINE_AS_TICKS = ",.6~f"
"""Ticks are round numbers: printed whole, two of them never read the same."""


def plumbline() -> dict[str, Any]:
    """The Vega configuration all charts carry."""
    text = {"font": FONT, "fontSize": LABEL_PIXELS}
    return {
        "background": "transparent",
        "font": FONT,
        "view": {"stroke": None},
        "axis": {
            "labelFont": FONT,
            "labelFontSize": LABEL_PIXELS,
            "labelColor": SECONDARY.css,
            "titleColor": SECONDARY.css,
            "titleFontWeight": "normal",
            "titleFontSize": LABEL_PIXELS,
            "gridColor": HAIRLINE.css,
            "domainColor": HAIRLINE.css,
            "tickColor": HAIRLINE.css,
        },
        "text": {**text, "color": TEXT.css},
        "line": {"strokeJoin": "round"},
    }


Drawn = TypeVar("Drawn", alt.LayerChart, alt.VConcatChart)


def themed(chart: Drawn) -> Drawn:
    """The chart with the theme inside, so that it looks the same wherever it is shown."""
    chart.config = alt.Config(**plumbline())
    return chart


def stacked_chart(*titled: tuple[str, alt.LayerChart | alt.VConcatChart]) -> alt.VConcatChart:
    """Charts that each have their own axes as one drawing, below each other with their titles."""
    parts = []
    for title, chart in titled:
        part = chart.copy(deep=["config", "usermeta", "padding"])
        part.config = part.usermeta = part.padding = alt.Undefined
        parts.append(part.properties(title=heading(title)) if title else part)
    return themed(alt.vconcat(*parts, spacing=24))


def heading(text: str) -> alt.TitleParams:
    """What a part of a drawing is called, above it."""
    return alt.TitleParams(
        text, anchor="start", fontSize=13, fontWeight=600, color=TEXT.css, offset=4
    )


def rows_chart(rows: Sequence[Mapping[str, Any]]) -> alt.Chart:
    """A chart over a few rows of plain values; dates as ISO text."""
    return alt.Chart(alt.InlineData(values=[dict(row) for row in rows]))


def axis_expression(unit: Unit, *, highest: float, currency: str = "$") -> str:
    """A Vega expression that prints axis labels with their unit.

    Args:
        unit: What the axis counts.
        highest: Largest absolute value on the axis; long numbers get k and M.
        currency: Printed before amounts.
    """
    before, factor, behind = axis_parts(unit, currency=currency)
    is_long = highest * factor >= _LETTERED_FROM
    pattern = "~s" if is_long else _AS_FINE_AS_TICKS
    number = f"format(datum.value * {factor:g}, {json.dumps(pattern)})"
    return f"{json.dumps(before)} + {number} + {json.dumps(behind)}"

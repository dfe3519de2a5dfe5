"""The answer to a query as a chart: whatever was asked for along whatever it was asked by."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import altair as alt

from kpi_engine.charts.palette import ACCENT
from kpi_engine.charts.theme import rows_chart, themed

Mark = Literal["line", "bar"]
Along = Literal["time", "number", "name"]
MOST_POINTS = 2_000
"""Points that are drawn; more would make the page slow and the chart no clearer."""
_HEIGHT = 320
_TYPES: Mapping[Along, Literal["temporal", "quantitative", "nominal"]] = {
    "time": "temporal",
    "number": "quantitative",
    "name": "nominal",
}


def answer_chart(
    points: Sequence[tuple[Any, float | None]], *, x: str, y: str, along: Along, mark: Mark
) -> alt.LayerChart:
    """One point a row, in the order of the rows.

    Args:
        points: Where and how much; the first ``MOST_POINTS`` are drawn, those without a number
            leave a gap.
        x: Name of the column along the chart.
        y: Name of the column up.
        along: What the first of each point is; times as ISO text.
        mark: Bars keep their zero, lines need not.
    """
    rows = [
        {"x": at, "y": value if value is not None and math.isfinite(value) else None}
        for at, value in points[:MOST_POINTS]
    ]
    of = _TYPES[along]
    if mark == "bar" and along == "number":
        of = "nominal"
    across = alt.X(
        field="x",
        type=of,
        title=x,
        sort=None,
        axis=alt.Axis(labelOverlap=True, labelLimit=320),
    )
    up = alt.Y(
        field="y",
        type="quantitative",
        title=y,
        scale=alt.Scale(zero=mark == "bar"),
        axis=alt.Axis(tickCount=5),
    )
    tips = [
        alt.Tooltip(field="x", type=of, title=x),
        alt.Tooltip(field="y", type="quantitative", title=y),
    ]
    chart = rows_chart(rows)
    drawn = (
        chart.mark_bar(color=ACCENT.css)
        if mark == "bar"
        else chart.mark_line(color=ACCENT.css, strokeWidth=2, point=len(rows) <= 60)
    )
    layer = drawn.encode(x=across, y=up, tooltip=tips)
    return themed(alt.LayerChart(layer=[layer]).properties(height=_HEIGHT, width="container"))

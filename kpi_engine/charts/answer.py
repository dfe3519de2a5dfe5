"""The answer to a query as a chart: whatever was asked for along whatever it was asked by."""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

import altair as alt

from kpi_engine.charts.palette import ACCENT, SERIES
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


_DASHES = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [4, 2, 1, 2, 1, 2], [12, 4])
MOST_LINES = len(SERIES)
"""More could not be told apart."""
_MOST_DATES = 12
"""Dates that are each named below the chart; of more, ticks stand at round times."""


def answer_chart(
    points: Sequence[tuple[Any, float | None]],
    *,
    x: str,
    y: str,
    along: Along,
    mark: Mark,
    of: Sequence[str] = (),
) -> alt.LayerChart:
    """One point a row, in the order of the rows.

    Args:
        points: Where and how much; the first ``MOST_POINTS`` are drawn, those without a number
            leave a gap.
        x: Name of the column along the chart.
        y: Name of the column up.
        along: What the first of each point is; times as ISO text.
        mark: Bars keep their zero, lines need not.
        of: Which line each point is on, at most ``MOST_LINES`` of them; empty for one line.
    """
    rows = [
        {"x": at, "y": value if value is not None and math.isfinite(value) else None}
        for at, value in points[:MOST_POINTS]
    ]
    for row, name in zip(rows, of, strict=False):
        row["of"] = name
    kind = _TYPES[along]
    if mark == "bar" and along == "number":
        kind = "nominal"
    across = alt.X(
        field="x",
        type=kind,
        title=x,
        sort=None,
        axis=alt.Axis(labelOverlap=True, labelLimit=320, **_dates(rows, along)),
    )
    up = alt.Y(
        field="y",
        type="quantitative",
        title=y,
        scale=alt.Scale(zero=mark == "bar"),
        axis=alt.Axis(tickCount=5),
    )
    tips = [
        *([alt.Tooltip(field="of", type="nominal", title="Of")] if of else []),
        alt.Tooltip(field="x", type=kind, title=x),
        alt.Tooltip(field="y", type="quantitative", title=y),
    ]
    chart = rows_chart(rows)
    drawn = (
        chart.mark_bar(color=ACCENT.css)
        if mark == "bar"
        else chart.mark_line(color=ACCENT.css, strokeWidth=2, point=len(rows) <= 60)
    )
    layer = drawn.encode(x=across, y=up, tooltip=tips, **_apart(of, mark))
    return themed(alt.LayerChart(layer=[layer]).properties(height=_HEIGHT, width="container"))


def _dates(rows: Sequence[Mapping[str, Any]], along: Along) -> dict[str, Any]:
    """Ticks at the dates themselves where these are few: a month is no matter of its weekdays."""
    texts = {row["x"] for row in rows if row["x"] is not None}
    if along != "time" or not texts or len(texts) > _MOST_DATES:
        return {}
    found = sorted({datetime.fromisoformat(text) for text in texts}, key=datetime.timestamp)
    is_midnight = all((at.hour, at.minute, at.second) == (0, 0, 0) for at in found)
    day = "%-d %b %Y"
    return {"values": [_tick(at) for at in found], "format": day if is_midnight else f"{day} %H:%M"}


def _tick(at: datetime) -> alt.DateTime | float:
    """A time without a zone is by the reader's clock, as the points of the chart are."""
    if at.tzinfo is not None:
        return at.timestamp() * 1000
    return alt.DateTime(
        year=at.year,
        month=at.month,
        date=at.day,
        hours=at.hour,
        minutes=at.minute,
        seconds=at.second,
    )


def _apart(of: Sequence[str], mark: Mark) -> dict[str, Any]:
    """Lines apart by colour and dash, bars by colour, each with its name."""
    if not of:
        return {}
    names = list(dict.fromkeys(of))
    legend = alt.Legend(title=None, orient="top", labelLimit=320)
    tones = alt.Scale(domain=names, range=[tone.css for tone in SERIES[: len(names)]])
    found: dict[str, Any] = {
        "color": alt.Color(field="of", type="nominal", scale=tones, legend=legend)
    }
    if mark == "line":
        dashes = alt.Scale(domain=names, range=list(_DASHES[: len(names)]))
        found["strokeDash"] = alt.StrokeDash(
            field="of", type="nominal", scale=dashes, legend=legend
        )
    return found

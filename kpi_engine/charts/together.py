"""Two measures side by side: every delay, and the pairs at one of them."""

from typing import Any

import altair as alt

from kpi_engine.catalogue.metrics import Metric
from kpi_engine.catalogue.organisation import Organisation
from kpi_engine.charts.explore import AS_SVG, when
from kpi_engine.charts.palette import ACCENT, BAND, PAGE, REFERENCE, TEXT
from kpi_engine.charts.theme import axis_expression, rows_chart, themed
from kpi_engine.services.pairs import Pair
from kpi_engine.units import format_value

NEWEST = 5
"""Pairs that are filled, so that one sees where time went."""


def lags_chart(pair: Pair, *, axis_title: str) -> alt.LayerChart:
    """A stem a delay, those beyond what chance gives in full; the one looked at is ringed.

    Args:
        pair: With a scan.
        axis_title: What one step is.
    """
    if pair.scan is None:
        raise LookupError("nothing was scanned")
    band = pair.scan.band
    rows = [
        {
            "lag": point.lag,
            "r": point.correlation,
            "zero": 0.0,
            "more": pair.scan.is_more_than_chance(point),
            "shown": f"{point.correlation:+.2f}".replace("-", "−"),
            "pairs": point.pairs,
        }
        for point in pair.scan.points
    ]
    reach = max([band * 1.4, *(abs(point.correlation) * 1.15 for point in pair.scan.points)])
    scale = alt.Scale(domain=[-min(reach, 1.05), min(reach, 1.05)], nice=False)
    x = alt.X(
        "lag:O",
        title=axis_title,
        axis=alt.Axis(labelAngle=0, labelOverlap=True, ticks=False, grid=False),
    )

    def y(field: str) -> alt.Y:
        axis = alt.Axis(format="+.1f", tickCount=5, domain=False, ticks=False)
        return alt.Y(f"{field}:Q", title="correlation", scale=scale, axis=axis)

    chart = rows_chart(rows)
    tone = alt.condition("datum.more", alt.value(TEXT.css), alt.value(REFERENCE.css))
    shade = rows_chart([{"low": -band, "high": band}]).mark_rect(color=BAND.css, opacity=1)
    tips = [
        alt.Tooltip("lag:O", title="Later by"),
        alt.Tooltip("shown:N", title="Correlation"),
        alt.Tooltip("pairs:Q", title="Pairs"),
    ]
    ring = rows_chart([row for row in rows if row["lag"] == pair.lag])
    layers = [
        shade.encode(y=y("low"), y2="high:Q"),
        chart.mark_rule(strokeWidth=2).encode(x=x, y=y("zero"), y2="r:Q", color=tone),
        chart.mark_circle(size=56, opacity=1).encode(x=x, y=y("r"), color=tone, tooltip=tips),
        ring.mark_point(size=170, stroke=ACCENT.css, strokeWidth=1.6).encode(x=x, y=y("r")),
    ]
    return themed(
        alt.LayerChart(layer=layers).properties(height=170, width="container", usermeta=AS_SVG)
    )


def scatter_chart(pair: Pair, organisation: Organisation) -> alt.LayerChart:
    """Pairs of periods with the line through them; later ones darker, the newest filled."""
    count = len(pair.points)
    rows: list[dict[str, Any]] = [
        {
            "x": point.driver,
            "y": point.outcome,
            "age": (place + 1) / count,
            "newest": place >= count - NEWEST,
            "when": when(point.period, pair.grain, organisation),
            "driver": _text(point.driver, pair.driver, organisation),
            "outcome": _text(point.outcome, pair.outcome, organisation),
        }
        for place, point in enumerate(pair.points)
    ]
    line = [
        {"x": x, "y": middle, "low": low, "high": high}
        for x, middle, low, high in (pair.slope.line if pair.slope else ())
    ]
    xs = [row["x"] for row in rows]
    ys = [row["y"] for row in rows] + [end for row in line for end in (row["low"], row["high"])]
    x = alt.X(
        "x:Q",
        title=pair.driver.label,
        scale=_scale(xs),
        axis=_axis(pair.driver, xs, organisation, grid=False),
    )
    y_scale, y_axis = _scale(ys), _axis(pair.outcome, ys, organisation, grid=True)

    def y(field: str) -> alt.Y:
        return alt.Y(f"{field}:Q", title=pair.outcome.label, scale=y_scale, axis=y_axis)

    tips = [
        alt.Tooltip("when:N", title="When"),
        alt.Tooltip("driver:N", title=pair.driver.label),
        alt.Tooltip("outcome:N", title=pair.outcome.label),
    ]
    filled = alt.condition("datum.newest", alt.value(ACCENT.css), alt.value(PAGE.css))
    shades = alt.StrokeOpacity(
        "age:Q", scale=alt.Scale(domain=[0, 1], range=[0.25, 1]), legend=None
    )
    points = rows_chart(rows).mark_point(size=48, strokeWidth=1.4, stroke=ACCENT.css, opacity=1)
    layers = [
        rows_chart(line).mark_area(color=BAND.css, opacity=1).encode(x=x, y=y("low"), y2="high:Q"),
        rows_chart(line).mark_line(color=REFERENCE.css, strokeWidth=1.4).encode(x=x, y=y("y")),
        points.encode(x=x, y=y("y"), fill=filled, strokeOpacity=shades, tooltip=tips),
    ]
    return themed(
        alt.LayerChart(layer=layers if line else layers[2:]).properties(
            height=260, width="container", usermeta=AS_SVG
        )
    )


def _scale(seen: list[float]) -> alt.Scale:
    low, high = min(seen), max(seen)
    air = (high - low) * 0.06 or abs(high) * 0.06 or 1.0
    return alt.Scale(domain=[low - air, high + air], zero=False, nice=False)


def _axis(metric: Metric, seen: list[float], organisation: Organisation, *, grid: bool) -> alt.Axis:
    labels = axis_expression(
        metric.unit,
        highest=max(abs(value) for value in seen),
        currency=organisation.currency,
    )
    return alt.Axis(labelExpr=labels, grid=grid, tickCount=5, labelOverlap=True)


def _text(value: float, metric: Metric, organisation: Organisation) -> str:
    return format_value(
        value, unit=metric.unit, decimals=metric.decimals, currency=organisation.currency
    )

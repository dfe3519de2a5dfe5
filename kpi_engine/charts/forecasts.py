"""What was forecast, month by month, and what came."""

from typing import Any

import altair as alt

from kpi_engine.charts.palette import ACCENT, BAND, LINE, REFERENCE, STATUS_TONES, TEXT
from kpi_engine.charts.theme import axis_expression, rows_chart, themed
from kpi_engine.periods import month_label
from kpi_engine.services.ledger import LinkLedger
from kpi_engine.terms import Status

_HEIGHT = 260
INSIDE, OUTSIDE, AWAITED = "in the range", "outside it", "not in yet"


def forecasts_chart(row: LinkLedger, *, currency: str = "$") -> alt.LayerChart:
    """A bar a month for the 80 % range, a line for the 95 % range, a mark for the value.

    Months that were forecast afterwards are drawn hollow.
    """
    rows = [
        {
            "month": month_label(one.month, short=True),
            "mid": one.forecast.mid,
            "low": one.forecast.likely[0],
            "high": one.forecast.likely[1],
            "least": one.forecast.wide[0],
            "most": one.forecast.wide[1],
            "value": one.value,
            "came": AWAITED if one.value is None else INSIDE if one.is_inside else OUTSIDE,
            "made": "afterwards" if one.is_retrospective else "beforehand",
        }
        for one in row.entries
    ]
    metric = row.outcome
    ends = [end for one in row.entries for end in one.forecast.wide]
    ends += [one.value for one in row.entries if one.value is not None]
    labels = axis_expression(
        metric.unit,
        highest=max(abs(end) for end in ends),
        currency=currency,
    )
    scale = alt.Scale(zero=False, nice=True, domain=[min(ends), max(ends)])
    months = [str(one["month"]) for one in rows]
    x = alt.X("month:N", sort=months, title=None, axis=alt.Axis(labelAngle=0, labelOverlap=True))

    def y(field: str) -> alt.Y:
        axis = alt.Axis(labelExpr=labels, tickCount=5)
        return alt.Y(f"{field}:Q", title=None, scale=scale, axis=axis)

    chart = rows_chart(rows)
    hollow = alt.condition("datum.made === 'afterwards'", alt.value(0.0), alt.value(1.0))
    values = chart.transform_filter("datum.value !== null")
    shown: dict[str, Any] = {
        "shape": alt.Shape(
            "came:N",
            legend=None,
            scale=alt.Scale(domain=[INSIDE, OUTSIDE], range=["circle", "diamond"]),
        ),
        "color": alt.Color(
            "came:N",
            legend=None,
            scale=alt.Scale(
                domain=[INSIDE, OUTSIDE],
                range=[LINE.css, STATUS_TONES[Status.OFF_TARGET].css],
            ),
        ),
    }
    layers = [
        chart.mark_rule(color=REFERENCE.css, strokeWidth=1).encode(x=x, y=y("least"), y2="most:Q"),
        chart.mark_bar(size=16, fill=BAND.css, stroke=REFERENCE.css, strokeWidth=1).encode(
            x=x, y=y("low"), y2="high:Q", fillOpacity=hollow
        ),
        chart.mark_tick(size=16, color=ACCENT.css, thickness=1.5).encode(x=x, y=y("mid")),
        values.mark_point(size=60, filled=True, opacity=1).encode(x=x, y=y("value"), **shown),
        values.transform_filter("datum.came === 'outside it'")
        .mark_text(dx=9, align="left", color=TEXT.css)
        .encode(x=x, y=y("value"), text=alt.value("missed")),
    ]
    return themed(alt.LayerChart(layer=layers).properties(height=_HEIGHT, width="container"))

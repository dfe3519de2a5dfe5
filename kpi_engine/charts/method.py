"""What an estimate rests on: one dot a period, and the line through them."""

import altair as alt

from kpi_engine.charts.palette import ACCENT, LINE
from kpi_engine.charts.theme import rows_chart, themed
from kpi_engine.services.method import LinkMethod
from kpi_engine.services.readings import Reading
from kpi_engine.units import axis_parts

_HEIGHT = 280


def points_chart(link: LinkMethod, outcome: Reading, *, currency: str = "$") -> alt.LayerChart:
    """Driver across, outcome up, both as changes from what was to be expected."""
    driver = link.driver.reading
    rows = [
        {"at": one.period.isoformat(), "driver": one.driver, "outcome": one.outcome}
        for one in link.points
    ]
    across = [point.driver for point in link.points]
    ends = [{"driver": end, "outcome": end * link.slope} for end in (min(across), max(across))]
    x = alt.X("driver:Q", title=_title(driver, currency), axis=_axis(driver, across))
    up = [point.outcome for point in link.points]
    y = alt.Y("outcome:Q", title=_title(outcome, currency), axis=_axis(outcome, up))
    dots = rows_chart(rows).mark_circle(
        size=22 if len(rows) > 200 else 45,
        color=LINE.css,
        opacity=0.35 if len(rows) > 200 else 0.7,
    )
    line = rows_chart(ends).mark_line(color=ACCENT.css, strokeWidth=2)
    return themed(
        alt.LayerChart(layer=[dots.encode(x=x, y=y), line.encode(x=x, y=y)]).properties(
            height=_HEIGHT, width="container"
        )
    )


def _title(reading: Reading, currency: str) -> str:
    _, _, behind = axis_parts(reading.metric.unit, currency=currency)
    unit = {"%": "pp"}.get(behind.strip(), behind.strip())
    return f"{reading.label}, change{f' in {unit}' if unit else ''}"


def _axis(reading: Reading, values: list[float]) -> alt.Axis:
    _, factor, _ = axis_parts(reading.metric.unit)
    is_long = max(abs(one) for one in values) * factor >= 10_000
    number = f"format(datum.value * {factor:g}, {'~s' if is_long else ',.4~g'!r})"
    return alt.Axis(labelExpr=number, tickCount=5, labelOverlap=True)

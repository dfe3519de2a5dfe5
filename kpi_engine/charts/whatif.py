"""A simulated month beside the real one, and what its range comes from."""

from typing import Any

import altair as alt

from kpi_engine.charts.palette import ACCENT, BAND, LINE, TEXT
from kpi_engine.charts.theme import axis_expression, rows_chart, themed
from kpi_engine.periods import month_label
from kpi_engine.services.whatif import Simulation
from kpi_engine.terms import Unit
from kpi_engine.units import format_amount, format_value

THEN = "With these settings"
_ROW_PIXELS = 34
_AXIS_PIXELS = 40
_NAME_PIXELS = 190
_SWING_PIXELS = 40
_NAME_ABOVE, _BAR_BELOW = 8, 9
"""From the middle of an unknown's row to the middle of its name, and of its bar."""
_ENDS_PIXELS = 96
"""What the ends of a range need beside a name."""


def settings_chart(found: Simulation, *, currency: str = "$") -> alt.LayerChart:
    """Two dots on one line, the simulated one with its range, and the target across."""
    outcome, metric = found.outcome, found.outcome.metric
    now = outcome.value or 0.0

    def text(value: float) -> str:
        return format_value(value, unit=metric.unit, decimals=metric.decimals, currency=currency)

    rows: list[dict[str, Any]] = [
        {
            "name": month_label(outcome.shown_month),
            "value": now,
            "low": now,
            "high": now,
            "text": text(now),
        },
        {
            "name": THEN,
            "value": found.after.mid,
            "low": found.after.low,
            "high": found.after.high,
            "text": text(found.after.mid),
        },
    ]
    target = outcome.judgement.target
    goal = target if isinstance(target, float) else None
    ends = [end for row in rows for end in (row["low"], row["high"])] + (
        [goal] if goal is not None else []
    )
    air = (max(ends) - min(ends)) * 0.15 or abs(now) * 0.02 or 1.0
    scale = alt.Scale(domain=[min(ends) - air, max(ends) + air], zero=False, nice=False)
    names = [row["name"] for row in rows]
    y = alt.Y(
        "name:N",
        sort=names,
        title=None,
        scale=alt.Scale(domain=names),
        axis=alt.Axis(domain=False, ticks=False, labelLimit=_NAME_PIXELS, labelColor=TEXT.css),
    )
    labels = axis_expression(
        metric.unit,
        highest=max(abs(end) for end in ends),
        currency=currency,
    )
    axis = alt.Axis(labelExpr=labels, tickCount=5, labelOverlap=True)
    x = alt.X("value:Q", title=None, scale=scale, axis=axis)
    chart = rows_chart(rows)
    layers: list[alt.Chart] = [
        chart.mark_bar(height=8, color=BAND.css).encode(
            x=alt.X("low:Q", scale=scale, title=None, axis=axis), x2="high:Q", y=y
        ),
        chart.mark_circle(size=70, color=LINE.css, opacity=1).encode(x=x, y=y),
        chart.mark_text(dy=-13, fontWeight=600).encode(x=x, y=y, text="text:N"),
    ]
    if goal is not None:
        said = f"target {text(goal)}"
        line = rows_chart([{"goal": goal, "text": said}])
        layers.append(
            line.mark_rule(color=ACCENT.css, strokeDash=[5, 3], strokeWidth=1.5).encode(
                x=alt.X("goal:Q", scale=scale)
            )
        )
        layers.append(
            line.mark_text(color=ACCENT.css, baseline="bottom", y=-4).encode(
                x=alt.X("goal:Q", scale=scale), text="text:N"
            )
        )
    return themed(
        alt.LayerChart(layer=layers).properties(
            height=_ROW_PIXELS * 2 + _AXIS_PIXELS, width="container", padding={"right": 30}
        )
    )


def tornado_chart(found: Simulation, *, currency: str = "$") -> alt.LayerChart:
    """Each unknown by itself, the widest first: a bar from one end of its range to the other.

    Names stand above their bars, which so have all the room there is, on a phone too. Bars show
    the money, or the outcome where nothing says what it is worth.
    """
    middle = found.money.mid if found.money else found.change.mid
    unit = Unit.CURRENCY if found.money else found.outcome.metric.unit
    rows: list[dict[str, Any]] = [
        {
            "name": one.label,
            "low": min(one.low, one.high),
            "high": max(one.low, one.high),
            "middle": middle,
            "text": _ends(one.low, one.high, currency) if found.money else "",
        }
        for one in found.swings
    ]
    ends = [end for row in rows for end in (row["low"], row["high"])]
    labels = axis_expression(
        unit,
        highest=max((abs(float(end)) for end in ends), default=1.0),
        currency=currency,
    )
    scale = alt.Scale(zero=False, nice=True)
    x = alt.X("low:Q", title=None, scale=scale, axis=alt.Axis(labelExpr=labels, tickCount=5))
    y = alt.Y("name:N", sort=[str(row["name"]) for row in rows], title=None, axis=None)
    chart = rows_chart(rows)
    layers = [
        chart.mark_bar(height=10, yOffset=_BAR_BELOW, color=LINE.css).encode(x=x, x2="high:Q", y=y),
        chart.mark_tick(
            orient="vertical", size=20, thickness=1.5, yOffset=_BAR_BELOW, color=ACCENT.css
        ).encode(x=alt.X("middle:Q", scale=scale, title=None), y=y),
        chart.mark_text(
            align="left",
            baseline="middle",
            dy=-_NAME_ABOVE,
            limit=alt.expr(f"width - {_ENDS_PIXELS}"),
        ).encode(x=alt.value(0), y=y, text="name:N"),
        chart.mark_text(align="right", baseline="middle", dy=-_NAME_ABOVE).encode(
            x=alt.value("width"), y=y, text="text:N"
        ),
    ]
    return themed(
        alt.LayerChart(layer=layers).properties(
            height=_SWING_PIXELS * len(rows) + _AXIS_PIXELS, width="container"
        )
    )


def _ends(one: float, other: float, currency: str) -> str:
    low, high = sorted((abs(one), abs(other)))
    return f"{format_amount(low, currency=currency)}–{format_amount(high, currency=currency)}"

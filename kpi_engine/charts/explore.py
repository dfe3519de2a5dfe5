"""What an analyst looks at: lines over time, small multiples that share them, and usual ranges.

Every chart is drawn as SVG however many marks it has: only there do colours follow the theme.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeVar

import altair as alt

from kpi_engine.catalogue.metrics import Metric
from kpi_engine.catalogue.organisation import Organisation
from kpi_engine.charts.palette import ACCENT, BAND, LINE, REFERENCE, SECONDARY, TEXT
from kpi_engine.charts.theme import axis_expression, heading, rows_chart, themed
from kpi_engine.mapping.contribution import DatedEvent
from kpi_engine.periods import MONTHS_IN, period_label
from kpi_engine.services.explored import Answer, Slice, SlicePoint
from kpi_engine.services.limits import LimitPoint, Limits
from kpi_engine.terms import Grain
from kpi_engine.units import format_value

WINDOW = "win"
"""Name of the brush."""
AS_SVG = {"embedOptions": {"renderer": "svg"}}
HEIGHT, LOW = 260, 96
_MOST_HOVERED = 1_000
"""More points that show a text are too slow to move over."""
_MONTHS = "%b %y"
_DATES = {Grain.DAY: "%-d %b", Grain.WEEK: "%-d %b", Grain.YEAR: "%Y"}
_DAYS_OF_ONE_YEAR = timedelta(days=300)
"""Days and weeks over more time than this are named by month and year."""
_MOST_TICKS = 12
_STEPS = {
    Grain.DAY: (1, 2, 7, 14, 28),
    Grain.WEEK: (1, 2, 4, 8),
    Grain.MONTH: (1, 3, 6, 12, 24, 60, 120),
    Grain.QUARTER: (1, 2, 4, 8, 20, 40),
    Grain.YEAR: (1, 2, 5, 10, 20),
}
"""Every so many periods have a tick; Mondays and Januaries are among them."""


Known = TypeVar("Known", SlicePoint, LimitPoint)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One of the small multiples.

    Attributes:
        is_index: Its values have 100 as their first, and no unit.
    """

    title: str
    metric: Metric
    grain: Grain
    line: Slice
    is_index: bool = False


def line_chart(answer: Answer, organisation: Organisation) -> alt.LayerChart:
    """A measure over time, with what it is laid over as a dashed line."""
    row = Row(title="", metric=answer.metric, grain=answer.grain, line=answer.whole)
    x = _x(answer.grain, [answer.whole])
    chart = alt.LayerChart(layer=_layers(row, x, organisation, hovered=True)).properties(
        height=HEIGHT, width="container", usermeta=AS_SVG, padding={"right": 8, "left": 4}
    )
    return themed(chart)


def multiples_chart(
    rows: Sequence[Row],
    organisation: Organisation,
    *,
    events: Sequence[DatedEvent] = (),
    window: tuple[date, date] | None = None,
    brushed: bool = True,
    same_scale: bool = False,
) -> alt.VConcatChart:
    """Lines below each other over one axis of time, with one brush over all of them.

    Args:
        rows: At least one.
        organisation: Says how periods and money are written.
        events: What happened; its days are marked.
        window: Periods that are selected, shown as a band.
        brushed: Whether one may drag over it to select.
        same_scale: All rows have one scale: of the members of one measure.
    """
    hovered = sum(len(row.line.points) for row in rows) <= _MOST_HOVERED
    lines = [row.line for row in rows]
    domain = _domain(lines) if same_scale else None
    drawn = []
    for place, row in enumerate(rows):
        x = _x(row.grain, lines, is_last=place == len(rows) - 1)
        layers = _layers(row, x, organisation, hovered=hovered, domain=domain)
        layers += _event_layers(row, x, events, organisation)
        if window:
            band = rows_chart([{"period": window[0].isoformat(), "end": window[1].isoformat()}])
            shade = band.mark_rect(color=ACCENT.css, opacity=0.1)
            layers.insert(0, shade.encode(x=x, x2="end:T"))
        layers[0] = layers[0].properties(name=f"row_{place}")
        part = alt.LayerChart(layer=layers)
        drawn.append(part.properties(height=LOW, title=heading(row.title)))
    chart: alt.VConcatChart = alt.vconcat(*drawn, spacing=14).resolve_scale(x="shared")
    if brushed:
        brush = alt.IntervalSelectionConfig(type="interval", encodings=["x"])
        named = [f"row_{place}" for place in range(len(rows))]
        chart.params = [alt.TopLevelSelectionParameter(name=WINDOW, select=brush, views=named)]
    return themed(chart.properties(usermeta=AS_SVG))


def limits_chart(limits: Limits, organisation: Organisation) -> alt.LayerChart:
    """Values within the range they usually stay in; what lies apart is filled and named."""
    answer = limits.answer
    metric, grain, points = answer.metric, answer.grain, _known(limits.points)
    rows = [
        {
            "period": point.period.isoformat(),
            "value": point.value,
            "low": point.low,
            "high": point.high,
            "middle": point.middle,
            "when": when(point.period, grain, organisation),
            "shown": _text(point.value, metric, organisation),
            "between": f"{_text(point.low, metric, organisation)} to "
            f"{_text(point.high, metric, organisation)}",
        }
        for point in points
    ]
    apart = [row for row, point in zip(rows, points, strict=True) if point.causes]
    ends = [v for point in points for v in (point.value, point.low, point.high)]
    seen = [value for value in ends if value is not None]
    scale = _scale(seen)
    x, y = _x(grain, [answer.whole]), _y("value", metric, organisation, scale, seen)
    known = rows_chart([row for row in rows if row["high"] is not None])
    band = known.mark_area(color=BAND.css, interpolate="step", opacity=1).encode(
        x=x, y=_y("low", metric, organisation, scale, []), y2="high:Q"
    )
    mean = known.mark_line(color=REFERENCE.css, strokeWidth=1, strokeDash=[1, 3]).encode(
        x=x, y=_y("middle", metric, organisation, scale, [])
    )
    every = rows_chart(rows)
    line = every.mark_line(color=LINE.css, strokeWidth=1.6).encode(x=x, y=y)
    hover = every.mark_circle(opacity=0, size=120).encode(
        x=x,
        y=y,
        tooltip=[
            alt.Tooltip("when:N", title="When"),
            alt.Tooltip("shown:N", title=metric.label),
            alt.Tooltip("between:N", title="Usual range"),
        ],
    )
    marked = rows_chart(apart).mark_point(
        shape="diamond", size=64, filled=True, fill=TEXT.css, opacity=1
    )
    chart = alt.LayerChart(layer=[band, mean, line, marked.encode(x=x, y=y), hover]).properties(
        height=HEIGHT + 60, width="container", usermeta=AS_SVG, padding={"right": 8, "left": 4}
    )
    return themed(chart)


def when(period: date, grain: Grain, organisation: Organisation) -> str:
    """A period as texts over a chart name it."""
    return period_label(period, grain, year_starts_in=organisation.year_starts_in)


def _layers(
    row: Row,
    x: alt.X,
    organisation: Organisation,
    *,
    hovered: bool,
    domain: tuple[float, float] | None = None,
) -> list[alt.Chart]:
    """The line, what it is laid over, what is still open, and texts to hover over."""
    points = _known(row.line.points)
    rows = [
        {
            "period": point.period.isoformat(),
            "value": point.value,
            "against": point.held_against,
            "when": when(point.period, row.grain, organisation),
            "shown": _shown(point.value, row, organisation),
            "beside": _shown(point.held_against, row, organisation),
        }
        for point in points
    ]
    seen = [v for r in rows for v in (r["value"], r["against"]) if isinstance(v, float)]
    scale = _scale(list(domain) if domain else seen)
    y = _y("value", row.metric, organisation, scale, seen, is_index=row.is_index)
    settled = [r for r, p in zip(rows, points, strict=True) if not p.is_open]
    going_on = rows[len(settled) - 1 :] if settled and len(settled) < len(rows) else []
    layers = [rows_chart(settled).mark_line(color=LINE.css, strokeWidth=1.6).encode(x=x, y=y)]
    if any(r["against"] is not None for r in rows):
        against = _y("against", row.metric, organisation, scale, seen, is_index=row.is_index)
        dashed = rows_chart(rows).mark_line(color=ACCENT.css, strokeWidth=1.4, strokeDash=[4, 3])
        layers.append(dashed.encode(x=x, y=against))
    if going_on:
        broken = rows_chart(going_on).mark_line(color=LINE.css, strokeWidth=1.6, strokeDash=[2, 3])
        layers.append(broken.encode(x=x, y=y))
    if len(rows) == 1:
        layers.append(rows_chart(rows).mark_circle(color=LINE.css, size=50).encode(x=x, y=y))
    if hovered:
        tips = [alt.Tooltip("when:N", title="When"), alt.Tooltip("shown:N", title="Value")]
        if any(r["against"] is not None for r in rows):
            tips.append(alt.Tooltip("beside:N", title="Beside"))
        layers.append(
            rows_chart(rows).mark_circle(opacity=0, size=120).encode(x=x, y=y, tooltip=tips)
        )
    return layers


def _event_layers(
    row: Row, x: alt.X, events: Sequence[DatedEvent], organisation: Organisation
) -> list[alt.Chart]:
    """Thin rules on the days on which something happened."""
    points = _known(row.line.points)
    if not events or not points:
        return []
    first, last = points[0].period, points[-1].period
    rows = [
        {
            "period": event.day.isoformat(),
            "what": f"{when(event.day, Grain.DAY, organisation)}: {event.sentence}",
        }
        for event in events
        if first <= event.day <= last
    ]
    rule = rows_chart(rows).mark_rule(color=SECONDARY.css, strokeWidth=1, strokeDash=[2, 2])
    tip = [alt.Tooltip("what:N", title="What happened")]
    return [rule.encode(x=x, tooltip=tip)] if rows else []


def _x(grain: Grain, lines: Sequence[Slice], *, is_last: bool = True) -> alt.X:
    seen = [point.period for line in lines for point in _known(line.points)]
    is_short_step = grain in (Grain.DAY, Grain.WEEK)
    is_long = bool(seen) and max(seen) - min(seen) > _DAYS_OF_ONE_YEAR
    is_named_by_month = is_short_step and is_long
    axis = alt.Axis(
        format=_MONTHS if is_named_by_month else _DATES.get(grain, _MONTHS),
        grid=False,
        labels=is_last,
        ticks=is_last,
        domain=is_last,
        labelOverlap=True,
        **({"tickCount": 8} if is_named_by_month else {"values": _ticks(grain, lines)}),
    )
    return alt.X("period:T", title=None, scale=alt.Scale(type="utc"), axis=axis)


def _known(points: Sequence[Known]) -> Sequence[Known]:
    """Those from the first to the last with a value: an axis has no room for what is not known."""
    places = [place for place, point in enumerate(points) if point.value is not None]
    return points[places[0] : places[-1] + 1] if places else ()


def _ticks(grain: Grain, lines: Sequence[Slice]) -> list[alt.DateTime]:
    """Periods that are named below a chart: never a day between them, never one of them twice."""
    found = sorted({point.period for line in lines for point in _known(line.points)})
    if len(found) > _MOST_TICKS:
        thinned = [[at for at in found if _place(at, grain) % n == 0] for n in _STEPS[grain]]
        found = next((few for few in thinned if len(few) <= _MOST_TICKS), thinned[-1])
    return [alt.DateTime(year=at.year, month=at.month, date=at.day, utc=True) for at in found]


def _place(period: date, grain: Grain) -> int:
    """Its number among all periods of its grain; a Monday and a January have those that divide."""
    if grain in (Grain.DAY, Grain.WEEK):
        return (period.toordinal() - 1) // (7 if grain is Grain.WEEK else 1)
    return (period.year * 12 + period.month - 1) // MONTHS_IN[grain]


def _y(
    field: str,
    metric: Metric,
    organisation: Organisation,
    scale: alt.Scale,
    seen: Sequence[float],
    *,
    is_index: bool = False,
) -> alt.Y:
    labels = axis_expression(
        metric.unit,
        highest=max((abs(value) for value in seen), default=1.0),
        currency=organisation.currency,
    )
    axis: dict[str, Any] = {} if is_index else {"labelExpr": labels}
    return alt.Y(
        f"{field}:Q",
        title=None,
        scale=scale,
        axis=alt.Axis(domain=False, ticks=False, tickCount=4, minExtent=46, maxExtent=50, **axis),
    )


def _domain(lines: Sequence[Slice]) -> tuple[float, float] | None:
    seen = [point.value for line in lines for point in line.points if point.value is not None]
    return (min(seen), max(seen)) if seen else None


def _scale(seen: Sequence[float]) -> alt.Scale:
    low, high = (min(seen), max(seen)) if seen else (0.0, 1.0)
    air = (high - low) * 0.06 or abs(high) * 0.06 or 1.0
    return alt.Scale(domain=[low - air, high + air], zero=False, nice=False)


def _shown(value: float | None, row: Row, organisation: Organisation) -> str:
    if row.is_index:
        return "no data" if value is None else f"{value:,.1f}"
    return _text(value, row.metric, organisation)


def _text(value: float | None, metric: Metric, organisation: Organisation) -> str:
    return format_value(
        value, unit=metric.unit, decimals=metric.decimals, currency=organisation.currency
    )

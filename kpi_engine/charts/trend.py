"""Two years of one measure with target, usual range and what happened."""

from collections.abc import Iterable, Sequence
from typing import Any

import altair as alt

from kpi_engine.charts.labels import spread
from kpi_engine.charts.palette import (
    ACCENT,
    BAND,
    LINE,
    PAGE,
    REFERENCE,
    SECONDARY,
    STATUS_SHAPES,
    STATUS_TEXT,
    STATUS_TONES,
    TEXT,
)
from kpi_engine.charts.theme import axis_expression, rows_chart, themed
from kpi_engine.mapping.contribution import DatedEvent
from kpi_engine.periods import add_months, month_label
from kpi_engine.services.earlier import EarlierDefinition
from kpi_engine.services.readings import HistoryPoint, Reading
from kpi_engine.terms import Direction, Grain, Status
from kpi_engine.units import format_target, format_value

HEIGHT = 260
_AIR = 0.08
"""Share of the height left free above and below."""
_AIR_PIXELS = 6
_LABEL_PIXELS = 16
_NAMED_EVENTS = 2
_EVENT_PIXELS = 15
"""Height of one line of text above the plot."""


def trend_chart(
    reading: Reading,
    events: Sequence[DatedEvent] = (),
    *,
    earlier: Sequence[EarlierDefinition] = (),
    currency: str = "$",
) -> alt.LayerChart:
    """A measure's history on one axis, labelled directly.

    The target steps where it was changed; a month that is not complete has a broken line and a
    hollow point; gaps in the data are gaps in the line.

    Args:
        reading: Its history, target, range and status.
        events: Dated events; the two that weigh most are marked and named above the plot, where
            no line can run through them. Those outside the months shown are left out.
        earlier: Definitions that held before; each has its own line over the months of its time,
            and the day on which the next one began is marked.
        currency: Printed before amounts.
    """
    domain = value_domain(reading, earlier)
    scale = alt.Scale(domain=list(domain), zero=False, nice=False)
    x, y = _x(reading), _y(reading, scale, currency)
    layers: list[alt.Chart] = []
    layers += _band_layers(reading, x, scale)
    layers += _event_layers(reading, events, earlier)
    layers += _target_layers(reading, x, scale)
    layers += _earlier_layers(reading, earlier, x, scale, currency)
    layers += _value_layers(reading, x, y, currency)
    layers += _label_layers(reading, x, scale, domain, currency)
    chart = alt.LayerChart(layer=layers).properties(
        height=HEIGHT, width="container", padding={"right": _AIR_PIXELS, "left": 4}
    )
    return themed(chart)


def value_domain(
    reading: Reading, earlier: Sequence[EarlierDefinition] = ()
) -> tuple[float, float]:
    """Between what the value axis of a trend goes: all that is drawn, and some air."""
    seen = [p.value for p in reading.history if p.value is not None]
    seen += [p.target for p in reading.history if p.target is not None]
    seen += list(_ends(reading))
    seen += [one.then for each in earlier for one in each.months if one.then is not None]
    seen += [end for _, _, usual in reading.usual_stretches for end in (usual.low, usual.high)]
    low, high = (min(seen), max(seen)) if seen else (0.0, 1.0)
    air = (high - low) * _AIR or abs(high) * _AIR or 1.0
    return low - air, high + air


def _x(reading: Reading) -> alt.X:
    months = [point.month.isoformat() for point in reading.history]
    domain = [months[0], months[-1]] if months else []
    return alt.X(
        "month:T",
        title=None,
        scale=alt.Scale(type="utc", domain=domain),
        axis=alt.Axis(format="%b %y", grid=False, labelOverlap=True, tickCount=8),
    )


def _y(reading: Reading, scale: alt.Scale, currency: str) -> alt.Y:
    highest = max((abs(p.value) for p in reading.history if p.value is not None), default=0.0)
    labels = axis_expression(
        reading.metric.unit,
        highest=highest,
        currency=currency,
    )
    axis = alt.Axis(
        labelExpr=labels, grid=False, domain=False, ticks=False, tickCount=5, minExtent=38
    )
    return alt.Y("value:Q", title=None, scale=scale, axis=axis)


def _value_layers(reading: Reading, x: alt.X, y: alt.Y, currency: str) -> list[alt.Chart]:
    is_sparse = reading.metric.cadence in (Grain.QUARTER, Grain.YEAR)
    points = [p for p in reading.history if p.value is not None or not is_sparse]
    is_open = not reading.freshness.is_complete
    settled, last_step = (points[:-1], points[-2:]) if is_open else (points, [])
    line = rows_chart([_row(p, reading, currency) for p in settled]).mark_line(
        color=LINE.css, strokeWidth=1.6
    )
    layers = [line.encode(x=x, y=y)]
    if last_step:
        step = rows_chart([_row(p, reading, currency) for p in last_step])
        broken = step.mark_line(color=LINE.css, strokeWidth=1.6, strokeDash=[2, 3])
        layers.append(broken.encode(x=x, y=y))
    marked = [p for p in points if p.value is not None and (p.causes or is_sparse)]
    dots = rows_chart([_row(p, reading, currency) for p in marked[:-1] or marked])
    layers.append(dots.mark_circle(color=TEXT.css, size=16, opacity=1).encode(x=x, y=y))
    every = rows_chart([_row(p, reading, currency) for p in points if p.value is not None])
    hover = every.mark_circle(opacity=0, size=160).encode(
        x=x,
        y=y,
        tooltip=[
            alt.Tooltip("when:N", title="Month"),
            alt.Tooltip("shown:N", title=reading.metric.label),
            alt.Tooltip("aimed:N", title="Target"),
        ],
    )
    return [*layers, *_last_point(reading, x, y, currency), hover]


def _last_point(reading: Reading, x: alt.X, y: alt.Y, currency: str) -> list[alt.Chart]:
    known = [p for p in reading.history if p.value is not None]
    if not known:
        return []
    status = reading.judgement.status
    tone = STATUS_TONES[status].css
    is_hollow = not reading.freshness.is_complete or status is Status.NO_DATA
    point = rows_chart([_row(known[-1], reading, currency)]).mark_point(
        shape=STATUS_SHAPES[status],
        size=90,
        stroke=tone,
        strokeWidth=1.5,
        fill=PAGE.css if is_hollow else tone,
        opacity=1,
    )
    return [point.encode(x=x, y=y)]


def _band_layers(reading: Reading, x: alt.X, scale: alt.Scale) -> list[alt.Chart]:
    """Usual ranges, each over the months in which it holds; those on trial are only outlined."""
    layers = []
    stretches = reading.usual_stretches
    for place, (first, last, usual) in enumerate(stretches):
        is_newest = place == len(stretches) - 1
        row = {
            "month": first.isoformat(),
            "end": (reading.history[-1].month if is_newest else add_months(last, 1)).isoformat(),
            "low": usual.low,
            "high": usual.high,
        }
        mark = rows_chart([row]).mark_rect(
            color=BAND.css,
            stroke=BAND.css,
            strokeDash=[3, 3],
            fillOpacity=0 if usual.is_trial else 1,
            strokeOpacity=1 if usual.is_trial else 0,
        )
        layers.append(mark.encode(x=x, x2="end:T", y=alt.Y("low:Q", scale=scale), y2="high:Q"))
    return layers


def _earlier_layers(
    reading: Reading,
    earlier: Sequence[EarlierDefinition],
    x: alt.X,
    scale: alt.Scale,
    currency: str,
) -> list[alt.Chart]:
    """What the months read by the definitions of their time, named below where each line ends."""
    y = alt.Y("value:Q", scale=scale)
    layers = []
    for each in earlier:
        rows: list[dict[str, Any]] = [
            {
                "month": one.month.isoformat(),
                "value": one.then,
                "when": month_label(one.month),
                "shown": _text(reading, one.then, currency),
                "text": "earlier definition",
            }
            for one in each.months
            if one.then is not None
        ]
        if not rows:
            continue
        line = rows_chart(rows).mark_line(color=REFERENCE.css, strokeWidth=1.6)
        layers.append(line.encode(x=x, y=y))
        dots = rows_chart(rows).mark_circle(color=REFERENCE.css, size=14, opacity=1)
        hover = [
            alt.Tooltip("when:N", title="Month"),
            alt.Tooltip("shown:N", title="By the earlier definition"),
        ]
        layers.append(dots.encode(x=x, y=y, tooltip=hover))
        # At the foot of the plot, where no line runs through it.
        name = rows_chart(rows[-1:]).mark_text(align="right", color=SECONDARY.css)
        layers.append(name.encode(x=x, y=alt.value(HEIGHT - _AIR_PIXELS), text="text:N"))
    return layers


def _target_layers(reading: Reading, x: alt.X, scale: alt.Scale) -> list[alt.Chart]:
    rows: list[dict[str, Any]] = [
        {"month": p.month.isoformat(), "value": p.target, "line": "target"}
        for p in reading.history
        if p.target is not None
    ]
    for end in _ends(reading)[1:]:
        rows += [
            {"month": p.month.isoformat(), "value": end, "line": "upper"} for p in reading.history
        ]
    if not rows:
        return []
    line = rows_chart(rows).mark_line(
        interpolate="step-after", color=ACCENT.css, strokeDash=[4, 3], strokeWidth=1.6
    )
    return [line.encode(x=x, y=alt.Y("value:Q", scale=scale), detail="line:N")]


def _label_layers(
    reading: Reading, x: alt.X, scale: alt.Scale, domain: tuple[float, float], currency: str
) -> list[alt.Chart]:
    """What stands right of the lines; labels that would touch are moved apart."""
    if not reading.history:
        return []
    wanted = _labels(reading, currency)
    least = (domain[1] - domain[0]) * _LABEL_PIXELS / HEIGHT
    places = spread([place for place, _, _, _ in wanted], least=least)
    layers = []
    for place, (_, text, colour, weight) in zip(places, wanted, strict=True):
        row = {"month": reading.history[-1].month.isoformat(), "value": place, "text": text}
        mark = rows_chart([row]).mark_text(align="left", dx=11, color=colour, fontWeight=weight)
        layers.append(mark.encode(x=x, y=alt.Y("value:Q", scale=scale), text="text:N"))
    return layers


def _labels(reading: Reading, currency: str) -> list[tuple[float, str, str, Any]]:
    """Place, text, colour and weight of each label."""
    metric, found = reading.metric, []
    known = [p for p in reading.history if p.value is not None]
    if known and known[-1].value is not None:
        tone = STATUS_TEXT[reading.judgement.status].css
        found.append((known[-1].value, _text(reading, known[-1].value, currency), tone, 600))
    for end in _ends(reading):
        bound = format_target(
            end,
            unit=metric.unit,
            decimals=metric.decimals,
            direction=Direction.NONE,
            currency=currency,
        )
        found.append((end, f"target {bound}", ACCENT.css, 400))
    if reading.usual_range is not None:
        found.append((reading.usual_range.mean, "usual range", SECONDARY.css, 400))
    return found


def _event_layers(
    reading: Reading, events: Sequence[DatedEvent], earlier: Sequence[EarlierDefinition]
) -> list[alt.Chart]:
    if not reading.history:
        return []
    first, last = reading.history[0].month, reading.history[-1].month
    shown = _named(
        event for event in events if first <= reading.calendar.month_of(event.day) <= last
    )
    shown += [
        DatedEvent(day=one.valid_from, sentence=one.because, short="new baseline")
        for one in reading.baselines
        if first <= one.valid_from <= last
    ]
    shown += [
        DatedEvent(day=one.until, sentence=one.because, short="new definition")
        for one in earlier
        if first <= one.until.replace(day=1) <= last
    ]
    x = _x(reading)
    layers: list[alt.Chart] = []
    middle = reading.history[len(reading.history) // 2].month
    for place, event in enumerate(reversed(shown)):
        is_right = event.day >= middle
        row = {
            "month": reading.calendar.month_of(event.day).isoformat(),
            "text": f"{event.day.day} {event.day:%b}: {event.short}",
        }
        height = -_EVENT_PIXELS * (place + 1)
        rule = rows_chart([row]).mark_rule(color=SECONDARY.css, strokeWidth=1)
        layers.append(rule.encode(x=x, y=alt.value(height), y2=alt.value("height")))
        mark = rows_chart([row]).mark_text(
            align="right" if is_right else "left",
            dx=-5 if is_right else 5,
            baseline="top",
            color=SECONDARY.css,
        )
        layers.append(mark.encode(x=x, y=alt.value(height), text="text:N"))
    return layers


def _named(events: Iterable[DatedEvent]) -> list[DatedEvent]:
    """The few that weigh most, oldest first; what has no short name is too common to be named."""
    fit = sorted((event for event in events if event.short), key=lambda one: -one.weight)
    return sorted(fit[:_NAMED_EVENTS], key=lambda one: one.day)


def _row(point: HistoryPoint, reading: Reading, currency: str) -> dict[str, Any]:
    aimed = "none" if point.target is None else _text(reading, point.target, currency)
    return {
        "month": point.month.isoformat(),
        "value": point.value,
        "when": month_label(point.month),
        "shown": _text(reading, point.value, currency),
        "aimed": aimed,
    }


def _text(reading: Reading, value: float | None, currency: str) -> str:
    metric = reading.metric
    return format_value(value, unit=metric.unit, decimals=metric.decimals, currency=currency)


def _ends(reading: Reading) -> tuple[float, ...]:
    target = reading.judgement.target
    if target is None:
        return ()
    return target if isinstance(target, tuple) else (target,)

"""What changed between two months: a bar for every driver, and a grey one for the rest."""

import itertools
from dataclasses import dataclass
from typing import Any

import altair as alt

from kpi_engine.charts.palette import HAIRLINE, LINE, PAGE, REFERENCE, STATUS_TONES, TEXT
from kpi_engine.charts.theme import axis_expression, rows_chart, themed
from kpi_engine.maths.intervals import Estimate
from kpi_engine.periods import add_months, month_label
from kpi_engine.services.outcomes import Explanation
from kpi_engine.services.readings import Reading
from kpi_engine.terms import Direction, Grain, Status
from kpi_engine.units import (
    effect_decimals,
    format_change,
    format_effect,
    format_value,
    rounds_to_zero,
)

OTHER = "Other causes, not explained"
USUAL = "Time of year and trend"
ROW_PIXELS = 38
_AXIS_PIXELS = 34
_BAR_PIXELS = 12
_AIR_PIXELS = 6
_NAME_PIXELS = 190
_BACK = {Grain.QUARTER: 3, Grain.YEAR: 12}


@dataclass(frozen=True, kw_only=True)
class _Step:
    """One row: a bar from ``start`` to ``end``, or a tick where both are the same month."""

    name: str
    start: float
    end: float
    text: str
    colour: str
    effect: Estimate | None = None
    is_month: bool = False

    @property
    def whisker(self) -> tuple[float, float] | None:
        """Where the effect's range ends, seen from the bar's start."""
        if self.effect is None or self.effect.low == self.effect.high:
            return None
        return self.start + self.effect.low, self.start + self.effect.high

    @property
    def right(self) -> float:
        return max(self.start, self.end, *(self.whisker or ()))

    def row(self) -> dict[str, Any]:
        low, high = self.whisker or (None, None)
        plain = {"name": self.name, "start": self.start, "end": self.end, "text": self.text}
        return {**plain, "colour": self.colour, "low": low, "high": high, "right": self.right}


def movement_chart(explanation: Explanation, *, currency: str = "$") -> alt.LayerChart:
    """A horizontal waterfall from the month before to this one.

    The two months are ticks, not bars, because the axis does not start at zero. Thin lines are
    the 90 % ranges of the effects. Links without a number have no row.

    Raises:
        ValueError: The movement is not known; the page says so instead of drawing.
    """
    if explanation.movement is None:
        raise ValueError("the movement of this outcome is not known")
    steps = _steps(explanation, currency)
    names = [step.name for step in steps]
    y = alt.Y(
        "name:N",
        sort=names,
        title=None,
        scale=alt.Scale(domain=names),
        axis=alt.Axis(
            domain=False, ticks=False, labelLimit=_NAME_PIXELS, labelColor=TEXT.css, labelPadding=8
        ),
    )
    scale = alt.Scale(domain=_domain(steps), zero=False, nice=False)
    x = _x(explanation.outcome, steps, scale, currency)
    bars = rows_chart([step.row() for step in steps if not step.is_month])
    ticks = rows_chart([step.row() for step in steps if step.is_month])
    whiskers = rows_chart([step.row() for step in steps if step.whisker])
    every = rows_chart([step.row() for step in steps])
    layers = [
        rows_chart(_joins(steps))
        .mark_rule(color=REFERENCE.css, strokeDash=[2, 2], strokeWidth=1)
        .encode(x=x, y=y, y2=alt.Y2("next:N")),
        bars.mark_bar(height=_BAR_PIXELS).encode(
            x=x, x2="end:Q", y=y, color=alt.Color("colour:N", scale=None, legend=None)
        ),
        # On a dark bar a dark line would not be seen: it lies on a lighter one.
        *(
            whiskers.mark_rule(color=tone.css, strokeWidth=width).encode(
                x=alt.X("low:Q", scale=scale), x2="high:Q", y=y
            )
            for tone, width in ((PAGE, 3.6), (TEXT, 1.4))
        ),
        ticks.mark_tick(color=LINE.css, thickness=3, height=18).encode(x=x, y=y),
        every.mark_text(align="left", dx=6, fontWeight=600).encode(
            x=alt.X("right:Q", scale=scale), y=y, text="text:N"
        ),
    ]
    return themed(
        alt.LayerChart(layer=layers).properties(
            height=ROW_PIXELS * len(steps) + _AXIS_PIXELS,
            width="container",
            padding={"right": _AIR_PIXELS},
        )
    )


def _steps(explanation: Explanation, currency: str) -> list[_Step]:
    outcome = explanation.outcome
    before = outcome.previous or 0.0
    then, now = _months(outcome)
    steps = [_month(then, before, outcome, currency)]
    at = before
    for driver in explanation.drivers:
        effect = driver.contribution.effect
        if effect is None:
            continue
        steps.append(
            _Step(
                name=driver.reading.label,
                start=at,
                end=at + effect.mid,
                text=_effect_text(effect.mid, outcome, currency),
                colour=_colour(effect.mid, outcome),
                effect=effect,
            )
        )
        at += effect.mid
    usual = explanation.usual or 0.0
    text = _rest_text(usual, outcome, currency, is_all=False)
    if text:
        step = _Step(name=USUAL, start=at, end=at + usual, text=text, colour=REFERENCE.css)
        steps.append(step)
        at += usual
    rest = explanation.remainder or 0.0
    text = _rest_text(rest, outcome, currency, is_all=len(steps) == 1)
    if text:
        steps.append(_Step(name=OTHER, start=at, end=at + rest, text=text, colour=REFERENCE.css))
    return [*steps, _month(now, outcome.value or 0.0, outcome, currency)]


def _rest_text(rest: float, outcome: Reading, currency: str, *, is_all: bool) -> str:
    """What no link explains; where it is all of the change, printed like the change itself."""
    unit, decimals = outcome.metric.unit, outcome.metric.decimals
    digits = decimals if is_all else effect_decimals(unit, decimals)
    if rounds_to_zero(rest, unit=unit, decimals=digits):
        return ""
    return format_change(rest, unit=unit, decimals=digits, currency=currency)


def _month(name: str, value: float, outcome: Reading, currency: str) -> _Step:
    metric = outcome.metric
    text = format_value(value, unit=metric.unit, decimals=metric.decimals, currency=currency)
    return _Step(name=name, start=value, end=value, text=text, colour=LINE.css, is_month=True)


def _months(outcome: Reading) -> tuple[str, str]:
    """The month before and this one; for sparse measures the ones they were taken in."""
    back, now = _BACK.get(outcome.metric.cadence, 1), outcome.shown_month
    return month_label(add_months(now, -back), short=True), month_label(now, short=True)


def _effect_text(effect: float, outcome: Reading, currency: str) -> str:
    metric = outcome.metric
    return format_effect(effect, unit=metric.unit, decimals=metric.decimals, currency=currency)


def _colour(effect: float, outcome: Reading) -> str:
    """Red for harm, green-blue for help; the signed number beside the bar says it again."""
    direction = outcome.metric.direction
    if direction not in (Direction.HIGHER_IS_BETTER, Direction.LOWER_IS_BETTER):
        return LINE.css
    is_good = (effect > 0) is (direction is Direction.HIGHER_IS_BETTER)
    return STATUS_TONES[Status.ON_TARGET if is_good else Status.OFF_TARGET].css


def _joins(steps: list[_Step]) -> list[dict[str, Any]]:
    """A dashed line from where one row ends down to the next."""
    return [
        {"name": one.name, "next": following.name, "start": one.end}
        for one, following in itertools.pairwise(steps)
    ]


def _domain(steps: list[_Step]) -> list[float]:
    ends = [place for s in steps for place in (s.start, s.end, *(s.whisker or ()))]
    low, high = min(ends), max(ends)
    air = (high - low) * 0.08 or abs(high) * 0.02 or 1.0
    return [low - air, high + air]


def _x(outcome: Reading, steps: list[_Step], scale: alt.Scale, currency: str) -> alt.X:
    labels = axis_expression(
        outcome.metric.unit,
        highest=max(abs(step.end) for step in steps),
        currency=currency,
    )
    axis = alt.Axis(labelExpr=labels, tickCount=4, gridColor=HAIRLINE.css, labelOverlap=True)
    return alt.X("start:Q", title=None, scale=scale, axis=axis)

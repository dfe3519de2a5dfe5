"""A measure against its own history at any grain: values by XmR, shares by what they are of."""

from bisect import bisect_left
from dataclasses import dataclass
from datetime import date
from typing import Any

from kpi_engine.maths.p_chart import ShareChart, share_chart
from kpi_engine.maths.variation import control_chart
from kpi_engine.services import steps
from kpi_engine.services.explored import Answer, SlicePoint
from kpi_engine.terms import Fold, SpecialCause
from kpi_engine.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class LimitPoint:
    """One period with its limits.

    Attributes:
        value: In the metric's unit; None in a gap.
        low: Lower limit; None with too little history, or in a gap of shares.
        high: Upper limit.
        middle: The mean that the limits lie around.
        causes: What sets it apart from its history; empty for usual variation.
    """

    period: date
    value: float | None
    low: float | None
    high: float | None
    middle: float | None
    causes: tuple[SpecialCause, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Limits:
    """A measure with the range it usually stays in.

    Attributes:
        shares: The chart of shares it comes from; None for limits of values (XmR).
        points: One a period, gaps included; periods that are not over are left out.
    """

    answer: Answer
    shares: ShareChart | None
    points: tuple[LimitPoint, ...]

    @property
    def is_known(self) -> bool:
        """Whether there is enough history for limits."""
        return any(point.high is not None for point in self.points)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "metric": self.answer.metric.id,
            "chart": "xmr" if self.shares is None else "p'" if self.shares.is_widened else "p",
            "points": [
                {
                    "period": point.period.isoformat(),
                    "value": point.value,
                    "low": point.low,
                    "high": point.high,
                    "causes": [cause.value for cause in point.causes],
                }
                for point in self.points
            ],
        }


def limits_of(ws: Workspace, answer: Answer, *, by_cases: bool = True) -> Limits:
    """The usual range of an answer's whole.

    Args:
        ws: Its definitions say where new baselines begin.
        answer: Any measure at any grain.
        by_cases: Hold a share against the number of cases it is of, where these are known;
            otherwise, and for everything else, against how its values move.
    """
    over = {point.period: point for point in answer.whole.points if not point.is_open}
    if not over:
        return Limits(answer=answer, shares=None, points=())
    periods = steps.periods_between(min(over), max(over), answer.grain)
    points = [over.get(period) for period in periods]
    shares = _shares(answer, points) if by_cases else None
    if shares is not None:
        return Limits(answer=answer, shares=shares, points=_by_cases(periods, shares))
    baselines = ws.catalogue.baselines_of(answer.metric.id, segment=answer.segment)
    chart = control_chart(
        [point.value if point else None for point in points],
        new_baselines=[bisect_left(periods, one.valid_from) for one in baselines],
    )
    return Limits(
        answer=answer,
        shares=None,
        points=tuple(
            LimitPoint(
                period=period,
                value=point.value,
                low=point.range_.low if point.range_ else None,
                high=point.range_.high if point.range_ else None,
                middle=point.range_.mean if point.range_ else None,
                causes=point.causes,
            )
            for period, point in zip(periods, chart, strict=True)
        ),
    )


def _shares(answer: Answer, points: list[SlicePoint | None]) -> ShareChart | None:
    measure = answer.metric.measure
    if measure.fold is not Fold.RATIO or measure.scale != 1.0:
        return None
    parts = [
        (point.numerator, point.denominator)
        if point and point.numerator is not None and point.denominator is not None
        else None
        for point in points
    ]
    return share_chart(parts)


def _by_cases(periods: list[date], shares: ShareChart) -> tuple[LimitPoint, ...]:
    return tuple(
        LimitPoint(
            period=period,
            value=point.share,
            low=point.low,
            high=point.high,
            middle=shares.mean,
            causes=(SpecialCause.OUTSIDE,) if point.is_outside else (),
        )
        for period, point in zip(periods, shares.points, strict=True)
    )

"""What comes out when a metric is sliced: one line for the whole, one for each member."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from kpi_engine.catalogue.metrics import Metric
from kpi_engine.services.leaderboard import Leaderboard
from kpi_engine.terms import Comparison, Grain


@dataclass(frozen=True, kw_only=True)
class SlicePoint:
    """One period of one segment.

    Attributes:
        period: Its first day.
        value: In the metric's unit; None where there is nothing to divide by.
        held_against: What it is laid over; None without a comparison, or where that has no value.
        is_open: Days of it are still to come.
    """

    period: date
    value: float | None
    numerator: float | None
    denominator: float | None
    held_against: float | None = None
    is_open: bool = False


@dataclass(frozen=True, kw_only=True)
class Slice:
    """One segment over time, oldest first; periods without data are absent.

    Attributes:
        member: Of the dimension; empty for the whole.
    """

    member: str
    segment: Mapping[str, str]
    points: tuple[SlicePoint, ...]

    def indexed(self) -> "Slice":
        """Its values with the first that is not nothing as 100."""
        first = next((point.value for point in self.points if point.value), None)
        if first is None:
            return replace(self, points=())

        def index(value: float | None) -> float | None:
            return None if value is None else value / first * 100

        points = tuple(
            replace(point, value=index(point.value), held_against=index(point.held_against))
            for point in self.points
        )
        return replace(self, points=points)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        points = [{**asdict(p), "period": p.period.isoformat()} for p in self.points]
        return {"member": self.member, "segment": dict(self.segment), "points": points}


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What was asked of one metric, and what came out.

    Attributes:
        first: First day of the earliest period shown.
        last: First day of the latest.
        whole: The metric over all that the segment leaves.
        lines: Its members, those first that did most to the change; at most twelve.
        board: What members did to the change of the newest period that is over; None without a
            dimension, or where nothing can be compared.
        remarks: What must be said beside it, as sentences.
    """

    metric: Metric
    grain: Grain
    first: date
    last: date
    segment: Mapping[str, str]
    by: str | None
    compare: Comparison | None
    as_of: int
    whole: Slice
    lines: tuple[Slice, ...] = ()
    board: Leaderboard | None = None
    remarks: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "metric": self.metric.id,
            "unit": self.metric.unit.value,
            "grain": self.grain.value,
            "first": self.first.isoformat(),
            "last": self.last.isoformat(),
            "segment": dict(self.segment),
            "by": self.by,
            "compare": self.compare.value if self.compare else None,
            "as_of": self.as_of,
            "whole": self.whole.to_dict(),
            "lines": [line.to_dict() for line in self.lines],
            "board": self.board.to_dict() if self.board else None,
            "remarks": list(self.remarks),
        }

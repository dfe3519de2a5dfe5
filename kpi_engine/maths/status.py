"""A value against its target: status, score and how sure the status is (box A2)."""

from dataclasses import dataclass

from kpi_engine.terms import Status

Bound = float | tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """One value judged against one target.

    Attributes:
        target: What was aimed for; two numbers for a range; None when there is no target.
        red_line: The outer boundary; two numbers for a range.
        score: 0 to 10, 3.3 at the red line and 6.7 at the target; None when not judged.
        budget_used: Failures over allowed failures, for metrics judged in failure space.
        is_uncertain: The denominator is so small that the value's interval straddles the target.
        is_placeholder: Nobody has agreed this target; it cannot drive the headline.
    """

    status: Status
    target: Bound | None = None
    red_line: Bound | None = None
    score: float | None = None
    budget_used: float | None = None
    is_uncertain: bool = False
    is_placeholder: bool = False

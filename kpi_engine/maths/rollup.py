"""Several judgements as one: counts that hide nothing, a weighted mean score, and a status."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from kpi_engine.maths.status import SCORE_AT_RED_LINE, SCORE_AT_TARGET, Judgement
from kpi_engine.terms import Status

_NOISE = 1e-9
"""Difference that only arithmetic makes: the mean of three targets just met is a target met."""
_JUDGED = (Status.ON_TARGET, Status.NEAR_TARGET, Status.OFF_TARGET)


class LeftOut(StrEnum):
    """Why a child does not count towards the score and the status of its group."""

    NO_DATA = "no_data"
    PROVISIONAL = "provisional"
    PLACEHOLDER = "placeholder"
    """Nobody has agreed its target."""
    TRACKED = "tracked"
    """It has no target."""


@dataclass(frozen=True, kw_only=True)
class Child:
    """One judged thing of a group.

    Attributes:
        name: For lists.
        is_provisional: Part of its month is still missing.
        weight: Of its score in the mean; more than zero.
        is_critical: The group cannot be on target without it.
    """

    name: str
    judgement: Judgement
    is_provisional: bool = False
    weight: float = 1.0
    is_critical: bool = False

    @property
    def left_out(self) -> LeftOut | None:
        """Why it does not count; None when it does."""
        if self.judgement.status is Status.NO_DATA:
            return LeftOut.NO_DATA
        if self.is_provisional:
            return LeftOut.PROVISIONAL
        if self.judgement.score is None:
            return LeftOut.TRACKED
        return LeftOut.PLACEHOLDER if self.judgement.is_placeholder else None


@dataclass(frozen=True, kw_only=True)
class RollUp:
    """A group as one.

    Attributes:
        status: NOT_JUDGED or NO_DATA where nothing can be said of the group.
        score: Weighted mean of the children that count, 0 to 10; None when none does.
        counts: Children by their own status, those left out included, so that no miss can hide.
        left_out: Names of the children that do not count, with the reason.
    """

    status: Status
    score: float | None
    counts: Mapping[Status, int]
    left_out: tuple[tuple[str, LeftOut], ...]

    def to_dict(self) -> dict[str, object]:
        """Plain values, ready for JSON."""
        return {
            "status": self.status.value,
            "score": self.score,
            "counts": {status.value: count for status, count in self.counts.items()},
            "left_out": [{"label": name, "reason": reason.value} for name, reason in self.left_out],
        }


def roll_up(children: Sequence[Child]) -> RollUp:
    """A group from its children.

    Children without data, provisional ones, those with a target that nobody agreed and those
    without a target are left out of score and status, and named. The status is that of the mean
    score, with the bounds of a single score, but never better than its children allow:

    - a critical child off target makes the group off target;
    - any other child off target makes it near target at best;
    - while a critical child is left out, a group that would be on target is not judged.

    Args:
        children: May be empty; then there are no data.

    Raises:
        ValueError: A weight is zero or less: leave the child out of the group instead.

    Examples:
        >>> from kpi_engine.maths.status import Judgement
        >>> met = Child(name="a", judgement=Judgement(status=Status.ON_TARGET, score=10.0))
        >>> missed = Child(name="b", judgement=Judgement(status=Status.OFF_TARGET, score=3.0))
        >>> found = roll_up([met, met, missed])
        >>> found.status.value, round(found.score, 1)
        ('near_target', 7.7)
    """
    for child in children:
        if child.weight <= 0:
            raise ValueError(f"{child.name}: a weight is more than zero, not {child.weight:g}")
    counting = [child for child in children if child.left_out is None]
    score = _mean_score(counting)
    return RollUp(
        status=_of_none(children) if score is None else _status(score, children, counting),
        score=score,
        counts={
            status: count
            for status in (*_JUDGED, Status.NO_DATA, Status.NOT_JUDGED)
            if (count := sum(child.judgement.status is status for child in children))
        },
        left_out=tuple((child.name, child.left_out) for child in children if child.left_out),
    )


def _mean_score(children: Sequence[Child]) -> float | None:
    scored = [(child.weight, child.judgement.score or 0.0) for child in children]
    if not scored:
        return None
    whole = math.fsum(weight for weight, _ in scored)
    return math.fsum(weight * score for weight, score in scored) / whole


def _status(score: float, children: Sequence[Child], counting: Sequence[Child]) -> Status:
    missed = [child for child in counting if child.judgement.status is Status.OFF_TARGET]
    if score < SCORE_AT_RED_LINE - _NOISE or any(child.is_critical for child in missed):
        return Status.OFF_TARGET
    if score < SCORE_AT_TARGET - _NOISE or missed:
        return Status.NEAR_TARGET
    is_one_unknown = any(child.is_critical and child.left_out for child in children)
    return Status.NOT_JUDGED if is_one_unknown else Status.ON_TARGET


def _of_none(children: Sequence[Child]) -> Status:
    """The status of a group in which nothing counts."""
    has_data = any(child.judgement.status is not Status.NO_DATA for child in children)
    return Status.NOT_JUDGED if has_data else Status.NO_DATA

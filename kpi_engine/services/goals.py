"""How far each strategic goal is reached (A7): its outcomes rolled up, and all of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from kpi_engine.maths.rollup import Child, RollUp, roll_up
from kpi_engine.services.outcomes import Explanation
from kpi_engine.services.readings import Reading


@dataclass(frozen=True, kw_only=True)
class Goal:
    """One strategic goal with what its outcomes amount to.

    Attributes:
        name: As the definitions name it; empty for outcomes without a goal.
    """

    name: str
    standing: RollUp

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {"goal": self.name, **self.standing.to_dict()}


def goals_of(rows: Iterable[Explanation]) -> tuple[Goal, ...]:
    """The goals of a scorecard's rows, in their order."""
    by_name: dict[str, list[Explanation]] = {}
    for row in rows:
        by_name.setdefault(row.outcome.metric.goal or "", []).append(row)
    return tuple(Goal(name=name, standing=standing(found)) for name, found in by_name.items())


def standing(rows: Iterable[Explanation]) -> RollUp:
    """What some outcomes amount to."""
    return roll_up([_child(row.outcome) for row in rows])


def _child(outcome: Reading) -> Child:
    return Child(
        name=outcome.label,
        judgement=outcome.judgement,
        is_provisional=not outcome.freshness.is_complete,
        weight=outcome.metric.weight,
        is_critical=outcome.metric.is_critical,
    )

"""Why did this one move? One outcome's month: identity parts, links, events, remainder."""

from dataclasses import dataclass
from typing import Any

from kpi_engine.catalogue.models import Assumption
from kpi_engine.mapping.contribution import Contribution, DatedEvent, IdentityPart
from kpi_engine.services.readings import Reading


@dataclass(frozen=True, kw_only=True)
class Driver:
    """An IT metric linked to an outcome, with what it contributed this month."""

    reading: Reading
    contribution: Contribution


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """One outcome's month explained.

    Attributes:
        movement: This month less the month before, in the outcome's unit; None when unknown.
        identity: Exact arithmetic parts, shown beside the links; they reconcile to the movement.
        drivers: Linked IT metrics in catalogue order.
        remainder: The movement less every counted contribution: what no link explains. It is
            there whenever the movement is.
        events: Dated events of the month, oldest first.
        assumptions: Every assumption that the amounts and the money rest on.
        is_watermelon: IT on target while the outcome is off target (N2).
        watermelon_sentence: Why, in one sentence; empty otherwise.
    """

    outcome: Reading
    as_of: int
    movement: float | None
    identity: tuple[IdentityPart, ...]
    drivers: tuple[Driver, ...]
    remainder: float | None
    events: tuple[DatedEvent, ...]
    assumptions: tuple[Assumption, ...]
    is_watermelon: bool
    watermelon_sentence: str

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "outcome": self.outcome.to_dict(),
            "as_of": self.as_of,
            "movement": self.movement,
            "identity": [
                {
                    "metric": part.metric,
                    "label": part.label,
                    "before": part.before,
                    "now": part.now,
                    "effect": part.effect,
                }
                for part in self.identity
            ],
            "drivers": [
                {"reading": d.reading.to_dict(), "contribution": d.contribution.to_dict()}
                for d in self.drivers
            ],
            "remainder": self.remainder,
            "events": [{"day": e.day.isoformat(), "sentence": e.sentence} for e in self.events],
            "assumptions": [a.model_dump(mode="json") for a in self.assumptions],
            "is_watermelon": self.is_watermelon,
            "watermelon_sentence": self.watermelon_sentence,
        }

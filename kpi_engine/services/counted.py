"""What one link counted by itself."""

from dataclasses import dataclass, field

from kpi_engine.mapping.contribution import DatedEvent
from kpi_engine.mapping.influence.link_estimate import Influence
from kpi_engine.maths.intervals import Estimate


@dataclass(frozen=True, kw_only=True)
class Counted:
    """What one link counted by itself, before links share the movement."""

    effect: Estimate | None = None
    amount: Estimate | None = None
    amount_unit: str = ""
    money: Estimate | None = None
    events: tuple[DatedEvent, ...] = field(default_factory=tuple)
    reason: str = ""
    influence: Influence | None = None

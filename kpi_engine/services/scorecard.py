"""Where do we stand? Every outcome of a month with the IT drivers that moved it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from kpi_engine.catalogue.models import Organisation
from kpi_engine.maths.intervals import Estimate
from kpi_engine.services.outcomes import Explanation
from kpi_engine.terms import Status


@dataclass(frozen=True, kw_only=True)
class Scorecard:
    """One month on one page.

    Attributes:
        months: Every month that can be shown, newest first (complete months only).
        rows: One per outcome, in the order of the organisation's scorecard.
        on_target: Outcomes on target this month and the month before (None: no month before).
        cost: Money lost to IT this month, negative; None when nothing could be valued.
        gain: Money saved by IT this month; None when nothing could be valued.
        received: Metrics whose month is complete.
        expected: Metrics that have had data before and are due this month.
        data_through: Last day with any fact.
        loaded_at: When the newest batch was accepted (UTC); None in an empty store.
    """

    organisation: Organisation
    month: date
    months: tuple[date, ...]
    as_of: int
    rows: tuple[Explanation, ...]
    on_target: int
    on_target_before: int | None
    cost: Estimate | None
    gain: Estimate | None
    received: int
    expected: int
    late: tuple[str, ...]
    data_through: date | None
    loaded_at: datetime | None

    def count(self, status: Status) -> int:
        """How many outcomes have this status."""
        return sum(row.outcome.judgement.status is status for row in self.rows)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "organisation": self.organisation.name,
            "month": self.month.isoformat(),
            "months": [month.isoformat() for month in self.months],
            "as_of": self.as_of,
            "rows": [row.to_dict() for row in self.rows],
            "on_target": self.on_target,
            "on_target_before": self.on_target_before,
            "cost": self.cost.to_dict() if self.cost else None,
            "gain": self.gain.to_dict() if self.gain else None,
            "received": self.received,
            "expected": self.expected,
            "late": list(self.late),
            "data_through": self.data_through.isoformat() if self.data_through else None,
            "loaded_at": self.loaded_at.isoformat() if self.loaded_at else None,
        }

"""Can the numbers be trusted? Freshness per source, coverage per month, reconciliation."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from kpi_engine.findings import Finding

Cell = Literal["complete", "late", "restated", "partial", "missing", "not_due"]


@dataclass(frozen=True, kw_only=True)
class SourceFreshness:
    """When one source last delivered, against what is expected of it.

    Attributes:
        days_late: Days past the expected delivery; 0 when fresh.
    """

    source: str
    label: str
    cadence: str
    data_through: date
    received_at: datetime
    days_late: int


@dataclass(frozen=True, kw_only=True)
class MetricMonths:
    """One metric's last twelve months, oldest first."""

    metric: str
    label: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, kw_only=True)
class Health:
    """The state of the data, on the day ``today``."""

    months: tuple[date, ...]
    metrics: tuple[MetricMonths, ...]
    sources: tuple[SourceFreshness, ...]
    checks: tuple[Finding, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "months": [month.isoformat() for month in self.months],
            "metrics": [
                {"metric": m.metric, "label": m.label, "cells": list(m.cells)} for m in self.metrics
            ],
            "sources": [
                {
                    "source": s.source,
                    "label": s.label,
                    "cadence": s.cadence,
                    "data_through": s.data_through.isoformat(),
                    "received_at": s.received_at.isoformat(),
                    "days_late": s.days_late,
                }
                for s in self.sources
            ],
            "checks": [finding.to_dict() for finding in self.checks],
        }

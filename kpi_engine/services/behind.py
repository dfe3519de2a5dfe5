"""What is behind a number: its parts with their rows, and what these fold to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
import pandas as pd

from kpi_engine.catalogue.metrics import Metric
from kpi_engine.services.series import Point
from kpi_engine.terms import Grain

_ROUNDING = 1e-9


@dataclass(frozen=True, kw_only=True)
class Rows:
    """A table of rows behind a number.

    Attributes:
        frame: Those shown; instants by the organisation's clock, without a zone mark.
        total: How many there are.
        amount: What all of them add up to, weight included; None where they are ranked.
        below: What the lower parts of all of them add up to; None where not all have one.
        sql: The query that finds all of them in the documented views (instants in UTC); empty where
            they are worked out, and as of an earlier tick, which the views do not know.
    """

    frame: pd.DataFrame
    total: int
    amount: float | None
    sql: str
    below: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        text = self.frame.astype(object).where(self.frame.notna(), None)
        return {
            "total": self.total,
            "amount": self.amount,
            "sql": self.sql,
            "rows": [
                {key: _plain(value) for key, value in row.items()}
                for row in text.to_dict("records")
            ],
        }


@dataclass(frozen=True, kw_only=True)
class PartBehind:
    """One part of a number with its facts, and the events these were counted from.

    Attributes:
        role: ``numerator``, ``denominator``, ``own`` for facts imported for the metric itself,
            ``ranked`` for events of which the middle is taken, or ``lacking`` for what the upper
            part of a share lacks of the lower.
        component: The part as the measure names it.
        is_counted: From events; otherwise the facts were imported.
        facts: None for what is ranked straight from events, and what is worked out.
        events: None for imported facts.
    """

    role: str
    component: str
    is_counted: bool
    facts: Rows | None
    events: Rows | None

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "role": self.role,
            "component": self.component,
            "is_counted": self.is_counted,
            "facts": self.facts.to_dict() if self.facts else None,
            "events": self.events.to_dict() if self.events else None,
        }


@dataclass(frozen=True, kw_only=True)
class RowsBehind:
    """A number, and what it is made of.

    Attributes:
        value: As pages print it.
        adds_up_to: What the rows fold to; None where nothing is known.
        months: Of a quarter or year, the months it is made of.
        formula: How the measure is worked out, in words.
        defined_at: When the definition in force first counted (UTC); None before any change.
        is_open: Days of the period are still to come.
    """

    metric: Metric
    segment: Mapping[str, str]
    grain: Grain
    period: date
    as_of: int
    value: float | None
    numerator: float | None
    denominator: float | None
    adds_up_to: float | None
    parts: tuple[PartBehind, ...]
    months: tuple[tuple[date, Point], ...]
    formula: str
    defined_at: datetime | None
    is_open: bool = False

    @property
    def is_reconciled(self) -> bool:
        """Whether the rows fold to the number, but for what arithmetic rounds."""
        if self.value is None or self.adds_up_to is None:
            return self.value is self.adds_up_to
        return abs(self.value - self.adds_up_to) <= _ROUNDING * max(1.0, abs(self.value))

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "metric": self.metric.id,
            "segment": dict(self.segment),
            "grain": self.grain.value,
            "period": self.period.isoformat(),
            "as_of": self.as_of,
            "value": self.value,
            "numerator": self.numerator,
            "denominator": self.denominator,
            "adds_up_to": self.adds_up_to,
            "is_reconciled": self.is_reconciled,
            "is_open": self.is_open,
            "formula": self.formula,
            "parts": [part.to_dict() for part in self.parts],
            "months": [
                {"month": month.isoformat(), "value": point.value} for month, point in self.months
            ],
        }


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return value.item() if isinstance(value, np.generic) else value

"""Can the numbers be trusted? Freshness per source, coverage per month, reconciliation."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pandas as pd

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.checks import check_dates
from kpi_engine.catalogue.recipes import EventRecipe
from kpi_engine.findings import Finding
from kpi_engine.periods import MONTHS_IN, add_months
from kpi_engine.services.coverage_grid import Cell, read_grid
from kpi_engine.services.look import Look, utc
from kpi_engine.services.reconciliation import read_reconciliation
from kpi_engine.services.restatement import closing_day
from kpi_engine.store import reads
from kpi_engine.terms import Grain
from kpi_engine.workspace import Workspace

_CADENCES = {
    Grain.DAY: "daily",
    Grain.WEEK: "weekly",
    Grain.MONTH: "monthly",
    Grain.QUARTER: "quarterly",
    Grain.YEAR: "yearly",
}
_DAYS_OF_GRACE = 1
"""A daily or weekly file that arrives one day late is on its way, not late."""


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


def read_health(ws: Workspace, *, today: date, as_of: int | None = None) -> Health:
    """Freshness per source, coverage per metric and month, and checks that raised a question.

    Args:
        ws: Where the data and the definitions are.
        today: What lateness is measured against.
        as_of: The tick looked at; None for the newest.
    """
    tick = ws.newest() if as_of is None else as_of
    with ws.reading() as conn:
        look = Look(conn=conn, catalogue=ws.catalogue, as_of=tick)
        grid = read_grid(look, today=today)
        return Health(
            months=grid.months,
            metrics=tuple(
                MetricMonths(metric=metric.id, label=metric.label, cells=cells)
                for metric, cells in grid.rows
            ),
            sources=tuple(_sources(look, today=today)),
            checks=(*read_reconciliation(look), *check_dates(ws.catalogue, today=today)),
        )


def _sources(look: Look, *, today: date) -> Iterable[SourceFreshness]:
    zone = look.catalogue.organisation.time_zone
    frame = reads.read_sources(look.conn, as_of=look.as_of, zone=zone)
    for row in frame.itertuples(index=False):
        recipe = look.catalogue.recipes.get(row.recipe)
        cadence = recipe.cadence if isinstance(recipe, EventRecipe) else Grain.MONTH
        received = utc(row.received_at)
        through = row.data_through if not pd.isna(row.data_through) else received.date()
        yield SourceFreshness(
            source=row.source,
            label=recipe.label if isinstance(recipe, EventRecipe) else _readable(row.source),
            cadence=_CADENCES[cadence],
            data_through=through,
            received_at=received,
            days_late=days_late(
                look.catalogue, cadence, through=through, received=received, today=today
            ),
        )


def _readable(source: str) -> str:
    """A file's own name as words: "monthly-figures" is "Monthly figures"."""
    words = source.replace("_", " ").replace("-", " ").strip()
    return words[:1].upper() + words[1:]


def days_late(
    catalogue: Catalogue, cadence: Grain, *, through: date, received: datetime, today: date
) -> int:
    """Days past the expected delivery; 0 when fresh.

    Daily and weekly files are due a day after their period. A monthly file is due on the closing
    day of the month after; one received after a month's end has delivered that month, because
    its last days need not hold any event.
    """
    if cadence in (Grain.DAY, Grain.WEEK):
        due = through + timedelta(days=(1 if cadence is Grain.DAY else 7) + _DAYS_OF_GRACE)
        return max(0, (today - due).days)
    local = catalogue.organisation.day_of(received)
    calendar = catalogue.organisation.calendar
    month = calendar.month_of(through)
    end = calendar.last_day(month)
    has_month = local > end or through == end
    undelivered = add_months(month, 1) if has_month else month
    step = MONTHS_IN[cadence]
    start = catalogue.organisation.year_starts_in
    while (undelivered.month - start + 1) % step:
        undelivered = add_months(undelivered, 1)
    return max(0, (today - closing_day(undelivered, catalogue.organisation)).days)

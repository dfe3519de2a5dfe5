"""Tickets, and definitions that count them in another way than those that are shipped."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from kpi_engine.workspace import SHIPPED, Workspace
from tests.services.tiny import save

CRITICAL = "it.critical_incidents"
LATER = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
_HEADER = "number,opened_at,resolved_at,priority,state,category,assignment_group"


def save_tickets(
    ws: Workspace,
    *,
    months: Sequence[int],
    year: int = 2026,
    days: Sequence[int] = range(1, 11),
    hour: int = 9,
    first: int = 0,
) -> None:
    """One ticket a day, solved in 3 hours; of the first four two of priority 1 and two of 2."""
    rows = []
    for month in months:
        for place, day in enumerate(days):
            opened = datetime(year, month, day, hour)  # noqa: DTZ001 - exports have no zone
            solved = opened + timedelta(hours=3)
            priority = 1 if place < 2 else 2 if place < 4 else 4
            number = f"INC{year}{month:02}{first + place:02}"
            rows.append((number, opened, solved, priority, "Closed", "Network", "Desk"))
    save(ws, _HEADER, rows, recipe="servicenow_incidents", at="2026-11-19 08:00")


def shipped(section: str, name: str) -> dict[str, Any]:
    """A shipped definition, as it stands."""
    for file in sorted((SHIPPED / "definitions").glob("*.yaml")):
        for found in yaml.safe_load(file.read_text()).get(section, []):
            if isinstance(found, dict) and found.get("id") == name:
                return dict(found)
    raise LookupError(name)


def changed_metric(name: str, **fields: object) -> dict[str, Any]:
    """A shipped measure with other fields."""
    return shipped("metrics", name) | fields


def only_most_urgent() -> dict[str, Any]:
    """The shipped tickets, of which only those of priority 1 stop important work."""
    kind = shipped("events", "ticket")
    kind["counters"]["critical"]["where"] = {"priority": {"at_most": 1}}
    return kind


def declare(home: Path, section: str, *entries: dict[str, Any]) -> None:
    """Definitions of the data folder's own, in place of those it had of this kind."""
    (home / "definitions" / f"own_{section}.yaml").write_text(yaml.safe_dump({section: [*entries]}))


def reopened(ws: Workspace) -> Workspace:
    """The same data folder as it is found by the next start."""
    ws.close()
    return Workspace.open(ws.home)

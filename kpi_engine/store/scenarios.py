"""What-ifs kept under a name: added, never changed."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from kpi_engine.store.tables import scenario


@dataclass(frozen=True, kw_only=True)
class SavedScenario:
    """One what-if as it was saved.

    Attributes:
        number: Counts up; names it for good.
        as_of: The tick at which it was worked out.
        fingerprint: Of the definitions at that time.
        settings: Value by link id, each in its lever's unit.
        said: What came of it then, plain values.
        is_dropped: It was taken off the list.
        saved_at: UTC, without a zone.
    """

    number: int
    name: str
    outcome: str
    month: date
    as_of: int
    fingerprint: str
    settings: Mapping[str, float]
    said: Mapping[str, Any]
    is_dropped: bool
    actor: str
    saved_at: datetime

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "number": self.number,
            "name": self.name,
            "outcome": self.outcome,
            "month": self.month.isoformat(),
            "as_of": self.as_of,
            "settings": dict(self.settings),
            "said": dict(self.said),
            "actor": self.actor,
            "saved_at": self.saved_at.isoformat(),
        }


def read_scenarios(connection: sa.Connection) -> tuple[SavedScenario, ...]:
    """The newest of every name that was not taken off the list, in the order of saving."""
    rows = connection.execute(sa.select(scenario).order_by(scenario.c.number))
    newest: dict[str, SavedScenario] = {}
    for row in rows:
        said = {"settings": json.loads(row.settings), "said": json.loads(row.said)}
        found = SavedScenario(**{**row._mapping, **said})
        newest.pop(found.name.casefold(), None)
        newest[found.name.casefold()] = found
    return tuple(one for one in newest.values() if not one.is_dropped)


def add_scenario(connection: sa.Connection, one: SavedScenario) -> None:
    """Keep one."""
    texts = {"settings": json.dumps(dict(one.settings)), "said": json.dumps(dict(one.said))}
    connection.execute(scenario.insert().values({**vars(one), **texts}))


def next_number(connection: sa.Connection) -> int:
    """The number of the one to come."""
    highest = connection.execute(sa.select(sa.func.max(scenario.c.number))).scalar()
    return int(highest or 0) + 1

"""A what-if turned into an initiative: what is expected is written down before it begins (N13)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from kpi_engine.actors import Actor
from kpi_engine.errors import DefinitionError
from kpi_engine.services.definition_edits import Edit, EditPreview, preview_edit, save_edit
from kpi_engine.services.whatif import Part, Simulation
from kpi_engine.workspace import Workspace

_DIGITS = 4
"""Significant ones of an expected change: more would claim more than anybody agreed."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What people say of an initiative, beside what the what-if says.

    Attributes:
        id: Small letters, digits and underscores.
        sentence: What is done, for somebody who was not there.
        starts: First day on which it will be in force.
        due: Day by which it should have worked, and is judged.
        ramp_months: Over how many months it comes into force.
        owner: Who answers for it.
        business: Who agreed for the business.
        it: Who agreed for IT.
        cost: In money; None where it is not known.
    """

    id: str
    label: str
    sentence: str
    starts: date
    due: date
    owner: str
    business: str
    it: str
    ramp_months: int = 0
    cost: float | None = None

    @staticmethod
    def name_for(label: str) -> str:
        """An id made of what it is called: "Faster pages, 2027" is faster_pages_2027."""
        name = re.sub(r"[^a-z0-9]+", "_", label.casefold()).strip("_")
        return name if name[:1].isalpha() else f"initiative_{name}".strip("_")


def expected_moves(found: Simulation) -> tuple[dict[str, Any], ...]:
    """What an initiative should do by a what-if: to each driver, and by that to the outcome.

    A driver is to go where it was set. Of an outcome whose range holds both a rise and a fall only
    the direction is said. Changes are in each metric's unit, as an initiative's ``moves`` has them.
    """
    drivers = [_driver_move(part) for part in found.parts]
    outcome = found.outcome
    level = outcome.value or 0.0
    low, high = found.after.low - level, found.after.high - level
    moves: dict[str, Any] = {"metric": outcome.metric.id, "sign": 1 if found.change.mid > 0 else -1}
    if low * high > 0:
        moves["change"] = {"low": _rounded(low), "high": _rounded(high)}
    return (*drivers, moves)


def plan_edit(found: Simulation, plan: Plan, *, today: date) -> Edit:
    """The initiative as it would stand in its file.

    Args:
        found: The what-if.
        plan: What people say.
        today: The day on which it is agreed.

    Raises:
        DefinitionError: Nothing is turned, it costs nothing or less, or it has begun already: what
            was expected has to be written down before anybody can see what comes.
    """
    if not found.parts:
        raise DefinitionError(
            "Nothing is changed yet.", hint="Turn a measure: that is what is expected of it."
        )
    if plan.starts <= today:
        raise DefinitionError(
            "It has to start after today.",
            hint="What is expected is agreed before anybody can see what comes.",
        )
    if plan.cost is not None and plan.cost <= 0:
        raise DefinitionError(
            "The cost has to be more than nothing.",
            hint="What it brings in is no cost; leave the field empty where it is not known.",
        )
    content = {
        "id": plan.id,
        "label": plan.label.strip(),
        "sentence": plan.sentence.strip(),
        "starts": plan.starts,
        "ramp_months": plan.ramp_months or None,
        "due": plan.due,
        "moves": list(expected_moves(found)),
        "owner": plan.owner.strip(),
        "cost": plan.cost,
        "agreed_by": {"business": plan.business.strip(), "it": plan.it.strip()},
        "agreed_on": today,
    }
    kept = {name: value for name, value in content.items() if value is not None}
    return Edit(kind="initiative", key=plan.id, content=kept, seen="")


def preview_plan(ws: Workspace, found: Simulation, plan: Plan, *, today: date) -> EditPreview:
    """Look what would be written, and what is wrong with it; arguments as for ``plan_edit``.

    Raises:
        DefinitionError: It cannot be, or one of its name is there.
    """
    return preview_edit(ws, plan_edit(found, plan, today=today))


def save_plan(
    ws: Workspace, found: Simulation, plan: Plan, *, actor: Actor, now: datetime, today: date
) -> EditPreview:
    """Write an initiative to its file; it is judged once it has begun.

    Args:
        ws: Where the definitions are.
        found: The what-if.
        plan: What people say.
        actor: Needs the role steward.
        now: When (aware).
        today: That day where the organisation is.

    Raises:
        BrokenCatalogueError: Something would be wrong; nothing is written.
        DefinitionError: It cannot be, or one of its name is there.
        NotAllowedError: The actor may not.
    """
    edit = plan_edit(found, plan, today=today)
    turned = ", ".join(part.lever.label for part in found.parts)
    reason = f"From a what-if on {found.outcome.label}: {turned}"
    return save_edit(ws, edit, reason=reason, actor=actor, now=now)


def _driver_move(part: Part) -> dict[str, Any]:
    lever = part.lever
    change = _rounded((part.value - lever.now) * lever.driver_per_unit)
    segment: Mapping[str, str] = lever.link.driver_segment
    return {
        "metric": lever.link.driver,
        **({"segment": dict(segment)} if segment else {}),
        "sign": 1 if change > 0 else -1,
        "change": {"low": change, "high": change},
    }


def _rounded(change: float) -> float:
    return float(f"{change:.{_DIGITS}g}")

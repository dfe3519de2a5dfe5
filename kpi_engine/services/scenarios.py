"""What-ifs saved under a name, and held beside each other: as they were, and as they are now."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from kpi_engine.actors import Actor
from kpi_engine.catalogue.metrics import Metric
from kpi_engine.catalogue.organisation import Organisation
from kpi_engine.errors import ScorecardError, StoreError, UnknownNameError
from kpi_engine.maths.intervals import Estimate
from kpi_engine.services.whatif import Setting, Simulation, read_setting
from kpi_engine.store import audit
from kpi_engine.store.engine import write
from kpi_engine.store.landing import utc_naive
from kpi_engine.store.scenarios import (
    SavedScenario,
    add_scenario,
    next_number,
    read_scenarios,
)
from kpi_engine.terms import Role
from kpi_engine.workspace import Workspace

MOST = 4
"""More beside each other nobody reads."""
MOST_LETTERS = 80
"""Of a name."""
_SAME = 1e-9
"""Relative; numbers that differ less are the same."""


@dataclass(frozen=True, kw_only=True)
class Compared:
    """One saved scenario, as it was and as it is.

    Attributes:
        after: The outcome with its settings, as it was said then.
        money: What that was worth a month; None where nothing said so.
        now: The same settings in the same month with the data and definitions of today; None where
            they cannot be set any more.
        why_not: Why they cannot, in a sentence; empty where they can.
        has_moved: What is said today differs from what was said then.
        is_other_data: Data came in since.
        is_other_definitions: Definitions changed since.
    """

    saved: SavedScenario
    metric: Metric
    after: Estimate
    money: Estimate | None
    now: Simulation | None
    why_not: str
    has_moved: bool
    is_other_data: bool
    is_other_definitions: bool

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            **self.saved.to_dict(),
            "now": self.now.to_dict() if self.now else None,
            "why_not": self.why_not,
            "has_moved": self.has_moved,
            "is_other_data": self.is_other_data,
            "is_other_definitions": self.is_other_definitions,
        }


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Scenarios beside each other, in the order asked for."""

    organisation: Organisation
    as_of: int
    scenarios: tuple[Compared, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "as_of": self.as_of,
            "scenarios": [one.to_dict() for one in self.scenarios],
        }


def saved_scenarios(ws: Workspace, *, outcome: str | None = None) -> tuple[SavedScenario, ...]:
    """Every scenario on the list, or those of one outcome; the oldest first."""
    with ws.reading() as connection:
        found = read_scenarios(connection)
    return tuple(one for one in found if outcome in (None, one.outcome))


def save_scenario(
    ws: Workspace, found: Simulation, *, name: str, actor: Actor, now: datetime
) -> SavedScenario:
    """Keep a what-if under a name. One of the same name is replaced on the list, and kept.

    Args:
        ws: Where it is kept.
        found: What came of the settings.
        name: What people call it.
        actor: Needs the role contributor, analyst or steward.
        now: When (aware).

    Raises:
        NotAllowedError: The actor may not.
        StoreError: It has no name, or nothing was turned.
    """
    actor.require(Role.CONTRIBUTOR, Role.ANALYST, Role.STEWARD, to="save a scenario")
    called = " ".join(name.split())
    if not called or len(called) > MOST_LETTERS:
        what = "no name" if not called else f"a name of {len(called)} letters"
        raise StoreError(
            f"The scenario has {what}.", hint=f"Give it one of at most {MOST_LETTERS} letters."
        )
    if not found.parts:
        raise StoreError("Nothing is changed yet.", hint="Turn a measure before you save.")
    fresh = SavedScenario(
        number=0,
        name=called,
        outcome=found.outcome.metric.id,
        month=found.outcome.month,
        as_of=found.as_of,
        fingerprint=ws.catalogue.fingerprint,
        settings={part.lever.link.id: part.value for part in found.parts},
        said=_said(found),
        is_dropped=False,
        actor=actor.name,
        saved_at=utc_naive(now),
    )
    return _keep(ws, fresh, action="scenario")


def drop_scenario(ws: Workspace, name: str, *, actor: Actor, now: datetime) -> None:
    """Take a scenario off the list; what was saved stays in the store.

    Args:
        ws: Where it is kept.
        name: Of it.
        actor: Needs the role contributor, analyst or steward.
        now: When (aware).

    Raises:
        NotAllowedError: The actor may not.
        UnknownNameError: None of that name is on the list.
    """
    actor.require(Role.CONTRIBUTOR, Role.ANALYST, Role.STEWARD, to="take a scenario off the list")
    (one,) = _named(saved_scenarios(ws), [name])
    gone = replace(one, is_dropped=True, actor=actor.name, saved_at=utc_naive(now))
    _keep(ws, gone, action="scenario dropped")


def compare(ws: Workspace, names: Sequence[str]) -> Comparison:
    """Scenarios beside each other, each as it was saved and as it would be said today.

    Args:
        ws: Where they are kept.
        names: Of at most four.

    Raises:
        StoreError: They are more than four.
        UnknownNameError: None of such a name is on the list.
    """
    if len(names) > MOST:
        raise StoreError(f"{len(names)} scenarios are too many to compare.", hint="Name up to 4.")
    chosen = _named(saved_scenarios(ws), names)
    places = dict.fromkeys((one.outcome, one.month) for one in chosen)
    settings = {place: _setting(ws, *place) for place in places}
    return Comparison(
        organisation=ws.catalogue.organisation,
        as_of=ws.newest(),
        scenarios=tuple(_compared(ws, one, settings[one.outcome, one.month]) for one in chosen),
    )


def _setting(ws: Workspace, outcome: str, month: date) -> Setting | ScorecardError:
    try:
        return read_setting(ws, outcome, month=month)
    except ScorecardError as error:
        return error


def _compared(ws: Workspace, one: SavedScenario, setting: Setting | ScorecardError) -> Compared:
    now, why_not = None, ""
    if isinstance(setting, ScorecardError):
        why_not = setting.message
    else:
        try:
            now = setting.simulate(one.settings)
        except ScorecardError as error:
            why_not = error.message
    return Compared(
        saved=one,
        metric=ws.catalogue.metric(one.outcome),
        after=Estimate(**one.said["after"]),
        money=Estimate(**one.said["money"]) if one.said["money"] else None,
        now=now,
        why_not=why_not,
        has_moved=now is None or not _is_same(_said(now), one.said),
        is_other_data=one.as_of != ws.newest(),
        is_other_definitions=one.fingerprint != ws.catalogue.fingerprint,
    )


def _said(found: Simulation) -> dict[str, Any]:
    """What is kept of a what-if: enough to say it again without working it out."""
    return {
        "before": found.outcome.value,
        "after": found.after.to_dict(),
        "money": found.money.to_dict() if found.money else None,
        "levers": {
            part.lever.link.id: {"label": part.lever.label, "now": part.lever.now}
            for part in found.parts
        },
        "outside": [lever.link.id for lever in found.outside],
    }


def _is_same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether the outcome and the money are what they were, but for rounding."""
    pairs = [(one["before"], other["before"])]
    for what in ("after", "money"):
        if (one[what] is None) is not (other[what] is None):
            return False
        pairs += [(one[what][end], other[what][end]) for end in one[what] or ()]
    return all(a == b or abs(a - b) <= _SAME * max(abs(a), abs(b)) for a, b in pairs)


def _named(found: Iterable[SavedScenario], names: Sequence[str]) -> tuple[SavedScenario, ...]:
    by_name = {one.name.casefold(): one for one in found}
    for name in names:
        if name.casefold() not in by_name:
            raise UnknownNameError("scenario", name, [one.name for one in by_name.values()])
    return tuple(by_name[name.casefold()] for name in names)


def _keep(ws: Workspace, fresh: SavedScenario, *, action: str) -> SavedScenario:
    def save(connection: sa.Connection) -> SavedScenario:
        one = replace(fresh, number=next_number(connection))
        add_scenario(connection, one)
        audit.add_line(
            connection,
            at=one.saved_at,
            actor=one.actor,
            action=action,
            detail=f"{one.number}: {one.name}",
        )
        return one

    return write(ws.engine, save)

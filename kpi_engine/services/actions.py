"""What was agreed to be done, by whom and when, and what of it is not done yet (A8)."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from kpi_engine.actors import Actor
from kpi_engine.errors import UnknownNameError
from kpi_engine.services.checklist import comments_of, is_off_target
from kpi_engine.services.outcomes import Explanation
from kpi_engine.services.scorecard import Scorecard
from kpi_engine.store import audit
from kpi_engine.store.closing import Comment, add_done, read_open_actions
from kpi_engine.store.engine import write
from kpi_engine.store.landing import utc_naive
from kpi_engine.terms import Role
from kpi_engine.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class Action:
    """Something that was agreed and is not done yet.

    Attributes:
        comment: In which it was agreed.
        label: The outcome's.
        is_overdue: Its day is over.
    """

    comment: Comment
    label: str
    is_overdue: bool

    @property
    def key(self) -> str:
        """Which of all it is: outcome and month."""
        return f"{self.comment.metric}:{self.comment.month:%Y-%m}"

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return self.comment.to_dict() | {"key": self.key, "is_overdue": self.is_overdue}


@dataclass(frozen=True, kw_only=True)
class Decisions:
    """What waits for a decision, and what was decided.

    Attributes:
        undecided: Outcomes off an agreed target of which nothing was or will be done.
        agreed: Actions that are open, of whatever month.
    """

    undecided: tuple[Explanation, ...]
    agreed: tuple[Action, ...]


def read_actions(ws: Workspace, *, today: date) -> tuple[Action, ...]:
    """What is not done yet, what is due first comes first."""
    with ws.reading() as connection:
        found = read_open_actions(connection)
    return tuple(
        Action(
            comment=one,
            label=ws.catalogue.metrics[one.metric].label
            if one.metric in ws.catalogue.metrics
            else one.metric,
            is_overdue=one.due is not None and one.due < today,
        )
        for one in found
    )


def read_decisions(ws: Workspace, card: Scorecard, *, today: date) -> Decisions:
    """What is to be decided of a month, and what is being done at all.

    Args:
        ws: Where it is kept.
        card: The month as it stands; of an open one nothing is to be decided yet.
        today: On which something is overdue.
    """
    agreed = read_actions(ws, today=today)
    found = {one.metric for one in comments_of(ws, card.month) if one.action}
    found |= {one.comment.metric for one in agreed}
    off = () if card.is_open else filter(is_off_target, card.rows)
    return Decisions(
        undecided=tuple(row for row in off if row.outcome.metric.id not in found), agreed=agreed
    )


def finish(ws: Workspace, key: str, *, actor: Actor, now: datetime) -> None:
    """Note that an action was done.

    Args:
        ws: Where it is kept.
        key: Of an open action.
        actor: Needs the role contributor.
        now: When.

    Raises:
        NotAllowedError: The actor may not.
        UnknownNameError: No such action is open.
    """
    actor.require(Role.CONTRIBUTOR, Role.STEWARD, to="finish an action")

    def save(connection: sa.Connection) -> None:
        found = {f"{one.metric}:{one.month:%Y-%m}": one for one in read_open_actions(connection)}
        if key not in found:
            raise UnknownNameError("open action", key, found)
        add_done(connection, found[key], actor=actor.name, at=utc_naive(now))
        what = f"{key}: {found[key].action}"
        audit.add_line(connection, at=utc_naive(now), actor=actor.name, action="done", detail=what)

    write(ws.engine, save)

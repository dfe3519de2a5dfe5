"""What went well? Drafts of it, for somebody to put into words and publish (F5)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from kpi_engine.actors import Actor
from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.errors import StoreError, UnknownNameError
from kpi_engine.mapping.influence.intervention import Outcome
from kpi_engine.periods import add_months
from kpi_engine.services.initiatives import Initiatives, Judged
from kpi_engine.services.judging import status_in
from kpi_engine.services.outcomes import Explanation
from kpi_engine.services.scorecard import Scorecard
from kpi_engine.store import audit
from kpi_engine.store.engine import write
from kpi_engine.store.landing import utc_naive
from kpi_engine.store.wins import Win, add_win, read_wins
from kpi_engine.terms import Role, Status, Variation
from kpi_engine.workspace import Workspace

_MISSED = (Status.NEAR_TARGET, Status.OFF_TARGET)
_FEWEST_LETTERS = 10


@dataclass(frozen=True, kw_only=True)
class Draft:
    """Something that went well and that nobody has told yet.

    Attributes:
        key: The same as long as it is the same thing.
        row: The outcome that reached its target or is better than usual; None for an initiative.
        reached: The outcome reached its target this month.
        initiative: What worked; None for an outcome.
    """

    key: str
    row: Explanation | None = None
    reached: bool = False
    initiative: Judged | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "key": self.key,
            "metric": self.row.outcome.metric.id if self.row else None,
            "initiative": self.initiative.initiative.id if self.initiative else None,
        }


@dataclass(frozen=True, kw_only=True)
class Wins:
    """Drafts of a month, and what was published, the newest first."""

    card: Scorecard
    drafts: tuple[Draft, ...]
    published: tuple[Win, ...]


def wins_of(ws: Workspace, card: Scorecard, initiatives: Initiatives) -> Wins:
    """What went well by a month, and what of it was told.

    Args:
        ws: Where it is kept.
        card: The month.
        initiatives: What became of them by then.
    """
    with ws.reading() as connection:
        published = read_wins(connection)
    told = {one.key for one in published}
    found = [*_outcomes(ws.catalogue, card), *_initiatives(initiatives)]
    drafts = tuple(one for one in found if one.key not in told)
    return Wins(card=card, drafts=drafts, published=published)


def publish_win(
    ws: Workspace, found: Wins, key: str, *, text: str, actor: Actor, now: datetime
) -> None:
    """Tell something that went well.

    Args:
        ws: Where it is kept.
        found: What there is to tell.
        key: Of a draft.
        text: As somebody puts it.
        actor: Needs the role contributor.
        now: When.

    Raises:
        NotAllowedError: The actor may not.
        StoreError: The text says nothing, or somebody told it meanwhile.
        UnknownNameError: There is no such draft.
    """
    actor.require(Role.CONTRIBUTOR, Role.STEWARD, to="publish a win")
    known = [one.key for one in found.drafts]
    if key not in known:
        raise UnknownNameError("draft", key, known)
    said = text.strip()
    if len(said) < _FEWEST_LETTERS:
        raise StoreError("Too little for a win.", hint="Say it in a sentence.")
    one = Win(
        key=key,
        month=found.card.month,
        text=said,
        actor=actor.name,
        published_at=utc_naive(now),
    )

    def save(connection: sa.Connection) -> None:
        if any(other.key == key for other in read_wins(connection)):
            raise StoreError("Somebody told this meanwhile.", hint="Reload the page.")
        add_win(connection, one)
        audit.add_line(
            connection, at=one.published_at, actor=actor.name, action="win", detail=f"{key}: {said}"
        )

    write(ws.engine, save)


def _outcomes(catalogue: Catalogue, card: Scorecard) -> Iterator[Draft]:
    for row in card.rows:
        outcome = row.outcome
        if outcome.value is None or not outcome.freshness.is_complete:
            continue
        is_agreed = not outcome.judgement.is_placeholder
        before = status_in(outcome, catalogue, add_months(outcome.month, -1))
        is_on = is_agreed and outcome.judgement.status is Status.ON_TARGET
        verdict = outcome.verdict
        if is_on and before in _MISSED:
            key = f"reached:{outcome.metric.id}:{outcome.shown_month:%Y-%m}"
            yield Draft(key=key, row=row, reached=True)
        elif (
            verdict.is_signal
            and verdict.variation is Variation.BETTER
            and not (is_agreed and outcome.judgement.status in _MISSED)
        ):
            yield Draft(key=f"better:{outcome.metric.id}:{outcome.signal_began:%Y-%m}", row=row)


def _initiatives(found: Initiatives) -> Iterator[Draft]:
    for one in found.judged:
        if one.verdicts and all(v.outcome is Outcome.WORKED for v in one.verdicts):
            yield Draft(key=f"worked:{one.initiative.id}", initiative=one)

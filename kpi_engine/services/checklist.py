"""What is asked of a month before it is published, and how far that is (E3, A8)."""

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.errors import StoreError
from kpi_engine.periods import month_label
from kpi_engine.services import scorecard
from kpi_engine.services.editions import read_edition
from kpi_engine.services.look import Look
from kpi_engine.services.outcomes import Explanation
from kpi_engine.services.reconciliation import read_reconciliation
from kpi_engine.services.scorecard import Scorecard
from kpi_engine.store.closing import (
    Comment,
    Published,
    Reopening,
    Signature,
    read_comments,
    read_numbers,
    read_published,
    read_reopenings,
    read_signatures,
)
from kpi_engine.terms import Side, Status
from kpi_engine.workspace import Workspace

SIDES = (Side.BUSINESS, Side.IT)


class Point(StrEnum):
    """What is asked of a month before it is published."""

    DATA = "data"
    ESTIMATES = "estimates"
    CHECKS = "checks"
    COMMENTS = "comments"
    SIGNATURES = "signatures"


_MUST = (Point.ESTIMATES, Point.COMMENTS)
"""Before anybody signs. Late data and open checks are shown to those who sign and go on record."""


@dataclass(frozen=True, kw_only=True)
class OpenPoint:
    """One line of the checklist.

    Attributes:
        names: What is missing: labels of measures, sentences of checks, sides; empty when done.
        blocks: Nobody can sign or publish before it is done.
    """

    point: Point
    names: tuple[str, ...]
    blocks: bool

    @property
    def is_done(self) -> bool:
        """Whether nothing is missing."""
        return not self.names


@dataclass(frozen=True, kw_only=True)
class Demand:
    """An outcome of which somebody has to say why and what will be done, or did (A8).

    Attributes:
        row: The outcome's month.
        is_required: The month cannot be published before.
        comment: What was said for the edition in the making; None so far.
        earlier: What was said for the edition before; None without any.
    """

    row: Explanation
    is_required: bool
    comment: Comment | None
    earlier: Comment | None


@dataclass(frozen=True, kw_only=True)
class Close:
    """How far the close of a month is.

    Attributes:
        edition: The number of the edition in the making; of a closed month, of its newest.
        is_closed: Published, and not opened again.
        card: The month as it stands; of a closed one, as it was published.
        points: The checklist, in its order.
        demands: Outcomes that need words or have some, in the order of the scorecard.
        comments: Everything said for this edition, also of outcomes that need none.
        signatures: Those that hold: what they signed is what stands.
        void: Those given before something changed.
        published: Every edition, oldest first.
        reopenings: Why the month was opened again, the first time first.
    """

    month: date
    edition: int
    is_closed: bool
    card: Scorecard
    points: tuple[OpenPoint, ...]
    demands: tuple[Demand, ...]
    comments: tuple[Comment, ...]
    signatures: tuple[Signature, ...]
    void: tuple[Signature, ...]
    published: tuple[Published, ...]
    reopenings: tuple[Reopening, ...]

    @property
    def checks(self) -> tuple[str, ...]:
        """What checks have to say of the month."""
        return next((one.names for one in self.points if one.point is Point.CHECKS), ())

    @property
    def blocking(self) -> tuple[OpenPoint, ...]:
        """What has to be done before anybody can sign."""
        return tuple(one for one in self.points if one.blocks and not one.is_done)

    @property
    def seal(self) -> str:
        """What somebody who looks at this signs."""
        return seal_of(self.card, self.comments)

    @property
    def unsigned(self) -> tuple[Side, ...]:
        """Sides whose signature is missing."""
        given = {one.side for one in self.signatures}
        return tuple(side for side in SIDES if side not in given)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "month": self.month.isoformat(),
            "edition": self.edition,
            "is_closed": self.is_closed,
            "as_of": self.card.as_of,
            "points": [
                {
                    "point": one.point.value,
                    "is_done": one.is_done,
                    "blocks": one.blocks,
                    "names": list(one.names),
                }
                for one in self.points
            ],
            "comments": [one.to_dict() for one in self.comments],
            "signatures": [one.to_dict() for one in self.signatures],
            "void": [one.to_dict() for one in self.void],
            "editions": [
                {
                    "number": one.number,
                    "as_of": one.as_of,
                    "reason": one.reason,
                    "sha256": one.sha256,
                    "published_at": one.published_at.isoformat(),
                }
                for one in self.published
            ],
        }


def read_close(ws: Workspace, month: date, *, card: Scorecard | None = None) -> Close:
    """How far the close of a month is.

    Args:
        ws: Where it is kept.
        month: Its first day.
        card: The scorecard of the month, where it is at hand: as it stands, or of a closed month as
            it was published; None: it is read.

    Raises:
        StoreError: The month has no data, or is not over.
    """
    if card is None:
        is_closed = month_is_closed(ws, month)
        card = read_edition(ws, month).card if is_closed else scorecard.read(ws, month=month)
    if all(row.outcome.value is None for row in card.rows):
        raise StoreError(f"No outcome has data for {month_label(month)}.", hint="Choose another.")
    if card.is_open:
        raise StoreError(
            f"{month_label(month)} is still filling up.", hint="It is closed once it is over."
        )
    with ws.reading() as conn:
        look = Look(conn=conn, catalogue=ws.catalogue, as_of=card.as_of)
        found = read_reconciliation(look, month=month)
        return _close(conn, card, tuple(f"{one.place}: {one.sentence}" for one in found))


def month_is_closed(ws: Workspace, month: date) -> bool:
    """Whether a month was published and not opened again."""
    with ws.reading() as conn:
        return state_of(conn, month)[1]


def comments_of(ws: Workspace, month: date) -> tuple[Comment, ...]:
    """What was said for the edition in the making; of a closed month, for its newest."""
    with ws.reading() as conn:
        number, _ = state_of(conn, month)
        return comments_for(conn, month, number)


def comments_for(connection: sa.Connection, month: date, number: int) -> tuple[Comment, ...]:
    """What was said for one edition of a month."""
    return tuple(one for one in read_comments(connection, month) if one.edition == number)


def owners(catalogue: Catalogue, side: Side) -> tuple[str, ...]:
    """Who may sign for a side: its owners of the outcomes on the scorecard, in their order."""
    found = [catalogue.metric(name).owners for name in catalogue.organisation.scorecard]
    return tuple(dict.fromkeys(o.it if side is Side.IT else o.business for o in found))


def needs_words(row: Explanation) -> bool:
    """Whether an outcome's month cannot be published without a comment (A8).

    It is off its target, or not as usual; a target nobody agreed and limits on trial ask for none.
    """
    return is_off_target(row) or row.outcome.verdict.is_signal


def is_off_target(row: Explanation) -> bool:
    """Whether an outcome is off a target that was agreed."""
    judged = row.outcome.judgement
    return judged.status is Status.OFF_TARGET and not judged.is_placeholder


def seal_of(card: Scorecard, comments: tuple[Comment, ...]) -> str:
    """SHA-256 of what is signed: figures, targets, statuses and money of the month, and comments.

    Data that came in meanwhile and changed none of them leave it as it is.
    """
    readings = [
        one
        for row in card.rows
        for one in (row.outcome, *(driver.reading for driver in row.drivers))
    ]
    signed = {
        "readings": [
            (
                one.metric.id,
                dict(one.segment),
                one.value,
                one.judgement.target,
                one.judgement.red_line,
                one.judgement.status.value,
            )
            for one in readings
        ],
        "money": [row.money.to_dict() if row.money else None for row in card.rows],
        "cost": card.cost.to_dict() if card.cost else None,
        "gain": card.gain.to_dict() if card.gain else None,
        "comments": [one.to_dict() for one in comments],
    }
    return hashlib.sha256(json.dumps(signed, sort_keys=True).encode()).hexdigest()


def _close(conn: sa.Connection, card: Scorecard, checks: tuple[str, ...]) -> Close:
    number, is_closed = state_of(conn, card.month)
    said = read_comments(conn, card.month)
    comments = tuple(one for one in said if one.edition == number)
    now = {one.metric: one for one in comments}
    earlier = {one.metric: one for one in said if one.edition == number - 1}
    demands = tuple(
        Demand(
            row=row,
            is_required=needs_words(row),
            comment=now.get(name),
            earlier=earlier.get(name),
        )
        for row in card.rows
        for name in (row.outcome.metric.id,)
        if needs_words(row) or name in now
    )
    seal = seal_of(card, comments)
    given = [one for one in read_signatures(conn, card.month) if one.edition == number]
    signatures = tuple(one for one in given if one.seal == seal or is_closed)
    signed = {one.side for one in signatures}
    missing = {
        Point.DATA: card.late,
        Point.ESTIMATES: tuple(r.outcome.label for r in card.rows if r.missing_estimates),
        Point.CHECKS: checks,
        Point.COMMENTS: tuple(
            d.row.outcome.label for d in demands if d.is_required and not _is_answered(d)
        ),
        Point.SIGNATURES: tuple(side.value for side in SIDES if side not in signed),
    }
    return Close(
        month=card.month,
        edition=number,
        is_closed=is_closed,
        card=card,
        points=tuple(
            OpenPoint(point=point, names=names, blocks=point in _MUST)
            for point, names in missing.items()
        ),
        demands=demands,
        comments=comments,
        signatures=signatures,
        void=tuple(one for one in given if one not in signatures),
        published=read_published(conn, card.month),
        reopenings=read_reopenings(conn, card.month),
    )


def _is_answered(demand: Demand) -> bool:
    """Said why, and what will be done by whom and when."""
    return demand.comment is not None and bool(demand.comment.action)


def state_of(connection: sa.Connection, month: date) -> tuple[int, bool]:
    """The edition in the making, or of a closed month its newest; and whether it is closed."""
    published, reopened = read_numbers(connection, month)
    return max(published, reopened), published >= reopened

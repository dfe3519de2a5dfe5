"""Closing a month: words, two signatures, publishing, and opening it again (E3)."""

import hashlib
from dataclasses import replace
from datetime import date, datetime

import sqlalchemy as sa

from kpi_engine.actors import Actor
from kpi_engine.errors import ClosedPeriodError, NotAllowedError, StoreError, UnknownNameError
from kpi_engine.periods import month_label
from kpi_engine.services.checklist import (
    Close,
    Point,
    comments_for,
    owners,
    read_close,
    state_of,
)
from kpi_engine.services.editions import CONTENT, Edition
from kpi_engine.services.look import Look
from kpi_engine.services.months import read_months
from kpi_engine.store import audit
from kpi_engine.store.closing import (
    Comment,
    Published,
    Reopening,
    Signature,
    add_comment,
    add_edition,
    add_reopening,
    add_signature,
)
from kpi_engine.store.engine import write
from kpi_engine.store.landing import utc_naive
from kpi_engine.terms import Cause, Role, Side
from kpi_engine.workspace import Workspace

_FEWEST_LETTERS = 10
"""A comment or a reason in fewer says nothing."""


def comment(
    ws: Workspace,
    month: date,
    metric: str,
    *,
    cause: Cause,
    text: str,
    action: str = "",
    owner: str = "",
    due: date | None = None,
    actor: Actor,
    now: datetime,
) -> None:
    """Say why an outcome is where it is, and what will be done about it.

    Args:
        ws: Where it is kept.
        month: Whose outcome it is.
        metric: Its id.
        cause: Its kind.
        text: In a sentence or two.
        action: What will be done; without one, no ``owner`` and no ``due``.
        owner: Who does it.
        due: By when.
        actor: Needs the role contributor.
        now: When it is said.

    Raises:
        ClosedPeriodError: The month is closed.
        NotAllowedError: The actor may not.
        StoreError: Something is missing, or the month has no data.
        UnknownNameError: No such outcome is on the scorecard.
    """
    actor.require(Role.CONTRIBUTOR, Role.STEWARD, to="comment on a month")
    _require_outcome(ws, month, metric)
    said, done, who = text.strip(), action.strip(), owner.strip()
    _require_words(said, "the comment")
    if bool(done) is not bool(who) or bool(done) is not bool(due):
        raise StoreError(
            "An action needs what is done, who does it and by when.",
            hint="Fill in all three, or none where nothing needs doing.",
        )

    def save(connection: sa.Connection) -> None:
        one = Comment(
            metric=metric,
            month=month,
            edition=_in_the_making(connection, month),
            cause=cause,
            text=said,
            action=done,
            owner=who,
            due=due,
            actor=actor.name,
            written_at=utc_naive(now),
        )
        add_comment(connection, one)
        _note(connection, actor, now, "comment", f"{metric}, {month_label(month)}: {said}")

    write(ws.engine, save)


def withdraw(ws: Workspace, month: date, metric: str, *, actor: Actor, now: datetime) -> None:
    """Take back what was said of an outcome, for the edition in the making.

    Args:
        ws: Where it is kept.
        month: Whose outcome it is.
        metric: Its id.
        actor: Needs the role contributor.
        now: When.

    Raises:
        ClosedPeriodError: The month is closed.
        NotAllowedError: The actor may not.
        UnknownNameError: Nothing was said of it.
    """
    actor.require(Role.CONTRIBUTOR, Role.STEWARD, to="take a comment back")

    def save(connection: sa.Connection) -> None:
        number = _in_the_making(connection, month)
        said = {one.metric: one for one in comments_for(connection, month, number)}
        if metric not in said:
            raise UnknownNameError("comment on an outcome", metric, said)
        empty = replace(
            said[metric],
            text="",
            action="",
            owner="",
            due=None,
            actor=actor.name,
            written_at=utc_naive(now),
        )
        add_comment(connection, empty)
        _note(connection, actor, now, "withdraw", f"{metric}, {month_label(month)}")

    write(ws.engine, save)


def sign(
    ws: Workspace,
    month: date,
    side: Side,
    *,
    name: str,
    seen: str | None = None,
    actor: Actor,
    now: datetime,
) -> None:
    """Put an owner's signature under a month as it stands.

    It holds as long as no figure, target, status or comment of the month changes.

    Args:
        ws: Where it is kept.
        month: Its first day.
        side: For which side.
        name: The owner who signs. They sign for themselves; an administrator may enter the
            signature of somebody else.
        seen: The seal of what they looked at; None for what stands now.
        actor: Needs the role steward.
        now: When.

    Raises:
        ClosedPeriodError: The month is closed.
        NotAllowedError: The actor may not.
        StoreError: Something has to be done first, it is not any more what they looked at, or the
            other side's owner is the same person.
        UnknownNameError: Nobody of that name owns an outcome on that side.
    """
    actor.require(Role.STEWARD, to="sign a month")
    if not actor.goes_by([name]) and Role.ADMIN not in actor.roles:
        raise NotAllowedError(
            f"{actor.name} may not sign for {name}.",
            hint="Owners sign for themselves; an administrator can enter a signature.",
        )
    close = _ready(read_close(ws, month))
    known = owners(ws.catalogue, side)
    if name not in known:
        raise UnknownNameError(f"{side.value} owner", name, known)
    if any(one.name == name and one.side is not side for one in close.signatures):
        raise StoreError(
            f"{name} has signed for the other side.", hint="Two people sign: one of each side."
        )
    seal = close.seal
    if seen not in (None, seal):
        raise _changed(month)

    def save(connection: sa.Connection) -> None:
        if comments_for(connection, month, close.edition) != close.comments:
            raise _changed(month)
        one = Signature(
            month=month,
            edition=_in_the_making(connection, month),
            side=side,
            name=name,
            seal=seal,
            actor=actor.name,
            signed_at=utc_naive(now),
        )
        add_signature(connection, one)
        _note(connection, actor, now, "sign", f"{month_label(month)}, {side.value}: {name}")

    write(ws.engine, save)


def publish(ws: Workspace, month: date, *, actor: Actor, now: datetime) -> Edition:
    """Freeze a month as its next edition: values, targets, definitions, explanations, comments.

    Args:
        ws: Where it is kept.
        month: Its first day.
        actor: Needs the role steward.
        now: When.

    Raises:
        ClosedPeriodError: The month is closed.
        NotAllowedError: The actor may not.
        StoreError: Something has to be done first.
    """
    actor.require(Role.STEWARD, to="publish a month")
    close = _ready(read_close(ws, month))
    if close.unsigned:
        sides = " and ".join(side.value for side in close.unsigned)
        raise StoreError(
            f"{month_label(month)} is not signed for {sides}.",
            hint="One owner of each side signs it as it stands.",
        )
    edition = Edition(
        month=month,
        number=close.edition,
        reason=close.reopenings[-1].reason if close.reopenings else "",
        card=close.card,
        comments=close.comments,
        signatures=close.signatures,
        actor=actor.name,
        published_at=utc_naive(now),
        checks=close.checks,
    )
    content = CONTENT.dump_json(edition).decode()
    kept = Published(
        month=month,
        number=edition.number,
        as_of=close.card.as_of,
        reason=edition.reason,
        sha256=hashlib.sha256(content.encode()).hexdigest(),
        actor=actor.name,
        published_at=edition.published_at,
    )

    def save(connection: sa.Connection) -> None:
        if _in_the_making(connection, month) != edition.number:
            raise ClosedPeriodError(
                f"{month_label(month)} was published by somebody else meanwhile.",
                hint="Reload the page.",
            )
        if comments_for(connection, month, edition.number) != edition.comments:
            raise _changed(month)
        add_edition(connection, kept, content)
        what = f"{month_label(month)}, edition {edition.number}: {kept.sha256}"
        _note(connection, actor, now, "publish", what)

    write(ws.engine, save)
    return edition


def reopen(ws: Workspace, month: date, *, reason: str, actor: Actor, now: datetime) -> int:
    """Open a closed month again: what was published stays, and another edition can be made.

    Args:
        ws: Where it is kept.
        month: Its first day.
        reason: In a sentence; it stands on the next edition.
        actor: Needs the role steward.
        now: When.

    Returns:
        The number of the edition in the making.

    Raises:
        NotAllowedError: The actor may not.
        StoreError: The month is open, or the reason says nothing.
    """
    actor.require(Role.STEWARD, to="open a closed month again")
    why = reason.strip()
    _require_words(why, "the reason")

    def save(connection: sa.Connection) -> int:
        number, is_closed = state_of(connection, month)
        if not is_closed:
            raise StoreError(f"{month_label(month)} is open.", hint="Publish it first.")
        one = Reopening(
            month=month,
            edition=number + 1,
            reason=why,
            actor=actor.name,
            reopened_at=utc_naive(now),
        )
        add_reopening(connection, one)
        _note(connection, actor, now, "reopen", f"{month_label(month)}: {why}")
        return one.edition

    return write(ws.engine, save)


def _ready(close: Close) -> Close:
    """A close that nothing blocks."""
    if close.is_closed:
        raise _closed(close.month)
    for one in close.blocking:
        raise StoreError(
            f"{month_label(close.month)} cannot be signed yet: {', '.join(one.names)}.",
            hint="Say why, and what will be done by whom and when."
            if one.point is Point.COMMENTS
            else "Wait until its estimates are worked out.",
        )
    return close


def _in_the_making(connection: sa.Connection, month: date) -> int:
    number, is_closed = state_of(connection, month)
    if is_closed:
        raise _closed(month)
    return number


def _closed(month: date) -> ClosedPeriodError:
    return ClosedPeriodError(
        f"{month_label(month)} is closed.", hint="Open it again, with a reason, to change it."
    )


def _changed(month: date) -> StoreError:
    return StoreError(
        f"Figures or comments of {month_label(month)} have changed meanwhile.",
        hint="Reload the page and look again; both sides sign what stands.",
    )


def _require_outcome(ws: Workspace, month: date, metric: str) -> None:
    """An outcome of the scorecard, in a month that has data."""
    if metric not in ws.catalogue.organisation.scorecard:
        raise UnknownNameError("outcome", metric, ws.catalogue.organisation.scorecard)
    with ws.reading() as conn:
        known = read_months(Look(conn=conn, catalogue=ws.catalogue, as_of=ws.newest()))
    if month not in known:
        raise StoreError(
            f"{month_label(month)} has no whole month of data.", hint="Choose another."
        )


def _require_words(text: str, what: str) -> None:
    if len(text) < _FEWEST_LETTERS:
        raise StoreError(f"Too little for {what}.", hint="Say it in a sentence.")


def _note(connection: sa.Connection, actor: Actor, now: datetime, action: str, detail: str) -> None:
    audit.add_line(connection, at=utc_naive(now), actor=actor.name, action=action, detail=detail)

"""What has changed since somebody was last told? Alerts, a digest of them, what waits (H2)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from kpi_engine.actors import Actor
from kpi_engine.errors import StoreError, UnknownNameError
from kpi_engine.periods import add_months
from kpi_engine.services import scorecard
from kpi_engine.services.editions import Restated, read_edition, restated
from kpi_engine.services.health import SourceFreshness, read_health
from kpi_engine.services.judging import status_in
from kpi_engine.services.outcomes import Explanation
from kpi_engine.services.scorecard import Scorecard
from kpi_engine.services.series import months_apart
from kpi_engine.store import audit
from kpi_engine.store.closing import read_changed_months
from kpi_engine.store.definitions import read_months_judged_otherwise
from kpi_engine.store.digests import (
    Digest,
    Snooze,
    add_digest,
    add_snooze,
    read_last_digest,
    read_snoozes,
)
from kpi_engine.store.engine import write
from kpi_engine.store.landing import utc_naive
from kpi_engine.terms import AlertKind, Role, Status
from kpi_engine.workspace import Workspace

_JUDGED = (Status.ON_TARGET, Status.NEAR_TARGET, Status.OFF_TARGET)
_FEWEST_LETTERS = 10
_TOLD = "is:"
"""Begins what a digest keeps of an outcome's status, beside the keys of alerts."""


@dataclass(frozen=True, kw_only=True)
class Alert:
    """One thing that is so, and that somebody should know.

    Attributes:
        key: The same as long as it is the same thing.
        row: The outcome's month, of the kinds status, signal and disagreement.
        before: Its status a month earlier, of the kind status.
        restated: The figure of a closed month that is another now.
        month: The closed month it belongs to.
        source: The source that is late.
        snooze: Until when and why somebody put it off; None unless somebody did.
    """

    kind: AlertKind
    key: str
    row: Explanation | None = None
    before: Status | None = None
    restated: Restated | None = None
    month: date | None = None
    source: SourceFreshness | None = None
    snooze: Snooze | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        about = self.row.outcome if self.row else self.restated.now if self.restated else None
        return {
            "kind": self.kind.value,
            "key": self.key,
            "metric": about.metric.id if about else None,
            "source": self.source.source if self.source else None,
            "month": self.month.isoformat() if self.month else None,
            "snoozed_until": self.snooze.until.isoformat() if self.snooze else None,
        }


@dataclass(frozen=True, kw_only=True)
class Alerts:
    """Everything that is so now.

    Attributes:
        card: The newest month.
        open: All but those put off, what matters most first.
        new: Of them, those that the last digest did not know.
        snoozed: Those put off.
        last: What was told last; None where nothing was yet.
    """

    card: Scorecard
    open: tuple[Alert, ...]
    new: tuple[Alert, ...]
    snoozed: tuple[Alert, ...]
    last: Digest | None

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "month": self.card.month.isoformat(),
            "as_of": self.card.as_of,
            "open": [one.to_dict() for one in self.open],
            "new": [one.key for one in self.new],
            "snoozed": [one.to_dict() for one in self.snoozed],
            "last_digest": self.last.number if self.last else None,
        }


def read_alerts(
    ws: Workspace, *, today: date, read: Callable[[date | None], Scorecard] | None = None
) -> Alerts:
    """What somebody should know: status flips, signals, disagreements, restatements, late data.

    Args:
        ws: Where the data are.
        today: What lateness and what was put off are measured against.
        read: Gives the scorecard of a month, of the newest for None, where they are kept; None:
            each is read.

    Raises:
        StoreError: There are no data.
    """
    reading = read or (lambda month: scorecard.read(ws, month=month))
    card = reading(None)
    with ws.reading() as connection:
        last, snoozes = read_last_digest(connection), read_snoozes(connection)
    told = _told_statuses(last)
    found = [
        *(one for row in card.rows for one in _about(ws, row, told.get(row.outcome.metric.id))),
        *_restated(ws, reading),
        *_overdue(ws, today),
    ]
    waiting = {key: one for key, one in snoozes.items() if today < one.until}
    open_ = tuple(one for one in found if one.key not in waiting)
    known = last.open_keys if last else frozenset()
    return Alerts(
        card=card,
        open=open_,
        new=tuple(one for one in open_ if one.key not in known),
        snoozed=tuple(
            Alert(**vars(one) | {"snooze": waiting[one.key]}) for one in found if one.key in waiting
        ),
        last=last,
    )


def snooze(
    ws: Workspace,
    found: Alerts,
    key: str,
    *,
    until: date,
    reason: str,
    actor: Actor,
    today: date,
    now: datetime,
) -> None:
    """Put an alert off; it stands in no digest until then.

    Args:
        ws: Where the data are.
        found: What is open.
        key: Of an open alert.
        until: First day on which it counts again.
        reason: In a sentence.
        actor: Needs the role contributor.
        today: The day it is.
        now: When.

    Raises:
        NotAllowedError: The actor may not.
        StoreError: The day is over, or the reason says nothing.
        UnknownNameError: No such alert is open.
    """
    actor.require(Role.CONTRIBUTOR, Role.STEWARD, to="put an alert off")
    why = reason.strip()
    if len(why) < _FEWEST_LETTERS:
        raise StoreError("Too little for a reason.", hint="Say it in a sentence.")
    if until <= today:
        raise StoreError(f"{until} is over.", hint="Choose a day to come.")
    known = [one.key for one in found.open]
    if key not in known:
        raise UnknownNameError("open alert", key, known)
    one = Snooze(key=key, until=until, reason=why, actor=actor.name, snoozed_at=utc_naive(now))

    def save(connection: sa.Connection) -> None:
        add_snooze(connection, one)
        _note(connection, actor, now, "snooze", f"{key} until {until}: {why}")

    write(ws.engine, save)


def tell(
    ws: Workspace,
    found: Alerts,
    *,
    text: str,
    actor: Actor,
    now: datetime,
    deliver: Callable[[str], None],
) -> Digest:
    """Deliver a digest, and keep it: what stands in it is not new any more.

    Args:
        ws: Where the data are.
        found: What the digest was made of.
        text: The digest.
        actor: Needs the role contributor.
        now: When.
        deliver: Hands the text over. Where it fails nothing is kept, so that the next one says it
            again.

    Raises:
        NotAllowedError: The actor may not.
        StoreError: It could not be delivered.
    """
    actor.require(Role.CONTRIBUTOR, Role.STEWARD, to="send a digest")
    deliver(text)

    def save(connection: sa.Connection) -> Digest:
        last = read_last_digest(connection)
        one = Digest(
            number=last.number + 1 if last else 1,
            as_of=found.card.as_of,
            open_keys=frozenset([*(one.key for one in found.open), *_statuses(found.card)]),
            text=text,
            actor=actor.name,
            made_at=utc_naive(now),
        )
        add_digest(connection, one)
        _note(connection, actor, now, "digest", f"digest {one.number}: {len(found.new)} new")
        return one

    return write(ws.engine, save)


def _statuses(card: Scorecard) -> list[str]:
    """What a digest keeps of every outcome's status, for the next to be held against."""
    return [
        f"{_TOLD}{row.outcome.metric.id}:{row.outcome.judgement.status.value}"
        for row in card.rows
        if _is_settled(row)
    ]


def _told_statuses(last: Digest | None) -> dict[str, Status]:
    """The status of each outcome at the last digest."""
    keys = last.open_keys if last else frozenset()
    told = [key.removeprefix(_TOLD) for key in keys if key.startswith(_TOLD)]
    return {name: Status(status) for name, _, status in (one.rpartition(":") for one in told)}


def _is_settled(row: Explanation) -> bool:
    return row.outcome.value is not None and row.outcome.freshness.is_complete


def _about(ws: Workspace, row: Explanation, told: Status | None) -> Iterator[Alert]:
    """What is to be said of one outcome's month; half a month is not judged.

    Args:
        ws: Where the definitions are.
        row: The outcome's month.
        told: Its status at the last digest; None where it was not told, and the month before
            (or of a quarterly measure the quarter) stands for it.
    """
    outcome = row.outcome
    if not _is_settled(row):
        return
    name, month = outcome.metric.id, f"{outcome.shown_month:%Y-%m}"
    status = outcome.judgement.status
    step = months_apart(outcome.metric)
    before = told or status_in(outcome, ws.catalogue, add_months(outcome.shown_month, -step))
    is_agreed = not outcome.judgement.is_placeholder
    if is_agreed and status is not before and status in _JUDGED and before in _JUDGED:
        key = f"status:{name}:{month}:{status.value}"
        yield Alert(kind=AlertKind.STATUS, key=key, row=row, before=before)
    if outcome.verdict.is_signal:
        variation = outcome.verdict.variation.value
        key = f"signal:{name}:{outcome.signal_began:%Y-%m}:{variation}"
        yield Alert(kind=AlertKind.SIGNAL, key=key, row=row)
    if row.disagreement is not None:
        key = f"disagreement:{name}:{row.disagreement.disagreement.value}"
        yield Alert(kind=AlertKind.DISAGREEMENT, key=key, row=row)


def _restated(ws: Workspace, read: Callable[[date | None], Scorecard]) -> Iterator[Alert]:
    """Figures of closed months that are another now by enough to matter, or aimed otherwise."""
    with ws.reading() as connection:
        changed = {*read_changed_months(connection), *read_months_judged_otherwise(connection)}
    for month in sorted(changed):
        edition = read_edition(ws, month)
        for one in restated(ws, edition.card, read(month)):
            if one.is_material:
                what = f"{one.now.metric.id}:{month:%Y-%m}:{edition.number}:{one.now.value}"
                if one.is_aimed_otherwise:
                    what = f"{what}:{one.now.judgement.target}:{one.now.judgement.red_line}"
                key = f"restated:{what}"
                yield Alert(kind=AlertKind.RESTATED, key=key, restated=one, month=month)


def _overdue(ws: Workspace, today: date) -> Iterator[Alert]:
    for one in read_health(ws, today=today).sources:
        if one.days_late > 0:
            key = f"overdue:{one.source}:{one.data_through}"
            yield Alert(kind=AlertKind.OVERDUE, key=key, source=one)


def _note(connection: sa.Connection, actor: Actor, now: datetime, action: str, detail: str) -> None:
    audit.add_line(connection, at=utc_naive(now), actor=actor.name, action=action, detail=detail)

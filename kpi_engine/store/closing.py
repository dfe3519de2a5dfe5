"""What a month is closed with: comments, signatures, editions, and why it was opened again."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from kpi_engine.store import tables
from kpi_engine.terms import Cause, Grain, Side


@dataclass(frozen=True, kw_only=True)
class Comment:
    """What was said of one outcome's month.

    Attributes:
        edition: The edition it was written for.
        due: By when the action is to be done; None where there is no action.
        written_at: UTC, without a zone.
    """

    metric: str
    month: date
    edition: int
    cause: Cause
    text: str
    action: str
    owner: str
    due: date | None
    actor: str
    written_at: datetime

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "metric": self.metric,
            "month": self.month.isoformat(),
            "edition": self.edition,
            "cause": self.cause.value,
            "text": self.text,
            "action": self.action,
            "owner": self.owner,
            "due": self.due.isoformat() if self.due else None,
            "actor": self.actor,
            "written_at": self.written_at.isoformat(),
        }


@dataclass(frozen=True, kw_only=True)
class Signature:
    """One owner's signature under a month.

    Attributes:
        side: Business or IT.
        name: Whose signature it is.
        seal: SHA-256 of what was signed.
        actor: Who was logged in.
        signed_at: UTC, without a zone.
    """

    month: date
    edition: int
    side: Side
    name: str
    seal: str
    actor: str
    signed_at: datetime

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "side": self.side.value,
            "name": self.name,
            "actor": self.actor,
            "signed_at": self.signed_at.isoformat(),
        }


@dataclass(frozen=True, kw_only=True)
class Published:
    """An edition as it is kept, without its content.

    Attributes:
        as_of: The tick it shows.
        reason: Why there is another after the first; empty for edition 1.
        sha256: Of the content.
        published_at: UTC, without a zone.
    """

    month: date
    number: int
    as_of: int
    reason: str
    sha256: str
    actor: str
    published_at: datetime


@dataclass(frozen=True, kw_only=True)
class Reopening:
    """Why a closed month was opened again.

    Attributes:
        edition: The edition that it prepares.
        reopened_at: UTC, without a zone.
    """

    month: date
    edition: int
    reason: str
    actor: str
    reopened_at: datetime


def read_comments(connection: sa.Connection, month: date) -> tuple[Comment, ...]:
    """The newest comment of each outcome and edition of a month, in the order of writing.

    An empty one was taken back.
    """
    c = tables.comment.c
    rows = connection.execute(sa.select(tables.comment).where(c.month == month))
    found = sorted((Comment(**_with(row, cause=Cause)) for row in rows), key=_written)
    newest = {(one.metric, one.edition): one for one in found}
    return tuple(one for one in newest.values() if one.text)


def read_open_actions(connection: sa.Connection) -> tuple[Comment, ...]:
    """The newest comment of every outcome and month that names something not done yet, by day."""
    rows = connection.execute(sa.select(tables.comment))
    found = sorted((Comment(**_with(row, cause=Cause)) for row in rows), key=_written)
    newest = {(one.metric, one.month): one for one in found}
    c = tables.action_done.c
    done = {tuple(row) for row in connection.execute(sa.select(c.metric, c.month, c.action))}
    open_ = [
        one
        for one in newest.values()
        if one.action and (one.metric, one.month, one.action) not in done
    ]
    return tuple(sorted(open_, key=lambda one: (one.due or date.max, one.metric)))


def read_signatures(connection: sa.Connection, month: date) -> tuple[Signature, ...]:
    """The newest signature of each side and edition of a month, in the order of signing."""
    c = tables.sign_off.c
    rows = connection.execute(sa.select(tables.sign_off).where(c.month == month))
    found = sorted((Signature(**_with(row, side=Side)) for row in rows), key=_signed)
    newest = {(one.side, one.edition): one for one in found}
    return tuple(newest.values())


def read_published(connection: sa.Connection, month: date) -> tuple[Published, ...]:
    """Every edition of a month, the lowest number first."""
    columns = [one for one in tables.edition.c if one.name != "content"]
    c = tables.edition.c
    query = sa.select(*columns).where(c.month == month).order_by(c.number)
    return tuple(Published(**row._mapping) for row in connection.execute(query))


def read_content(connection: sa.Connection, one: Published) -> str:
    """JSON: a month as it was published."""
    c = tables.edition.c
    query = sa.select(c.content).where(c.month == one.month, c.number == one.number)
    return str(connection.execute(query).scalar_one())


def read_newest_numbers(connection: sa.Connection) -> dict[date, int]:
    """The number of the newest edition of every month that was published."""
    c = tables.edition.c
    query = sa.select(c.month, sa.func.max(c.number)).group_by(c.month).order_by(c.month)
    return {month: int(number) for month, number in connection.execute(query)}


def read_numbers(connection: sa.Connection, month: date) -> tuple[int, int]:
    """A month's newest edition, 0 without any, and the newest one it was opened for, at least 1."""
    published, opened = tables.edition.c, tables.reopening.c
    newest = sa.select(sa.func.max(published.number)).where(published.month == month)
    wanted = sa.select(sa.func.max(opened.edition)).where(opened.month == month)
    return connection.execute(newest).scalar() or 0, connection.execute(wanted).scalar() or 1


def read_published_ticks(connection: sa.Connection, *, as_of: int) -> dict[date, int]:
    """The tick that the newest edition of each month shows, of those up to a tick."""
    c = tables.edition.c
    query = sa.select(c.month, sa.func.arg_max(c.as_of, c.number)).where(c.as_of <= as_of)
    return {month: int(tick) for month, tick in connection.execute(query.group_by(c.month))}


def read_changed_months(connection: sa.Connection) -> tuple[date, ...]:
    """Months of which a measure, or a quarter they show, was changed since the newest edition."""
    c, rollup = tables.edition.c, tables.rollup.c
    newest = sa.select(c.month, sa.func.arg_max(c.as_of, c.number).label("tick"))
    published = newest.group_by(c.month).subquery()
    changed = (
        sa.select(published.c.month)
        .join(tables.rollup, rollup.batch_id > published.c.tick)
        .where(
            rollup.grain.in_([Grain.MONTH.value, Grain.QUARTER.value]),
            rollup.period <= published.c.month,
            rollup.period > published.c.month - sa.text("INTERVAL 6 MONTH"),
        )
        .distinct()
        .order_by(published.c.month)
    )
    return tuple(connection.execute(changed).scalars())


def read_reopenings(connection: sa.Connection, month: date) -> tuple[Reopening, ...]:
    """Why a month was opened again, the first time first."""
    c = tables.reopening.c
    query = sa.select(tables.reopening).where(c.month == month).order_by(c.edition)
    return tuple(Reopening(**row._mapping) for row in connection.execute(query))


def add_comment(connection: sa.Connection, one: Comment) -> None:
    """Keep a comment; an earlier one of the same outcome, month and edition counts no more."""
    connection.execute(tables.comment.insert().values(**vars(one) | {"cause": one.cause.value}))


def add_done(connection: sa.Connection, one: Comment, *, actor: str, at: datetime) -> None:
    """Keep that an action was done, by whom and when (UTC, without a zone)."""
    connection.execute(
        tables.action_done.insert().values(
            metric=one.metric, month=one.month, action=one.action, actor=actor, done_at=at
        )
    )


def add_signature(connection: sa.Connection, one: Signature) -> None:
    """Keep a signature; an earlier one of the same side counts no more."""
    connection.execute(tables.sign_off.insert().values(**vars(one) | {"side": one.side.value}))


def add_edition(connection: sa.Connection, one: Published, content: str) -> None:
    """Keep an edition with its content."""
    connection.execute(tables.edition.insert().values(**vars(one), content=content))


def add_reopening(connection: sa.Connection, one: Reopening) -> None:
    """Keep why a month was opened again."""
    connection.execute(tables.reopening.insert().values(**vars(one)))


def _with(row: sa.Row[Any], **words: type) -> dict[str, Any]:
    found = dict(row._mapping)
    return found | {name: word(found[name]) for name, word in words.items()}


def _written(one: Comment) -> datetime:
    return one.written_at


def _signed(one: Signature) -> datetime:
    return one.signed_at

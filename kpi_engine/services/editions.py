"""What did we tell you in March? Months as they were published, and what has changed since (E4)."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError

from kpi_engine.errors import StoreError
from kpi_engine.maths.status import Bound
from kpi_engine.periods import add_months, month_label
from kpi_engine.services import scorecard
from kpi_engine.services.readings import Reading
from kpi_engine.services.restatement import is_material
from kpi_engine.services.scorecard import Scorecard
from kpi_engine.services.series import months_apart
from kpi_engine.store.closing import (
    Comment,
    Published,
    Signature,
    read_content,
    read_newest_numbers,
    read_published,
)
from kpi_engine.store.restating import LaterChange, read_later_changes
from kpi_engine.terms import Grain, Status
from kpi_engine.workspace import Workspace

_NOISE = 1e-9


@dataclass(frozen=True, kw_only=True)
class Edition:
    """A month's scorecard as it was published: it never changes.

    Attributes:
        reason: Why there is another after the first; empty for edition 1.
        card: Values, targets, statuses, definitions and explanations of then.
        comments: What was said of its outcomes.
        checks: What checks had to say of the month when it was published.
        signatures: Of one owner a side.
        published_at: UTC, without a zone.
    """

    month: date
    number: int
    reason: str
    card: Scorecard
    comments: tuple[Comment, ...]
    signatures: tuple[Signature, ...]
    actor: str
    published_at: datetime
    checks: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "month": self.month.isoformat(),
            "edition": self.number,
            "reason": self.reason,
            "as_of": self.card.as_of,
            "published_at": self.published_at.isoformat(),
            "published_by": self.actor,
            "signatures": [one.to_dict() for one in self.signatures],
            "comments": [one.to_dict() for one in self.comments],
            "checks": list(self.checks),
            "scorecard": self.card.to_dict(),
        }


CONTENT: TypeAdapter[Edition] = TypeAdapter(Edition)


@dataclass(frozen=True, kw_only=True)
class Restated:
    """A figure of an edition that is another now.

    Attributes:
        published: As it was published, with its status and target of then.
        now: As it stands.
        is_material: More than 1 % of the value or 10 % of the distance to its target, or another
            status (``is_material``), a value that came or went, or another target: nobody signed
            the month by it.
        because: Batches since that changed it, newest first; empty where only its target did.
    """

    published: Reading
    now: Reading
    is_material: bool
    because: tuple[LaterChange, ...] = ()

    @property
    def is_moved(self) -> bool:
        """Whether its value is another."""
        return _is_moved(self.published, self.now)

    @property
    def is_aimed_otherwise(self) -> bool:
        """Whether its target or its red line is another."""
        return _aims(self.published) != _aims(self.now)

    @property
    def flips(self) -> bool:
        """Whether its status is another."""
        return self.published.judgement.status is not self.now.judgement.status

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "metric": self.published.metric.id,
            "label": self.published.label,
            "segment": dict(self.published.segment),
            "published": self.published.value,
            "now": self.now.value,
            "status_published": self.published.judgement.status.value,
            "status_now": self.now.judgement.status.value,
            "target_published": self.published.judgement.target,
            "target_now": self.now.judgement.target,
            "red_line_published": self.published.judgement.red_line,
            "red_line_now": self.now.judgement.red_line,
            "is_material": self.is_material,
            "because": [
                {"batch": one.batch, "kind": one.kind.value, "what": one.what}
                for one in self.because
            ],
        }


def newest_editions(ws: Workspace) -> dict[date, int]:
    """The number of the newest edition of every month that was published."""
    with ws.reading() as connection:
        return read_newest_numbers(connection)


def read_edition(ws: Workspace, month: date, *, number: int | None = None) -> Edition:
    """An edition of a month.

    Args:
        ws: Where it is kept.
        month: Its first day.
        number: Which; None for the newest.

    Raises:
        StoreError: The month was never published, or has no edition of that number.
    """
    with ws.reading() as connection:
        found = read_published(connection, month)
        asked = [one for one in found if number in (None, one.number)]
        if asked:
            return _opened(asked[-1], read_content(connection, asked[-1]))
    if not found:
        raise StoreError(
            f"{month_label(month)} has not been published yet.",
            hint="Its latest figures are on the scorecard; it is published on the review page.",
        )
    raise StoreError(
        f"{month_label(month)} has no edition {number}.",
        hint=f"Its newest is edition {found[-1].number}.",
    )


def _opened(kept: Published, content: str) -> Edition:
    """An edition from what is kept of it.

    Raises:
        StoreError: It is not any more what was published, or this version cannot read it.
    """
    name = f"Edition {kept.number} of {month_label(kept.month)}"
    if hashlib.sha256(content.encode()).hexdigest() != kept.sha256:
        raise StoreError(
            f"{name} was changed after it was published.", hint="Compare with the newest backup."
        )
    try:
        return CONTENT.validate_json(content)
    except ValidationError as error:
        raise StoreError(
            f"{name} cannot be read by this version of Plumbline.",
            hint="Nothing is lost: open it with the version that published it, and report this.",
        ) from error


def read_restated(ws: Workspace, edition: Edition) -> tuple[Restated, ...]:
    """Every figure of an edition that is another now; see ``restated``."""
    return restated(ws, edition.card, scorecard.read(ws, month=edition.month))


def restated(ws: Workspace, published: Scorecard, now: Scorecard) -> tuple[Restated, ...]:
    """What differs between two scorecards of one month, what matters first.

    A figure of which only the target was changed afterwards is listed as well. Those that only one
    of the two has are left out.
    """
    current = {_key(one): one for one in _readings(now)}
    found = [
        Restated(published=one, now=other, is_material=_matters(one, other))
        for one in {_key(one): one for one in _readings(published)}.values()
        if (other := current.get(_key(one))) is not None and _differs(one, other)
    ]
    if any(one.is_moved for one in found):
        with ws.reading() as connection:
            later = read_later_changes(connection, published.month, after=published.as_of)
        found = [
            replace(one, because=tuple(_since(one.now, later))) if one.is_moved else one
            for one in found
        ]
    return tuple(sorted(found, key=lambda one: not one.is_material))


def _since(reading: Reading, later: Iterable[LaterChange]) -> Iterator[LaterChange]:
    """Batches that changed a reading's month, or quarter."""
    step = months_apart(reading.metric)
    grain = Grain.QUARTER if step > 1 else Grain.MONTH
    period = add_months(reading.shown_month, 1 - step)
    for one in later:
        if (one.metric, one.grain, one.period) == (reading.metric.id, grain, period):
            yield one


def _readings(card: Scorecard) -> Iterator[Reading]:
    """Every reading on a scorecard, the outcomes first."""
    yield from (row.outcome for row in card.rows)
    yield from (driver.reading for row in card.rows for driver in row.drivers)


def _key(one: Reading) -> tuple[str, tuple[tuple[str, str], ...]]:
    return one.metric.id, tuple(sorted(one.segment.items()))


def _differs(before: Reading, now: Reading) -> bool:
    is_judged_otherwise = before.judgement.status is not now.judgement.status
    return is_judged_otherwise or _aims(before) != _aims(now) or _is_moved(before, now)


def _is_moved(before: Reading, now: Reading) -> bool:
    if before.value is None or now.value is None:
        return before.value is not now.value
    return abs(now.value - before.value) > _NOISE * max(abs(now.value), abs(before.value))


def _aims(reading: Reading) -> tuple[Bound | None, Bound | None]:
    return reading.judgement.target, reading.judgement.red_line


def _matters(before: Reading, now: Reading) -> bool:
    if before.value is None or now.value is None:
        return before.value is not now.value
    if _aims(before) != _aims(now):
        return True
    if before.judgement.status is not now.judgement.status:
        return Status.NO_DATA not in (before.judgement.status, now.judgement.status)
    target, red_line = before.judgement.target, before.judgement.red_line
    bounds = None if target is None or red_line is None else (target, red_line)
    return is_material(before.value, now.value, before.metric, bounds=bounds)

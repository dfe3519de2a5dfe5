"""When definitions change, so do the numbers: all of history, at once, as a batch of its own.

Facts and folded numbers are derived, so those of months that no import touches would stay as an
earlier definition made them. A store is brought up to date before anybody reads or adds anything.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from kpi_engine.actors import Actor
from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.counting import way_of_counting, way_of_deriving
from kpi_engine.catalogue.earlier import catalogue_then
from kpi_engine.errors import StoreError
from kpi_engine.services.recounting import open_recount, recount
from kpi_engine.store import tables
from kpi_engine.store.change import Change
from kpi_engine.store.definitions import (
    read_newest_change,
    read_texts,
    record_definitions,
)
from kpi_engine.store.engine import apart, write
from kpi_engine.store.landing import BatchEntry, land, utc_naive
from kpi_engine.store.staging import close_staging
from kpi_engine.store.versions import Tick, read_tick
from kpi_engine.terms import BatchKind, Role, RowFate
from kpi_engine.workspace import Workspace

FOLDER = Actor(name="definitions", roles=frozenset({Role.STEWARD}))
"""In whose name numbers follow the definitions in the data folder, when nobody asked for it."""
_MOST_NAMED = 3


@dataclass(frozen=True, kw_only=True)
class Redefined:
    """What is counted in another way than when the store was last brought up to date.

    Attributes:
        metrics: Ids, those that are new included, in the order of the catalogue.
        kinds: Event kinds of which other facts are counted.
    """

    metrics: tuple[str, ...]
    kinds: tuple[str, ...]


def read_redefined(ws: Workspace) -> Redefined:
    """What the definitions in force count in another way than those that the store was made by.

    Nothing, as long as nothing was saved.
    """
    with ws.reading() as connection:
        texts = read_texts(connection)
    if not texts or texts == dict(ws.catalogue.texts):
        return Redefined(metrics=(), kinds=())
    return redefined(catalogue_then(ws.catalogue, texts), ws.catalogue)


def redefined(then: Catalogue, now: Catalogue) -> Redefined:
    """What one catalogue counts in another way than an earlier one."""
    is_elsewhere = then.organisation.time_zone != now.organisation.time_zone
    metrics = [
        name
        for name in now.metrics
        if name not in then.metrics or way_of_counting(then, name) != way_of_counting(now, name)
    ]
    kinds = [
        name
        for name, kind in now.events.items()
        if is_elsewhere
        or name not in then.events
        or way_of_deriving(then.events[name]) != way_of_deriving(kind)
    ]
    return Redefined(metrics=tuple(metrics), kinds=tuple(kinds))


def bring_up_to_date(
    ws: Workspace, *, actor: Actor, now: datetime, again: bool = False
) -> int | None:
    """Work all of history out by the definitions in force, and keep that they are.

    Args:
        ws: The workspace.
        actor: Needs the role steward.
        now: When (aware).
        again: Work everything out again, whether or not anything was defined otherwise.

    Returns:
        The batch with the numbers that are others now; None where none is.

    Raises:
        NotAllowedError: The actor may not.
    """
    actor.require(Role.STEWARD, to="change definitions")
    with ws.writing:
        with ws.reading() as connection:
            texts, tick = read_texts(connection), read_tick(connection)
            newest = read_newest_change(connection)
        if not texts or (texts == dict(ws.catalogue.texts) and not again):
            return None
        then = catalogue_then(ws.catalogue, texts)
        found = redefined(then, ws.catalogue)
        if again:
            found = Redefined(metrics=tuple(ws.catalogue.metrics), kinds=tuple(ws.catalogue.events))
        # A clock that was set back must not put the new version before the one it follows.
        at = max(utc_naive(now), newest + timedelta(seconds=1)) if newest else utc_naive(now)
        if tick.as_of and (found.metrics or found.kinds):
            note = "Worked out again" if again else _note(then, ws.catalogue, found)
            return _landed(ws, found, tick, actor=actor, at=at, note=note)
        write(ws.engine, lambda c: record_definitions(c, ws.catalogue.texts, at=at))
    return None


def follow_the_files(ws: Workspace, *, now: datetime) -> None:
    """Let what was changed by hand count first, numbers included, so that no edit passes for it.

    Args:
        ws: The workspace.
        now: When (aware).

    Raises:
        BrokenCatalogueError: There are mistakes in the files; nothing changed.
    """
    with ws.writing:
        if ws.load_definitions().texts != ws.catalogue.texts:
            ws.take_up()
        bring_up_to_date(ws, actor=FOLDER, now=now)


def require_up_to_date(ws: Workspace) -> None:
    """Stop where some numbers would be of one definition and some of another.

    Raises:
        StoreError: Definitions have changed since the numbers were worked out.
    """
    found = read_redefined(ws)
    if found.metrics or found.kinds:
        raise StoreError(
            "Definitions have changed since the numbers here were worked out: "
            f"{_named(ws.catalogue, found.metrics or found.kinds)}.",
            hint="Bring the store up to date first: python -m kpi_engine definitions does.",
        )


def _landed(
    ws: Workspace, found: Redefined, tick: Tick, *, actor: Actor, at: datetime, note: str
) -> int | None:
    """Save what is another number now with the definitions; None where every number is the same."""
    staging = open_recount(ws)

    def work(connection: sa.Connection) -> bool:
        change = Change(
            connection=connection,
            staging=staging,
            catalogue=ws.catalogue,
            before=tick,
            tick=Tick(as_of=tick.as_of + 1, undone=tick.undone),
            batch_id=tick.as_of + 1,
        )
        recount(change, kinds=found.kinds, metrics=found.metrics)
        staged = (staging.like(t) for t in (tables.fact, tables.hour_fact, tables.rollup))
        count = [sa.select(sa.exists().select_from(table)) for table in staged]
        return any(connection.execute(one).scalar_one() for one in count)

    entry = BatchEntry(values=_values(actor, at, note), base=tick.as_of)

    def save(connection: sa.Connection) -> None:
        land(connection, staging, entry)
        record_definitions(connection, ws.catalogue.texts, at=at)

    try:
        if apart(ws.engine, work):
            write(ws.engine, save)
            return entry.id
    finally:
        close_staging(ws.engine, staging)
    write(ws.engine, lambda c: record_definitions(c, ws.catalogue.texts, at=at))
    return None


def _values(actor: Actor, at: datetime, note: str) -> dict[str, Any]:
    texts = dict.fromkeys(("source", "recipe", "file_name", "sha256"), "")
    counts = dict.fromkeys((f"rows_{fate.value}" for fate in RowFate), 0)
    return {
        **texts,
        **counts,
        "kind": BatchKind.EDIT.value,
        "recipe_version": 0,
        "rows_read": 0,
        "rows_gone": 0,
        "first_day": None,
        "last_day": None,
        "undoes": None,
        "actor": actor.name,
        "accepted_at": at,
        "note": note,
    }


def _note(then: Catalogue, now: Catalogue, found: Redefined) -> str:
    """What was defined otherwise; a calendar before everything that it folds."""
    calendar = now.organisation.calendar
    if calendar != then.organisation.calendar:
        return f"Folded by {calendar.described}"
    return _named(now, found.metrics)


def _named(catalogue: Catalogue, names: Sequence[str]) -> str:
    """Labels of what is counted otherwise: the first few, and how many more."""
    labels = [
        catalogue.metrics[name].label if name in catalogue.metrics else catalogue.events[name].label
        for name in names
    ]
    more = len(labels) - _MOST_NAMED
    shown = ", ".join(labels[:_MOST_NAMED])
    return f"{shown} and {more} more" if more > 0 else shown

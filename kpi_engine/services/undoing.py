"""A batch taken back: what that would change, and doing it. It is another batch."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from kpi_engine.actors import Actor
from kpi_engine.catalogue.events import EventKind
from kpi_engine.errors import StoreError, UnknownNameError
from kpi_engine.job import stage, turn
from kpi_engine.services import imports
from kpi_engine.services.comparing import counted_parts, fold_again
from kpi_engine.services.impacts import figures, read_impacts
from kpi_engine.services.import_results import Batch, UndoPreview
from kpi_engine.services.preparing import new_token
from kpi_engine.services.redefining import require_up_to_date
from kpi_engine.services.saving import area_of, dropped_if_prepared_anew, is_current, land_staged
from kpi_engine.store import stated, tables
from kpi_engine.store.batches import has_events, read_undoes
from kpi_engine.store.change import Change, touched_table
from kpi_engine.store.classify import touch_event_months, versions_of
from kpi_engine.store.derivation import derive_facts
from kpi_engine.store.engine import apart
from kpi_engine.store.hours import derive_hours
from kpi_engine.store.leaves import place_events, stage_segments
from kpi_engine.store.staging import (
    Staging,
    close_staging,
    declared_tables,
    is_open,
    open_staging,
    prepare_tables,
)
from kpi_engine.store.versions import Tick, read_tick, undone_batches
from kpi_engine.terms import BatchKind, Role, RowFate
from kpi_engine.workspace import Workspace


def preview(ws: Workspace, batch_id: int, *, actor: Actor) -> UndoPreview:
    """Work out what taking a batch back would change. Nothing is saved.

    Args:
        ws: The workspace.
        batch_id: The batch; undoing an undo brings its batch back.
        actor: Needs the role contributor.

    Raises:
        CancelledError: Somebody cancelled the job that this is part of; nothing is left of it.
        NotAllowedError: The actor may not.
        StoreError: It has been undone already, or follows from definitions.
        UnknownNameError: There is no such batch.
    """
    actor.require(Role.CONTRIBUTOR, Role.STEWARD, to="undo an import")
    target, root = _undoable(ws, batch_id)
    require_up_to_date(ws)
    definitions = ws.catalogue.fingerprint_of_numbers
    stage("Working out which figures change")
    with ws.reading() as connection:
        before = read_tick(connection)
        pairs = read_undoes(connection)
        kinds = _kinds(ws, connection, root.id)
    base = before.as_of
    after = Tick(as_of=base + 1, undone=undone_batches([*pairs, (base + 1, batch_id)], base + 1))
    staging = _staged(ws, kinds, root.id, before=before, after=after)
    try:
        with ws.reading(staging) as connection:
            impacts = read_impacts(connection, staging, ws.catalogue, before=before, after=after)
    except BaseException:
        close_staging(ws.engine, staging)
        raise
    return UndoPreview(
        token=staging.token,
        base=base,
        definitions=definitions,
        batch=target,
        root=root,
        brings_back=root.id not in after.undone,
        impacts=tuple(impacts),
    )


def commit(
    ws: Workspace, shown: UndoPreview, *, actor: Actor, now: datetime, note: str = ""
) -> Batch:
    """Take a batch back as a preview showed it, in one transaction.

    Args:
        ws: The workspace.
        shown: What its owner agreed to.
        actor: Needs the role contributor.
        now: When (aware).
        note: Why, if it needs saying.

    Raises:
        CancelledError: Somebody cancelled the job that this is part of, before anything was saved.
        NotAllowedError: The actor may not.
        StoreError: It has been undone meanwhile, or somebody else saved something so that undoing
            now changes other figures than was shown.
    """
    actor.require(Role.CONTRIBUTOR, Role.STEWARD, to="undo an import")
    stage("Waiting until others have saved")
    with turn(ws.writing):
        staging = _still_fresh(ws, shown, actor=actor)
        stage("Saving")
        values = {
            "kind": BatchKind.UNDO.value,
            "source": "",
            "recipe": "",
            "recipe_version": 0,
            "file_name": "",
            "sha256": "",
            "rows_read": 0,
            **{f"rows_{fate.value}": 0 for fate in RowFate},
            "rows_gone": 0,
            "first_day": shown.root.first_day,
            "last_day": shown.root.last_day,
            "undoes": shown.batch.id,
        }
        with dropped_if_prepared_anew(ws, staging, shown.token):
            number = land_staged(
                ws, staging, values, base=ws.newest(), actor=actor, now=now, note=note
            )
    close_staging(ws.engine, staging)
    return imports.read_batch(ws, number)


def discard(ws: Workspace, shown: UndoPreview, *, actor: Actor) -> None:
    """Leave the batch as it is: what was staged is removed.

    Raises:
        NotAllowedError: The actor may not import.
    """
    actor.require(Role.CONTRIBUTOR, Role.STEWARD, to="drop a preview")
    close_staging(ws.engine, area_of(ws, shown))


def undo(ws: Workspace, batch_id: int, *, actor: Actor, now: datetime, note: str = "") -> Batch:
    """Take a batch back: every answer is again what it would be without it.

    What :func:`preview` and :func:`commit` do, without somebody who looks in between.

    Args:
        ws: The workspace.
        batch_id: The batch; undoing an undo brings its batch back.
        actor: Needs the role contributor.
        now: When (aware).
        note: Why, if it needs saying.

    Raises:
        NotAllowedError: The actor may not.
        StoreError: It has been undone already, or follows from definitions.
        UnknownNameError: There is no such batch.
    """
    with turn(ws.writing):
        shown = preview(ws, batch_id, actor=actor)
        return commit(ws, shown, actor=actor, now=now, note=note)


def _undoable(ws: Workspace, batch_id: int) -> tuple[Batch, Batch]:
    """The batch to take back, and the one whose rows that is about."""
    known = {batch.id: batch for batch in imports.batches(ws)}
    if batch_id not in known:
        raise UnknownNameError("batch", str(batch_id), map(str, known))
    target = known[batch_id]
    if target.undone_by is not None:
        raise StoreError(
            f"Batch {batch_id} was already undone by batch {target.undone_by}.",
            hint=f"To bring it back, undo batch {target.undone_by}.",
        )
    if target.kind is BatchKind.EDIT:
        raise StoreError(
            f"Batch {batch_id} holds numbers that follow from a change of definitions.",
            hint="Change the definitions back: the numbers follow them.",
        )
    root = target
    while root.undoes is not None:
        root = known[root.undoes]
    return target, root


def _kinds(ws: Workspace, connection: sa.Connection, root: int) -> list[EventKind]:
    return [kind for kind in ws.catalogue.events.values() if has_events(connection, kind, root)]


def _still_fresh(ws: Workspace, shown: UndoPreview, *, actor: Actor) -> Staging:
    """The preview's staging; prepared again when the store has moved on since.

    Raises:
        StoreError: It would now do something else than was shown.
    """
    if is_current(ws, shown) and is_open(ws.engine, shown.token):
        return _reopened(ws, shown)
    close_staging(ws.engine, area_of(ws, shown))
    again = preview(ws, shown.batch.id, actor=actor)
    if figures(again.impacts) != figures(shown.impacts):
        discard(ws, again, actor=actor)
        raise StoreError(
            "Somebody else saved something, or changed definitions, since you looked at what "
            "undoing would change.",
            hint="Press Undo again to see what it changes now; nothing was taken back.",
        )
    return _reopened(ws, again)


def _reopened(ws: Workspace, shown: UndoPreview) -> Staging:
    staging = open_staging(ws.engine, ws.staging_folder, token=shown.token)
    with ws.reading() as connection:
        kinds = _kinds(ws, connection, shown.root.id)
    declared_tables(staging, None)
    for kind in kinds:
        declared_tables(staging, kind)
    return staging


def _staged(
    ws: Workspace, kinds: Sequence[EventKind], root: int, *, before: Tick, after: Tick
) -> Staging:
    """Every figure that differs once other batches count, worked out in staging.

    Args:
        ws: The workspace.
        kinds: Kinds of events that the batch brought.
        root: The batch whose rows start or stop counting.
        before: The clock as it stands.
        after: The clock with the undo.
    """
    staging = open_staging(ws.engine, ws.staging_folder, token=new_token())

    def work(connection: sa.Connection) -> None:
        change = Change(
            connection=connection,
            staging=staging,
            catalogue=ws.catalogue,
            before=before,
            tick=after,
            batch_id=after.as_of,
        )
        staging.create(connection, touched_table(staging))
        stage_segments(change, [])
        parts: list[str] = []
        for kind in kinds:
            table = tables.event_table(kind)
            keys = sa.select(table).where(table.c.batch_id == root)
            touch_event_months(change, kind, versions_of(table, kind.key, keys))
            place_events(change, kind)
            derive_facts(change, kind)
            derive_hours(change, kind)
            parts += counted_parts(change, kind)
        stated_parts = stated.touch_fact_months(
            change,
            tables.fact,
            tables.fact.c.batch_id == root,
            tables.fact.c.part.in_(list(ws.catalogue.metrics)),
        )
        if stated_parts or parts:
            fold_again(change, [*parts, *stated_parts])

    try:
        prepare_tables(ws.engine, staging, None)
        for kind in kinds:
            prepare_tables(ws.engine, staging, kind)
        apart(ws.engine, work)
    except BaseException:
        close_staging(ws.engine, staging)
        raise
    return staging

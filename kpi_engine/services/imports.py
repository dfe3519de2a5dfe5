"""Files in: preview what would change, commit it."""

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from kpi_engine.actors import Actor
from kpi_engine.catalogue.recipes import EventRecipe
from kpi_engine.errors import StoreError
from kpi_engine.imports.overrides import AS_READ, Overrides
from kpi_engine.imports.sources import source_name
from kpi_engine.job import stage, turn
from kpi_engine.services import changed_rows, reviewing
from kpi_engine.services.completeness import Arrival
from kpi_engine.services.guards import read_guards
from kpi_engine.services.impacts import figures, read_impacts
from kpi_engine.services.import_results import Batch, ColumnMatch, Preview
from kpi_engine.services.notices import read_notices
from kpi_engine.services.preparing import Prepared, prepare, prepare_anew, prepared_again
from kpi_engine.services.redefining import require_up_to_date
from kpi_engine.services.saving import area_of, dropped_if_prepared_anew, is_current, land_staged
from kpi_engine.store.batches import read_batches, read_same_file
from kpi_engine.store.coverage import read_row_days
from kpi_engine.store.landing import utc_naive
from kpi_engine.store.mappings import note_mapping, signature_of
from kpi_engine.store.staging import (
    Staging,
    close_staging,
    declared_tables,
    is_open,
    open_staging,
)
from kpi_engine.store.versions import read_tick
from kpi_engine.terms import BatchKind, Role, RowFate
from kpi_engine.workspace import Workspace


def preview(
    ws: Workspace,
    path: Path,
    *,
    actor: Actor,
    file_name: str | None = None,
    recipe: str | None = None,
    now: datetime | None = None,
    overrides: Overrides = AS_READ,
    is_shown: bool = True,
) -> Preview:
    """Work out what saving a file would change. Nothing is saved.

    Args:
        ws: The workspace.
        path: The file.
        actor: Needs the role contributor.
        file_name: As its owner knows it; the path's name otherwise.
        recipe: Read it as this source instead of recognising it.
        now: Rows that lie in the future of this are rejected; None: no check.
        overrides: What somebody said about how the file is to be read.
        is_shown: Whether somebody will look at it; what only a reader needs (findings, days with
            rows, which figures change) is left out otherwise.

    Raises:
        CancelledError: Somebody cancelled the job that this is part of; nothing is left of it.
        ImportRejectedError: The file cannot be read, or no source has this header.
        NotAllowedError: The actor may not import.
        StoreError: Definitions have changed, and the store was not brought up to date.
        UnknownNameError: There is no such recipe.
    """
    actor.require(Role.CONTRIBUTOR, Role.STEWARD, to="add data")
    require_up_to_date(ws)
    definitions = ws.catalogue.fingerprint_of_numbers
    prepared = prepare(ws, Path(path), recipe=recipe, now=now, name=file_name, overrides=overrides)
    try:
        with ws.reading(prepared.staging) as connection:
            shown = _counted(
                connection,
                ws,
                prepared,
                path=Path(path),
                file_name=file_name or Path(path).name,
                definitions=definitions,
            )
            if is_shown:
                shown = _reviewed(connection, ws, prepared, shown, now)
        return replace(shown, is_named=recipe is not None)
    except BaseException:
        close_staging(ws.engine, prepared.staging)
        raise


def _counted(
    connection: sa.Connection,
    ws: Workspace,
    prepared: Prepared,
    *,
    path: Path,
    file_name: str,
    definitions: str,
) -> Preview:
    """What is saved of a file beside its rows: where they come from and how many there are."""
    first, last = reviewing.read_days(connection, prepared, ws.catalogue)
    recipe = prepared.match.recipe
    return Preview(
        token=prepared.staging.token,
        path=path,
        file_name=file_name,
        size=prepared.sniffed.size,
        sha256=prepared.sniffed.sha256,
        recipe=recipe.id,
        recipe_version=recipe.version,
        recipe_label=recipe.label,
        tables=prepared.tables,
        table=prepared.table,
        overrides=prepared.overrides,
        decisions=(*prepared.sniffed.decisions, *prepared.plan.decisions),
        columns=tuple(ColumnMatch(**match) for match in reviewing.columns(prepared)),
        rows_read=prepared.rows + len(prepared.refused),
        counts=prepared.fates,
        findings=(),
        finding_counts=(),
        impacts=(),
        days=(),
        first_day=first,
        last_day=last,
        base=prepared.base,
        definitions=definitions,
        same_file_batch=read_same_file(connection, prepared.sniffed.sha256),
        gone=prepared.gone,
    )


def _reviewed(
    connection: sa.Connection,
    ws: Workspace,
    prepared: Prepared,
    shown: Preview,
    now: datetime | None,
) -> Preview:
    """With what a reader needs to decide."""
    zone = ws.catalogue.organisation.zone
    today = now.astimezone(zone).date() if now else None
    days = read_row_days(connection, prepared.problems, prepared.kind, zone=zone.key)
    findings = (
        *prepared.sniffed.findings,
        *read_guards(connection, prepared, ws.catalogue, days, today=today),
        *read_notices(connection, prepared, ws.catalogue),
        *reviewing.read_findings(connection, prepared),
    )
    tick = read_tick(connection, prepared.base)
    impacts = read_impacts(
        connection, prepared.staging, ws.catalogue, before=tick, comes=_comes(shown, now, zone)
    )
    return replace(
        shown,
        is_reviewed=True,
        findings=findings,
        finding_counts=tuple(reviewing.count_findings(connection, prepared)),
        impacts=tuple(impacts),
        days=tuple(days.items()),
        changed=changed_rows.read_changed(
            connection, prepared, ws.catalogue, limit=changed_rows.SHOWN
        ),
    )


def _comes(shown: Preview, now: datetime | None, zone: ZoneInfo) -> Arrival | None:
    """How far the rows of a file reach; they come in at the moment of the preview.

    What lies ahead of that day (planned maintenance, the month that is running) is not over.
    """
    if now is None or shown.first_day is None or shown.last_day is None:
        return None
    through = min(shown.last_day, now.astimezone(zone).date())
    return Arrival(
        first_day=shown.first_day, data_through=through, source_through=through, received_at=now
    )


def commit(
    ws: Workspace, shown: Preview, *, actor: Actor, now: datetime, note: str = ""
) -> Batch | None:
    """Save what a preview showed, in one transaction.

    Args:
        ws: The workspace.
        shown: What its owner agreed to.
        actor: Needs the role contributor.
        now: When it is accepted (aware).
        note: Why, if it needs saying; that of the preview otherwise.

    Returns:
        The batch; None when every row is already there, so that nothing changes.

    Raises:
        CancelledError: Somebody cancelled the job that this is part of, before anything was saved.
        NotAllowedError: The actor may not import.
        StoreError: Somebody else saved something that this file now meets differently.
    """
    actor.require(Role.CONTRIBUTOR, Role.STEWARD, to="add data")
    stage("Waiting until others have saved")
    with turn(ws.writing):
        staging = _still_fresh(ws, shown, now)
        if shown.changes_nothing:
            close_staging(ws.engine, staging)
            return None
        stage("Saving")
        values = {
            "kind": shown.kind.value,
            "source": source_name(ws.catalogue.recipes[shown.recipe], shown.file_name),
            "recipe": shown.recipe,
            "recipe_version": shown.recipe_version,
            "file_name": shown.file_name,
            "sha256": shown.sha256,
            "rows_read": shown.rows_read,
            **{f"rows_{fate.value}": count for fate, count in shown.counts.items()},
            "rows_gone": shown.gone,
            "first_day": shown.first_day,
            "last_day": shown.last_day,
        }
        with dropped_if_prepared_anew(ws, staging, shown.token):
            number = land_staged(
                ws,
                staging,
                values,
                base=ws.newest(),
                actor=actor,
                now=now,
                note=note or shown.note,
                also=partial(_remember, shown, actor, utc_naive(now)),
            )
    close_staging(ws.engine, staging)
    return read_batch(ws, number)


def _remember(shown: Preview, actor: Actor, at: datetime, connection: sa.Connection) -> None:
    """Keep what somebody said about the source, so that its next file needs no word."""
    said = shown.overrides.lasting()
    if shown.kind is BatchKind.IMPORT and (said or shown.is_named):
        note_mapping(
            connection,
            signature=signature_of([column.column for column in shown.columns]),
            recipe=shown.recipe,
            said=said,
            actor=actor.name,
            at=at,
        )


def _still_fresh(ws: Workspace, shown: Preview, now: datetime) -> Staging:
    """The preview's staging; prepared again when the store has moved on since.

    Raises:
        StoreError: It would now do something else than was shown.
    """
    if is_current(ws, shown) and is_open(ws.engine, shown.token):
        return _reopened(ws, shown.token, ws.catalogue.recipes[shown.recipe])
    close_staging(ws.engine, area_of(ws, shown))
    require_up_to_date(ws)
    again = prepare_anew(ws, shown, now=now)
    is_another = (again.fates, again.gone) != (shown.counts, shown.gone)
    if shown.is_reviewed and not is_another:
        with ws.reading(again.staging) as connection:
            tick = read_tick(connection, again.base)
            impacts = read_impacts(connection, again.staging, ws.catalogue, before=tick)
        is_another = figures(impacts) != figures(shown.impacts)
    if is_another:
        close_staging(ws.engine, again.staging)
        raise StoreError(
            "Somebody else saved rows of the same kind, or changed definitions, since you looked "
            "at this file.",
            hint="Look at the preview again before you save; nothing was saved.",
        )
    return again.staging


def _reopened(ws: Workspace, token: str, recipe: Any) -> Staging:
    staging = open_staging(ws.engine, ws.staging_folder, token=token)
    kind = ws.catalogue.events[recipe.event] if isinstance(recipe, EventRecipe) else None
    declared_tables(staging, kind)
    return staging


def discard(ws: Workspace, shown: Preview, *, actor: Actor) -> None:
    """Drop a preview: its staged rows are removed.

    Args:
        ws: The workspace.
        shown: The preview.
        actor: Needs the role contributor.

    Raises:
        NotAllowedError: The actor may not import.
    """
    actor.require(Role.CONTRIBUTOR, Role.STEWARD, to="drop a preview")
    close_staging(ws.engine, area_of(ws, shown))


def batches(ws: Workspace) -> tuple[Batch, ...]:
    """Every accepted change, newest first."""
    with ws.reading() as connection:
        rows = read_batches(connection)
    return tuple(
        Batch(
            id=row["id"],
            kind=BatchKind(row["kind"]),
            at=row["accepted_at"].replace(tzinfo=UTC),
            actor=row["actor"],
            file_name=row["file_name"],
            sha256=row["sha256"],
            recipe=row["recipe"],
            recipe_version=row["recipe_version"],
            rows_read=row["rows_read"],
            counts={fate: row[f"rows_{fate.value}"] for fate in RowFate},
            first_day=row["first_day"],
            last_day=row["last_day"],
            note=row["note"],
            undoes=row["undoes"],
            undone_by=row["undone_by"],
            gone=row["rows_gone"],
        )
        for row in rows
    )


def read_batch(ws: Workspace, number: int) -> Batch:
    """One accepted change, which is known to be there."""
    return next(batch for batch in batches(ws) if batch.id == number)


def rejected_csv(
    ws: Workspace, shown: Preview, *, actor: Actor, now: datetime | None = None
) -> bytes:
    """Every rejected row of a file as CSV: its cells, the line, and a column ``error``.

    Text that a spreadsheet would take for a formula is prefixed with an apostrophe.

    Args:
        ws: The workspace.
        shown: The preview.
        actor: Needs the role contributor: the cells are those of the file, as they came.
        now: As given to the preview.

    Raises:
        NotAllowedError: The actor may not import.
    """
    actor.require(Role.CONTRIBUTOR, Role.STEWARD, to="read rejected rows")
    out = io.StringIO()
    writer = csv.writer(out)
    with prepared_again(ws, shown, now=now) as (connection, prepared):
        header, rows = reviewing.read_rejected(connection, prepared)
    writer.writerow([*map(reviewing.harmless, header), "line", "error"])
    for line, cells, error in rows:
        padded = [*map(reviewing.harmless, cells), *[""] * (len(header) - len(cells))]
        writer.writerow([*padded, line, error])
    return out.getvalue().encode("utf-8-sig")

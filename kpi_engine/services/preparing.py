"""A file prepared in staging: everything that saving it would change, worked out and not saved."""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import sqlalchemy as sa

from kpi_engine.catalogue.events import EventKind
from kpi_engine.catalogue.recipes import EventRecipe, TableRecipe
from kpi_engine.imports.decoding import with_line_feeds
from kpi_engine.imports.lines import is_countable
from kpi_engine.imports.matching import Match, fitting_own
from kpi_engine.imports.overrides import AS_READ, Overrides
from kpi_engine.imports.plan import Plan, plan_events, plan_stated
from kpi_engine.imports.privacy import read_salt
from kpi_engine.imports.reading import Remembered, TableRead, read_table
from kpi_engine.imports.sniff import Sniffed
from kpi_engine.imports.sources import source_name
from kpi_engine.job import stage
from kpi_engine.services.comparing import (
    stage_events,
    stage_stated,
    unplaced,
)
from kpi_engine.services.import_results import Preview
from kpi_engine.store.change import Change
from kpi_engine.store.definitions import read_valid_from
from kpi_engine.store.engine import apart
from kpi_engine.store.landing import utc_naive
from kpi_engine.store.loading import (
    drop_refused,
    has_mixed_line_ends,
    load_rows,
    read_refused,
)
from kpi_engine.store.mappings import read_mapping, signature_of
from kpi_engine.store.staging import Staging, close_staging, open_staging, prepare_tables
from kpi_engine.store.versions import Tick, read_tick
from kpi_engine.store.wide import load_wide
from kpi_engine.terms import RowFate
from kpi_engine.workspace import Workspace

_LARGE = 64_000_000
"""Bytes from which an import is staged on disk instead of in memory."""
_WIDE = ("wide", "months")
"""Tables of which a row holds several numbers."""
_CLOCK_SLACK = timedelta(days=1)
"""Clocks and zones differ: only what lies further ahead counts as the future."""


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A staged file.

    Attributes:
        overrides: What was said about how it is read, now or before.
        tables: Names of all tables of the file; one that is empty where the file is the table.
        table: The one that was read.
        problems: Staging table with ``problem`` per row.
        rows: How many rows could be split into columns.
        refused: Lines that could not: line, text, error.
        split: How many lines of the file that is; a wide table has several rows a line.
        fates: Rows of the file by what becomes of them.
        gone: Stored events or facts that are taken out because the file lacks them.
    """

    staging: Staging
    sniffed: Sniffed
    overrides: Overrides
    tables: tuple[str, ...]
    table: str
    match: Match
    plan: Plan
    kind: EventKind | None
    base: int
    problems: sa.Table
    rows: int
    split: int
    refused: list[tuple[int, str, str]]
    fates: dict[RowFate, int]
    gone: int


def new_token() -> str:
    """A name for a staging area nobody else has."""
    return f"stage_{secrets.token_hex(6)}"


def prepare(
    ws: Workspace,
    path: Path,
    *,
    recipe: str | None,
    now: datetime | None,
    name: str | None = None,
    overrides: Overrides = AS_READ,
) -> Prepared:
    """Read a file into staging and work out what saving it would change.

    Args:
        ws: The workspace.
        path: The file.
        recipe: Read it as this source instead of recognising it.
        now: Rows that lie in the future of this are rejected; None: no check.
        name: What the file's owner calls it; the path's name otherwise.
        overrides: What somebody said about how it is to be read.

    Raises:
        CancelledError: Somebody cancelled the job that this is part of.
        ImportRejectedError: It cannot be read, or no source has this header.
        UnknownNameError: There is no such recipe.
    """
    stage("Looking at the file")
    large = path.is_file() and path.stat().st_size > _LARGE
    staging = open_staging(ws.engine, ws.staging_folder, token=new_token(), large=large)
    try:
        read = read_table(
            ws.catalogue,
            path,
            scratch=staging.scratch,
            name=name or path.name,
            recipe=recipe,
            overrides=overrides,
            memory=partial(_remembered, ws),
        )
        sniffed, match, overrides = read.sniffed, read.match, read.overrides
        kind = None
        if isinstance(match.recipe, EventRecipe):
            kind = ws.catalogue.events[match.recipe.event]
            zone = ws.catalogue.organisation.time_zone
            plan = plan_events(
                match,
                match.recipe,
                kind,
                sniffed.samples,
                header=sniffed.file.header,
                zone=zone,
                preamble=sniffed.preamble,
                salt=read_salt(ws.home),
                file_name=read.table or name or path.name,
                known=ws.catalogue.organisation.known,
                overrides=overrides,
            )
        else:
            plan = plan_stated(
                match,
                match.recipe,
                sniffed.samples,
                header=sniffed.file.header,
                metrics={m.label.lower(): m.id for m in ws.catalogue.metrics.values()},
                preamble=sniffed.preamble,
                overrides=overrides,
            )
        prepare_tables(ws.engine, staging, kind)
        source = source_name(match.recipe, name or path.name) if overrides.replaces else None
        return _stage(ws, staging, read, plan, kind, now, source)
    except BaseException:
        close_staging(ws.engine, staging)
        raise


def prepare_anew(ws: Workspace, shown: Preview, *, now: datetime | None) -> Prepared:
    """Read the file of a preview once more, as it was read for that; the staging stays open.

    Args:
        ws: The workspace.
        shown: The preview.
        now: As given to the preview.
    """
    return prepare(
        ws,
        shown.path,
        recipe=shown.recipe,
        now=now,
        name=shown.file_name,
        overrides=shown.overrides,
    )


@contextmanager
def prepared_again(
    ws: Workspace, shown: Preview, *, now: datetime | None
) -> Iterator[tuple[sa.Connection, Prepared]]:
    """Read the file of a preview into a staging of its own, which is closed afterwards.

    Args:
        ws: The workspace.
        shown: The preview.
        now: As given to the preview.
    """
    prepared = prepare_anew(ws, shown, now=now)
    try:
        with ws.reading(prepared.staging) as connection:
            yield connection, prepared
    finally:
        close_staging(ws.engine, prepared.staging)


def _remembered(ws: Workspace, header: Sequence[str]) -> Remembered | None:
    """How files with these columns were read before, as long as that source is still declared.

    What was said before somebody added a recipe of their own for such files counts no more.
    """
    own = fitting_own(header, ws.catalogue)
    with ws.reading() as connection:
        found = read_mapping(connection, signature_of(header))
        added = read_valid_from(connection, kind="recipe", names=own)
    if found is None or found.recipe not in ws.catalogue.recipes:
        return None
    if added is not None and added > found.noted_at and found.recipe not in own:
        return None
    day = f"{found.noted_at.day} {found.noted_at:%B %Y}"
    return Remembered(
        recipe=found.recipe,
        said=found.said,
        sentence=f"Read as {found.actor} said on {day} (version {found.version}).",
    )


def _stage(
    ws: Workspace,
    staging: Staging,
    read: TableRead,
    plan: Plan,
    kind: EventKind | None,
    now: datetime | None,
    source: str | None,
) -> Prepared:
    """Stage a file that was read; ``source`` is whose earlier rows it replaces, if any."""
    sniffed, match = read.sniffed, read.match
    with ws.reading() as connection:
        tick = read_tick(connection)
    base = tick.as_of
    after = Tick(as_of=base + 1, undone=tick.undone)

    def changing(connection: sa.Connection) -> Change:
        return Change(
            connection=connection,
            staging=staging,
            catalogue=ws.catalogue,
            before=tick,
            tick=after,
            batch_id=base + 1,
        )

    latest = utc_naive(now) + _CLOCK_SLACK if now else None
    if not is_countable(sniffed.file):
        sniffed = _with_line_feeds(sniffed, staging)
    stage("Reading rows", size=sniffed.file.path.stat().st_size)
    try:
        rows, refused = apart(ws.engine, lambda c: _load(changing(c), sniffed, match, plan, latest))
    except sa.exc.DBAPIError as error:
        if not has_mixed_line_ends(error):
            raise
        sniffed = _with_line_feeds(sniffed, staging, said=_SEVERAL_ENDS)
        rows, refused = apart(ws.engine, lambda c: _load(changing(c), sniffed, match, plan, latest))
    if source is not None and refused:
        raise unplaced(len(refused))
    stage("Comparing the rows with what is stored", times_reading=0.7)
    if kind is not None and isinstance(match.recipe, EventRecipe):
        event_recipe = match.recipe
        problems = rows
        fates, gone = apart(
            ws.engine, lambda c: stage_events(changing(c), kind, rows, event_recipe, source)
        )
    else:
        zone = ws.catalogue.organisation.zone
        today = now.astimezone(zone).date() if now else None
        is_once = isinstance(match.recipe, TableRecipe) and match.recipe.one_row_each
        problems, fates, gone = apart(
            ws.engine,
            lambda c: stage_stated(
                changing(c), rows, today, source, is_once=is_once, adds=read.overrides.adds
            ),
        )
    with ws.reading(staging) as connection:
        total = connection.execute(sa.select(sa.func.count()).select_from(rows)).scalar_one()
        bad = connection.execute(
            sa.select(sa.func.count()).where(problems.c.problem.is_not(None))
        ).scalar_one()
    fates[RowFate.REJECTED] = int(bad) + len(refused)
    return Prepared(
        staging=staging,
        sniffed=sniffed,
        overrides=read.overrides,
        tables=read.tables,
        table=read.table,
        match=match,
        plan=plan,
        kind=kind,
        base=base,
        problems=problems,
        rows=int(total),
        split=_lines_split(ws, staging) if match.recipe.type in _WIDE else int(total),
        refused=refused,
        fates=fates,
        gone=gone,
    )


_SEVERAL_ENDS = "Lines end in several ways; each is read as the end of a line."


def _with_line_feeds(sniffed: Sniffed, staging: Staging, *, said: str = "") -> Sniffed:
    """The same file once its lines all end in the same way, with nothing above its data."""
    file = sniffed.file
    path = with_line_feeds(file.path, scratch=staging.scratch, above=file.lines_before)
    decisions = (*sniffed.decisions, said) if said else sniffed.decisions
    return replace(sniffed, file=replace(file, path=path), decisions=decisions)


def _load(
    change: Change, sniffed: Sniffed, match: Match, plan: Plan, latest: datetime | None
) -> tuple[sa.Table, list[tuple[int, str, str]]]:
    recipe = match.recipe
    missing = recipe.missing if isinstance(recipe, EventRecipe) else ("",)
    if recipe.type in _WIDE:
        rows = load_wide(
            change,
            sniffed.file,
            plan.fields,
            plan.numbers,
            segment=plan.segment,
            skips=plan.skips,
        )
        return rows, read_refused(change.connection, sniffed.file.path)
    return load_rows(
        change.connection,
        change.staging,
        sniffed.file,
        plan.fields,
        missing=missing,
        skips=plan.skips,
        keeps=plan.keeps,
        latest_instant=latest,
    )


def _lines_split(ws: Workspace, staging: Staging) -> int:
    """How many lines of a wide table could be split: it gives several rows a line."""
    with ws.reading(staging) as connection:
        cells = staging.table("cells")
        count = connection.execute(sa.select(sa.func.count()).select_from(cells)).scalar_one()
        drop_refused(connection)
    return int(count)

"""Rows of a file against what is stored: what is new, and which figures change with it."""

from collections.abc import Sequence
from datetime import date

import sqlalchemy as sa

from kpi_engine.catalogue.events import EventKind
from kpi_engine.catalogue.recipes import EventRecipe
from kpi_engine.errors import ImportRejectedError
from kpi_engine.job import stage
from kpi_engine.store import stated, tables
from kpi_engine.store.change import Change, touched_table
from kpi_engine.store.classify import (
    gather_events,
    stage_changes,
    touch_event_months,
    versions_of,
)
from kpi_engine.store.derivation import derive_facts
from kpi_engine.store.hours import derive_hours
from kpi_engine.store.leaves import place_events, place_named
from kpi_engine.store.refolding import derive_rollups, ranked_kinds
from kpi_engine.store.replacing import count_unplaced, stage_gone_events, stage_gone_facts
from kpi_engine.terms import RowFate

_FIGURES, _FIGURES_TIMES = "Working out which figures change", 2.0
"""How long it takes beside reading the file, as ten million tickets did."""


def stage_events(
    change: Change, kind: EventKind, rows: sa.Table, recipe: EventRecipe, source: str | None
) -> tuple[dict[RowFate, int], int]:
    """Stage the events that rows of a file make, and every figure that changes with them.

    Args:
        change: The change in the making.
        kind: Of the events.
        rows: The file's rows, typed.
        recipe: How they make events.
        source: Whose earlier events of the same days go where the file lacks them; None: they stay.

    Returns:
        How many rows are new, updated, identical and so on, and how many stored events go.

    Raises:
        ImportRejectedError: Rows of which nobody can tell which events they are cannot replace any.
    """
    table = tables.event_table(kind)
    incoming = gather_events(change, kind, rows, recipe.grouping)
    whole = recipe.grouping is not None and recipe.grouping.how == "sum"
    order = recipe.grouping.order_by if recipe.grouping else ()
    fates = stage_changes(change, table, kind.key, incoming, whole_rows=whole, order_by=order)
    gone = 0
    if source is not None:
        _refuse_unplaced(change, rows, kind.key)
        gone = stage_gone_events(change, kind, rows, source=source)
    stage(_FIGURES, times_reading=_FIGURES_TIMES)
    touched = touched_table(change.staging)
    change.staging.create(change.connection, touched)
    staged = change.staging.like(table)
    earlier = versions_of(table, kind.key, sa.select(staged).where(staged.c.is_update))
    touch_event_months(change, kind, staged, earlier)
    place_events(change, kind)
    derive_facts(change, kind)
    derive_hours(change, kind)
    fold_again(change, counted_parts(change, kind))
    return fates, gone


def stage_stated(
    change: Change,
    rows: sa.Table,
    today: date | None,
    source: str | None,
    *,
    is_once: bool,
    adds: bool,
) -> tuple[sa.Table, dict[RowFate, int], int]:
    """Stage the facts that rows of a file state, and every figure that changes with them.

    Args:
        change: The change in the making.
        rows: The file's rows, typed.
        today: Later periods are rejected; None: no check.
        source: Whose earlier facts of the same days go where the file lacks them; None: they stay.
        is_once: A measure, part and period may stand in the file once only.
        adds: Rows of the same measure, part and period are parts of one number.

    Returns:
        The rows with what is wrong with each, how many are new, updated, identical and so on, and
        how many stored facts go.

    Raises:
        ImportRejectedError: Rows of which nobody can tell which facts they are cannot replace any.
    """
    staged = change.staging.like(tables.fact)
    segments = place_named(change, stated.named_segments(rows, change))
    checked = stated.check_stated(change, rows, segments, today=today, is_once=is_once, adds=adds)
    incoming = stated.gather_facts(change, checked, adds=adds)
    fates = stage_changes(change, tables.fact, tables.FACT_KEY, incoming, whole_rows=adds)
    gone = 0
    if source is not None:
        _refuse_unplaced(change, checked, tables.FACT_KEY)
        gone = stage_gone_facts(change, checked, source=source)
    stage(_FIGURES, times_reading=_FIGURES_TIMES)
    change.staging.create(change.connection, touched_table(change.staging))
    fold_again(change, stated.touch_fact_months(change, staged))
    return checked, fates, gone


def _refuse_unplaced(change: Change, rows: sa.Table, key: Sequence[str]) -> None:
    count = count_unplaced(change, rows, key)
    if count:
        raise unplaced(count)


def unplaced(rows: int) -> ImportRejectedError:
    """Why a file cannot replace anything: some of its rows are not known to be any stored one."""
    these = "1 row" if rows == 1 else f"{rows} rows"
    return ImportRejectedError(
        f"This file cannot replace what is stored: of {these} nobody can tell which stored ones "
        "they are.",
        hint="Correct the file, or add it without replacing: its mistakes are then listed.",
    )


def counted_parts(change: Change, kind: EventKind) -> list[str]:
    """Names of the facts that events of a kind are counted into."""
    kinds = [kind, change.catalogue.events["outage"]] if kind.id == "check" else [kind]
    return [f"{one.id}.{name}" for one in kinds for name in one.counters]


def fold_again(change: Change, parts: list[str]) -> None:
    """Fold metrics again for which numbers were imported, also those that events are ranked for."""
    kinds = ranked_kinds(change.catalogue, parts)
    for kind in kinds:
        place_events(change, kind)
    derive_rollups(change, kinds, parts)

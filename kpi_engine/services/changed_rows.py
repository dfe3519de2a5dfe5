"""What is stored beside what a file would put in its place, cell by cell."""

import csv
import io
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from kpi_engine.actors import Actor
from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.recipes import EventRecipe
from kpi_engine.periods import period_label
from kpi_engine.services.import_results import ChangedCell, Preview
from kpi_engine.services.preparing import Prepared, prepared_again
from kpi_engine.services.reviewing import harmless
from kpi_engine.store.changed import FACT, ChangedRow, read_changed_rows
from kpi_engine.store.tables import event_table
from kpi_engine.terms import Grain, Role, RowFate
from kpi_engine.workspace import Workspace

SHOWN = 20
"""Changed rows that a preview shows; the others are in the download."""
HEADER = ("Row", "Column", "Stored", "In the file")
_HIDDEN = "(kept as a hash)"


def read_changed(
    connection: sa.Connection, prepared: Prepared, catalogue: Catalogue, *, limit: int | None
) -> tuple[ChangedCell, ...]:
    """Cells of the rows that are updated, in the order of their keys.

    Args:
        connection: To the store.
        prepared: The file.
        catalogue: Says what measures are called, and in which zone instants are told.
        limit: At most this many rows; None for all.
    """
    if not prepared.fates[RowFate.UPDATED]:
        return ()
    kind = prepared.kind
    table, key = (event_table(kind), kind.key) if kind else FACT
    rows = read_changed_rows(
        connection, prepared.staging, table, key, base=prepared.base, limit=limit
    )
    zone = catalogue.organisation.zone
    names, hidden = _columns(prepared), _hashed(prepared)
    found = []
    for row in rows:
        which = _fact_name(row, catalogue) if kind is None else _event_name(row, zone)
        for column, stored in row.stored.items():
            comes = row.comes[column]
            if stored == comes:
                continue
            is_hidden = column in hidden
            found.append(
                ChangedCell(
                    row=which,
                    column=_column_name(column, row, names),
                    stored=_HIDDEN if is_hidden else _text(stored, zone),
                    comes=_HIDDEN if is_hidden else _text(comes, zone),
                )
            )
    return tuple(found)


def changed_csv(
    ws: Workspace, shown: Preview, *, actor: Actor, now: datetime | None = None
) -> bytes:
    """Every changed cell of a file as CSV: which row, column, what is stored, what comes.

    Text that a spreadsheet would take for a formula is prefixed with an apostrophe.

    Args:
        ws: The workspace.
        shown: The preview.
        actor: Needs the role contributor.
        now: As given to the preview.

    Raises:
        NotAllowedError: The actor may not import.
    """
    actor.require(Role.CONTRIBUTOR, Role.STEWARD, to="read changed rows")
    with prepared_again(ws, shown, now=now) as (connection, prepared):
        cells = read_changed(connection, prepared, ws.catalogue, limit=None)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEADER)
    for cell in cells:
        writer.writerow(map(harmless, (cell.row, cell.column, cell.stored, cell.comes)))
    return out.getvalue().encode("utf-8-sig")


def _columns(prepared: Prepared) -> Mapping[str, str]:
    """What the file calls each field that it has."""
    header = prepared.sniffed.file.header
    return {name: header[at[0]] for name, at in prepared.match.positions.items() if at}


def _hashed(prepared: Prepared) -> set[str]:
    recipe = prepared.match.recipe
    if not isinstance(recipe, EventRecipe):
        return set()
    return {name for name, spec in recipe.fields.items() if spec.hashed}


def _event_name(row: ChangedRow, zone: ZoneInfo) -> str:
    return ", ".join(_text(value, zone) for value in row.key.values())


def _fact_name(row: ChangedRow, catalogue: Catalogue) -> str:
    """Which number: "Orders, Oct 2026"; with its part where it is not the total."""
    metric = catalogue.metrics.get(row.key["part"])
    label = metric.label if metric else str(row.key["part"])
    starts_in = catalogue.organisation.year_starts_in
    period = period_label(row.key["day"], Grain(row.key["grain"]), year_starts_in=starts_in)
    segment = row.key["segment_id"]
    return ", ".join([label, period] if segment == "all" else [label, segment, period])


def _column_name(column: str, row: ChangedRow, names: Mapping[str, str]) -> str:
    """What the file calls a column; a number without a denominator is a value."""
    is_plain = row.stored.get("denominator") is None and row.comes.get("denominator") is None
    if column == "numerator" and is_plain:
        return names.get("value", "value")
    return names.get(column, column)


def _text(value: Any, zone: ZoneInfo) -> str:
    """A stored cell as somebody reads it: instants in the organisation's zone."""
    if value is None:
        return "(empty)"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{value.replace(tzinfo=UTC).astimezone(zone):%Y-%m-%d %H:%M:%S}"
    if isinstance(value, date):
        return value.isoformat()
    return f"{value:.12g}" if isinstance(value, float) else str(value)

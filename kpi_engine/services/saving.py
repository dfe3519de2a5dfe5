"""What is looked at before it is saved: whether it still holds, and how it is saved."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from kpi_engine.actors import Actor
from kpi_engine.services.import_results import Preview, UndoPreview
from kpi_engine.store.definitions import record_definitions
from kpi_engine.store.engine import write
from kpi_engine.store.landing import BatchEntry, land, utc_naive
from kpi_engine.store.staging import Staging, close_staging
from kpi_engine.workspace import Workspace


def is_current(ws: Workspace, shown: Preview | UndoPreview) -> bool:
    """Whether neither the store nor the definitions have moved on since something was shown."""
    return (ws.newest(), ws.catalogue.fingerprint_of_numbers) == (shown.base, shown.definitions)


def area_of(ws: Workspace, shown: Preview | UndoPreview) -> Staging:
    """Where the rows lie that were staged for it."""
    return Staging(token=shown.token, path=ws.staging_folder / f"{shown.token}.duckdb")


@contextmanager
def dropped_if_prepared_anew(ws: Workspace, staging: Staging, token: str) -> Iterator[None]:
    """Where saving fails, keep what a preview staged, and nothing that its owner cannot name."""
    try:
        yield
    except BaseException:
        if staging.token != token:
            close_staging(ws.engine, staging)
        raise


def land_staged(
    ws: Workspace,
    staging: Staging,
    values: Mapping[str, Any],
    *,
    base: int,
    actor: Actor,
    now: datetime,
    note: str,
    also: Callable[[sa.Connection], None] | None = None,
) -> int:
    """Save what is staged as a batch, and what ``also`` writes with it; its number.

    Raises:
        StoreError: The store has moved on since ``base``.
    """
    at = utc_naive(now)
    entry = BatchEntry(
        values={"undoes": None, **values, "actor": actor.name, "accepted_at": at, "note": note},
        base=base,
    )

    def save(connection: sa.Connection) -> None:
        land(connection, staging, entry)
        record_definitions(connection, ws.catalogue.texts, at=at)
        if also is not None:
            also(connection)

    write(ws.engine, save)
    return entry.id

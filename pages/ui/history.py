"""Earlier imports, and how each is taken back."""

from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from kpi_engine.actors import Actor
from kpi_engine.periods import month_label
from kpi_engine.services import imports
from kpi_engine.services.import_results import Batch
from kpi_engine.terms import BatchKind, RowFate
from kpi_engine.words import imports as words
from kpi_engine.workspace import Workspace
from pages.ui.text import esc

NOTICE = "import_notice"
WANTED = "wanted_undo"
CLICK = "undo_click"


def notice(batch: Batch) -> None:
    """Remember what was just done, for the next run to say."""
    st.session_state[NOTICE] = batch


def show_notice() -> None:
    """Say what was just done, with the way back beside it."""
    batch: Batch | None = st.session_state.get(NOTICE)
    if batch is None:
        return
    is_undo = batch.kind is BatchKind.UNDO
    said = words.undone_message(batch) if is_undo else words.saved_message(batch)
    first, _, rest = said.partition(". ")
    st.success(f"**{esc(first.removesuffix('.'))}.** {esc(rest)}".strip(), icon=None)
    if not is_undo:
        st.button("Undo this save", on_click=_want, args=(batch.id,))


def take_back(ws: Workspace, *, actor: Actor) -> None:
    """Undo the batch somebody asked to undo in the last run, if any."""
    wanted: int | None = st.session_state.pop(WANTED, None)
    if wanted is not None:
        notice(imports.undo(ws, wanted, actor=actor, now=datetime.now(UTC)))


def show_history(ws: Workspace) -> None:
    """Every batch, newest first, with its undo."""
    batches = imports.batches(ws)
    st.subheader("Earlier imports", anchor=False)
    if not batches:
        st.caption("Nothing has been imported yet.")
        return
    zone = ZoneInfo(ws.catalogue.organisation.time_zone)
    config = st.column_config
    st.dataframe(
        pd.DataFrame([_row(ws, batch, zone) for batch in batches]),
        hide_index=True,
        alt="Earlier imports",
        column_config={
            "Result": config.TextColumn(width="medium"),
            "Undo": config.ButtonColumn(
                type="tertiary",
                key=CLICK,
                on_click=_want_row,
                args=([batch.id for batch in batches],),
            ),
        },
    )


def _row(ws: Workspace, batch: Batch, zone: ZoneInfo) -> dict[str, object]:
    at = batch.at.astimezone(zone)
    recipe = ws.catalogue.recipes.get(batch.recipe)
    return {
        "When": f"{at.day} {at:%b %Y %H:%M}",
        "By": batch.actor,
        "File": batch.file_name,
        "Kind": recipe.label if recipe else batch.kind.value.capitalize(),
        "New": batch.counts.get(RowFate.NEW, 0),
        "Changed": batch.counts.get(RowFate.UPDATED, 0),
        "Unchanged": batch.counts.get(RowFate.IDENTICAL, 0),
        "Rejected": batch.counts.get(RowFate.REJECTED, 0),
        "Months": _months(batch),
        "Result": words.batch_result(batch),
        "Undo": "Undo" if batch.undone_by is None and batch.kind is not BatchKind.UNDO else "",
    }


def _months(batch: Batch) -> str:
    if batch.first_day is None or batch.last_day is None:
        return "–"
    ends = [month_label(day, short=True) for day in (batch.first_day, batch.last_day)]
    return ends[0] if ends[0] == ends[1] else f"{ends[0]} to {ends[1]}"


def _want(batch_id: int) -> None:
    """Only note the wish: work that may fail belongs in the page, where errors become words."""
    st.session_state[WANTED] = batch_id


def _want_row(batch_ids: Sequence[int]) -> None:
    _want(batch_ids[st.session_state[CLICK].row])

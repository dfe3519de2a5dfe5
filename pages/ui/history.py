"""Earlier imports, each with the wish to take it back."""

from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from kpi_engine.fiscal import FiscalCalendar
from kpi_engine.periods import month_label
from kpi_engine.services import imports
from kpi_engine.services.import_results import Batch, Impact
from kpi_engine.terms import BatchKind, RowFate
from kpi_engine.units import format_count
from kpi_engine.words import imports as words
from kpi_engine.workspace import Workspace
from pages.ui.states import SCORECARD
from pages.ui.text import esc

NOTICE = "import_notice"
WANTED = "wanted_undo"
CLICK = "undo_click"
_COUNTS = ("New", "Changed", "Unchanged", "Rejected")
MOST_CHANGES = 3
"""Changed figures named after a save."""


def notice(batch: Batch, *, impacts: Sequence[Impact] = ()) -> None:
    """Remember what was just done, and which figures it changed, for the next run to say."""
    st.session_state[NOTICE] = batch, tuple(impacts)


def show_notice(ws: Workspace) -> None:
    """Say what was just done and what it changed, with the way back beside it."""
    if NOTICE not in st.session_state:
        return
    batch: Batch
    impacts: tuple[Impact, ...]
    batch, impacts = st.session_state[NOTICE]
    is_undo = batch.kind is BatchKind.UNDO
    if is_undo:
        brings_back = words.restored(batch, {one.id: one for one in imports.batches(ws)})
        said = words.undone_message(batch, brings_back=brings_back)
    else:
        said = words.saved_message(batch)
    first, _, rest = said.partition(". ")
    lines = [f"**{esc(first.removesuffix('.'))}.** {esc(rest)}".strip()]
    organisation = ws.catalogue.organisation
    for impact in impacts[:MOST_CHANGES]:
        metric = ws.catalogue.metric(impact.metric)
        lines.append(f"- {esc(words.change(impact, metric, organisation))}")
    if (more := len(impacts) - MOST_CHANGES) > 0:
        lines.append(f"- {format_count(more)} more {'figure' if more == 1 else 'figures'}")
    st.success("\n".join(lines), icon=None)
    with st.container(horizontal=True, vertical_alignment="center", key="after-saving"):
        if not is_undo:
            st.button("Undo this save", on_click=_want, args=(batch.id,))
        st.page_link(SCORECARD, label="Open the scorecard")


def show_history(ws: Workspace) -> None:
    """Every batch, newest first, with its undo."""
    batches = imports.batches(ws)
    st.subheader("Earlier imports", anchor=False)
    if not batches:
        st.caption("Nothing has been imported yet.")
        return
    zone = ws.catalogue.organisation.zone
    known = {batch.id: batch for batch in batches}
    config = st.column_config
    st.dataframe(
        pd.DataFrame([_row(ws, batch, known, zone) for batch in batches]),
        hide_index=True,
        alt="Earlier imports",
        column_config={
            **{name: config.NumberColumn(width=74) for name in _COUNTS},
            "File": config.TextColumn(width=180),
            "Note": config.TextColumn(width=90),
            "Kind": config.TextColumn(width=190),
            "Result": config.TextColumn(width=120),
            "Undo": config.ButtonColumn(
                type="tertiary",
                key=CLICK,
                on_click=_want_row,
                args=([batch.id for batch in batches],),
            ),
        },
    )


def _row(
    ws: Workspace, batch: Batch, known: Mapping[int, Batch], zone: ZoneInfo
) -> dict[str, object]:
    at = batch.at.astimezone(zone)
    recipe = ws.catalogue.recipes.get(batch.recipe)
    brings_back = words.restored(batch, known)
    return {
        "Batch": batch.id,
        "When": f"{at.day} {at:%b %Y %H:%M}",
        "Undo": _way_back(batch, brings_back),  # where a phone shows it
        "By": batch.actor,
        "File": batch.file_name,
        "Kind": words.batch_kind(batch, recipe.label if recipe else ""),
        "New": batch.counts.get(RowFate.NEW, 0),
        "Changed": batch.counts.get(RowFate.UPDATED, 0),
        "Unchanged": batch.counts.get(RowFate.IDENTICAL, 0),
        "Rejected": batch.counts.get(RowFate.REJECTED, 0),
        "Months": _months(batch, ws.catalogue.organisation.calendar),
        "Note": batch.note or "–",
        "Result": words.batch_result(batch, brings_back=brings_back),
    }


def _way_back(batch: Batch, brings_back: int | None) -> str:
    """What may be done about a batch; one that was brought back is undone in its own row."""
    if batch.undone_by is not None or brings_back is not None or batch.kind is BatchKind.EDIT:
        return ""
    return "Bring back" if batch.kind is BatchKind.UNDO else "Undo"


def _months(batch: Batch, calendar: FiscalCalendar) -> str:
    if batch.first_day is None or batch.last_day is None:
        return "–"
    days = (batch.first_day, batch.last_day)
    ends = [month_label(calendar.month_of(day), short=True) for day in days]
    return ends[0] if ends[0] == ends[1] else f"{ends[0]} to {ends[1]}"


def _want(batch_id: int) -> None:
    """Only note the wish: the page shows what it would change, and errors as words."""
    st.session_state[WANTED] = batch_id


def _want_row(batch_ids: Sequence[int]) -> None:
    _want(batch_ids[st.session_state[CLICK].row])

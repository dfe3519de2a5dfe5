"""Figures that no system exports, typed in beside the file."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import pandas as pd
import streamlit as st

from kpi_engine.actors import Actor
from kpi_engine.errors import ImportRejectedError
from kpi_engine.periods import month_label
from kpi_engine.services import manual
from kpi_engine.services.manual import Entry, Line
from kpi_engine.units import format_number
from kpi_engine.workspace import Workspace
from pages.ui import upload
from pages.ui.messages import sentence

_GIVEN = ("Measure", "Period", "Unit", "Now")
_ROW = ["metric", "period_text"]
_MONTH, _SEEN = "_manual_month", "_manual_seen"


def grid(ws: Workspace, *, actor: Actor) -> None:
    """A table of the figures that are stated, and the way to see what they would change."""
    st.subheader("Or type figures in", anchor=False)
    st.caption("Measures that are stated, not counted. Fill in what you know; the rest stays.")
    now = datetime.now(UTC)
    today = ws.catalogue.organisation.day_of(now)
    month = _pick_month(manual.months(ws, today=today))
    lines = manual.lines(ws, today=today, month=month)
    mine = [line for line in lines if actor.goes_by(line.owners)]
    if mine and st.toggle("Only mine", key="manual-mine"):
        lines = tuple(mine)
    st.session_state[_SEEN] = _entries(lines, month)
    if not st.button("Show what they would change", key="manual-show"):
        return
    _keep_typed()
    typed = list(st.session_state[upload.TYPED].values())
    try:
        shown = manual.preview(ws, typed, actor=actor, now=now, today=today)
        upload.hold(shown)
    except ImportRejectedError as refused:
        st.error(sentence(refused), icon=None)
        return
    st.rerun()


def _pick_month(months: Sequence[date]) -> date:
    """The month to type figures of; it stays what it was while what they change is looked at."""
    before = st.session_state.get(_MONTH)
    st.session_state["manual-month"] = before if before in months else months[0]
    chosen = st.selectbox(
        "Month, and the one before",
        months,
        format_func=month_label,
        key="manual-month",
        on_change=_change_month,
        width=220,
    )
    st.session_state[_MONTH] = chosen
    return chosen


def _change_month() -> None:
    st.session_state[_MONTH] = st.session_state["manual-month"]
    _keep_typed()


def _keep_typed() -> None:
    """What was typed stays, also that of other months, until it is saved."""
    seen: list[Entry] = st.session_state.get(_SEEN, [])
    before = st.session_state.get(upload.TYPED, {})
    st.session_state[upload.TYPED] = before | {(e.metric, e.period_text): e for e in seen}


def _entries(lines: Sequence[Line], month: date) -> list[Entry]:
    """One entry a line, as it now stands in the table; it begins with what was typed before."""
    before: dict[tuple[str, str], Entry] = st.session_state.get(upload.TYPED, {})
    empty = Entry(metric="", period_text="")
    rows = [_row(line, before.get((line.metric, line.period_text), empty)) for line in lines]
    column = st.column_config
    shown = st.data_editor(
        pd.DataFrame(rows).astype({"Value": float}),
        hide_index=True,
        disabled=_GIVEN,
        column_order=[name for name in rows[0] if name not in _ROW],
        column_config={
            # So narrow that on a phone the value can be typed without moving the table.
            "Measure": column.TextColumn(width=214),
            "Period": column.TextColumn(width=62),
            "Value": column.NumberColumn(width=68),
            "Unit": column.TextColumn(width=42),
            "Now": column.TextColumn(help="What is stored.", width=64, alignment="right"),
            "Not available": column.CheckboxColumn(width=105),
            "Reason": column.TextColumn(help="Why there is no value."),
            "Evidence": column.TextColumn(help="A link to where it can be checked."),
        },
        key=f"manual-{month:%Y-%m}-{len(rows)}-{st.session_state.get(upload.ROUND, 0)}",
        placeholder="",
        alt="Figures to type in",
    )
    return [_entry(row) for row in shown.to_dict("records")]


def _row(line: Line, typed: Entry) -> dict[str, Any]:
    return {
        "metric": line.metric,
        "period_text": line.period_text,
        "Measure": line.label,
        "Period": line.period_label,
        "Value": typed.value,
        "Unit": line.unit,
        "Now": "" if line.stored is None else format_number(line.stored, line.decimals),
        "Not available": typed.is_missing,
        "Reason": typed.reason,
        "Evidence": typed.evidence,
    }


def _entry(row: dict[Any, Any]) -> Entry:
    return Entry(
        metric=row["metric"],
        period_text=row["period_text"],
        value=None if pd.isna(row["Value"]) else float(row["Value"]),
        is_missing=bool(row["Not available"]),
        reason=row["Reason"] or "",
        evidence=row["Evidence"] or "",
    )

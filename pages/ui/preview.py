"""What saving a file would do, piece by piece, and the decision."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import PurePath
from typing import NoReturn

import pandas as pd
import streamlit as st

from kpi_engine.actors import Actor
from kpi_engine.charts.row_days import row_days_chart
from kpi_engine.errors import CancelledError, StoreError
from kpi_engine.findings import Finding
from kpi_engine.job import Job
from kpi_engine.services import imports
from kpi_engine.services.changed_rows import HEADER, changed_csv
from kpi_engine.services.import_results import Batch, Preview
from kpi_engine.terms import BatchKind, RowFate, Severity
from kpi_engine.units import format_count
from kpi_engine.words import imports as words
from kpi_engine.workspace import Workspace
from pages.ui import history, reading, sources, upload, working
from pages.ui.impacts import most_telling, show_impacts
from pages.ui.reading import Wish
from pages.ui.text import esc

FEW_ROWS = 12
"""Rejected rows that need no summary of their causes."""
WRAPPED_ROW = 76
"""Pixels a finding is high: its sentences wrap instead of being cut off."""


def show_step(ws: Workspace, held: Preview | None) -> None:
    """Where somebody is on the way from a file to the scorecard, and what it says so far."""
    if held is None:
        history.show_notice(ws)
        st.header("Drop an export, see what it would change, then save it.", anchor=False)
        st.progress(0.25, text="Step 1 of 4: choose a file. Nothing is saved until you press Save.")
    else:
        st.header(esc(words.headline(held)), anchor=False)
        st.progress(
            0.75, text="Step 3 of 4: check the rows. Nothing is saved until you press Save."
        )


def show_promise() -> None:
    """What will happen to a file, before there is one."""
    st.subheader("What happens to a file", anchor=False)
    st.markdown(
        "It is recognised by its header, every row is checked, and you see which figures of the "
        "scorecard would change. Rows with mistakes are listed with line, column and remedy; the "
        "others can be saved without them. Every save can be undone."
    )


def show_file(preview: Preview) -> None:
    """What kind of file it is, and how it was read."""
    st.markdown(esc(words.recognised(preview)))
    st.caption(esc(f"{' '.join(preview.decisions)} {words.fingerprint(preview)}"))


def show_days(preview: Preview) -> None:
    """On which days the file has rows, where that says more than its first and last day."""
    if len(preview.days) > 1:
        st.altair_chart(row_days_chart(preview.days), theme=None, alt=words.days_with_rows(preview))
        st.caption(esc(words.days_with_rows(preview)))


def show_reading(ws: Workspace, preview: Preview) -> Wish | None:
    """How the file was understood, and how somebody would rather have it read."""
    if preview.kind is BatchKind.MANUAL:
        st.caption(esc(preview.note))
        return None
    show_file(preview)
    show_days(preview)
    sources.about(ws, preview)
    wishes = [
        reading.replaces(preview),
        reading.adds(ws, preview),
        reading.read_differently(ws, preview),
    ]
    st.subheader("2 Columns", anchor=False)
    wishes.append(reading.columns_editor(ws, preview))
    sources.save_as_recipe(ws, preview)
    return next((wish for wish in wishes if wish is not None), None)


def show_rows(ws: Workspace, preview: Preview, *, actor: Actor) -> None:
    """The rows of the file by what would become of them; mistakes first when there are any."""
    st.subheader("3 Rows", anchor=False)
    labels = {
        fate: f"{words.FATES[fate].word} {format_count(count)}"
        for fate, count in preview.counts.items()
    }
    by_urgency = (RowFate.REJECTED, *preview.counts)
    first = next((fate for fate in by_urgency if preview.counts[fate]), RowFate.NEW)
    fate = st.segmented_control(
        "Rows by result",
        list(labels),
        format_func=labels.__getitem__,
        default=first,
        required=True,
        key=f"fate-{preview.token}",
        label_visibility="collapsed",
    )
    st.caption(words.FATES[fate].meaning)
    if preview.gone:
        st.markdown(f"**{esc(words.taken_out(preview))}**")
    if fate is RowFate.REJECTED and preview.counts[fate]:
        if preview.counts[fate] > FEW_ROWS:
            _show_causes(preview)
        _show_findings(preview, Severity.ERROR, name="Rejected rows")
    if fate is RowFate.UPDATED and preview.changed:
        _show_changed(ws, preview, actor=actor)
    _show_warnings(preview)


def _show_changed(ws: Workspace, preview: Preview, *, actor: Actor) -> None:
    """What is stored of the changed rows beside what comes, and all of it as a download."""
    column = st.column_config.TextColumn
    rows = [(cell.row, cell.column, cell.stored, cell.comes) for cell in preview.changed]
    st.dataframe(
        pd.DataFrame(rows, columns=list(HEADER)),
        hide_index=True,
        alt="Changed rows",
        column_config=dict(
            zip(HEADER, (column(width=w) for w in (170, 120, 150, 150)), strict=True)
        ),
    )
    if said := words.changed_sentence(preview):
        st.caption(esc(said))
    changed = preview.counts[RowFate.UPDATED]
    st.download_button(
        f"Download {words.rows(changed)} that {'changes' if changed == 1 else 'change'}",
        lambda: changed_csv(ws, preview, actor=actor, now=datetime.now(UTC)),
        file_name=f"{PurePath(preview.file_name).stem}-changed.csv",
        mime="text/csv",
        on_click="ignore",
    )


def _show_causes(preview: Preview) -> None:
    causes = [f"{format_count(count)} × {cause}" for cause, count in preview.finding_counts]
    st.markdown(esc("; ".join(causes)))


def _show_warnings(preview: Preview) -> None:
    if any(found.severity is not Severity.ERROR for found in preview.findings):
        st.markdown("**Worth a look.** These rows are saved all the same.")
        _show_findings(preview, Severity.WARNING, name="Warnings")


def _show_findings(preview: Preview, severity: Severity, *, name: str) -> None:
    shown = [
        found
        for found in preview.findings
        if (found.severity is Severity.ERROR) == (severity is Severity.ERROR)
    ]
    column = st.column_config.TextColumn
    st.dataframe(
        _findings(shown),
        hide_index=True,
        alt=name,
        row_height=WRAPPED_ROW,
        column_config={
            "Line": column(width=50),
            "Column": column(width=90),
            "Value": column(width=100),
            "Why": column(width=190),
            "What you can do": column(width=190),
        },
    )


def _findings(findings: Sequence[Finding]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Line": ["–" if found.line is None else str(found.line) for found in findings],
            "Column": [found.place or "–" for found in findings],
            "Value": [_cell(found.value) for found in findings],
            "Why": [found.sentence for found in findings],
            "What you can do": [found.next_step or "–" for found in findings],
        }
    )


def _cell(value: str | None) -> str:
    """A cell of the file; a finding about a whole row has none."""
    return "–" if value is None else value or "(empty)"


def show_impact(ws: Workspace, preview: Preview) -> None:
    """What saving would change on the scorecard."""
    st.subheader("4 What will change on the scorecard", anchor=False)
    show_impacts(ws, preview.impacts, after="After saving")


def decide(ws: Workspace, preview: Preview, *, actor: Actor) -> None:
    """Save, download what was rejected, or cancel."""
    saved = preview.counts[RowFate.NEW] + preview.counts[RowFate.UPDATED]
    rejected = preview.counts[RowFate.REJECTED]
    if saved and rejected:
        st.caption(esc(words.choice(saved, rejected)))
    with st.container(horizontal=True, vertical_alignment="center", key="decision"):
        label = words.save_label(preview)
        wants_save = label and st.button(label, type="primary")
        if rejected:
            st.download_button(
                f"Download {words.rows(rejected)} that {'was' if rejected == 1 else 'were'} "
                "rejected",
                lambda: imports.rejected_csv(ws, preview, actor=actor, now=datetime.now(UTC)),
                file_name=f"{PurePath(preview.file_name).stem}-rejected.csv",
                mime="text/csv",
                on_click="ignore",
            )
        wants_out = st.button("Cancel", type="tertiary")
    if wants_save:
        _save(ws, preview, actor=actor)
    if wants_out:
        upload.forget(ws, actor=actor)
        upload.done()
        st.rerun()


def _save(ws: Workspace, preview: Preview, *, actor: Actor) -> NoReturn:
    def work() -> Batch | None:
        batch = imports.commit(ws, preview, actor=actor, now=datetime.now(UTC))
        preview.path.unlink(missing_ok=True)
        return batch

    working.begin(
        f"Saving {preview.file_name}",
        work,
        finish=partial(_saved, preview),
        is_large=preview.size > working.LARGE,
    )
    st.rerun()


def _saved(preview: Preview, job: Job[Batch | None]) -> None:
    """Say what was saved; what was cancelled or overtaken can be looked at again."""
    try:
        batch = job.result()
    except CancelledError:
        upload.say("**Cancelled: nothing was saved.** What saving would change is still shown.")
        return
    except StoreError as error:
        upload.set_aside(error)
        return
    if batch is not None:
        history.notice(batch, impacts=most_telling(preview.impacts))
    if preview.kind is BatchKind.MANUAL:
        upload.forget_typed()
    upload.done()

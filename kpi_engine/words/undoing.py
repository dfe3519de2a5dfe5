"""Taking a batch back, in words: what is asked before it is done."""

from datetime import tzinfo

from kpi_engine.services.import_results import UndoPreview
from kpi_engine.terms import BatchKind, RowFate
from kpi_engine.units import format_count
from kpi_engine.words.imports import rows
from kpi_engine.words.reading import day_text, joined


def question(shown: UndoPreview) -> str:
    """What is asked: "Undo batch 12?"."""
    number = shown.root.id
    return f"Bring batch {number} back?" if shown.brings_back else f"Undo batch {number}?"


def which(shown: UndoPreview, zone: tzinfo) -> str:
    """Which batch that is: "incidents_oct.csv, saved on 3 Nov 2026 by S. Iyer"."""
    batch = shown.root
    name = "What was typed in" if batch.kind is BatchKind.MANUAL else batch.file_name
    at = day_text(batch.at.astimezone(zone).date())
    return f"{name or batch.kind.value}, saved on {at} by {batch.actor}."


def rows_sentence(shown: UndoPreview) -> str:
    """What becomes of the rows that the batch brought or took out."""
    counts, gone = shown.root.counts, shown.root.gone
    new, changed = counts.get(RowFate.NEW, 0), counts.get(RowFate.UPDATED, 0)
    parts = [f"{format_count(new)} new"] if new else []
    parts += [f"{format_count(changed)} changed"] if changed else []
    said = []
    if parts:
        its = f"Its {joined(parts)} {'row' if new + changed == 1 else 'rows'}"
        said.append(f"{its} will {'count again' if shown.brings_back else 'no longer count'}.")
    if changed and not shown.brings_back:
        said.append("A changed row will be what it was before.")
    if gone:
        back = "be taken out again" if shown.brings_back else "come back"
        said.append(f"{rows(gone)} that it took out will {back}.")
    return " ".join(said) or "It brought no rows."


def button(shown: UndoPreview) -> str:
    """What is pressed to do it."""
    if shown.brings_back:
        return "Bring this import back"
    return "Undo this entry" if shown.root.kind is BatchKind.MANUAL else "Undo this import"


def way_out(shown: UndoPreview) -> str:
    """What is pressed to leave everything as it is."""
    return "Leave it out" if shown.brings_back else "Keep it"


PROMISE = "Nothing is deleted: an import that was undone can be brought back at any time."
"""Said below what would change."""

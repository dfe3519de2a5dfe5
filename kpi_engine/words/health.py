"""Can the numbers be trusted? Freshness and coverage in words."""

from collections.abc import Mapping
from dataclasses import dataclass

from kpi_engine.periods import month_label
from kpi_engine.services.coverage_grid import Cell
from kpi_engine.services.health import Health, SourceFreshness


@dataclass(frozen=True, kw_only=True)
class CellWord:
    """How the state of one metric's month is said."""

    letter: str
    word: str


CELLS: Mapping[Cell, CellWord] = {
    "complete": CellWord(letter="", word="complete"),
    "late": CellWord(letter="L", word="arrived late"),
    "restated": CellWord(letter="R", word="restated"),
    "changed": CellWord(letter="C", word="changed after its closing day"),
    "partial": CellWord(letter="P", word="provisional"),
    "missing": CellWord(letter="×", word="missing"),
    "not_due": CellWord(letter="–", word="not due"),
}

LEGEND = (
    "Plain: complete. L: arrived late. R: restated since it was published. "
    "C: changed after its closing day, never published. P: provisional. ×: missing. –: not due."
)
_HERE = ("complete", "late", "restated", "changed")
_NOT_HERE: tuple[tuple[Cell, str], ...] = (("partial", "provisional"), ("missing", "missing"))


def headline(health: Health) -> str:
    """How complete the newest month is."""
    if not health.metrics or not health.months:
        return "No data have arrived yet."
    newest = [metric.cells[-1] for metric in health.metrics if metric.cells]
    due: list[Cell] = [cell for cell in newest if cell != "not_due"]
    month = month_label(health.months[-1])
    here = sum(cell in _HERE for cell in due)
    if here == len(due):
        return f"All {len(due)} measures are complete for {month}.{_late(health)}"
    start = f"{here} of {len(due)} measures are complete for {month}."
    counts = [
        f"{count} {'is' if count == 1 else 'are'} {word}"
        for cell, word in _NOT_HERE
        if (count := due.count(cell))
    ]
    rest = " and ".join(counts)
    return f"{start} {rest[:1].upper()}{rest[1:]}.{_late(health)}"


def source_state(source: SourceFreshness) -> str:
    """Shape and word: "● Fresh" or "▲ 2 days late"."""
    if source.days_late <= 0:
        return "● Fresh"
    return f"▲ {source.days_late} day{'' if source.days_late == 1 else 's'} late"


def coverage_alt(health: Health) -> str:
    """The coverage grid in sentences, for those who do not see it."""
    if not health.months:
        return "No months to show."
    gaps = [
        f"{metric.label}: {CELLS[cell].word} in {month_label(month)}"
        for metric in health.metrics
        for month, cell in zip(health.months, metric.cells, strict=True)
        if cell not in ("complete", "not_due")
    ]
    span = f"{month_label(health.months[0])} to {month_label(health.months[-1])}"
    start = f"{len(health.metrics)} measures, {span}."
    return f"{start} {'; '.join(gaps)}." if gaps else f"{start} Every month is complete."


def _late(health: Health) -> str:
    late = sum(source.days_late > 0 for source in health.sources)
    if late == 0:
        return ""
    return " One source is late." if late == 1 else f" {late} sources are late."

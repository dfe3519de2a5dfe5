"""What the command line prints: answers on standard output, messages on standard error."""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from kpi_engine import job
from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.findings import Finding
from kpi_engine.services.import_results import Impact, Preview
from kpi_engine.words import imports as import_words
from kpi_engine.words import judgement
from kpi_engine.words import reading as reading_words

_OUT = Console(highlight=False, markup=False)
_ERR = Console(stderr=True, highlight=False, markup=False)
_LOOK_SECONDS = 0.2

Result = TypeVar("Result")
_Table = tuple[Sequence[str], Sequence[Sequence[str]]]
"""Its header, and its rows."""


def note(sentence: str) -> None:
    """A message, which is no part of the answer."""
    _ERR.print(sentence)


def line(text: str) -> None:
    """A line of the answer."""
    _OUT.print(text)


def raw(document: bytes) -> None:
    """The answer, byte by byte: a document that is meant for a file."""
    sys.stdout.buffer.write(document)
    sys.stdout.flush()


def answer(document: Any, *, as_json: bool, said: str = "", table: _Table | None = None) -> None:
    """The answer: one JSON document, or else a sentence and a table, where there are any."""
    if as_json:
        print(json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False))
        return
    if said:
        line(said)
    if table:
        _draw(*table)


def _draw(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    drawn = Table(*header, box=None)
    for row in rows:
        drawn.add_row(*row)
    _OUT.print(drawn)


def show_findings(findings: Sequence[Finding]) -> None:
    """What was found, a message each: where, what, and what to do."""
    for finding in findings:
        at = f", line {finding.line}" if finding.line else ""
        value = f" ({finding.value})" if finding.value else ""
        note(f"{finding.place}{at}{value}: {finding.sentence} {finding.next_step}".strip())


def show_preview(shown: Preview, catalogue: Catalogue) -> None:
    """How a file is read, what saving it changes, and what was found in it."""
    for decision in shown.decisions:
        line(f"  {decision}")
    show_impacts(shown.impacts, catalogue)
    show_findings(shown.findings)


def show_impacts(impacts: Sequence[Impact], catalogue: Catalogue) -> None:
    """The figures that change, as they are and as they would be."""
    rows = [
        (
            i.label,
            import_words.impact_period(i, catalogue.metric(i.metric), catalogue.organisation),
            _value(i.stored, i, catalogue),
            _value(i.after, i, catalogue),
            judgement.STATUS[i.status_after].word,
        )
        for i in impacts
    ]
    _draw(("Measure", "Period", "Now", "After", "Status after"), rows)
    if also := import_words.worked_out_sentence(impacts, catalogue):
        line(also)


def _value(value: float | None, impact: Impact, catalogue: Catalogue) -> str:
    if value is None:
        return "no data"
    metric = catalogue.metric(impact.metric)
    return reading_words.number_text(value, metric, currency=catalogue.organisation.currency)


def bar_of_files() -> Progress:
    """A bar for work that goes file by file."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return Progress(*columns, TimeRemainingColumn(), console=_ERR)


def watched(work: Callable[[], Result]) -> Result:
    """Do something long; say on standard error how far it is, and let Ctrl-C cancel it.

    Raises:
        CancelledError: Ctrl-C came in time.
    """
    work_apart = job.Job(work).start()
    with telling() as tell:
        while True:
            try:
                if work_apart.wait(_LOOK_SECONDS):
                    return work_apart.result()
                tell(work_apart.progress())
            except KeyboardInterrupt:
                work_apart.cancel()


@contextmanager
def telling() -> Iterator[Callable[[job.Progress], None]]:
    """What says on standard error how far some work is."""
    columns = (BarColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=_ERR, transient=True, disable=not _ERR.is_terminal) as bar:
        task = bar.add_task("", total=None)

        def tell(far: job.Progress) -> None:
            total = None if far.share is None else 1.0
            said = import_words.how_far(far)
            bar.update(task, description=said, completed=far.share or 0.0, total=total)

        yield tell

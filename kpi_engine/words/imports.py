"""Files in, in words: what was read, what would be saved, what somebody must look at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.metrics import Metric
from kpi_engine.catalogue.organisation import Organisation
from kpi_engine.job import Progress
from kpi_engine.periods import month_label, quarter_label
from kpi_engine.services.changed_rows import SHOWN
from kpi_engine.services.dwa import DWA, INPUTS
from kpi_engine.services.import_results import NOT_USED, UNKNOWN_COLUMNS, Batch, Impact, Preview
from kpi_engine.terms import BatchKind, Grain, RowFate
from kpi_engine.units import format_count, format_value
from kpi_engine.words.reading import day_text, joined


@dataclass(frozen=True, kw_only=True)
class FateWord:
    """How one fate of a row is said, and what it means."""

    word: str
    meaning: str


FATES: Mapping[RowFate, FateWord] = {
    RowFate.NEW: FateWord(word="New", meaning="Not here yet; will be saved."),
    RowFate.UPDATED: FateWord(word="Changed", meaning="Here with another value; will be saved."),
    RowFate.IDENTICAL: FateWord(word="Unchanged", meaning="Already here, exactly like this."),
    RowFate.DUPLICATE: FateWord(
        word="Repeated", meaning="Stands more than once in the file; one of them counts."
    ),
    RowFate.REJECTED: FateWord(word="Rejected", meaning="Cannot be used until it is corrected."),
}


def headline(preview: Preview) -> str:
    """What was read and what will become of it.

    Every row of the file is in exactly one part of the sentence.
    """
    counts = preview.counts
    saved = counts[RowFate.NEW] + counts[RowFate.UPDATED]
    read = f"{rows(preview.rows_read)} read"
    if preview.same_file_batch is not None and preview.changes_nothing:
        return f"{read}: this exact file is already here, nothing will change."
    if preview.missing:
        rest = "" if preview.rows_read == 0 else headline(replace(preview, missing=0))
        return f"{rest} {_missing(preview.missing)}".strip()
    if preview.rows_read == 0:
        return "The file has no rows below its header."
    unknown = sum(column.how == NOT_USED for column in preview.columns)
    idle = not (saved or counts[RowFate.REJECTED])
    if (
        idle
        and unknown
        and not preview.gone
        and any(f.sentence == UNKNOWN_COLUMNS for f in preview.findings)
    ):
        columns = "1 column was" if unknown == 1 else f"{format_count(unknown)} columns were"
        return f"{read}: {columns} not recognised, nothing to save."
    if saved == 0 and counts[RowFate.IDENTICAL] == preview.rows_read:
        rest = f", but {gone}" if (gone := taken_out(preview)) else ", nothing will change."
        return f"{read}: all of them are already here{rest}"
    parts = [f"{format_count(saved)} can be saved" if saved else "none can be saved"]
    parts += [
        f"{format_count(counts[fate])} {said[0] if counts[fate] == 1 else said[1]}"
        for fate, said in _PARTS
        if counts[fate]
    ]
    again = ""
    if preview.same_file_batch is not None:
        again = (
            f" This file was saved before as batch {preview.same_file_batch} and corrected since."
        )
    gone = f" Besides, {taken_out(preview)}" if preview.gone else ""
    return f"{read}: {', '.join(parts)}.{gone}{again}"


def _missing(count: int) -> str:
    none = "1 figure is" if count == 1 else f"{format_count(count)} figures are"
    return f"{none} said not to be available; the reason is kept."


def taken_out(preview: Preview) -> str:
    """What saving takes out, as the end of a sentence; empty where it takes out nothing."""
    if not preview.gone:
        return ""
    verb = "is missing here and" if preview.gone == 1 else "are missing here and"
    return f"{rows(preview.gone)} brought earlier {verb} will be taken out."


def save_label(preview: Preview) -> str:
    """What the button says that saves: "Save 14 rows and take out 3"; empty if nothing changes."""
    saved = preview.counts[RowFate.NEW] + preview.counts[RowFate.UPDATED]
    if preview.missing:
        reasons = "1 reason" if preview.missing == 1 else f"{format_count(preview.missing)} reasons"
        return f"Save {rows(saved)} and {reasons}" if saved else f"Save {reasons}"
    if not preview.gone:
        return f"Save {rows(saved)}" if saved else ""
    if not saved:
        return f"Take out {rows(preview.gone)}"
    return f"Save {rows(saved)} and take out {format_count(preview.gone)}"


_PARTS: tuple[tuple[RowFate, tuple[str, str]], ...] = (
    (RowFate.IDENTICAL, ("is already here", "are already here")),
    (RowFate.DUPLICATE, ("repeats another row", "repeat other rows")),
    (RowFate.REJECTED, ("needs you", "need you")),
)


def recognised(preview: Preview) -> str:
    """Which kind of file it is: "Recognised as ServiceNow incident export, 412 kB"."""
    days = ""
    if preview.first_day and preview.last_day:
        days = f", {day_text(preview.first_day)} to {day_text(preview.last_day)}"
    return (
        f"{preview.file_name}, {_size(preview.size)}, {rows(preview.rows_read)}{days}. "
        f"Recognised as {preview.recipe_label}."
    )


def saved_message(batch: Batch) -> str:
    """What was saved, and that it can be taken back."""
    counts = batch.counts
    saved = counts.get(RowFate.NEW, 0) + counts.get(RowFate.UPDATED, 0)
    done = [f"{rows(saved)} saved"] if saved else []
    if batch.gone:
        done.append(f"{rows(batch.gone)} taken out")
    if batch.kind is BatchKind.MANUAL and not done:
        done.append("Reasons kept")
    if not done:
        return "Nothing was saved: every row was already here."
    return f"{joined(done)} as batch {batch.id}. You can undo this here or in the history."


def restored(batch: Batch, known: Mapping[int, Batch]) -> int | None:
    """The batch that counts again because an undo was itself undone; None for anything else.

    Args:
        batch: One line of the history.
        known: Every batch by its number.
    """
    undos, root = 0, batch
    while root.undoes is not None:
        undos, root = undos + 1, known[root.undoes]
    return root.id if undos and undos % 2 == 0 else None


def undone_message(batch: Batch, *, brings_back: int | None = None) -> str:
    """What an undo did; ``brings_back`` is the batch that counts again through it."""
    if brings_back is not None:
        return f"Batch {brings_back} is back. Its rows count again."
    return f"Batch {batch.undoes} is undone. Every figure is as it was before it."


def batch_kind(batch: Batch, recipe_label: str) -> str:
    """What was added: the kind of file, or that it was typed in."""
    if batch.kind is BatchKind.MANUAL:
        return "Typed in"
    if batch.kind is BatchKind.EDIT:
        return "Definitions"
    return recipe_label or batch.kind.value.capitalize()


def batch_result(batch: Batch, *, brings_back: int | None = None) -> str:
    """How one line of the history ended; ``brings_back`` as for ``undone_message``."""
    if batch.undone_by is not None:
        return f"Undone by batch {batch.undone_by}"
    if brings_back is not None:
        return f"Brought back batch {brings_back}"
    if batch.kind is BatchKind.UNDO:
        return f"Took back batch {batch.undoes}"
    rejected = batch.counts.get(RowFate.REJECTED, 0)
    parts = ["Saved"]
    parts += [f"{format_count(rejected)} left out"] if rejected else []
    parts += [f"{format_count(batch.gone)} taken out"] if batch.gone else []
    return ", ".join(parts)


def impact_sentence(impacts: Sequence[Impact]) -> str:
    """How many figures would change, and how many judgements with them."""
    changed = len(impacts)
    if changed == 0:
        return "No figure on the scorecard will change."
    flips = sum(impact.flips for impact in impacts)
    figures = "1 figure" if changed == 1 else f"{format_count(changed)} figures"
    parts = [f"{figures} will change"]
    if flips:
        parts.append("1 status with it" if flips == 1 else f"{format_count(flips)} statuses too")
    return f"{joined(parts)}."


def worked_out_sentence(impacts: Sequence[Impact], catalogue: Catalogue) -> str:
    """What may move with the figures although it is not among them; empty where nothing may."""
    is_shown = any(link.driver == DWA for link in catalogue.links.values())
    if not is_shown or all(one.metric not in INPUTS for one in impacts):
        return ""
    return (
        f"{catalogue.metric(DWA).label} is worked out from outages and orders when it is read: it "
        "may change too."
    )


def changed_sentence(preview: Preview) -> str:
    """How many of the changed rows are shown, where there are more: "The first 20 of 1,204 ..."."""
    total, shown = preview.counts[RowFate.UPDATED], len({cell.row for cell in preview.changed})
    if shown < SHOWN or shown >= total:
        return ""
    return f"The first {format_count(shown)} of {rows(total).replace('row', 'changed row')}."


def published_warning(impacts: Sequence[Impact], catalogue: Catalogue) -> str:
    """That figures of published months would change; empty where none would."""
    moved = sorted((i for i in impacts if i.is_published), key=lambda impact: impact.month)
    periods = dict.fromkeys(
        impact_period(i, catalogue.metric(i.metric), catalogue.organisation) for i in moved
    )
    if not periods:
        return ""
    are, its = ("is", "Its edition keeps its") if len(periods) == 1 else _SEVERAL
    return (
        f"{joined(periods)} {are} already published. {its} figures; what changes is listed beside "
        "them as restated."
    )


_SEVERAL = "are", "Their editions keep their"


def choice(saved: int, rejected: int) -> str:
    """What saving part of a file means."""
    good = "1 row is good" if saved == 1 else f"{format_count(saved)} rows are good"
    stays = "1 row stays" if rejected == 1 else f"{format_count(rejected)} rows stay"
    return (
        f"{good} and can be saved; {stays} out. Or cancel, correct the file and add it again: "
        "no row counts twice."
    )


def days_with_rows(preview: Preview) -> str:
    """How many days of its time a file has rows for: "Rows on 29 of 31 days"."""
    if not preview.days:
        return "No day has rows."
    first, last = preview.days[0][0], preview.days[-1][0]
    span = (last - first).days + 1
    return f"Rows on {format_count(len(preview.days))} of {format_count(span)} days."


def fingerprint(preview: Preview) -> str:
    """What tells the file from every other, short enough to compare by eye."""
    return f"Fingerprint of the file: {preview.sha256[:12]}…"


def change(impact: Impact, metric: Metric, organisation: Organisation) -> str:
    """One figure before and after: "Checkout success, Oct 2026: 96.1 % before, 96.4 % now"."""
    period = impact_period(impact, metric, organisation)
    before, after = before_and_after(impact, metric, organisation)
    return f"{impact.label}, {period}: {before} before, {after} now"


def before_and_after(impact: Impact, metric: Metric, organisation: Organisation) -> tuple[str, str]:
    """A figure as it stands and after saving, with as many digits as tell the two apart.

    And each from target and red line, so that no number contradicts its status.
    """
    two = (impact.stored, impact.after)
    known = [value for value in two if value is not None]
    before, after = (
        format_value(
            value,
            unit=metric.unit,
            decimals=metric.decimals,
            currency=organisation.currency,
            bounds=[*(other for other in known if other != value), *impact.bounds],
        )
        for value in two
    )
    return before, after


def impact_period(impact: Impact, metric: Metric, organisation: Organisation) -> str:
    """When a changed figure is from: "Oct 2026"; "Q3 2026" where it is kept by the quarter."""
    if metric.cadence is Grain.QUARTER:
        return quarter_label(impact.month, year_starts_in=organisation.year_starts_in)
    return month_label(impact.month, short=True)


def how_far(progress: Progress) -> str:
    """What a job is doing, and what can be said of how long that will take.

    "Reading rows: 31% of 512.0 MB, 48.1 MB a second, about 10 seconds left of this"; where
    nothing tells how much is left, how long it has taken: "Saving, 4 s".
    """
    if progress.is_cancelled:
        return "Cancelling"
    said = progress.stage or "Starting"
    if progress.share is None:
        parts = [f"{said}, {progress.seconds:.0f}\u202fs"]
    else:
        parts = [f"{said}: {progress.share:.0%} of {_size(progress.size)}"]
    if progress.bytes_per_second is not None:
        parts.append(f"{_size(round(progress.bytes_per_second))} a second")
    if progress.seconds_left is not None:
        parts.append(f"about {_duration(progress.seconds_left)} left of this")
    return ", ".join(parts)


def _duration(seconds: float) -> str:
    """A time that is only roughly known: "5 seconds", "20 seconds", "3 minutes"."""
    if seconds < 90:
        step = 1 if seconds < 10 else 10
        whole = max(1, step * round(seconds / step))
        return "1 second" if whole == 1 else f"{whole} seconds"
    return f"{round(seconds / 60)} minutes"


def rows(count: int) -> str:
    """A number of rows: "1 row", "1,408 rows"."""
    return "1 row" if count == 1 else f"{format_count(count)} rows"


def _size(size: int) -> str:
    if size < 1000:
        return f"{size} bytes"
    if size < 1_000_000:
        return f"{size / 1000:.0f}\u202fkB"
    return f"{size / 1_000_000:.1f}\u202fMB"

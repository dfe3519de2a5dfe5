"""What an import shows: a preview before it is saved, a batch after."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from kpi_engine.findings import Finding
from kpi_engine.imports.overrides import Overrides
from kpi_engine.terms import BatchKind, RowFate, Status

NOT_USED = "not used"
"""How a column was understood that nothing is read from."""
HASHED = "personal, kept as a hash"
"""How a column was understood that only tells people apart."""
UNKNOWN_COLUMNS = "No measure is called this, so these columns are not used."
"""What is found where a whole table has columns that no measure is called after."""


@dataclass(frozen=True, kw_only=True)
class ColumnMatch:
    """How one column of the file was understood.

    Attributes:
        column: As the file calls it.
        meaning: Our field; empty when the column is not used.
        samples: Up to three different cells of it, as they stand; none of a personal one.
        empty: Share of the sampled rows in which it is empty, 0 to 1.
        how: "same name", "similar name", "not used", "personal, left out" or ``HASHED``.
    """

    column: str
    meaning: str
    samples: tuple[str, ...]
    empty: float
    how: str


_JUDGED = {Status.ON_TARGET, Status.NEAR_TARGET, Status.OFF_TARGET}


@dataclass(frozen=True, kw_only=True)
class Impact:
    """What would change for one metric in one month, or one quarter if it is kept by the quarter.

    Attributes:
        segment: Members, where a link looks at one segment of it; empty over all.
        month: First day of the month or quarter.
        stored: Value now; None when there is none.
        after: Value after saving; None when it would vanish.
        status_before: Status now.
        status_after: Status after saving.
        is_published: Whether an edition of that month has been published; it keeps its figures.
        bounds: Target and red line, between which its status changes.
    """

    metric: str
    segment: Mapping[str, str] = field(default_factory=dict)
    label: str
    month: date
    stored: float | None
    after: float | None
    status_before: Status
    status_after: Status
    is_published: bool = False
    bounds: tuple[float, ...] = ()

    @property
    def flips(self) -> bool:
        """Whether the status changes; that there is data now of what is not judged is no change."""
        statuses = {self.status_before, self.status_after}
        return len(statuses) > 1 and bool(statuses & _JUDGED)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {**asdict(self), "month": self.month.isoformat(), "flips": self.flips}


@dataclass(frozen=True, kw_only=True)
class ChangedCell:
    """One cell of an event or fact that is stored otherwise, as text.

    Attributes:
        row: Which event or number it is.
        column: As the file calls it, or else as it is stored.
        stored: What stands there now.
        comes: What saving would put in its place.
    """

    row: str
    column: str
    stored: str
    comes: str


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What saving a file would do. Nothing is saved until it is committed.

    Attributes:
        token: Names the staged rows; ``commit`` and ``discard`` take the preview.
        base: The tick this was compared with.
        definitions: Fingerprint of those by which it was worked out.
        gone: Stored events or facts that would be taken out, because their source sends all it
            has for these days and they are not in it.
        decisions: How the file was read, each with its evidence, in plain sentences.
        counts: Rows of the file by fate; they add up to ``rows_read``.
        is_named: Somebody said which source it is.
        is_reviewed: Findings, days and figures were worked out, for somebody to look at.
        overrides: What somebody said about how the file is to be read.
        kind: What the batch will be.
        missing: Figures that are said not to be available; ``note`` says why.
        note: What is kept with the batch in words.
        tables: Names of the tables of the file; one that is empty where the file is the table.
        table: The one that is read.
        findings: Rejected rows and warnings, at most 1,000, in file order.
        finding_counts: How often each kind of finding occurs in the whole file, most first.
        days: Good rows by the day they speak of, oldest first.
        changed: Cells of the first updated rows, beside what is stored.
        first_day: First day touched; None when nothing would be saved.
        same_file_batch: The batch that already brought this exact file in; None if none did.
    """

    token: str
    path: Path
    file_name: str
    size: int
    sha256: str
    recipe: str
    recipe_version: int
    recipe_label: str
    tables: tuple[str, ...]
    table: str
    overrides: Overrides
    decisions: tuple[str, ...]
    columns: tuple[ColumnMatch, ...]
    rows_read: int
    counts: dict[RowFate, int]
    findings: tuple[Finding, ...]
    finding_counts: tuple[tuple[str, int], ...]
    impacts: tuple[Impact, ...]
    days: tuple[tuple[date, int], ...]
    first_day: date | None
    last_day: date | None
    base: int
    definitions: str
    same_file_batch: int | None
    changed: tuple[ChangedCell, ...] = ()
    gone: int = 0
    is_named: bool = False
    is_reviewed: bool = False
    kind: BatchKind = BatchKind.IMPORT
    missing: int = 0
    note: str = ""

    @property
    def changes_nothing(self) -> bool:
        """Whether saving would leave the store as it is."""
        changes = self.counts[RowFate.NEW] + self.counts[RowFate.UPDATED] + self.gone
        return not (changes or self.missing)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        plain = asdict(self)
        plain["path"] = str(self.path)
        plain["counts"] = {fate.value: count for fate, count in self.counts.items()}
        plain["impacts"] = [impact.to_dict() for impact in self.impacts]
        plain["days"] = [(day.isoformat(), rows) for day, rows in self.days]
        for key in ("first_day", "last_day"):
            plain[key] = plain[key].isoformat() if plain[key] else None
        return plain


@dataclass(frozen=True, kw_only=True)
class Batch:
    """One accepted change, as its history line shows it.

    Attributes:
        at: When it was accepted (UTC).
        gone: Stored events or facts it took out.
        undoes: The batch it takes back; None for anything but an undo.
        undone_by: The batch that took this one back and still stands; None when it counts.
    """

    id: int
    kind: BatchKind
    at: datetime
    actor: str
    file_name: str
    sha256: str
    recipe: str
    recipe_version: int
    rows_read: int
    counts: dict[RowFate, int]
    first_day: date | None
    last_day: date | None
    note: str
    undoes: int | None
    undone_by: int | None
    gone: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        plain = asdict(self)
        plain["at"] = self.at.isoformat()
        plain["counts"] = {fate.value: count for fate, count in self.counts.items()}
        for key in ("first_day", "last_day"):
            plain[key] = plain[key].isoformat() if plain[key] else None
        return plain


@dataclass(frozen=True, kw_only=True)
class UndoPreview:
    """What taking a batch back would do. Nothing is saved until it is committed.

    Attributes:
        token: Names the staged figures; ``commit`` and ``discard`` take the preview.
        base: The tick this was compared with.
        definitions: Fingerprint of those by which it was worked out.
        batch: The batch to take back, which may itself be an undo.
        root: The batch whose rows stop or start counting; ``batch`` itself, unless that is an undo.
        brings_back: Whether the rows of ``root`` start counting again.
        impacts: Figures that change, outcomes of the scorecard first, newest month first.
    """

    token: str
    base: int
    definitions: str
    batch: Batch
    root: Batch
    brings_back: bool
    impacts: tuple[Impact, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "token": self.token,
            "base": self.base,
            "definitions": self.definitions,
            "batch": self.batch.to_dict(),
            "root": self.root.to_dict(),
            "brings_back": self.brings_back,
            "impacts": [impact.to_dict() for impact in self.impacts],
        }

"""What becomes of each file of a folder: ``python -m tests.imports.table_of_files`` writes it down.

Every file is dropped on an empty store; nothing is saved.
"""

import shutil
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from kpi_engine.errors import ImportRejectedError, UnknownHeaderError
from kpi_engine.services import imports
from kpi_engine.services.import_results import Preview
from kpi_engine.terms import RowFate
from kpi_engine.workspace import Workspace
from tests.desk import ME, NOW

PAGE = Path(__file__).parents[2] / "docs" / "imports.md"
OURS = Path(__file__).parent / "exports"
PUBLIC = Path(__file__).parents[3] / "shared" / "data" / "public"
_LONGEST = 400
_COLUMNS = "| File | Recognised as | Rows | New | Changed | Unchanged | Repeated | Rejected | How |"
HEAD = """# What becomes of real files

Each file is dropped on an empty store, without a word about what it is. It is recognised, or it is
refused with a sentence that says why and what to do. Rows are always new + changed + unchanged +
repeated + rejected; "repeated" rows speak of something that a later row of the file speaks of too.
Nothing is changed without a sentence under "How".

Whether a day or a month comes first is decided by all dates of a file with the same marks between
their parts: one that can only be read one way settles it for every column, unless another can only
be read the other way; until something does, a notice names it. Where rows of one event differ and
nothing says which is the newest, the last counts and the event is named. Figures that no file has
are typed in, for any of the last 24 months.
"""
SECTIONS = {
    "Exports written by hand": "They follow what each tool writes, with its traps in them; "
    "they lie in `tests/imports/exports`.",
    "Files that others published": "Real exports and public test files for readers of CSV: "
    "ServiceNow log of UCI 498, Online Retail of UCI 352, upptime and cloud-uptime-archive, NAB, "
    "GOV.UK, PhonePe, and the damaged files of csv-spectrum, csvkit, messytables, frictionless, "
    "DuckDB and qsv.",
}


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a file was taken for.

    Attributes:
        name: Its path below the folder.
        preview: What saving it would do; None when it was refused.
        refusal: Why, and what to do.
    """

    name: str
    preview: Preview | None = None
    refusal: str = ""

    def line(self) -> str:
        """A row of the table."""
        if self.preview is None:
            cells = [self.name, "refused", *[""] * 6, self.refusal]
        else:
            counts = [str(self.preview.counts[fate]) for fate in RowFate]
            findings = (finding.sentence for finding in self.preview.findings)
            said = " ".join(dict.fromkeys([*self.preview.decisions, *findings]))
            cells = [
                self.name,
                self.preview.recipe_label,
                str(self.preview.rows_read),
                *counts,
                said,
            ]
        return f"| {' | '.join(_harmless(cell) for cell in cells)} |"


def _harmless(cell: str) -> str:
    text = " ".join(cell.split())
    if len(text) > _LONGEST:
        text = text[:_LONGEST].rsplit(" ", 1)[0] + " …"
    return text.replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*")


def tell(folder: Path) -> Iterator[Told]:
    """Drop every file of a folder on an empty store."""
    with tempfile.TemporaryDirectory() as scratch:
        ws = Workspace.open(Path(scratch) / "home")
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.suffix != ".md":
                yield _told(ws, path, str(path.relative_to(folder)))
        ws.close()
        shutil.rmtree(scratch, ignore_errors=True)


def _told(ws: Workspace, path: Path, name: str) -> Told:
    try:
        preview = imports.preview(ws, path, actor=ME, now=NOW)
    except UnknownHeaderError as refusal:
        return Told(name=name, refusal=" ".join([str(refusal), *refusal.decisions]))
    except ImportRejectedError as refusal:
        return Told(name=name, refusal=str(refusal))
    imports.discard(ws, preview, actor=ME)
    return Told(name=name, preview=preview)


def section(title: str, told: Iterable[Told]) -> str:
    """One section of the page: what becomes of each file of a folder."""
    rows = "\n".join(one.line() for one in told)
    rule = "|---" * _COLUMNS.count(" | ") + "|---|"
    return f"\n## {title}\n\n{SECTIONS[title]}\n\n{_COLUMNS}\n{rule}\n{rows}\n"


def main() -> None:
    """Write the page again."""
    pairs = zip(SECTIONS, (OURS, PUBLIC), strict=True)
    text = "".join(section(title, tell(folder)) for title, folder in pairs)
    PAGE.write_text(HEAD + text, encoding="utf-8")


if __name__ == "__main__":
    main()

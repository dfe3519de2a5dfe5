"""What becomes of each file of a folder, as a table: ``python -m tests.imports.table_of_files``.

Every file is dropped on an empty store of its own; nothing is saved.
"""

import argparse
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kpi_engine.errors import ImportRejectedError, UnknownHeaderError
from kpi_engine.services import imports
from kpi_engine.services.import_results import Preview
from kpi_engine.terms import RowFate
from kpi_engine.workspace import Workspace
from tests.desk import ME, NOW

HEAD = """# What becomes of real files

Each file is dropped on an empty store, without a word about what it is. It is recognised, or it is
refused with a sentence that says why and what to do. Rows read are always new + changed +
unchanged + repeated + rejected. Made by `python -m tests.imports.table_of_files FOLDER`.

| File | Recognised as | Rows | New | Changed | Unchanged | Repeated | Rejected | How and why |
|---|---|---|---|---|---|---|---|---|
"""


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
            said = " ".join(self.preview.decisions)
            cells = [
                self.name,
                self.preview.recipe_label,
                str(self.preview.rows_read),
                *counts,
                said,
            ]
        return f"| {' | '.join(_harmless(cell) for cell in cells)} |"


def _harmless(cell: str) -> str:
    return " ".join(cell.split()).replace("|", "\\|").replace("<", "&lt;")[:400]


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


def main() -> None:
    """Print the table of a folder."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    print(HEAD + "\n".join(told.line() for told in tell(folder)))  # noqa: T201


if __name__ == "__main__":
    main()

"""From a file to the table in it that is read: opened, understood, recognised."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.declared import nearest
from kpi_engine.catalogue.recipes import EventRecipe, TableRecipe
from kpi_engine.errors import ImportRejectedError, UnknownHeaderError, UnknownNameError
from kpi_engine.imports.decoding import decode
from kpi_engine.imports.matching import (
    Match,
    column_index,
    is_known,
    plain,
    readable_fields,
    recognise,
)
from kpi_engine.imports.opening import Opened, open_tables
from kpi_engine.imports.overrides import AS_READ, Overrides
from kpi_engine.imports.sniff import Sniffed, file_hash, sniff
from kpi_engine.imports.stacked import LARGEST, Part, stacked


@dataclass(frozen=True, kw_only=True)
class TableRead:
    """The table of a file that is read.

    Attributes:
        sniffed: How its text was understood.
        match: Which source it is.
        overrides: What was said about it, now or before.
        table: Its name; empty when the file is the table.
        tables: Names of all tables of the file.
    """

    sniffed: Sniffed
    match: Match
    overrides: Overrides
    table: str
    tables: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Remembered:
    """How a source was read before.

    Attributes:
        recipe: The source it was read as.
        said: What was said about it, as plain values.
        sentence: When and by whom, for the reader.
    """

    recipe: str
    said: Mapping[str, Any]
    sentence: str


Memory = Callable[[Sequence[str]], Remembered | None]
"""What is remembered of a source with these column names."""


def _nothing(_header: Sequence[str]) -> None:
    """There is no memory."""


def read_table(
    catalogue: Catalogue,
    path: Path,
    *,
    scratch: Path,
    name: str,
    recipe: str | None = None,
    overrides: Overrides = AS_READ,
    memory: Memory = _nothing,
) -> TableRead:
    """Open a file and find out which of its tables is to be read, and what it is.

    The table that was named; else the first that a known source has.

    Args:
        catalogue: Holds the recipes.
        path: The file as it was given.
        scratch: Folder for unpacked copies.
        name: What its owner calls it.
        recipe: Read it as this source.
        overrides: What somebody said about it.
        memory: What was said before about a source.

    Raises:
        ImportRejectedError: It cannot be read, or has no table of the name.
        UnknownHeaderError: No source has the header of any of its tables.
        UnknownNameError: There is no such recipe, or no such field in it.
    """
    reader = _Reader(
        catalogue=catalogue,
        path=path,
        scratch=scratch,
        name=name,
        recipe=recipe,
        overrides=overrides,
    )
    opened = reader.tables()
    names = tuple(table.name for table in opened)
    wanted = [table for table in opened if overrides.table in ("", table.name)]
    if not wanted:
        missing = ImportRejectedError(
            f"{name} holds no table called '{overrides.table}'.",
            hint=f"It holds {', '.join(names)}.",
        )
        missing.tables = names
        raise missing
    refusals: list[ImportRejectedError] = []
    for table in wanted:
        try:
            sniffed, match, known, said = reader.understood(table, memory)
        except ImportRejectedError as refusal:
            refusals.append(refusal)
            continue
        return TableRead(
            sniffed=_noted(_below_header(sniffed, match, name), table, names, known),
            match=match,
            overrides=said,
            table=table.name,
            tables=names,
        )
    refused = next((r for r in refusals if isinstance(r, UnknownHeaderError)), refusals[0])
    refused.tables = names
    raise refused


@dataclass(frozen=True, kw_only=True)
class _Reader:
    """One file, and what is known about how it is to be read."""

    catalogue: Catalogue
    path: Path
    scratch: Path
    name: str
    recipe: str | None
    overrides: Overrides

    def knows(self, header: Sequence[str]) -> bool:
        """Whether a row is the header of a source that is known (of the one named)."""
        return is_known(header, self.catalogue, recipe=self.recipe)

    def tables(self) -> tuple[Opened, ...]:
        """Every table of the file, those that stand one below the other in a text included."""
        opened = open_tables(self.path, self.name, scratch=self.scratch)
        return tuple(part for table in opened for part in self._parts(table))

    def _parts(self, table: Opened) -> list[Opened]:
        if self.overrides.header_line or table.path.stat().st_size > LARGEST:
            return [table]
        try:
            text = self._decoded(table)
        except ImportRejectedError:
            return [table]
        found = stacked(text, delimiter=self.overrides.delimiter, knows=self.knows)
        return [self._part(table, text, part) for part in found] or [table]

    def _decoded(self, table: Opened) -> Path:
        encoding = "" if table.is_utf8 else self.overrides.encoding
        return decode(table.path, self.name, scratch=self.scratch, encoding=encoding).path

    def _part(self, table: Opened, text: Path, part: Part) -> Opened:
        """The text up to the end of a table: its lines keep their numbers."""
        place = f"lines {part.header_line} to {part.last_line}"
        copy = self.scratch / f"{text.name}.{part.header_line}"
        with text.open(encoding="utf-8", newline="") as stream:
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text("".join(islice(stream, part.last_line)), encoding="utf-8", newline="")
        return replace(
            table,
            name=f"{table.name}, {place}" if table.name else place,
            path=copy,
            header_line=part.header_line,
        )

    def understood(
        self, table: Opened, memory: Memory
    ) -> tuple[Sniffed, Match, Remembered | None, Overrides]:
        """How a table's text is split, which source it is, and what is remembered of that."""
        sniffed = self._sniffed(table)
        known = memory(sniffed.file.header)
        said = self.overrides.filled(known.said) if known else self.overrides
        _check_columns(self.overrides.columns, sniffed)
        recipe = self.recipe or (known.recipe if known else None)
        try:
            match = recognise(
                sniffed.file.header, self.catalogue, recipe=recipe, columns=said.columns
            )
        except UnknownHeaderError as refusal:
            refusal.header, refusal.samples = sniffed.file.header, sniffed.samples
            refusal.decisions = sniffed.decisions
            raise
        _check_fields(self.overrides.columns, match, self.catalogue)
        return sniffed, match, known, said

    def _sniffed(self, table: Opened) -> Sniffed:
        said = replace(self.overrides, encoding="") if table.is_utf8 else self.overrides
        if table.header_line:
            said = replace(said, header_line=table.header_line)
        sniffed = sniff(
            table.path,
            scratch=self.scratch,
            name=f"{self.name}: {table.name}" if table.name else self.name,
            overrides=said,
            knows=self.knows,
        )
        sniffed = replace(
            sniffed,
            decisions=(*table.decisions, *sniffed.decisions),
            findings=(*table.findings, *sniffed.findings),
        )
        if table.path == self.path:
            return sniffed
        size, fingerprint = self.path.stat().st_size, file_hash(self.path)
        return replace(sniffed, size=size, sha256=fingerprint)


def _check_columns(columns: Mapping[str, str], sniffed: Sniffed) -> None:
    """Refuse a column that somebody named and the file lacks."""
    header = sniffed.file.header
    for column in columns.values():
        if column and column_index(header, column) is None:
            raise ImportRejectedError(
                f"The file has no column called '{column}'.", hint=nearest(column, header).strip()
            )


def _check_fields(columns: Mapping[str, str], match: Match, catalogue: Catalogue) -> None:
    """Refuse a field that the source lacks, and a column that names people."""
    known = readable_fields(match.recipe, catalogue)
    for field in columns:
        if field not in known:
            raise UnknownNameError("field", field, known)
    personal = {plain(name) for name in match.recipe.personal}
    for field, column in columns.items():
        if plain(column) in personal and not _is_hashed(match.recipe, field):
            raise ImportRejectedError(
                f"The column '{column}' names people and is never stored, so it cannot be read as "
                f"{field}.",
                hint="Choose another column, or none.",
            )


def _is_hashed(recipe: EventRecipe | TableRecipe, field: str) -> bool:
    """Whether only what tells people apart is kept of a field."""
    return isinstance(recipe, EventRecipe) and recipe.fields[field].hashed


def _below_header(sniffed: Sniffed, match: Match, name: str) -> Sniffed:
    """Past the further rows that the names of some sources take."""
    rows = match.recipe.header_rows - 1 if isinstance(match.recipe, EventRecipe) else 0
    if rows and len(sniffed.samples) <= rows:
        raise ImportRejectedError(
            f"{name} has a header and no rows.", hint="Choose a period that has data."
        )
    return sniffed.below(rows)


def _noted(
    sniffed: Sniffed, table: Opened, names: Sequence[str], known: Remembered | None
) -> Sniffed:
    """With what was chosen and what was remembered among the decisions."""
    said = [known.sentence] if known else []
    others = [name for name in names if name != table.name]
    if others:
        shown = ", ".join(others[:5]) + (" and more" if len(others) > 5 else "")
        said.insert(0, f"This is the table {table.name}; the file also holds {shown}.")
    return replace(sniffed, decisions=(*said, *sniffed.decisions))

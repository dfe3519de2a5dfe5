"""From a file to the table in it that is read: opened, understood, recognised."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.recipes import EventRecipe
from kpi_engine.errors import ImportRejectedError, UnknownHeaderError
from kpi_engine.imports.matching import Match, is_known, recognise
from kpi_engine.imports.opening import Opened, open_tables
from kpi_engine.imports.overrides import AS_READ, Overrides
from kpi_engine.imports.sniff import Sniffed, file_hash, sniff


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
        UnknownNameError: There is no such recipe.
    """
    opened = open_tables(path, name, scratch=scratch)
    names = tuple(table.name for table in opened)
    wanted = [table for table in opened if overrides.table in ("", table.name)]
    if not wanted:
        raise ImportRejectedError(
            f"{name} holds no table called '{overrides.table}'.",
            hint=f"It holds {', '.join(names)}.",
        )
    refusals: list[ImportRejectedError] = []
    for table in wanted:
        try:
            sniffed = _sniffed(catalogue, table, path, scratch, name, recipe, overrides)
            known = memory(sniffed.file.header)
            said = overrides.filled(known.said) if known else overrides
            wanted_recipe = recipe or (known.recipe if known else None)
            match = recognise(
                sniffed.file.header, catalogue, recipe=wanted_recipe, columns=said.columns
            )
        except UnknownHeaderError as refusal:
            refusal.header, refusal.samples = sniffed.file.header, sniffed.samples
            refusals.append(refusal)
            continue
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
    raise next((r for r in refusals if isinstance(r, UnknownHeaderError)), refusals[0])


def _sniffed(
    catalogue: Catalogue,
    table: Opened,
    path: Path,
    scratch: Path,
    name: str,
    recipe: str | None,
    overrides: Overrides,
) -> Sniffed:
    def knows(header: Sequence[str]) -> bool:
        return is_known(header, catalogue, recipe=recipe)

    is_copy = table.path != path
    sniffed = sniff(
        table.path,
        scratch=scratch,
        name=f"{name}: {table.name}" if table.name else name,
        overrides=replace(overrides, encoding="") if table.is_utf8 else overrides,
        knows=knows,
    )
    decisions = (*table.decisions, *sniffed.decisions)
    if not is_copy:
        return replace(sniffed, decisions=decisions)
    return replace(sniffed, decisions=decisions, size=path.stat().st_size, sha256=file_hash(path))


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

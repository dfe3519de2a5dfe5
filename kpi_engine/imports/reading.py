"""From a file to the table in it that is read: opened, understood, recognised."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

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
        table: Its name; empty when the file is the table.
        tables: Names of all tables of the file.
    """

    sniffed: Sniffed
    match: Match
    table: str
    tables: tuple[str, ...]


def read_table(
    catalogue: Catalogue,
    path: Path,
    *,
    scratch: Path,
    name: str,
    recipe: str | None = None,
    overrides: Overrides = AS_READ,
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
            match = recognise(
                sniffed.file.header, catalogue, recipe=recipe, columns=overrides.columns
            )
        except ImportRejectedError as refusal:
            refusals.append(refusal)
            continue
        return TableRead(
            sniffed=_with_choice(_below_header(sniffed, match, name), table, names),
            match=match,
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


def _with_choice(sniffed: Sniffed, table: Opened, names: Sequence[str]) -> Sniffed:
    others = [name for name in names if name != table.name]
    if not others:
        return sniffed
    shown = ", ".join(others[:5]) + (" and more" if len(others) > 5 else "")
    said = f"This is the table {table.name}; the file also holds {shown}."
    return replace(sniffed, decisions=(said, *sniffed.decisions))

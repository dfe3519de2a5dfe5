"""What a preview shows of a prepared file: columns, findings, days."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.recipes import EventRecipe
from kpi_engine.findings import Finding
from kpi_engine.imports.lines import line_numbers
from kpi_engine.imports.matching import needed_columns, plain
from kpi_engine.imports.reasons import REASONS, rejected_cell, split_kind
from kpi_engine.services.import_results import HASHED, NOT_USED
from kpi_engine.services.preparing import Prepared
from kpi_engine.store import impact
from kpi_engine.store.rejects import RejectedRow, count_problems, read_rejected_rows
from kpi_engine.terms import Severity
from kpi_engine.units import format_count

_PLAIN_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?")
_SHOWN = 1000
_SAMPLES = 3


def columns(prepared: Prepared) -> list[dict[str, Any]]:
    """How each column of the file was understood, in file order."""
    recipe, header = prepared.match.recipe, prepared.sniffed.file.header
    meanings: dict[int, str] = {}
    for name, positions in prepared.match.positions.items():
        for position in positions:
            meanings.setdefault(position, name)
    personal = {plain(name) for name in recipe.personal}
    found = []
    for index, column in enumerate(header):
        cells = [row[index].strip() for row in prepared.sniffed.samples if index < len(row)]
        filled = [cell for cell in cells if cell]
        meaning = meanings.get(index, "")
        is_hashed = _is_hashed(recipe, meaning)
        hidden = is_hashed or (not meaning and plain(column) in personal)
        found.append(
            {
                "column": column,
                "meaning": meaning,
                "samples": () if hidden else samples_of(filled),
                "empty": 1 - len(filled) / len(cells) if cells else 0.0,
                "how": HASHED if is_hashed else _how(column, meaning, recipe, hidden=hidden),
            }
        )
    return found


def samples_of(cells: Sequence[str]) -> tuple[str, ...]:
    """The first three different cells."""
    return tuple(cell[:80] for cell in list(dict.fromkeys(cells))[:_SAMPLES])


def _is_hashed(recipe: Any, meaning: str) -> bool:
    spec = recipe.fields.get(meaning) if isinstance(recipe, EventRecipe) else None
    return spec is not None and spec.hashed


def _how(column: str, meaning: str, recipe: Any, *, hidden: bool) -> str:
    if hidden:
        return "personal, left out"
    if not meaning:
        return NOT_USED
    spec = recipe.fields.get(meaning) if isinstance(recipe, EventRecipe) else None
    names = {name for group in needed_columns(spec) for name in group} if spec else {meaning}
    return "same name" if column in names else "similar name"


def _label(prepared: Prepared, field: str, position: str | None) -> tuple[int | None, str]:
    """Index and name of the column a problem is about."""
    header = prepared.sniffed.file.header
    if field == "line":
        return None, "whole line"
    if position is not None:
        return int(position), header[int(position)]
    at = prepared.match.positions.get(field, ())
    return (at[0], header[at[0]]) if at else (None, field)


def read_findings(connection: sa.Connection, prepared: Prepared) -> list[Finding]:
    """The first rejected cells and unsplit lines, in file order."""
    rows = read_rejected_rows(connection, prepared.staging, prepared.problems, limit=_SHOWN)
    refused = [line for line, _, _ in prepared.refused]
    lines = line_numbers(
        prepared.sniffed.file, [r.row for r in rows], total=prepared.split, refused=refused
    )
    findings = [
        finding for row in rows for finding in _cell_findings(prepared, row, lines.get(row.row))
    ]
    findings += [_line_finding(line, text, error) for line, text, error in prepared.refused]
    findings.sort(key=lambda finding: finding.line or 0)
    return findings[:_SHOWN]


def _cell_findings(prepared: Prepared, row: RejectedRow, line: int | None) -> list[Finding]:
    found = []
    types = {field.name: field.of for field in prepared.plan.fields}
    for problem in row.problems:
        field, kind, *rest = problem.split("|")
        index, column = _label(prepared, field, rest[0] if rest else None)
        text = row.cells[index] if index is not None and index < len(row.cells) else None
        found.append(
            rejected_cell(
                kind,
                column=column,
                of=types.get(field, "text"),
                line=line or 0,
                value=(text or "")[:200],
            )
        )
    return found


def _line_finding(line: int, text: str, error: str) -> Finding:
    reason = REASONS[split_kind(error)]
    below = text.rstrip("\r\n").count("\n")
    lines = "1 line below it was" if below == 1 else f"{format_count(below)} lines below it were"
    taken = f" {lines} taken for a part of it." if below else ""
    return Finding(
        severity=Severity.ERROR,
        place="whole line",
        sentence=reason.sentence + taken,
        next_step=reason.next_step,
        line=line,
        value=text[:200],
    )


def count_findings(connection: sa.Connection, prepared: Prepared) -> list[tuple[str, int]]:
    """Sentences with how often they apply in the whole file, most first."""
    totals: dict[str, int] = {}
    types = {field.name: field.of for field in prepared.plan.fields}
    for problem, count in count_problems(connection, prepared.problems):
        field, kind, *rest = problem.split("|")
        _, column = _label(prepared, field, rest[0] if rest else None)
        cell = rejected_cell(kind, column=column, of=types.get(field, "text"), line=0, value="")
        sentence = f"{column}: {cell.sentence}"
        totals[sentence] = totals.get(sentence, 0) + count
    for _, _, error in prepared.refused:
        sentence = REASONS[split_kind(error)].sentence
        totals[sentence] = totals.get(sentence, 0) + 1
    return sorted(totals.items(), key=lambda pair: -pair[1])


def read_days(
    connection: sa.Connection, prepared: Prepared, catalogue: Catalogue
) -> tuple[date | None, date | None]:
    """First and last day that the new and updated rows speak of."""
    return impact.read_days(connection, prepared.staging, prepared.kind, catalogue.organisation)


def read_rejected(
    connection: sa.Connection, prepared: Prepared
) -> tuple[tuple[str, ...], list[tuple[int, tuple[str, ...], str]]]:
    """Header, and every rejected row: line, cells, what is wrong with it."""
    rows = read_rejected_rows(connection, prepared.staging, prepared.problems, limit=None)
    refused = [line for line, _, _ in prepared.refused]
    lines = line_numbers(
        prepared.sniffed.file, [r.row for r in rows], total=prepared.split, refused=refused
    )
    found = []
    for row in rows:
        cells = _cell_findings(prepared, row, lines.get(row.row))
        error = " ".join(f"{c.place}: {c.sentence} {c.next_step}" for c in cells)
        found.append((lines.get(row.row, 0), tuple(text or "" for text in row.cells), error))
    for line, text, error in prepared.refused:
        reason = REASONS[split_kind(error)]
        found.append((line, (text,), f"{reason.sentence} {reason.next_step}"))
    return prepared.sniffed.file.header, sorted(found)


def harmless(cell: str) -> str:
    """Text that a spreadsheet does not take for a formula; a plain number stays as it is."""
    if _PLAIN_NUMBER.fullmatch(cell):
        return cell
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell

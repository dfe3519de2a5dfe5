"""From a matched header to the fields that are loaded: types, date patterns, zones."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from kpi_engine.catalogue.events import ColumnType, EventKind
from kpi_engine.catalogue.recipes import EventRecipe, FieldSpec
from kpi_engine.errors import ImportRejectedError
from kpi_engine.imports.instants import dated
from kpi_engine.imports.matching import Match, plain
from kpi_engine.imports.numerals import Written, written
from kpi_engine.imports.overrides import AS_READ, Overrides
from kpi_engine.store.loading import EPOCH, EPOCH_MILLI, ISO_ZONE, Field, Skip
from kpi_engine.store.numerals import PLAIN, Numerals

_TIDY: dict[str, ColumnType] = {
    "period": "text",
    "metric": "text",
    "segment": "text",
    "value": "number",
    "numerator": "number",
    "denominator": "number",
}
_TEXTS = ("period", "metric", "segment")


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is loaded from a file, and what was decided about it.

    Attributes:
        fields: Every field of the staged rows.
        decisions: How dates and zones are read, with the evidence.
        doubts: Column, and what about its dates or numbers no sampled row can settle.
        numerals: How the numbers of a wide table's columns are written, by metric.
        skips: Rows that are no data.
    """

    fields: tuple[Field, ...]
    decisions: tuple[str, ...]
    doubts: tuple[tuple[str, str], ...] = ()
    numerals: Mapping[str, Numerals] = field(default_factory=dict)
    skips: tuple[Skip, ...] = ()


def plan_events(
    match: Match,
    recipe: EventRecipe,
    kind: EventKind,
    samples: Sequence[Sequence[str]],
    *,
    header: Sequence[str],
    zone: str,
    preamble: Sequence[str] = (),
    salt: str = "",
    overrides: Overrides = AS_READ,
) -> Plan:
    """Fields of an event file; how dates and numbers are written is told by sample rows.

    Args:
        match: Which column feeds which field.
        recipe: The source.
        kind: What its rows are.
        samples: The first rows of data.
        header: Column names.
        zone: The organisation's.
        preamble: What stands above the header.
        salt: Hides what is kept only as a hash.
        overrides: What somebody said about the file.

    Raises:
        ImportRejectedError: A day that the rows count from does not stand above the header.
    """
    source_zone = overrides.time_zone or recipe.time_zone or zone
    numbers = [
        position
        for name, positions in match.positions.items()
        for position in _number_positions(recipe, kind, name, positions)
    ]
    columns = _Columns(samples, header, numbers, decimal=overrides.decimal)
    fields: list[Field] = []
    for name, spec in recipe.fields.items():
        if name not in match.positions and spec.constant is None and spec.otherwise is None:
            continue
        of = field_type(name, recipe, kind)
        positions = match.positions.get(name, ())
        patterns: tuple[str, ...] = ()
        counted_from = _counted_from(spec, preamble, columns) if spec.days_after else None
        if of in ("instant", "day") and positions and counted_from is None:
            patterns = columns.dated(
                positions[0],
                patterns=recipe.date_patterns,
                missing=recipe.missing,
                day_first=overrides.day_first,
            )
        counted = _number_positions(recipe, kind, name, positions)
        fields.append(
            Field(
                name=name,
                of=of,
                spec=spec,
                positions=positions,
                patterns=patterns,
                zone=source_zone,
                numerals=tuple(columns.numerals(p) if p in counted else PLAIN for p in positions),
                salt=salt,
                counted_from=counted_from,
            )
        )
    if any(field.of == "instant" and not _has_zone(field) for field in fields):
        columns.decisions.append(f"Times without a zone are read as {source_zone}.")
    return Plan(
        fields=tuple(fields),
        decisions=tuple(columns.decisions),
        doubts=tuple(columns.doubts),
        skips=_skips(recipe, header),
    )


def _skips(recipe: EventRecipe, header: Sequence[str]) -> tuple[Skip, ...]:
    names = [plain(name) for name in header]
    return tuple(
        Skip(position=names.index(plain(column)), cells=tuple(cell.lower() for cell in cells))
        for column, cells in recipe.skip.items()
        if plain(column) in names
    )


def _counted_from(spec: FieldSpec, preamble: Sequence[str], columns: "_Columns") -> date:
    """The day behind a word above the header, as in ``# Start date: 20260101``."""
    word = (spec.days_after or "").lower()
    for line in preamble:
        before, _, behind = line.lstrip("# ").partition(":")
        digits = re.sub(r"\D", "", behind)
        if plain(before) == plain(word) and re.fullmatch(r"\d{8}", digits):
            day = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
            columns.decisions.append(f"Days are counted from {day:%d %B %Y}, as the file says.")
            return day
    raise ImportRejectedError(
        f"Its rows count days, but “{spec.days_after}” does not stand above them.",
        hint="Export the report again with its heading.",
    )


class _Columns:
    """The sampled columns of a file, and what was decided about them."""

    def __init__(
        self,
        samples: Sequence[Sequence[str]],
        header: Sequence[str],
        numbers: Iterable[int],
        *,
        decimal: str,
    ) -> None:
        self.samples, self.header = samples, header
        self.decisions: list[str] = []
        self.doubts: list[tuple[str, str]] = []
        told = [written(self._cells(position)) for position in dict.fromkeys(numbers)]
        marks = {one.numerals.decimal for one in told if one.is_settled}
        self._decimal = decimal or (marks.pop() if len(marks) == 1 else "")

    def _cells(self, position: int) -> list[str]:
        return [row[position] for row in self.samples if position < len(row)]

    def _name(self, position: int) -> str:
        return self.header[position] or f"column {position + 1}"

    def numerals(self, position: int) -> Numerals:
        """How numbers are written there; a decimal mark that other columns tell counts here too."""
        alone = written(self._cells(position))
        known = "" if alone.is_settled else self._decimal
        return self._noted(position, written(self._cells(position), decimal=known))

    def _noted(self, position: int, found: Written) -> Numerals:
        name = self._name(position)
        if found.evidence:
            self.decisions.append(f"{name}: {found.evidence}")
        if found.doubt:
            self.doubts.append((name, found.doubt))
        if found.numerals.hides:
            self.doubts.append((name, "Small counts are hidden, as in <=5; they stay missing."))
        return found.numerals

    def dated(
        self,
        position: int,
        *,
        patterns: Sequence[str],
        missing: Sequence[str],
        day_first: bool | None,
    ) -> tuple[str, ...]:
        """How instants are written there."""
        found = dated(
            self._cells(position), patterns=patterns, missing=missing, day_first=day_first
        )
        name = self._name(position)
        if found.evidence:
            self.decisions.append(f"{name}: {found.evidence}")
        if found.doubt:
            self.doubts.append((name, found.doubt))
        return found.patterns


def _number_positions(
    recipe: EventRecipe, kind: EventKind, name: str, positions: Sequence[int]
) -> tuple[int, ...]:
    """Columns of a field that hold numbers: all of a number's, the second of a shifted instant."""
    spec, of = recipe.fields[name], field_type(name, recipe, kind)
    if spec.first_number or spec.words or spec.clock or spec.starts_with is not None:
        return ()
    if spec.product_of or of in ("number", "whole"):
        return tuple(positions)
    return tuple(positions[1:]) if spec.add_minutes else ()


def _has_zone(field: Field) -> bool:
    return all(p in (ISO_ZONE, EPOCH, EPOCH_MILLI) or "%z" in p for p in field.patterns)


def plan_stated(
    match: Match,
    samples: Sequence[Sequence[str]] = (),
    *,
    header: Sequence[str] = (),
    overrides: Overrides = AS_READ,
) -> Plan:
    """Fields of a tidy or wide file; those it does not have stay empty.

    The cells of a wide table become rows: each of its columns has a way of writing numbers of
    its own, kept under the name of its metric.
    """
    named = [name for name in match.positions if name not in _TEXTS]
    numbers = [position for name in named for position in match.positions[name]]
    columns = _Columns(samples, header, numbers, decimal=overrides.decimal)
    numerals = {name: columns.numerals(match.positions[name][0]) for name in named}
    fields = [
        Field(
            name=name,
            of=of,
            spec=FieldSpec(required=name in ("period", "metric")),
            positions=match.positions.get(name, ()),
            numerals=(numerals[name],) if name in numerals else (),
        )
        for name, of in _TIDY.items()
    ]
    return Plan(
        fields=tuple(fields),
        decisions=tuple(columns.decisions),
        doubts=tuple(columns.doubts),
        numerals=numerals,
    )


def field_type(name: str, recipe: EventRecipe, kind: EventKind) -> ColumnType:
    """A field's type: as the event kind declares it; what only orders rows is an instant."""
    if name in kind.columns:
        return kind.columns[name]
    ordering = recipe.grouping.order_by if recipe.grouping else ()
    return "instant" if name in ordering else "text"

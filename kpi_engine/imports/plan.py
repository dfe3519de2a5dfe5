"""From a matched header to the fields that are loaded: types, date patterns, zones."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import PurePath
from types import MappingProxyType

from kpi_engine.catalogue.events import ColumnType, EventKind
from kpi_engine.catalogue.recipes import EventRecipe, FieldSpec, TableRecipe
from kpi_engine.imports.columns import Columns, misread
from kpi_engine.imports.instants import USUAL, reads
from kpi_engine.imports.matching import MEMBER, Match, is_label, plain, quarter_column
from kpi_engine.imports.overrides import AS_READ, Overrides
from kpi_engine.store.cells import EPOCH, EPOCH_MILLI, ISO, ISO_ZONE, Field, Mark
from kpi_engine.store.numerals import PLAIN
from kpi_engine.store.wide import WideColumn

_TIDY: dict[str, ColumnType] = {
    "period": "text",
    "metric": "text",
    "segment": "text",
    "value": "number",
    "numerator": "number",
    "denominator": "number",
}
_DATED: tuple[ColumnType, ...] = ("instant", "day")


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is loaded from a file, and what was decided about it.

    Attributes:
        fields: Every field of the staged rows.
        decisions: How dates and zones are read, with the evidence.
        doubts: Column, and what about its dates or numbers no sampled row can settle.
        skips: Rows that are no data.
        keeps: Rows that are data all the same.
        numbers: The columns of a wide table that hold numbers.
        segment: Its columns that name members, by dimension.
    """

    fields: tuple[Field, ...]
    decisions: tuple[str, ...]
    doubts: tuple[tuple[str, str], ...] = ()
    skips: tuple[Mark, ...] = ()
    keeps: tuple[Mark, ...] = ()
    numbers: tuple[WideColumn, ...] = ()
    segment: Mapping[str, int] = field(default_factory=dict)


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
    file_name: str = "",
    known: Mapping[str, Mapping[str, float]] = MappingProxyType({}),
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
        file_name: What the table is called.
        known: What the organisation says of members, by the name of the list.
        overrides: What somebody said about the file.

    Raises:
        ImportRejectedError: Nothing says on which days its rows fall.
    """
    source_zone = overrides.time_zone or recipe.time_zone or zone
    numbers = [
        position
        for name, positions in match.positions.items()
        for position in _number_positions(recipe, kind, name, positions)
    ]
    columns = Columns(samples, header, numbers, decimal=overrides.decimal or recipe.decimal or "")
    day_first = _day_first(recipe, overrides)
    dates = [
        positions[0]
        for name, positions in match.positions.items()
        if positions and field_type(name, recipe, kind) in _DATED and day_first is None
    ]
    proven = columns.proven(dates, patterns=recipe.date_patterns, missing=recipe.missing)
    fields: list[Field] = []
    for name, declared in recipe.fields.items():
        spec = declared
        if name not in match.positions and spec.file_name:
            spec = FieldSpec(constant=_without_dates(file_name))
            columns.decisions.append(f"The {name} is {spec.constant}, as the file is called.")
        if name not in match.positions and not _is_said(spec):
            continue
        of = field_type(name, recipe, kind)
        positions = match.positions.get(name, ())
        patterns: tuple[str, ...] = ()
        counted_from = None
        if spec.days_after:
            counted_from = _counted_from(spec.days_after, preamble, columns)
        if of in _DATED and positions and counted_from is None:
            patterns = columns.dated(
                positions[0],
                patterns=recipe.date_patterns,
                missing=recipe.missing,
                day_first=day_first,
                proven=proven,
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
                numerals=tuple(
                    columns.numerals(p, spec=spec) if p in counted else PLAIN for p in positions
                ),
                salt=salt,
                counted_from=counted_from,
                choices=kind.choices.get(name, ()),
                marks=_field_marks(spec, positions, header),
                known=tuple(known.get(spec.known[0], {}).items()) if spec.known else (),
            )
        )
    if any(field.of == "instant" and not _has_zone(field) for field in fields):
        columns.decisions.append(f"Times without a zone are read as {source_zone}.")
    return Plan(
        fields=tuple(fields),
        decisions=tuple(dict.fromkeys(columns.decisions)),
        doubts=tuple(dict.fromkeys(columns.doubts)),
        skips=_marks(recipe.skip, header),
        keeps=_marks(recipe.keep, header),
    )


def _day_first(recipe: EventRecipe | TableRecipe, overrides: Overrides) -> bool | None:
    """What was said about this file; else what its source says."""
    return recipe.day_first if overrides.day_first is None else overrides.day_first


def _is_said(spec: FieldSpec) -> bool:
    """Whether something stands for a field that has no column."""
    return spec.constant is not None or spec.otherwise is not None or spec.known is not None


_DATES = re.compile(r"[\W_]*(?<!\d)(?:19|20)\d\d(?:[\W_]?\d\d){0,2}(?!\d)|\s*\(\d+\)$")


def _without_dates(file_name: str) -> str:
    """What a file is called, without its dates and the number of a copy.

    Examples:
        >>> _without_dates("Online shop_2026-10-01_2026-10-31 (2).csv")
        'Online shop'
    """
    stem = PurePath(file_name).name.split(".")[0]
    return _DATES.sub("", _DATES.sub("", stem)).strip(" _-") or stem


def _marks(said: Mapping[str, Sequence[str]], header: Sequence[str]) -> tuple[Mark, ...]:
    """Those cells that tell a row, of the columns that are there."""
    names = [plain(name) for name in header]
    return tuple(
        Mark(position=names.index(plain(column)), cells=tuple(cell.lower() for cell in cells))
        for column, cells in said.items()
        if plain(column) in names
    )


def _field_marks(
    spec: FieldSpec, positions: Sequence[int], header: Sequence[str]
) -> tuple[Mark, ...]:
    """What makes a field true, in the columns it is read from, which somebody may have named."""
    found = _marks(spec.when, header)
    cells = [mark.cells for mark in found] or [tuple(c) for c in spec.when.values()]
    return tuple(Mark(position=p, cells=c) for p, c in zip(positions, cells, strict=False))


def _counted_from(word: str, preamble: Sequence[str], columns: Columns) -> date:
    """The day behind a word, as in ``# Start date: 20260101``; nearest above the header."""
    for line in reversed(preamble):
        before, _, behind = line.lstrip("# ").partition(":")
        digits = re.sub(r"\D", "", behind)
        if plain(before) == plain(word) and re.fullmatch(r"\d{8}", digits):
            day = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
            columns.decisions.append(f"Days are counted from {day:%d %B %Y}, as the file says.")
            return day
    raise misread(
        f"Its rows count days, but “{word}” does not stand above them.",
        hint="Export the report again with its heading.",
    )


def _number_positions(
    recipe: EventRecipe, kind: EventKind, name: str, positions: Sequence[int]
) -> tuple[int, ...]:
    """Columns of a field that hold numbers: all of a number's, the second of a shifted instant."""
    spec, of = recipe.fields[name], field_type(name, recipe, kind)
    if spec.first_number or spec.words or spec.clock or spec.when:
        return ()
    if spec.product_of or spec.speeds or of in ("number", "whole"):
        return tuple(positions)
    return tuple(positions[1:]) if spec.add_minutes else ()


def _has_zone(field: Field) -> bool:
    return all(p in (ISO_ZONE, EPOCH, EPOCH_MILLI) or "%z" in p for p in field.patterns)


_ADDS = "Rows of the same measure, part and period are added up."


def plan_stated(
    match: Match,
    recipe: TableRecipe,
    samples: Sequence[Sequence[str]],
    *,
    header: Sequence[str],
    metrics: Mapping[str, str],
    preamble: Sequence[str] = (),
    overrides: Overrides = AS_READ,
) -> Plan:
    """Fields of a table of numbers; those it does not have stay empty.

    The cells of a wide table become rows: each of its columns has a way of writing numbers of
    its own.

    Args:
        match: Which column says what.
        recipe: The source.
        samples: The first rows of data.
        header: Column names.
        metrics: Metric by the names people call it, in lower case.
        preamble: What stands above the header.
        overrides: What somebody said about the file.

    Raises:
        ImportRejectedError: Nothing says from which day its rows count.
    """
    named = [name for name in match.positions if not is_label(name)]
    numbers = [position for name in named for position in match.positions[name]]
    columns = Columns(samples, header, numbers, decimal=overrides.decimal or recipe.decimal or "")
    numerals = {name: columns.numerals(match.positions[name][0]) for name in named}
    specs = {
        "metric": FieldSpec(required=True, words=dict(metrics)),
        "period": FieldSpec(required=True, joined=_joined(match, header)),
    }
    period = match.positions.get("period", ())
    counted_from = None
    if recipe.days_after and _counts_days(columns, period):
        counted_from = _counted_from(recipe.days_after, preamble, columns)
    patterns = (
        ()
        if counted_from
        else _period_patterns(columns, period, day_first=_day_first(recipe, overrides))
    )
    fields = [
        Field(
            name=name,
            of=of,
            spec=specs.get(name, FieldSpec()),
            positions=match.positions.get(name, ()),
            patterns=patterns if name == "period" else (),
            counted_from=counted_from if name == "period" else None,
            numerals=(numerals[name],) if name in numerals else (),
            is_all=of == "number",
        )
        for name, of in _TIDY.items()
    ]
    is_wide = recipe.type == "wide"
    return Plan(
        fields=tuple(fields),
        decisions=(*columns.decisions, *([_ADDS] if overrides.adds else [])),
        doubts=tuple(columns.doubts),
        numbers=tuple(
            WideColumn(
                position=match.positions[name][0],
                numerals=numerals[name],
                metric=name if is_wide else None,
                period=None if is_wide else name,
                scale=recipe.scale.get(name, 1.0),
            )
            for name in named
        ),
        skips=_marks(recipe.skip, header),
        segment={
            name.removeprefix(MEMBER): positions[0]
            for name, positions in match.positions.items()
            if name.startswith(MEMBER)
        },
    )


def _counts_days(columns: Columns, period: Sequence[int]) -> bool:
    """Whether a period column counts days, as in 0000, 0001, instead of naming them."""
    numbers = [cell.strip() for cell in columns.cells(period[0]) if cell.strip().isdecimal()]
    return bool(numbers) and all(len(number) <= _MOST_DIGITS for number in numbers)


_MOST_DIGITS = 4
_PERIOD = re.compile(
    r"(19|20)\d\d([-/ ]?(\d{1,2}|Q\d|W\d{1,2}))?|\d{1,2}[/.-](19|20)\d\d|[A-Za-z]+[ -]\d{2,4}"
)


def _joined(match: Match, header: Sequence[str]) -> str | None:
    """What stands between a year and its part, where they are two columns."""
    period = match.positions.get("period", ())
    if len(period) < 2:
        return None
    return "-Q" if quarter_column(header, period[1]) else "-"


def _period_patterns(
    columns: Columns, period: Sequence[int], *, day_first: bool | None
) -> tuple[str, ...]:
    """How a period column writes days; empty where it names months, quarters or ISO days."""
    if len(period) != 1:
        return ()
    cells = [cell.strip() for cell in columns.cells(period[0]) if cell.strip()]
    others = [cell for cell in cells if not (_PERIOD.fullmatch(cell) or reads(cell, ISO))]
    if not any(reads(cell, pattern) for cell in others for pattern in USUAL):
        return ()
    return columns.dated(period[0], patterns=(ISO,), missing=("",), day_first=day_first)


def field_type(name: str, recipe: EventRecipe, kind: EventKind) -> ColumnType:
    """A field's type: as the event kind declares it; what only orders rows is an instant."""
    if name in kind.columns:
        return kind.columns[name]
    ordering = recipe.grouping.order_by if recipe.grouping else ()
    return "instant" if name in ordering else "text"

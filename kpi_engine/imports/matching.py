"""Which recipe a header belongs to, and which column feeds which field."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from difflib import get_close_matches
from functools import lru_cache
from typing import get_args

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.recipes import EventRecipe, FieldSpec, TableColumn, TableRecipe
from kpi_engine.errors import ImportRejectedError, UnknownHeaderError

MEMBER = "member:"
"""Stands before the dimension whose members a column names."""
_DATE_NAMES = ("period", "date", "day", "month", "week")
_METRIC_NAMES = ("metric", "metric_id", "kpi_id", "kpi", "measure", "indicator")
_YEAR_NAMES = ("year", "yr")
_QUARTER_NAMES = ("quarter", "qtr")
_YEAR_PARTS = (_QUARTER_NAMES, ("month", "mnth"))
_MONTH_NAMES = (
    "%Y-%m",
    "%Y/%m",
    "%m/%Y",
    "%b %Y",
    "%B %Y",
    "%b-%Y",
    "%b-%y",
    "%b %y",
    "%Y-%m-01",
    "%Y-%m-01 00:00:00",
)
_FEWEST_MONTHS = 2
_A_MEASURE = "a column named like a measure"
_SHOWN = 8
_CLOSE = 2
"""Columns of a file that a source must read before it is named as the nearest."""


@dataclass(frozen=True, kw_only=True)
class Match:
    """A recipe that fits a header.

    Attributes:
        recipe: The recipe.
        positions: Column indexes of each field.
        missing: Needed columns that are not there; empty when it fits.
    """

    recipe: EventRecipe | TableRecipe
    positions: Mapping[str, tuple[int, ...]]
    missing: tuple[str, ...]


@lru_cache(maxsize=4096)
@lru_cache(maxsize=20_000)
def plain(name: str) -> str:
    """A column name without case, blanks and punctuation, for comparing.

    Examples:
        >>> plain("Resolved At ")
        'resolvedat'
    """
    return re.sub(r"[^a-z0-9]", "", name.lower())


def recognise(
    header: Sequence[str],
    catalogue: Catalogue,
    *,
    recipe: str | None = None,
    columns: Mapping[str, str] | None = None,
) -> Match:
    """The recipe whose needed columns are all there; the one with most columns wins.

    Of two that read as many, the organisation's own wins.

    Args:
        header: Column names of the file.
        catalogue: Holds the recipes and the metrics.
        recipe: Insist on this one.
        columns: Field to the column somebody said it is read from; an empty column leaves it out.

    Raises:
        ImportRejectedError: It is known that nothing can be read from a table with these columns.
        UnknownHeaderError: None fits; the message names the nearest and what it lacks.
        UnknownNameError: ``recipe`` is not declared.
    """
    chosen = _by_header(catalogue) if recipe is None else [catalogue.recipe(recipe)]
    matches = [
        _corrected(match_recipe(header, one, catalogue), header, columns or {}, catalogue)
        for one in chosen
    ]
    fitting = [match for match in matches if not match.missing]
    if fitting:
        return max(fitting, key=lambda m: (_columns_read(m), m.recipe.id in catalogue.own_recipes))
    for known in catalogue.unusable if recipe is None else ():
        if all(_find(header, [column]) is not None for column in known.columns):
            sentence = f"This is {known.label}. {known.sentence}"
            raise ImportRejectedError(sentence, hint=known.next_step)
    raise _unrecognised(header, matches)


def _by_header(catalogue: Catalogue) -> list[EventRecipe | TableRecipe]:
    return [recipe for recipe in catalogue.recipes.values() if not recipe.by_name_only]


def quarter_column(header: Sequence[str], position: int) -> bool:
    """Whether a column counts the quarters of a year."""
    return plain(header[position]) in {plain(name) for name in _QUARTER_NAMES}


def is_known(header: Sequence[str], catalogue: Catalogue, *, recipe: str | None = None) -> bool:
    """Whether a row of names is the header of a known source (of the one named)."""
    named = catalogue.recipes.get(recipe or "")
    chosen = [named] if named else _by_header(catalogue)
    return any(not match_recipe(header, one, catalogue).missing for one in chosen)


def fitting_own(header: Sequence[str], catalogue: Catalogue) -> tuple[str, ...]:
    """Ids of the organisation's own recipes that a header fits."""
    own = [one for one in _by_header(catalogue) if one.id in catalogue.own_recipes]
    return tuple(one.id for one in own if not match_recipe(header, one, catalogue).missing)


def readable_fields(recipe: EventRecipe | TableRecipe, catalogue: Catalogue) -> tuple[str, ...]:
    """Every field that a column of a source can be read as."""
    if isinstance(recipe, EventRecipe):
        return tuple(name for name, spec in recipe.fields.items() if spec.constant is None)
    if recipe.type == "tidy":
        return ("period", *get_args(TableColumn))
    if recipe.type == "months":
        return ("metric", "segment")
    every = (metric.id for metric in catalogue.metrics.values() if not metric.worked_out)
    metrics = tuple(recipe.metrics) or tuple(every)
    return ("period", *metrics, *(f"{MEMBER}{dimension}" for dimension in recipe.members))


def column_index(header: Sequence[str], column: str) -> int | None:
    """Where a column that somebody named is: as it is spelled, else in any case of letters."""
    if column in header:
        return list(header).index(column)
    spelled = [name.strip().lower() for name in header]
    wanted = column.strip().lower()
    return spelled.index(wanted) if wanted in spelled else None


def _corrected(
    match: Match, header: Sequence[str], columns: Mapping[str, str], catalogue: Catalogue
) -> Match:
    """The match with the columns somebody named in place of those that were found."""
    positions = dict(match.positions)
    found: set[str] = set()
    known = readable_fields(match.recipe, catalogue)
    for name, column in columns.items():
        if name not in known:
            continue
        if not column:
            positions.pop(name, None)
        elif (index := column_index(header, column)) is not None:
            there = positions.get(name, ())
            if index not in there:
                positions[name] = (index, *there[1:]) if name != "period" else (index,)
            found.add(name)
    if isinstance(match.recipe, TableRecipe):
        return replace(match, positions=positions, missing=_lacking(match.recipe, positions))
    if not found:
        return replace(match, positions=positions)
    wanted = match.recipe.fields
    lacking = {needed_columns(wanted[name])[0][0] for name in found if name in wanted}
    return replace(
        match,
        positions=positions,
        missing=tuple(name for name in match.missing if name not in lacking),
    )


def _columns_read(match: Match) -> int:
    return sum(len(positions) for positions in match.positions.values())


def match_recipe(
    header: Sequence[str], recipe: EventRecipe | TableRecipe, catalogue: Catalogue
) -> Match:
    """How well a recipe fits a header."""
    if isinstance(recipe, EventRecipe):
        return _match_events(header, recipe)
    if recipe.type == "tidy":
        return _match_tidy(header, recipe)
    if recipe.type == "months":
        return _match_months(header, recipe)
    return _match_wide(header, recipe, catalogue)


def _find(header: Sequence[str], names: Iterable[str]) -> int | None:
    """Index of the first column that goes by one of these names; the exact spelling wins.

    A star at the end of a name stands for anything.
    """
    wanted = list(names)
    for name in wanted:
        if name in header:
            return list(header).index(name)
    spelled = [plain(column) for column in header]
    for name in wanted:
        if plain(name) in spelled:
            return spelled.index(plain(name))
    starts = [plain(name) for name in wanted if name.endswith("*")]
    return next((i for i, name in enumerate(spelled) if name.startswith(tuple(starts))), None)


def needed_columns(spec: FieldSpec) -> tuple[tuple[str, ...], ...]:
    """The columns a field is read from, each with the names it may go by."""
    if spec.constant is not None:
        return ()
    if spec.product_of:
        return tuple((name,) for name in spec.product_of)
    if spec.when:
        return tuple((name,) for name in spec.when)
    if spec.speeds:
        return (*spec.speeds, *spec.capacities)
    if spec.beside:
        return (spec.columns, spec.beside)
    if spec.add_minutes or spec.less:
        return (spec.columns, spec.add_minutes or spec.less)
    return (spec.columns,)


def _match_events(header: Sequence[str], recipe: EventRecipe) -> Match:
    positions: dict[str, tuple[int, ...]] = {}
    missing: list[str] = []
    for name, spec in recipe.fields.items():
        found, lacking = _places(header, spec)
        if found:
            positions[name] = found
        elif spec.required:
            missing += lacking
    return Match(recipe=recipe, positions=positions, missing=tuple(missing))


def _places(header: Sequence[str], spec: FieldSpec) -> tuple[tuple[int, ...], list[str]]:
    """Where the columns of a field are, and those that it needs and does not have."""
    named = needed_columns(spec)
    found = [_find(header, names) for names in named]
    there = tuple(index for index in found if index is not None)
    if spec.when or spec.beside:
        return there, [] if there else [named[0][0]]
    if len(there) < len(found) and spec.speeds:
        named, found = named[: len(spec.speeds)], found[: len(spec.speeds)]
    lacking = [names[0] for names, at in zip(named, found, strict=True) if at is None]
    return () if lacking else there[: len(found)], lacking


def _match_tidy(header: Sequence[str], recipe: TableRecipe) -> Match:
    names: dict[TableColumn, tuple[str, ...]] = {
        "metric": _METRIC_NAMES,
        "segment": ("segment",),
        "value": ("value",),
        "numerator": ("numerator",),
        "denominator": ("denominator",),
    }
    found = {
        field: _find(header, recipe.columns.get(field, usual)) for field, usual in names.items()
    }
    positions: dict[str, tuple[int, ...]] = {
        field: (index,) for field, index in found.items() if index is not None
    }
    if period := _period(header, recipe):
        positions["period"] = period
    return Match(recipe=recipe, positions=positions, missing=_lacking(recipe, positions))


def _match_wide(header: Sequence[str], recipe: TableRecipe, catalogue: Catalogue) -> Match:
    """Wide: a date column and at least one column named like a metric."""
    positions: dict[str, tuple[int, ...]] = {}
    if period := _period(header, recipe):
        positions["period"] = period
    if recipe.metrics:
        found = {metric: _find(header, names) for metric, names in recipe.metrics.items()}
        positions |= {metric: (index,) for metric, index in found.items() if index is not None}
    else:
        names = metric_names(catalogue)
        for place, column in enumerate(header):
            metric = names.get(plain(column))
            if metric and metric not in positions:
                positions[metric] = (place,)
    for dimension, spellings in recipe.members.items():
        index = _find(header, spellings)
        if index is not None:
            positions[f"{MEMBER}{dimension}"] = (index,)
    return Match(recipe=recipe, positions=positions, missing=_lacking(recipe, positions))


def _match_months(header: Sequence[str], recipe: TableRecipe) -> Match:
    """A row a metric and a column a month: the months are in the header."""
    positions: dict[str, tuple[int, ...]] = {}
    usual: dict[TableColumn, tuple[str, ...]] = {"metric": _METRIC_NAMES, "segment": ("segment",)}
    for name, spellings in usual.items():
        index = _find(header, recipe.columns.get(name, spellings))
        if index is not None:
            positions[name] = (index,)
    for index, column in enumerate(header):
        month = month_named(column)
        if month is not None:
            positions.setdefault(f"{month:%Y-%m}", (index,))
    return Match(recipe=recipe, positions=positions, missing=_lacking(recipe, positions))


def _lacking(recipe: TableRecipe, positions: Mapping[str, tuple[int, ...]]) -> tuple[str, ...]:
    """What a table of numbers needs and does not have."""
    missing = []
    if recipe.type != "months" and "period" not in positions:
        missing.append("date" if recipe.type == "wide" else "period")
    if recipe.type != "wide" and "metric" not in positions:
        missing.append("metric")
    if recipe.type == "tidy":
        is_paired = {"numerator", "denominator"} <= set(positions)
        if "value" not in positions and not is_paired:
            missing.append("value (or numerator and denominator)")
    numbers = [name for name in positions if not is_label(name)]
    if recipe.type == "wide" and not numbers:
        missing += [names[0] for names in recipe.metrics.values()] or [_A_MEASURE]
    if recipe.type == "months" and len(numbers) < _FEWEST_MONTHS:
        missing.append("columns named like months")
    return tuple(missing)


def is_label(name: str) -> bool:
    """Whether a field of a table of numbers says what a number is about."""
    return name in ("period", "metric", "segment") or name.startswith(MEMBER)


def metric_names(catalogue: Catalogue) -> dict[str, str]:
    """Metric by every plain name that a column may call it by: its id and its label."""
    names = {plain(m.label): m.id for m in catalogue.metrics.values()}
    return names | {plain(m.id): m.id for m in catalogue.metrics.values()}


def _period(header: Sequence[str], recipe: TableRecipe) -> tuple[int, ...]:
    """The column of days or months; or a year's and that of its quarter or month."""
    year = _find(header, _YEAR_NAMES)
    part = next((i for names in _YEAR_PARTS if (i := _find(header, names)) is not None), None)
    if not recipe.period and year is not None and part is not None:
        return (year, part)
    index = _find(header, recipe.period or _DATE_NAMES)
    return () if index is None else (index,)


def month_named(text: str) -> date | None:
    """The month that a column is named after, as in ``2026-10``, ``Oct 2026`` or ``Oct-26``."""
    for pattern in _MONTH_NAMES:
        try:
            return datetime.strptime(text.strip(), pattern).date().replace(day=1)  # noqa: DTZ007
        except ValueError:
            continue
    return None


def _unrecognised(header: Sequence[str], matches: Sequence[Match]) -> UnknownHeaderError:
    nearest = max(matches, key=lambda m: (_shared(m) - len(m.missing), _shared(m)))
    lacking = ", ".join(nearest.missing)
    shown = ", ".join(name or "(no name)" for name in list(header)[:_SHOWN])
    if len(header) > _SHOWN:
        shown += f" and {len(header) - _SHOWN} more"
    named = [
        f"Is '{close[0]}' meant to be '{column}'?"
        for column in nearest.missing
        if (close := get_close_matches(column, header, n=1, cutoff=0.7))
    ]
    if len(matches) == 1:
        return UnknownHeaderError(
            f"To be {nearest.recipe.label} it lacks {lacking}. It has {shown}.",
            hint=" ".join(named) or "Say which column is which.",
        )
    if _shared(nearest) < max(_CLOSE, len(nearest.missing)):
        return UnknownHeaderError(
            f"No known source has these columns: {shown}.",
            hint="Say what kind of file it is, or use a template.",
        )
    return UnknownHeaderError(
        f"This comes closest to {nearest.recipe.label}, but lacks {lacking}. It has {shown}.",
        hint=" ".join(named) or "Add the missing columns to the export, or say which they are.",
    )


def _shared(match: Match) -> int:
    """How many columns of the file a recipe reads."""
    return len({index for places in match.positions.values() for index in places})

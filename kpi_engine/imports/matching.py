"""Which recipe a header belongs to, and which column feeds which field."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.recipes import EventRecipe, FieldSpec, TableRecipe
from kpi_engine.errors import UnknownHeaderError, UnknownNameError

TIDY_REQUIRED = ("period", "metric")
TIDY_VALUES = ("value", "numerator", "denominator")
_DATE_NAMES = ("period", "date", "day", "month")


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

    Args:
        header: Column names of the file.
        catalogue: Holds the recipes and the metrics.
        recipe: Insist on this one.
        columns: Field to the column somebody said it is read from; an empty column leaves it out.

    Raises:
        UnknownHeaderError: None fits; the message names the nearest and what it lacks.
        UnknownNameError: ``recipe`` is not declared.
    """
    if recipe is not None and recipe not in catalogue.recipes:
        raise UnknownNameError("recipe", recipe, catalogue.recipes)
    chosen = [catalogue.recipes[recipe]] if recipe else list(catalogue.recipes.values())
    matches = [
        _corrected(match_recipe(header, one, catalogue), header, columns or {}) for one in chosen
    ]
    fitting = [match for match in matches if not match.missing]
    if fitting:
        return max(fitting, key=_columns_read)
    raise _unrecognised(header, matches)


def is_known(header: Sequence[str], catalogue: Catalogue, *, recipe: str | None = None) -> bool:
    """Whether a row of names is the header of a known source (of the one named)."""
    named = catalogue.recipes.get(recipe or "")
    chosen = [named] if named else list(catalogue.recipes.values())
    return any(not match_recipe(header, one, catalogue).missing for one in chosen)


def _corrected(match: Match, header: Sequence[str], columns: Mapping[str, str]) -> Match:
    """The match with the columns somebody named in place of those that were found."""
    positions = dict(match.positions)
    found: set[str] = set()
    for name, column in columns.items():
        if not column:
            positions.pop(name, None)
        elif column in header:
            positions[name] = (list(header).index(column), *positions.get(name, ())[1:])
            found.add(name)
    if not found or not isinstance(match.recipe, EventRecipe):
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
    return _match_wide(header, recipe, catalogue)


def _find(header: Sequence[str], names: Iterable[str]) -> int | None:
    """Index of the first column that goes by one of these names; the exact spelling wins."""
    wanted = list(names)
    for name in wanted:
        if name in header:
            return list(header).index(name)
    spelled = [plain(column) for column in header]
    for name in wanted:
        if plain(name) in spelled:
            return spelled.index(plain(name))
    return None


def needed_columns(spec: FieldSpec) -> tuple[tuple[str, ...], ...]:
    """The columns a field is read from, each with the names it may go by."""
    if spec.constant is not None:
        return ()
    if spec.product_of:
        return tuple((name,) for name in spec.product_of)
    if spec.add_minutes:
        return (spec.columns, spec.add_minutes)
    return (spec.columns,)


def _match_events(header: Sequence[str], recipe: EventRecipe) -> Match:
    positions: dict[str, tuple[int, ...]] = {}
    missing: list[str] = []
    for name, spec in recipe.fields.items():
        found = [_find(header, names) for names in needed_columns(spec)]
        if all(index is not None for index in found):
            positions[name] = tuple(index for index in found if index is not None)
        elif spec.required:
            missing += [
                names[0]
                for names, at in zip(needed_columns(spec), found, strict=True)
                if at is None
            ]
    return Match(recipe=recipe, positions=positions, missing=tuple(missing))


def _match_tidy(header: Sequence[str], recipe: TableRecipe) -> Match:
    names = {
        "period": ("period", "month", "date", "day"),
        "metric": ("metric", "metric_id", "kpi_id", "kpi"),
        "segment": ("segment",),
        "value": ("value",),
        "numerator": ("numerator",),
        "denominator": ("denominator",),
    }
    found = {field: _find(header, spellings) for field, spellings in names.items()}
    positions = {field: (index,) for field, index in found.items() if index is not None}
    missing = [field for field in TIDY_REQUIRED if field not in positions]
    if "value" not in positions and not {"numerator", "denominator"} <= set(positions):
        missing.append("value (or numerator and denominator)")
    return Match(recipe=recipe, positions=positions, missing=tuple(missing))


def _match_wide(header: Sequence[str], recipe: TableRecipe, catalogue: Catalogue) -> Match:
    """Wide: a date column and at least one column named like a metric."""
    date = _find(header, _DATE_NAMES)
    positions: dict[str, tuple[int, ...]] = {}
    if date is not None:
        positions["period"] = (date,)
    names = {plain(m.id): m.id for m in catalogue.metrics.values()}
    names |= {plain(m.label): m.id for m in catalogue.metrics.values()}
    for index, column in enumerate(header):
        metric = names.get(plain(column))
        if metric and metric not in positions:
            positions[metric] = (index,)
    missing = [] if date is not None else ["date"]
    if len(positions) == len(positions.keys() & {"period"}):
        missing.append("a column named like a measure")
    return Match(recipe=recipe, positions=positions, missing=tuple(missing))


def _unrecognised(header: Sequence[str], matches: Sequence[Match]) -> UnknownHeaderError:
    nearest = max(matches, key=lambda m: _columns_read(m) - len(m.missing))
    lacking = ", ".join(nearest.missing)
    hints = []
    for column in nearest.missing:
        close = get_close_matches(column, header, n=1, cutoff=0.7)
        if close:
            hints.append(f"is '{close[0]}' meant to be '{column}'?")
    shown = ", ".join(name or "(no name)" for name in list(header)[:8])
    if not _columns_read(nearest):
        return UnknownHeaderError(
            f"No known source has these columns: {shown}.",
            hint="Use a template from this page, or rename the columns to those of a template.",
        )
    return UnknownHeaderError(
        f"This comes closest to {nearest.recipe.label}, but lacks {lacking}. It has {shown}.",
        hint=" ".join(hints).capitalize() or "Add the missing columns to the export.",
    )

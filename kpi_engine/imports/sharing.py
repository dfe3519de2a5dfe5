"""A recipe with what somebody said about a source as its own, ready to be shared."""

from collections.abc import Mapping
from typing import Any, get_args

from kpi_engine.catalogue.recipes import EventRecipe, FieldSpec, TableColumn, TableRecipe
from kpi_engine.imports.matching import MEMBER
from kpi_engine.imports.overrides import Overrides


def as_recipe(
    recipe: EventRecipe | TableRecipe,
    said: Overrides,
    *,
    name: str,
    label: str,
    read: Mapping[str, str],
) -> dict[str, Any]:
    """A recipe of its own as plain values: nothing of the file or of who read it is in it.

    Its source is its own, so that a file of one never takes out what the other brought.

    Args:
        recipe: What the file was read as.
        said: What somebody said about it.
        name: Id of the new recipe.
        label: What people call it.
        read: Every field and the column it was read from.
    """
    content = recipe.model_dump(mode="json", exclude_unset=True)
    own = {"type": recipe.type, "id": name, "version": 1, "label": label, "source": name}
    marks = {"decimal": said.decimal or None, "day_first": said.day_first}
    if isinstance(recipe, EventRecipe):
        marks["time_zone"] = said.time_zone or None
        columns = {"fields": _fields(recipe, content["fields"], said.columns)}
    else:
        columns = _table(recipe, read)
    kept = {key: value for key, value in marks.items() if value is not None}
    return own | {key: value for key, value in content.items() if key not in own} | columns | kept


def _fields(
    recipe: EventRecipe, fields: dict[str, Any], columns: Mapping[str, str]
) -> dict[str, Any]:
    """The fields with the columns somebody named; what they left out is none."""
    kept = {field: spec for field, spec in fields.items() if columns.get(field, "-")}
    named = {field: columns[field] for field in kept if field in columns}
    return kept | {f: kept[f] | _pointed(recipe.fields[f], to) for f, to in named.items()}


def _pointed(spec: FieldSpec, column: str) -> dict[str, Any]:
    """Where a field is read from once its first column is another."""
    if spec.product_of:
        return {"product_of": [column, spec.product_of[1]]}
    if spec.speeds:
        others = [list(names) for names in spec.speeds[1:]]
        return {"speeds": [[column], *others]}
    if spec.when:
        return {"when": {column: list(next(iter(spec.when.values())))}}
    return {"columns": [column]}


def _table(recipe: TableRecipe, read: Mapping[str, str]) -> dict[str, Any]:
    """The columns of a table of numbers, all of them by name."""
    found: dict[str, Any] = {}
    if "period" in read:
        found["period"] = [read["period"]]
    usual = {field: [read[field]] for field in get_args(TableColumn) if field in read}
    if usual:
        found["columns"] = usual
    members = {f.removeprefix(MEMBER): [read[f]] for f in read if f.startswith(MEMBER)}
    if members:
        found["members"] = members
    if recipe.type == "wide":
        said = {"period", *usual, *(f"{MEMBER}{dimension}" for dimension in members)}
        found["metrics"] = {field: [column] for field, column in read.items() if field not in said}
    return found

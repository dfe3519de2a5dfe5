"""Recipes in the hands of their users: sharing one, and adding one to a workspace."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePath
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from kpi_engine.actors import Actor
from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.load import load_catalogue
from kpi_engine.errors import DefinitionError
from kpi_engine.imports.sharing import as_recipe
from kpi_engine.services.import_results import Preview
from kpi_engine.services.redefining import follow_the_files
from kpi_engine.store.audit import add_line
from kpi_engine.store.definitions import record_definitions
from kpi_engine.store.engine import write
from kpi_engine.store.landing import utc_naive
from kpi_engine.terms import Role
from kpi_engine.workspace import SHIPPED, Workspace, own_definitions, own_recipes

_LARGEST = 200_000
"""Bytes of a recipe; the longest that is shipped has four thousand."""


@dataclass(frozen=True, kw_only=True)
class Offered:
    """A recipe that could be added: nothing is wrong with it.

    Attributes:
        recipe: Its id.
        text: As it was written.
        is_known: It is here already, word for word.
    """

    recipe: str
    label: str
    version: int
    text: str
    is_known: bool


def recipe_text(ws: Workspace, recipe: str) -> str:
    """A recipe as YAML, as it stands.

    Raises:
        UnknownNameError: There is no such recipe.
    """
    ws.catalogue.recipe(recipe)
    return _text(yaml.safe_load(ws.catalogue.texts["recipe", recipe]))


def save_as_recipe(ws: Workspace, shown: Preview, *, name: str, label: str) -> str:
    """The YAML of a recipe that reads files as this one was read, with what was said about it.

    It holds names of columns and no cell, nobody's name and no secret.

    Args:
        ws: The workspace.
        shown: A file as somebody said it is to be read.
        name: Id of the recipe: small letters, digits and underscores.
        label: What people call it.

    Raises:
        DefinitionError: It would not be right, or the id is taken.
    """
    if ("recipe", name) in ws.catalogue.texts:
        raise DefinitionError(
            f"There is a recipe called '{name}' already.", hint="Give yours a name of its own."
        )
    meant = [column for column in shown.columns if column.meaning]
    times = Counter(column.meaning for column in meant)
    content = as_recipe(
        ws.catalogue.recipe(shown.recipe),
        shown.overrides,
        name=name,
        label=label,
        read={c.meaning: c.column for c in meant if times[c.meaning] == 1},
    )
    text = _text(content)
    _checked(ws, f"{name}.yaml", text.encode())
    return text


def check_recipe(ws: Workspace, file_name: str, content: bytes) -> Offered:
    """Look whether a recipe that somebody hands in is right, by the rules of those shipped.

    Args:
        ws: The workspace.
        file_name: As its owner knows it; findings name it.
        content: The YAML.

    Raises:
        BrokenCatalogueError: There are mistakes; it carries all of them.
        DefinitionError: It is too long, or another of its version is here already.
    """
    catalogue = _checked(ws, file_name, content)
    text = content.decode("utf-8-sig")
    said = yaml.safe_load(text)
    name, version = str(said["id"]), int(said["version"])
    before = ws.catalogue.texts.get(("recipe", name))
    is_known = before == catalogue.texts["recipe", name]
    if before is not None and not is_known and yaml.safe_load(before)["version"] >= version:
        raise DefinitionError(
            f"{file_name}: '{name}' is here already and reads differently.",
            hint=f"Give yours a version higher than {yaml.safe_load(before)['version']}, or an id "
            "of its own.",
        )
    return Offered(
        recipe=name, label=str(said["label"]), version=version, text=text, is_known=is_known
    )


def add_recipe(
    ws: Workspace, file_name: str, content: bytes, *, actor: Actor, now: datetime
) -> Offered:
    """Make a recipe a source of this workspace; one that is here already stays as it is.

    Args:
        ws: The workspace.
        file_name: As its owner knows it.
        content: The YAML.
        actor: Needs the role steward.
        now: From when on it counts (aware).

    Raises:
        BrokenCatalogueError: There are mistakes; it carries all of them, and nothing is added.
        DefinitionError: It is too long, or another of its version is here already.
        NotAllowedError: The actor may not.
    """
    actor.require(Role.STEWARD, to="add a kind of file")
    with ws.writing:
        follow_the_files(ws, now=now)
        offered = check_recipe(ws, file_name, content)
        if offered.is_known:
            return offered
        ws.keep_recipe(offered.recipe, offered.text)
        at = utc_naive(now)
        detail = f"{offered.recipe} version {offered.version}: {offered.label}"

        def record(connection: Any) -> None:
            record_definitions(connection, ws.catalogue.texts, at=at)
            add_line(connection, at=at, actor=actor.name, action="recipe", detail=detail)

        write(ws.engine, record)
    return offered


def _text(content: dict[str, Any]) -> str:
    """Plain values as YAML: small things on one line."""
    return str(
        yaml.safe_dump(
            content, sort_keys=False, allow_unicode=True, default_flow_style=None, width=100
        )
    )


def _checked(ws: Workspace, file_name: str, content: bytes) -> Catalogue:
    """The definitions as they would be with one more recipe.

    Raises:
        BrokenCatalogueError: There are mistakes.
        DefinitionError: It is too long.
    """
    if len(content) > _LARGEST:
        raise DefinitionError(f"{file_name} is too long for a recipe.", hint="Is it the right one?")
    ws.staging_folder.mkdir(exist_ok=True)
    with TemporaryDirectory(prefix="stage_", dir=ws.staging_folder) as folder:
        copy = Path(folder) / PurePath(file_name).with_suffix(".yaml").name
        copy.write_bytes(content)
        return load_catalogue(
            SHIPPED / "definitions",
            *own_definitions(ws.home),
            recipes=SHIPPED / "recipes",
            own_recipes=(*own_recipes(ws.home), Path(folder)),
        )

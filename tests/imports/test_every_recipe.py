"""What holds for every recipe that is shipped."""

import pytest

from kpi_engine.catalogue.load import load_catalogue
from kpi_engine.catalogue.recipes import EventRecipe
from kpi_engine.imports.matching import needed_columns, plain, recognise
from kpi_engine.workspace import SHIPPED

CATALOGUE = load_catalogue(SHIPPED / "definitions", recipes=SHIPPED / "recipes")
EVENTS = [one for one in CATALOGUE.recipes.values() if isinstance(one, EventRecipe)]
SOURCES = (SHIPPED.parent / "docs" / "sources.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("recipe", EVENTS, ids=lambda recipe: recipe.id)
def test_it_says_what_goes_wrong_in_sentences(recipe: EventRecipe) -> None:
    assert recipe.traps
    assert [trap for trap in recipe.traps if not trap.endswith(".")] == []


@pytest.mark.parametrize("recipe", EVENTS, ids=lambda recipe: recipe.id)
def test_no_column_that_names_people_is_kept_unless_as_a_hash(recipe: EventRecipe) -> None:
    personal = {plain(name) for name in recipe.personal}
    read = {
        plain(column)
        for spec in recipe.fields.values()
        if not spec.hashed
        for names in needed_columns(spec)
        for column in names
    }
    assert read & personal == set()


@pytest.mark.parametrize("recipe", EVENTS, ids=lambda recipe: recipe.id)
def test_no_other_source_claims_a_file_with_its_columns(recipe: EventRecipe) -> None:
    needed = [spec for spec in recipe.fields.values() if spec.constant is None]
    header = [names[0].rstrip("*") for spec in needed for names in needed_columns(spec) if names]
    assert recognise(header, CATALOGUE).recipe == recipe


@pytest.mark.parametrize("label", [r.label for r in CATALOGUE.recipes.values()])
def test_the_list_of_sources_names_it(label: str) -> None:
    tool, _, kind = label.partition(": ")
    assert tool in SOURCES
    assert kind in SOURCES

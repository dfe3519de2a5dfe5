"""What a column of a source can mean is what a file of it can be read as."""

import pytest

from kpi_engine.imports.matching import readable_fields
from kpi_engine.services.sources import known_sources, meanings
from kpi_engine.workspace import Workspace
from tests.desk import Desk

DAILY = "service,date,minutes_down\nOnline shop,2026-10-12,30\n"


def test_every_field_that_can_be_read_has_a_name(desk: Desk) -> None:
    for recipe, _ in known_sources(desk.ws):
        fields = readable_fields(desk.ws.catalogue.recipe(recipe), desk.ws.catalogue)
        named = meanings(desk.ws, recipe)
        assert set(named) == set(fields), recipe
        assert all(named.values())


@pytest.mark.parametrize("recipe", ["tidy", "wide", "upptime_daily"])
def test_names_of_one_source_differ(desk: Desk, recipe: str) -> None:
    named = meanings(desk.ws, recipe).values()
    assert len(set(named)) == len(named)


def test_every_meaning_a_preview_shows_can_be_chosen_again(desk: Desk) -> None:
    ws: Workspace = desk.ws
    shown = desk.preview(DAILY)
    meant = {column.meaning for column in shown.columns if column.meaning}
    assert "member:service" in meant
    assert meant <= set(meanings(ws, shown.recipe))

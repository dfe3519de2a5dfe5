"""Mistakes in a recipe: events, columns and fields that are not there."""

from pathlib import Path

import pytest

from tests.unit.definitions import ORGANISATION, errors_of

RECIPE = """\
id: tickets
version: 1
label: Tickets
source: Help desk
event: ticket
fields:
  number: {columns: [Number], required: true}
  opened_at: {columns: [Opened]}
"""


@pytest.mark.parametrize(
    ("old", "new", "field", "sentence"),
    [
        pytest.param(
            "event: ticket",
            "event: tickt",
            "event",
            "There is no event called 'tickt'. Did you mean 'ticket'?",
            id="unknown event",
        ),
        pytest.param(
            "opened_at:",
            "opend_at:",
            "fields",
            "'opend_at' is not a column of the event ticket. Columns: number, team, opened_at, "
            "closed_at, minutes.",
            id="unknown column",
        ),
        pytest.param(
            "number: {",
            "team: {",
            "fields",
            "'number' is missing. It is part of the key of the event ticket.",
            id="without the key",
        ),
        pytest.param(
            "{columns: [Opened]}",
            "{columns: [Opened], known: [hours_saved, nubmer]}",
            "fields",
            "There is no field called 'nubmer'. Did you mean 'number'?",
            id="what is known of nothing",
        ),
        pytest.param(
            "version: 1",
            "versoin: 1",
            "versoin",
            "'versoin' is not a field here. Did you mean 'version'?",
            id="unknown field",
        ),
    ],
)
def test_a_mistake_in_a_recipe_is_named(
    tmp_path: Path, old: str, new: str, field: str, sentence: str
) -> None:
    found = errors_of(tmp_path, recipe=RECIPE.replace(old, new))
    assert (f"recipe.yaml, tickets, {field}", sentence) in found


def test_a_recipe_may_read_a_field_only_to_put_rows_in_order(tmp_path: Path) -> None:
    helper = "  updated_at: {columns: [Updated]}\ngrouping: {how: latest, order_by: [updated_at]}\n"
    assert errors_of(tmp_path, recipe=RECIPE + helper) == []


def test_a_list_that_no_recipe_looks_into_is_a_mistake(tmp_path: Path) -> None:
    asks = RECIPE.replace(
        "{columns: [Opened]}", "{columns: [Opened], known: [hours_saved, number]}"
    )
    organisation = f"{ORGANISATION}  known: {{hours_svaed: {{INC1: 2}}}}\n"
    assert errors_of(tmp_path, recipe=asks, organisation=organisation) == [
        (
            "organisation.yaml, organisation, known",
            "No recipe looks for 'hours_svaed'. Did you mean 'hours_saved'?",
        )
    ]

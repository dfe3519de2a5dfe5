"""Recipes in the hands of their users: saved from a file, shared, checked, added."""

from datetime import date, timedelta
from pathlib import Path

import pytest
import yaml

from kpi_engine.actors import Actor
from kpi_engine.catalogue.load import BrokenCatalogueError
from kpi_engine.errors import (
    DefinitionError,
    ImportRejectedError,
    NotAllowedError,
    UnknownNameError,
)
from kpi_engine.imports.overrides import Overrides
from kpi_engine.imports.privacy import read_salt
from kpi_engine.services import imports, recipes
from kpi_engine.services.import_results import Preview
from kpi_engine.services.sources import read_source
from kpi_engine.terms import Role
from kpi_engine.workspace import Workspace
from tests.desk import ME, NOW, Desk

TICKETS = """\
Case;Raised;Done;Desk;Raised by
C-1;03/02/2026 09:00;03/02/2026 13:00;East;Ann Example
C-2;28/02/2026 09:00;28/02/2026 11:00;West;Bob Example
"""
SAID = Overrides(
    columns={"number": "Case", "opened_at": "Raised", "resolved_at": "Done", "team": "Desk"},
    day_first=True,
    time_zone="Europe/Rome",
)
"""What somebody says of a help desk that no recipe knows."""
LATER = NOW + timedelta(days=1)


def read_as(desk: Desk, text: str, recipe: str, said: Overrides) -> Preview:
    path = desk.write(text)
    return imports.preview(desk.ws, path, actor=ME, recipe=recipe, now=NOW, overrides=said)


def saved(desk: Desk, *, name: str = "case_desk", label: str = "Case desk") -> str:
    shown = read_as(desk, TICKETS, "servicenow_incidents", SAID)
    return recipes.save_as_recipe(desk.ws, shown, name=name, label=label)


def added(ws: Workspace, text: str) -> recipes.Offered:
    return recipes.add_recipe(ws, "shared.yaml", text.encode(), actor=ME, now=LATER)


def test_what_was_said_becomes_a_recipe_that_another_workspace_reads_by(
    desk: Desk, tmp_path: Path
) -> None:
    text = saved(desk)
    other = Desk(Workspace.open(tmp_path / "other"), tmp_path / "theirs")
    with pytest.raises(ImportRejectedError):
        other.preview(TICKETS)
    added(other.ws, text)
    shown = other.preview(TICKETS)
    assert (shown.recipe, shown.recipe_label, shown.findings) == ("case_desk", "Case desk", ())
    imports.commit(other.ws, shown, actor=ME, now=LATER)
    assert other.values("it.mttr") == {date(2026, 2, 1): 3.0}, "half-way from 2 h to 4 h"
    assert other.values("base.tickets", team="East") == {date(2026, 2, 1): 1}
    other.ws.close()
    again = Workspace.open(tmp_path / "other")
    assert "case_desk" in again.catalogue.own_recipes
    again.close()


def test_a_recipe_holds_nobody_and_no_secret(desk: Desk) -> None:
    text = saved(desk)
    for word in ("Ann", "Bob", ME.name, read_salt(desk.ws.home), "C-1", "East"):
        assert word not in text
    said = yaml.safe_load(text)
    assert said["fields"]["number"] == {"columns": ["Case"], "required": True}
    assert (said["day_first"], said["time_zone"]) == (True, "Europe/Rome")
    assert (said["id"], said["source"], said["version"]) == ("case_desk", "case_desk", 1)


def test_a_table_of_numbers_is_shared_with_its_columns_and_its_decimal_mark(desk: Desk) -> None:
    text = "Tag;Kasse;Besuche\n02.03.2026;1,5;10,0\n03.03.2026;2,5;20,0\n"
    said = Overrides(
        columns={"period": "Tag", "biz.orders": "Kasse", "base.sessions": "Besuche"},
        decimal=",",
        day_first=True,
    )
    shown = read_as(desk, text, "wide", said)
    added(desk.ws, recipes.save_as_recipe(desk.ws, shown, name="till", label="Till"))
    desk.save(text)
    assert imports.batches(desk.ws)[0].recipe == "till"
    assert desk.values("biz.orders") == {date(2026, 3, 1): 4.0}
    assert desk.values("base.sessions") == {date(2026, 3, 1): 30.0}


def test_a_tidy_table_with_names_of_its_own_is_shared(desk: Desk) -> None:
    text = "When,What,How much\n2026-03,biz.orders,7\n"
    said = Overrides(columns={"period": "When", "metric": "What", "value": "How much"})
    shown = read_as(desk, text, "tidy", said)
    added(desk.ws, recipes.save_as_recipe(desk.ws, shown, name="board", label="Board figures"))
    desk.save(text)
    assert imports.batches(desk.ws)[0].recipe == "board"
    assert desk.values("biz.orders") == {date(2026, 3, 1): 7}


def test_a_recipe_goes_before_what_was_said_earlier_and_not_before_what_is_said_later(
    desk: Desk,
) -> None:
    shown = read_as(desk, TICKETS, "servicenow_incidents", SAID)
    text = recipes.save_as_recipe(desk.ws, shown, name="case_desk", label="Case desk")
    imports.commit(desk.ws, shown, actor=ME, now=NOW)
    assert desk.preview(TICKETS).recipe == "servicenow_incidents"
    added(desk.ws, text)
    assert desk.preview(TICKETS).recipe == "case_desk"
    other = Overrides(columns={**SAID.columns, "service": "Desk"}, day_first=True)
    named = read_as(desk, TICKETS.replace("C-1", "C-3"), "servicenow_incidents", other)
    imports.commit(desk.ws, named, actor=ME, now=LATER + timedelta(days=1))
    assert desk.preview(TICKETS).recipe == "servicenow_incidents"


def test_adding_is_a_version_and_a_line_of_the_audit(desk: Desk) -> None:
    added(desk.ws, saved(desk))
    with desk.ws.reading() as connection:
        kept = connection.exec_driver_sql(
            "select count(*) from definition where kind = 'recipe' and id = 'case_desk'"
        ).scalar_one()
        line = connection.exec_driver_sql(
            "select actor, action, detail from audit order by id desc limit 1"
        ).one()
    assert kept == 1
    assert tuple(line) == (ME.name, "recipe", "case_desk version 1: Case desk")


def test_the_same_recipe_again_changes_nothing_and_another_needs_a_higher_version(
    desk: Desk,
) -> None:
    text = saved(desk)
    assert not added(desk.ws, text).is_known
    assert added(desk.ws, text).is_known
    changed = text.replace("Case desk", "Case handling")
    with pytest.raises(DefinitionError, match="is here already and reads differently"):
        added(desk.ws, changed)
    added(desk.ws, changed.replace("version: 1", "version: 2"))
    assert read_source(desk.ws, "case_desk").label == "Case handling"


def test_every_mistake_of_a_recipe_is_named_at_once_and_nothing_is_added(desk: Desk) -> None:
    wrong = (
        saved(desk)
        .replace("event: ticket", "event: tickt")
        .replace("Europe/Rome", "Europe/Roma")
        .replace("not_before: opened_at", "not_before: openedat", 1)
        .replace("[iso,", "[iso, '%d~%Q',")
    )
    with pytest.raises(BrokenCatalogueError) as caught:
        added(desk.ws, wrong)
    found = {finding.place: finding.sentence for finding in caught.value.findings}
    assert found["shared.yaml, case_desk, event"] == (
        "There is no event called 'tickt'. Did you mean 'ticket'?"
    )
    assert "Did you mean 'Europe/Rome'?" in found["shared.yaml, case_desk, time_zone"]
    assert "is no way of writing dates" in found["shared.yaml, case_desk, date_patterns"]
    place = "shared.yaml, case_desk, fields.first_response_at.not_before"
    assert "Did you mean 'opened_at'?" in found[place]
    assert "case_desk" not in desk.ws.catalogue.recipes
    assert not (desk.ws.home / "recipes").exists()


def test_a_recipe_that_reads_who_somebody_is_is_refused(desk: Desk) -> None:
    content = yaml.safe_load(saved(desk))
    content["personal"] = [content["fields"]["number"]["columns"][0]]
    with pytest.raises(BrokenCatalogueError) as caught:
        recipes.check_recipe(desk.ws, "case_desk.yaml", yaml.safe_dump(content).encode())
    (found,) = [f for f in caught.value.findings if f.severity == "error"]
    assert "is read, and stands among the columns that name" in found.sentence


def test_an_id_that_is_taken_is_refused(desk: Desk) -> None:
    with pytest.raises(DefinitionError, match="There is a recipe called 'jira_issues' already"):
        saved(desk, name="jira_issues")


def test_only_a_steward_adds_a_recipe(desk: Desk) -> None:
    contributor = Actor(name="cleo", roles=frozenset({Role.CONTRIBUTOR}))
    with pytest.raises(NotAllowedError):
        recipes.add_recipe(desk.ws, "x.yaml", saved(desk).encode(), actor=contributor, now=LATER)


def test_a_shipped_recipe_goes_out_as_it_stands_and_comes_back_as_known(desk: Desk) -> None:
    for name in desk.ws.catalogue.recipes:
        text = recipes.recipe_text(desk.ws, name)
        assert recipes.check_recipe(desk.ws, f"{name}.yaml", text.encode()).is_known


def test_a_source_says_what_it_feeds_and_what_it_cannot(desk: Desk) -> None:
    jira = read_source(desk.ws, "jira_issues")
    assert "Time to get people working again" in jira.feeds
    assert "Problems that come back" not in jira.feeds, "the export has no reopenings"
    assert read_source(desk.ws, "qualtrics_tools").feeds == ("Staff satisfaction with tools",)
    assert any("1,000 issues" in trap for trap in jira.traps)


@pytest.mark.parametrize(
    ("columns", "error", "sentence"),
    [
        pytest.param(
            {"opened_at": "Raisd"},
            ImportRejectedError,
            "The file has no column called 'Raisd'. Did you mean 'Raised'?",
            id="a column the file lacks",
        ),
        pytest.param(
            {**SAID.columns, "opend_at": "Raised"},
            UnknownNameError,
            "There is no field called 'opend_at'. Did you mean 'opened_at'?",
            id="a field the source lacks",
        ),
    ],
)
def test_a_wrong_name_is_refused_with_the_nearest(
    desk: Desk, columns: dict[str, str], error: type[Exception], sentence: str
) -> None:
    with pytest.raises(error) as caught:
        read_as(desk, TICKETS, "servicenow_incidents", Overrides(columns=columns))
    assert str(caught.value) == sentence

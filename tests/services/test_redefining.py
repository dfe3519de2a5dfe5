"""A definition changes: the numbers of all of history follow it, at once and traceably (E1)."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from kpi_engine.actors import Actor
from kpi_engine.errors import NotAllowedError, StoreError
from kpi_engine.services import imports, recipes, undoing
from kpi_engine.services.doctor import examine
from kpi_engine.services.facts import read_facts
from kpi_engine.services.redefining import (
    bring_up_to_date,
    follow_the_files,
    read_redefined,
)
from kpi_engine.services.saving import is_current
from kpi_engine.store.freshness import read_freshness
from kpi_engine.store.versions import read_tick
from kpi_engine.terms import BatchKind, Grain, Role
from kpi_engine.workspace import Workspace
from tests.services.redefined import (
    CRITICAL,
    LATER,
    changed_metric,
    declare,
    only_most_urgent,
    reopened,
    save_tickets,
)
from tests.services.tiny import SOMEBODY, open_workspace

TIME_TO_RESOLVE = "it.mttr"


@pytest.fixture
def ws(tmp_path: Path) -> Iterator[Workspace]:
    """Ten tickets in each of three months: two of priority 1, two of 2, solved in 3 hours."""
    found = open_workspace(tmp_path / "home")
    save_tickets(found, months=(8, 9, 10))
    yield found
    found.close()


def values(ws: Workspace, metric: str = CRITICAL, as_of: int | None = None) -> list[float | None]:
    found = read_facts(
        ws, metric, grain=Grain.MONTH, first=date(2026, 1, 1), last=date(2026, 12, 1), as_of=as_of
    )
    return [one.value for one in found.values]


def test_all_of_history_is_counted_by_the_newest_definition(ws: Workspace) -> None:
    assert values(ws) == [4, 4, 4]
    declare(ws.home, "events", only_most_urgent())
    ws = reopened(ws)
    assert CRITICAL in read_redefined(ws).metrics
    number = bring_up_to_date(ws, actor=SOMEBODY, now=LATER)
    assert values(ws) == [2, 2, 2]
    assert examine(ws) == ()
    # Whoever looks at the tick before still sees what was so then.
    assert number is not None
    assert values(ws, as_of=number - 1) == [4, 4, 4]
    ws.close()


def test_it_is_a_batch_that_says_what_was_defined_otherwise(ws: Workspace) -> None:
    declare(ws.home, "events", only_most_urgent())
    ws = reopened(ws)
    bring_up_to_date(ws, actor=SOMEBODY, now=LATER)
    newest = imports.batches(ws)[0]
    assert (newest.kind, newest.actor) == (BatchKind.EDIT, SOMEBODY.name)
    assert "Problems that stop important work" in newest.note
    with pytest.raises(StoreError, match="follow from a change of definitions"):
        undoing.undo(ws, newest.id, actor=SOMEBODY, now=LATER)
    ws.close()


def test_a_store_that_is_up_to_date_stays_as_it_is(ws: Workspace) -> None:
    before = ws.newest()
    assert bring_up_to_date(ws, actor=SOMEBODY, now=LATER) is None
    declare(
        ws.home, "metrics", changed_metric(CRITICAL, sentence="How often important work stopped.")
    )
    ws = reopened(ws)
    assert read_redefined(ws).metrics == ()
    assert bring_up_to_date(ws, actor=SOMEBODY, now=LATER) is None
    assert ws.newest() == before
    ws.close()


def test_a_way_of_counting_that_comes_to_the_same_makes_no_batch(ws: Workspace) -> None:
    kind = only_most_urgent()
    kind["counters"]["critical"]["where"] = {"priority": {"is_in": [1, 2]}}
    declare(ws.home, "events", kind)
    ws = reopened(ws)
    assert CRITICAL in read_redefined(ws).metrics
    assert bring_up_to_date(ws, actor=SOMEBODY, now=LATER) is None
    assert read_redefined(ws).metrics == ()
    ws.close()


def test_medians_stocks_and_quarters_follow_too(ws: Workspace) -> None:
    assert values(ws, TIME_TO_RESOLVE) == [3, 3, 3]
    kind = only_most_urgent()
    kind["counters"]["hours_to_resolve"]["unit"] = "minutes"
    declare(ws.home, "events", kind)
    ws = reopened(ws)
    bring_up_to_date(ws, actor=SOMEBODY, now=LATER)
    assert values(ws, TIME_TO_RESOLVE) == [180, 180, 180]
    assert examine(ws) == ()
    ws.close()


def test_days_are_cut_anew_where_the_organisation_moves(ws: Workspace) -> None:
    save_tickets(ws, months=(8,), hour=23, days=(31,), first=90)
    assert values(ws)[:2] == [5, 4]
    (ws.home / "definitions" / "organisation.yaml").write_text(
        "organisation: {name: Tiny, time_zone: Europe/Berlin}\n"
    )
    ws = reopened(ws)
    bring_up_to_date(ws, actor=SOMEBODY, now=LATER)
    assert values(ws)[:2] == [4, 5]
    assert examine(ws) == ()
    ws.close()


def test_a_measure_that_is_new_has_its_history_at_once(ws: Workspace) -> None:
    new = changed_metric(
        CRITICAL, id="it.reported", measure={"fold": "sum", "value": "ticket.created"}
    )
    declare(ws.home, "metrics", new)
    ws = reopened(ws)
    bring_up_to_date(ws, actor=SOMEBODY, now=LATER)
    assert values(ws, "it.reported") == [10, 10, 10]
    ws.close()


def test_nothing_is_left_of_what_can_be_worked_out_no_more(ws: Workspace) -> None:
    declare(ws.home, "metrics", changed_metric(CRITICAL, measure={"fold": "sum"}))
    ws = reopened(ws)
    bring_up_to_date(ws, actor=SOMEBODY, now=LATER)
    assert values(ws) == []
    assert examine(ws) == ()
    ws.close()


def test_nothing_is_added_to_numbers_of_an_earlier_definition(ws: Workspace) -> None:
    declare(ws.home, "events", only_most_urgent())
    ws = reopened(ws)
    with pytest.raises(StoreError, match="Definitions have changed since"):
        save_tickets(ws, months=(11,))
    bring_up_to_date(ws, actor=SOMEBODY, now=LATER)
    save_tickets(ws, months=(11,))
    assert values(ws) == [2, 2, 2, 2]
    ws.close()


def test_data_are_no_fresher_for_it(ws: Workspace) -> None:
    new = changed_metric(CRITICAL, id="it.reported")
    declare(ws.home, "events", only_most_urgent())
    declare(ws.home, "metrics", new)
    ws = reopened(ws)
    bring_up_to_date(ws, actor=SOMEBODY, now=LATER)
    with ws.reading() as connection:
        found = read_freshness(connection, ws.catalogue, tick=read_tick(connection))
    said = {row.metric: (row.data_through, str(row.received_at)) for row in found.itertuples()}
    assert said[CRITICAL] == said["it.reported"] == (date(2026, 10, 10), "2026-11-19 08:00:00")
    ws.close()


def test_only_a_steward_changes_definitions(ws: Workspace) -> None:
    somebody = Actor(name="ann", roles=frozenset({Role.CONTRIBUTOR}))
    with pytest.raises(NotAllowedError):
        bring_up_to_date(ws, actor=somebody, now=LATER)


def test_a_recipe_that_is_added_lets_what_was_changed_by_hand_count_first(ws: Workspace) -> None:
    declare(ws.home, "events", only_most_urgent())
    text = recipes.recipe_text(ws, "servicenow_incidents")
    mine = text.replace("id: servicenow_incidents", "id: my_desk")
    recipes.add_recipe(ws, "my_desk.yaml", mine.encode(), actor=SOMEBODY, now=LATER)
    assert values(ws) == [2, 2, 2]
    assert "my_desk" in ws.catalogue.own_recipes
    assert examine(ws) == ()


def test_a_preview_made_by_earlier_definitions_is_made_anew_before_it_is_saved(
    tmp_path: Path,
) -> None:
    ws = open_workspace(tmp_path / "home")
    path = tmp_path / "tickets.csv"
    rows = (
        f"INC{n},2026-10-0{n} 09:00,2026-10-0{n} 12:00,{1 + n // 3},Closed" for n in range(1, 5)
    )
    path.write_text("\n".join(["number,opened_at,resolved_at,priority,state", *rows]))
    shown = imports.preview(ws, path, actor=SOMEBODY, recipe="servicenow_incidents", now=LATER)
    assert is_current(ws, shown)

    declare(ws.home, "events", only_most_urgent())
    follow_the_files(ws, now=LATER)
    assert not is_current(ws, shown)
    with pytest.raises(StoreError, match="or changed definitions"):
        imports.commit(ws, shown, actor=SOMEBODY, now=LATER)

    again = imports.preview(ws, path, actor=SOMEBODY, recipe="servicenow_incidents", now=LATER)
    imports.commit(ws, again, actor=SOMEBODY, now=LATER)
    assert values(ws) == [2]
    assert examine(ws) == ()
    ws.close()


def test_an_undo_looked_at_by_earlier_definitions_is_worked_out_anew(ws: Workspace) -> None:
    save_tickets(ws, months=(10,), first=20)
    shown = undoing.preview(ws, ws.newest(), actor=SOMEBODY)
    # Of no month stored is the number another, so no batch tells that the definitions are.
    declare(ws.home, "metrics", changed_metric(TIME_TO_RESOLVE, label="Time until it works again"))
    follow_the_files(ws, now=LATER)
    assert ws.newest() == shown.base
    assert not is_current(ws, shown)
    undoing.commit(ws, shown, actor=SOMEBODY, now=LATER)
    assert values(ws) == [4, 4, 4]
    assert examine(ws) == ()

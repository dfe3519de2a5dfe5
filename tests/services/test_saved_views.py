"""A view with a name survives a restart, and is seen by whom it is meant for."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kpi_engine.actors import Actor
from kpi_engine.errors import NotAllowedError, StoreError, UnknownNameError
from kpi_engine.services.doctor import examine
from kpi_engine.services.saved_views import drop_view, save_view, saved_views
from kpi_engine.terms import Role
from kpi_engine.workspace import Workspace

NOW = datetime(2026, 11, 2, 8, tzinfo=UTC)
ANN = Actor(name="ann", roles=frozenset({Role.ANALYST}))
BEN = Actor(name="ben", roles=frozenset({Role.ANALYST}))
STEWARD = Actor(name="eve", roles=frozenset({Role.STEWARD}))


@pytest.fixture
def ws(tmp_path: Path):
    found = Workspace.open(tmp_path / "home")
    yield found
    found.close()


def save(ws, name="Revenue by country", address="metric=biz.revenue", *, shared, actor=ANN, at=0):
    return save_view(
        ws,
        "explore",
        name,
        address=address,
        is_shared=shared,
        actor=actor,
        now=NOW + timedelta(minutes=at),
    )


def seen(ws, actor):
    return [
        (view.owner, view.name, view.address) for view in saved_views(ws, "explore", actor=actor)
    ]


def test_a_private_view_is_its_owners_and_a_shared_one_everybodys(ws) -> None:
    save(ws, "Mine", "a=1", shared=False)
    save(ws, "Ours", "b=2", shared=True)
    assert seen(ws, ANN) == [("ann", "Mine", "a=1"), ("ann", "Ours", "b=2")]
    assert seen(ws, BEN) == [("ann", "Ours", "b=2")]


def test_the_newest_version_counts_also_after_a_restart(ws, tmp_path) -> None:
    save(ws, address="a=1", shared=True)
    save(ws, address="a=2", shared=False, at=1)
    ws.close()
    again = Workspace.open(tmp_path / "home")
    assert seen(again, ANN) == [("ann", "Revenue by country", "a=2")]
    assert seen(again, BEN) == [], "it is private now"
    assert examine(again) == ()
    again.close()


def test_two_people_may_use_one_name(ws) -> None:
    save(ws, address="a=1", shared=True)
    save(ws, address="b=2", shared=True, actor=BEN)
    assert [owner for owner, _, _ in seen(ws, STEWARD)] == ["ann", "ben"]


def test_a_view_is_taken_back_by_its_owner_or_a_steward(ws) -> None:
    save(ws, "One", shared=True)
    save(ws, "Two", shared=True)
    with pytest.raises(NotAllowedError, match="Ask its owner or a steward"):
        drop_view(ws, "explore", "One", owner="ann", actor=BEN, now=NOW)
    drop_view(ws, "explore", "One", owner="ann", actor=STEWARD, now=NOW + timedelta(minutes=1))
    drop_view(ws, "explore", "Two", owner="ann", actor=ANN, now=NOW + timedelta(minutes=1))
    assert seen(ws, ANN) == []
    with pytest.raises(UnknownNameError):
        drop_view(ws, "explore", "Two", owner="ann", actor=ANN, now=NOW)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.CONTRIBUTOR])
def test_who_only_reads_or_adds_saves_no_view(ws, role) -> None:
    with pytest.raises(NotAllowedError, match="may not save a view"):
        save(ws, shared=False, actor=Actor(name="x", roles=frozenset({role})))


@pytest.mark.parametrize("name", ["", "  ", "x" * 81])
def test_a_name_says_something(ws, name) -> None:
    with pytest.raises(StoreError, match="name"):
        save(ws, name, shared=False)

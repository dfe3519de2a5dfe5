"""Files that a scheduler drops, and work that the command line hands over."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest

from kpi_engine.errors import CancelledError, StoreError
from kpi_engine.imports.overrides import Overrides
from kpi_engine.job import Progress, check_cancelled, stage
from kpi_engine.services import imports, preparing
from kpi_engine.services.handing_over import (
    ANSWER,
    CANCEL,
    REQUEST,
    hand_over,
    hand_recipe_over,
    inbox_of,
)
from kpi_engine.services.inbox import Inbox
from kpi_engine.services.recipes import recipe_text
from tests.desk import NOW, Desk

TIDY = "period,metric,value\n2026-10,biz.orders,5\n"


@pytest.fixture
def inbox(desk: Desk) -> Inbox:
    inbox_of(desk.ws.home).mkdir()
    return Inbox(ws=desk.ws, now=lambda: NOW)


def answers(desk: Desk, place: str) -> list[dict[str, object]]:
    folder = inbox_of(desk.ws.home) / place
    return [json.loads(path.read_text()) for path in sorted(folder.glob(f"*{ANSWER}"))]


def test_a_dropped_file_is_taken_once_it_has_stopped_growing(desk: Desk, inbox: Inbox) -> None:
    path = inbox_of(desk.ws.home) / "orders.csv"
    path.write_text(TIDY)
    assert inbox.look() == 0
    path.write_text(TIDY + "2026-09,biz.orders,6\n")
    assert inbox.look() == 0, "it grew since"
    assert inbox.look() == 1
    (batch,) = imports.batches(desk.ws)
    assert (batch.actor, batch.file_name, batch.rows_read) == ("inbox", "orders.csv", 2)
    assert not path.exists()
    (answer,) = answers(desk, "done")
    assert answer["batch"]
    assert inbox.look() == 0


def test_what_cannot_be_read_is_set_aside_with_the_reason(desk: Desk, inbox: Inbox) -> None:
    (inbox_of(desk.ws.home) / "odd.csv").write_text("colour\nred\n")
    inbox.look()
    inbox.look()
    (answer,) = answers(desk, "refused")
    assert "No known source" in str(answer["error"])
    assert list(inbox_of(desk.ws.home).glob("*.csv")) == []


def test_files_that_are_still_being_copied_are_let_be(desk: Desk, inbox: Inbox) -> None:
    (inbox_of(desk.ws.home) / "orders.csv.part").write_text(TIDY)
    (inbox_of(desk.ws.home) / ".hidden").write_text(TIDY)
    inbox.look()
    assert inbox.look() == 0


@contextmanager
def served(inbox: Inbox) -> Iterator[None]:
    """Somebody looks into the inbox meanwhile."""
    stop = threading.Event()

    def serve() -> None:
        while not stop.wait(0.05):
            inbox.look()

    server = threading.Thread(target=serve)
    server.start()
    try:
        yield
    finally:
        stop.set()
        server.join()


def test_the_command_line_hands_a_file_over_and_gets_its_answer(
    desk: Desk, inbox: Inbox, tmp_path: Path
) -> None:
    file = tmp_path / "orders.csv"
    file.write_text(TIDY)
    with served(inbox):
        answer = hand_over(
            desk.ws.home, file, actor="ann", recipe=None, note="by hand", patience=30
        )
    assert answer["batch"]["actor"] == "ann"
    assert answer["batch"]["file_name"] == "orders.csv"
    assert answer["batch"]["note"] == "by hand"
    assert [path for path in inbox_of(desk.ws.home).iterdir() if path.is_file()] == []


def test_how_a_file_is_to_be_read_is_handed_over_with_it(
    desk: Desk, inbox: Inbox, tmp_path: Path
) -> None:
    file = tmp_path / "orders.csv"
    file.write_text(TIDY + "2026-10,biz.orders,7\n")
    said = Overrides(adds=True)
    with served(inbox):
        hand_over(desk.ws.home, file, actor="ann", recipe=None, note="", patience=30, said=said)
    assert desk.values("biz.orders") == {date(2026, 10, 1): 12}


def test_who_waits_in_vain_is_told_and_loses_nothing(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text(TIDY)
    with pytest.raises(StoreError, match="waits in the inbox"):
        hand_over(desk.ws.home, file, actor="ann", recipe=None, note="", patience=0.1)
    inbox = Inbox(ws=desk.ws, now=lambda: NOW)
    assert inbox.look() == 1
    assert len(imports.batches(desk.ws)) == 1


def test_a_request_that_makes_no_sense_is_set_aside(desk: Desk, inbox: Inbox) -> None:
    (inbox_of(desk.ws.home) / f"x{REQUEST}").write_text("{")
    inbox.look()
    (answer,) = answers(desk, "refused")
    assert "Not a request" in str(answer["error"])


def hand(desk: Desk, file: Path, tell: Callable[[Progress], None]) -> dict[str, object]:
    return hand_over(desk.ws.home, file, actor="ann", recipe=None, note="", patience=30, tell=tell)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Holds up the reading of a file until the event; cancelling works all the same."""
    go_on = threading.Event()
    at_once = preparing.read_table

    def read(*args: object, **kwargs: object) -> object:
        stage("Reading slowly")
        while not go_on.wait(0.02):
            check_cancelled()
        return at_once(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(preparing, "read_table", read)
    return go_on


def test_whoever_hands_a_file_over_is_told_how_far_it_is(
    desk: Desk, inbox: Inbox, tmp_path: Path, slow: threading.Event
) -> None:
    file, heard = tmp_path / "orders.csv", []
    file.write_text(TIDY)

    def tell(far: Progress) -> None:
        heard.append(far.stage)
        slow.set()

    with served(inbox):
        assert hand(desk, file, tell)["batch"]
    assert "Reading slowly" in heard
    assert [path for path in inbox_of(desk.ws.home).iterdir() if path.is_file()] == []


def test_ctrl_c_cancels_what_was_handed_over_and_leaves_nothing(
    desk: Desk, inbox: Inbox, tmp_path: Path, slow: threading.Event
) -> None:
    file, interrupted = tmp_path / "orders.csv", []
    file.write_text(TIDY)

    def tell(_: Progress) -> None:
        interrupted.append(True)
        raise KeyboardInterrupt

    with served(inbox), pytest.raises(CancelledError):
        hand(desk, file, tell)
    assert interrupted == [True]
    assert not slow.is_set()
    assert imports.batches(desk.ws) == ()
    assert [path for path in inbox_of(desk.ws.home).rglob("*") if path.is_file()] == []
    assert list(desk.ws.staging_folder.glob("*")) == []


def test_a_request_that_was_withdrawn_before_anybody_looked_is_not_served(
    desk: Desk, inbox: Inbox, tmp_path: Path
) -> None:
    file = tmp_path / "orders.csv"
    file.write_text(TIDY)
    with pytest.raises(StoreError):
        hand_over(desk.ws.home, file, actor="ann", recipe=None, note="", patience=0.1)
    (request,) = inbox_of(desk.ws.home).glob(f".*{REQUEST}")
    request.with_name(request.name.removesuffix(REQUEST) + CANCEL).touch()
    inbox.look()
    assert imports.batches(desk.ws) == ()


@pytest.fixture
def shared(desk: Desk, tmp_path: Path) -> Path:
    """A recipe as somebody shared it."""
    file = tmp_path / "cases.yaml"
    text = recipe_text(desk.ws, "servicenow_incidents")
    file.write_text(text.replace("id: servicenow_incidents", "id: cases", 1))
    return file


def test_a_recipe_that_is_handed_over_is_a_source_from_then_on(
    desk: Desk, inbox: Inbox, shared: Path
) -> None:
    with served(inbox):
        answer = hand_recipe_over(desk.ws.home, shared, actor="ann", patience=30)
        again = hand_recipe_over(desk.ws.home, shared, actor="ann", patience=30)
    assert (answer["source"]["recipe"], answer["is_known"]) == ("cases", False)
    assert again["is_known"]
    assert "cases" in desk.ws.catalogue.recipes


def test_mistakes_of_a_recipe_that_is_handed_over_come_back(
    desk: Desk, inbox: Inbox, shared: Path
) -> None:
    shared.write_text(shared.read_text().replace("event: ticket", "event: tickets"))
    with served(inbox):
        answer = hand_recipe_over(desk.ws.home, shared, actor="ann", patience=30)
    assert [one["place"] for one in answer["findings"]] == ["cases.yaml, cases, event"]
    assert "cases" not in desk.ws.catalogue.recipes


def test_another_account_brings_data_and_no_recipes(
    desk: Desk, inbox: Inbox, shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kpi_engine.services.inbox.os.getuid", lambda: -1)
    with served(inbox):
        answer = hand_recipe_over(desk.ws.home, shared, actor="ann", patience=30)
    assert "ann may not add a kind of file" in answer["error"]
    assert "cases" not in desk.ws.catalogue.recipes

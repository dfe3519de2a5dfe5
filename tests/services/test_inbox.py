"""Files that a scheduler drops, and work that the command line hands over."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest

from kpi_engine.errors import StoreError
from kpi_engine.imports.overrides import Overrides
from kpi_engine.services import imports
from kpi_engine.services.inbox import ANSWER, REQUEST, Inbox, hand_over, inbox_of
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


HOLDER = """
import sys, time
from pathlib import Path
from kpi_engine.services.inbox import InboxWatcher
from kpi_engine.workspace import Workspace
ws = Workspace.open(Path(sys.argv[1]))
watcher = InboxWatcher(ws)
watcher.start()
print("open", flush=True)
sys.stdin.readline()
watcher.close()
ws.close()
"""


def test_the_command_line_leaves_a_store_that_is_held_to_its_holder(tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    home, file = tmp_path / "home", tmp_path / "orders.csv"
    file.write_text(TIDY)
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=root,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "open\n"
        done = subprocess.run(
            [sys.executable, "-m", "kpi_engine", "import", str(file), "--home", str(home)],
            capture_output=True,
            text=True,
            cwd=root,
            timeout=120,
            check=False,
        )
        holder.communicate("\n")
    assert done.returncode == 0, done.stderr
    assert "handed over" in done.stderr
    assert done.stdout == "orders.csv: 1 new; saved as batch 1.\n"

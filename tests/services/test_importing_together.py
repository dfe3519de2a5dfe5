"""Several people at once: some import, some read, somebody cancels."""

import threading
import time
from datetime import date
from pathlib import Path

import pytest

from kpi_engine.errors import CancelledError, StoreError
from kpi_engine.job import Job
from kpi_engine.services import imports, saving, scorecard, undoing
from kpi_engine.services.doctor import examine
from kpi_engine.services.import_results import Batch
from kpi_engine.store.staging import is_open
from kpi_engine.workspace import Workspace
from tests.desk import ME, NOW, Desk
from tests.services.tiny import values

MONTH = date(2026, 9, 1)
ROWS = 300_000
STAGES = (
    "Looking at the file",
    "Reading rows",
    "Comparing the rows with what is stored",
    "Working out which figures change",
    "Saving",
)


def attempts(first: int, rows: int, *, month: int = 9, status: str = "completed") -> str:
    """Checkout attempts of one month, numbered on from ``first``."""
    lines = (
        f"{n},2026-{month:02d}-{1 + n % 28:02d} 10:00:00,{status}\n"
        for n in range(first, first + rows)
    )
    return "checkout_id,started_at,status\n" + "".join(lines)


def success(ws: Workspace) -> float | None:
    """Checkout success in September, as the scorecard shows it."""
    rows = scorecard.read(ws, month=MONTH).rows
    return next(row.outcome.value for row in rows if row.outcome.metric.id == "biz.tx_success")


def save(desk: Desk, path: Path) -> Batch | None:
    return imports.commit(desk.ws, desk.open(path), actor=ME, now=NOW)


def left(ws: Workspace) -> list[str]:
    """Databases that are attached beside the store, and files that lie in its staging folder."""
    with ws.reading() as connection:
        attached = connection.exec_driver_sql(
            "SELECT database_name FROM duckdb_databases() WHERE database_name LIKE 'stage_%'"
        )
        return [*(name for (name,) in attached), *(p.name for p in ws.staging_folder.glob("*"))]


def test_whoever_reads_while_a_large_file_is_imported_sees_before_or_after_and_never_waits(
    desk: Desk,
) -> None:
    desk.save(attempts(0, 100))
    path = desk.write(attempts(100, ROWS, status="failed"), "many.csv")
    before = success(desk.ws)
    started = time.monotonic()
    job = Job(lambda: save(desk, path)).start()
    answers: list[float | None] = []
    longest = 0.0
    while job.is_running:
        asked = time.monotonic()
        answers.append(success(desk.ws))
        longest = max(longest, time.monotonic() - asked)
    took = time.monotonic() - started
    assert job.result() is not None
    after = success(desk.ws)
    assert (before, after) == (1.0, pytest.approx(100 / (100 + ROWS)))
    assert len(answers) > 3
    assert answers[0] == before
    assert sorted([*answers, after], reverse=True) == [*answers, after], "never back to before"
    assert set(answers) <= {before, after}
    assert longest < took * 0.8, "a reader that waits, waits for all of it"


def saving_at_once(desk: Desk, *texts: str) -> list[Batch | StoreError | None]:
    """Look at all the files, then save them at the same moment while somebody reads."""
    shown = [desk.preview(text, f"{number}.csv") for number, text in enumerate(texts)]
    start, done = threading.Barrier(len(shown)), threading.Event()

    def commit(number: int) -> Batch | StoreError | None:
        start.wait()
        try:
            return imports.commit(desk.ws, shown[number], actor=ME, now=NOW)
        except StoreError as refused:
            return refused

    def read() -> int:
        count = 0
        while not done.is_set():
            success(desk.ws)
            count += 1
        return count

    reader = Job(read).start()
    writers = [Job(lambda n=n: commit(n)).start() for n in range(len(shown))]
    found = [writer.result() for writer in writers]
    done.set()
    assert reader.result() > 0
    return found


def test_two_people_who_save_different_months_at_once_both_succeed(desk: Desk) -> None:
    found = saving_at_once(desk, attempts(0, 2000, month=8), attempts(2000, 3000, month=9))
    assert sorted(one.id for one in found if isinstance(one, Batch)) == [1, 2]
    assert examine(desk.ws) == ()
    assert left(desk.ws) == []
    for text, rows in ((attempts(0, 2000, month=8), 2000), (attempts(2000, 3000), 3000)):
        again = desk.preview(text)
        assert again.changes_nothing
        assert again.rows_read == rows, "every row is there"
        imports.discard(desk.ws, again, actor=ME)


def test_of_two_people_who_save_the_same_rows_at_once_the_second_is_told(desk: Desk) -> None:
    ours, theirs = attempts(0, 2000), attempts(0, 2000, status="failed")
    found = saving_at_once(desk, ours, theirs)
    (batch,) = [one for one in found if isinstance(one, Batch)]
    (refused,) = [one for one in found if isinstance(one, StoreError)]
    assert "Somebody else saved rows of the same kind" in refused.message
    assert batch.id == desk.ws.newest() == 1
    assert success(desk.ws) == (1.0 if isinstance(found[0], Batch) else 0.0)
    assert examine(desk.ws) == ()
    assert left(desk.ws) == []


def test_rows_that_were_there_when_looked_at_and_are_no_more_are_not_said_to_be(
    desk: Desk,
) -> None:
    desk.save(attempts(0, 20))
    shown = desk.preview(attempts(0, 20))
    assert shown.changes_nothing
    desk.undo(1)
    with pytest.raises(StoreError, match="Somebody else saved"):
        imports.commit(desk.ws, shown, actor=ME, now=NOW)
    again = desk.preview(attempts(0, 20))
    assert imports.commit(desk.ws, again, actor=ME, now=NOW) is not None
    assert success(desk.ws) == 1.0
    assert left(desk.ws) == []


def test_a_save_that_fails_leaves_no_more_staged_than_was_shown(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError("disk full")

    shown = desk.preview(attempts(0, 20))
    values(desk.ws, "biz.op_delay", {"2026-08": 1})
    with monkeypatch.context() as broken:
        broken.setattr(saving, "write", fail)
        with pytest.raises(OSError, match="disk full"):
            imports.commit(desk.ws, shown, actor=ME, now=NOW)
    imports.discard(desk.ws, shown, actor=ME)
    assert left(desk.ws) == []

    desk.save(attempts(0, 20))
    undo = undoing.preview(desk.ws, desk.ws.newest(), actor=ME)
    values(desk.ws, "biz.op_delay", {"2026-09": 1})
    with monkeypatch.context() as broken:
        broken.setattr(saving, "write", fail)
        with pytest.raises(OSError, match="disk full"):
            undoing.commit(desk.ws, undo, actor=ME, now=NOW)
    undoing.discard(desk.ws, undo, actor=ME)
    assert left(desk.ws) == []


@pytest.mark.parametrize("at", STAGES)
def test_a_cancelled_import_leaves_nothing_and_can_be_done_right_after(
    desk: Desk, at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kpi_engine.services.preparing._LARGE", 0)  # staged in a file
    desk.save(attempts(0, 100))
    path = desk.write(attempts(100, ROWS // 3), "many.csv")
    before = desk.ws.newest(), success(desk.ws)

    def work() -> Batch | None:
        shown = desk.open(path)
        try:
            return imports.commit(desk.ws, shown, actor=ME, now=NOW)
        finally:
            imports.discard(desk.ws, shown, actor=ME)

    job = Job(work).start()
    while job.progress().stage != at:
        assert job.is_running
    assert job.cancel()
    asked = time.monotonic()
    with pytest.raises(CancelledError, match="nothing was saved"):
        job.result()
    assert time.monotonic() - asked < 2
    assert (desk.ws.newest(), success(desk.ws)) == before
    assert left(desk.ws) == []
    assert work() is not None
    assert left(desk.ws) == []


def test_a_save_that_was_cancelled_can_be_made_after_all(desk: Desk) -> None:
    shown = desk.preview(attempts(0, ROWS // 3))
    job = Job(lambda: imports.commit(desk.ws, shown, actor=ME, now=NOW)).start()
    while job.progress().stage != "Saving":
        assert job.is_running
    assert job.cancel()
    with pytest.raises(CancelledError):
        job.result()
    assert is_open(desk.ws.engine, shown.token)
    assert imports.commit(desk.ws, shown, actor=ME, now=NOW) is not None
    assert success(desk.ws) == 1.0

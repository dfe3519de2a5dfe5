"""A write-ahead log that ends too early, as a kill in the middle of a commit leaves it."""

import shutil
from pathlib import Path

import pytest
import sqlalchemy as sa

from kpi_engine.services.doctor import examine
from kpi_engine.store.engine import write
from kpi_engine.workspace import Workspace
from tests.desk import Desk
from tests.store.test_killed_import import state

ROWS = 130_000
"""More than DuckDB puts into one block: these are written ahead of the commit."""


def attempts(first: int, rows: int) -> str:
    return "checkout_id,started_at,status\n" + "".join(
        f"{n},2026-10-{1 + n % 28:02d} {n % 24:02d}:00:00,completed\n"
        for n in range(first, first + rows)
    )


@pytest.fixture
def saved(desk: Desk, tmp_path: Path) -> tuple[Path, tuple[int, int]]:
    """A store as it lies on the disk just after a large file was saved, and what it held before."""
    desk.save(attempts(0, 10), "few.csv")
    before = state(desk.ws)
    with desk.ws.engine.connect() as connection:
        connection.execute(sa.text("CHECKPOINT"))
    desk.save(attempts(10, ROWS), "many.csv")
    left = tmp_path / "left"
    shutil.copytree(desk.ws.home, left)
    assert (left / "plumbline.duckdb.wal").exists()
    return left, before


@pytest.mark.parametrize("lacking", [1, 100, 1_000, 2_500])
def test_an_import_that_was_killed_while_it_saved_leaves_no_row(
    saved: tuple[Path, tuple[int, int]], lacking: int
) -> None:
    home, before = saved
    log = home / "plumbline.duckdb.wal"
    log.write_bytes(log.read_bytes()[:-lacking])

    ws = Workspace.open(home)

    assert state(ws) == before
    assert examine(ws) == ()
    ws.close()


def test_a_log_that_is_whole_is_kept(saved: tuple[Path, tuple[int, int]]) -> None:
    home, (tick, rows) = saved
    ws = Workspace.open(home)
    assert state(ws) == (tick + 1, rows + ROWS)
    assert examine(ws) == ()
    ws.close()


def test_rows_without_a_batch_are_an_error(desk: Desk) -> None:
    desk.save(attempts(0, 10))
    rows = sa.text(
        "INSERT INTO event_attempt SELECT * REPLACE (7 AS batch_id) FROM event_attempt LIMIT 3"
    )
    write(desk.ws.engine, lambda connection: connection.execute(rows))
    findings = [one for one in examine(desk.ws) if one.place == "table event_attempt"]
    assert [one.sentence for one in findings] == ["3 rows belong to a batch that was never saved."]

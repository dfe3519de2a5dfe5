"""A killed import leaves the store as before or after, never between."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kpi_engine.services.doctor import examine
from kpi_engine.store import tables
from kpi_engine.workspace import Workspace
from tests.desk import Desk

ROWS = 40_000
KILLS = 20

IMPORTER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from kpi_engine.actors import local_actor
from kpi_engine.services import imports
from kpi_engine.workspace import Workspace
home, file = map(Path, sys.argv[1:])
me, now = local_actor("tester"), datetime(2026, 11, 5, tzinfo=UTC)
ws = Workspace.open(home)
shown = imports.preview(ws, file, actor=me, now=now)
print("previewed", flush=True)
imports.commit(ws, shown, actor=me, now=now)
print("saved", flush=True)
"""


def attempts_file(folder: Path, run: int) -> Path:
    path = folder / f"attempts{run}.csv"
    rows = "".join(
        f"{run}-{n},2026-{1 + n % 9:02d}-{1 + n % 28:02d} {n % 24:02d}:00:00,completed\n"
        for n in range(ROWS)
    )
    path.write_text("checkout_id,started_at,status\n" + rows)
    return path


def killed_import(home: Path, file: Path, *, after: float) -> bool:
    """Start an import, kill it that many seconds after its preview; whether it said "saved"."""
    process = subprocess.Popen(
        [sys.executable, "-c", IMPORTER, str(home), str(file)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "previewed\n"
    time.sleep(after)
    process.send_signal(signal.SIGKILL)
    rest = process.stdout.read()
    process.wait()
    process.stdout.close()
    return "saved" in rest


def state(ws: Workspace) -> tuple[int, int]:
    """The newest tick, and how many checkout attempts are kept."""
    with ws.reading() as connection:
        table = tables.metadata.tables["event_attempt"]
        count = connection.execute(table.select().with_only_columns(table.c.batch_id)).all()
    return ws.newest(), len(count)


@pytest.mark.parametrize("seed", [1])
def test_twenty_kills_leave_whole_batches_only(desk: Desk, tmp_path: Path, seed: int) -> None:
    moments = random.Random(seed)  # noqa: S311  # kill times, not a secret
    home = desk.ws.home
    desk.ws.close()
    for run in range(KILLS):
        ws = Workspace.open(home)
        before = state(ws)
        ws.close()
        saved = killed_import(home, attempts_file(tmp_path, run), after=moments.uniform(0, 0.4))
        ws = Workspace.open(home)
        after = state(ws)
        ws.close()
        assert after in (before, (before[0] + 1, before[1] + ROWS)), f"kill {run}"
        assert not saved or after != before, "what was said to be saved is there"
    ws = Workspace.open(home)
    assert examine(ws) == ()
    ws.close()

"""A killed import leaves the store as before or after, never between.

``KILLS=100 KILLED_ROWS=1000000`` makes a night of it.
"""

import os
import random
import shutil
import time
from contextlib import suppress
from pathlib import Path

import sqlalchemy as sa

from kpi_engine.services.doctor import examine
from kpi_engine.store import tables
from kpi_engine.workspace import Workspace
from tests.desk import Desk
from tests.importer import PREVIEWED, SAVED, importing

ROWS = int(os.environ.get("KILLED_ROWS", "10000"))
KILLS = int(os.environ.get("KILLS", "12"))


def attempts_file(folder: Path, run: int) -> Path:
    path = folder / f"attempts{run}.csv"
    rows = "".join(
        f"{run}-{n},2026-{1 + n % 9:02d}-{1 + n % 28:02d} {n % 24:02d}:00:00,completed\n"
        for n in range(ROWS)
    )
    path.write_text("checkout_id,started_at,status\n" + rows)
    return path


def whole_import(home: Path, file: Path) -> tuple[float, float]:
    """Run an import to its end; seconds from its start to its preview, and to its end."""
    started = time.monotonic()
    with importing(home, file) as (process, heard):
        assert heard.recv() == PREVIEWED
        previewed = time.monotonic() - started
        assert heard.recv() == SAVED
        process.join()
    return previewed, time.monotonic() - started


def killed_import(home: Path, file: Path, *, after: float) -> bool:
    """Start an import and kill it that many seconds later; whether it said it was saved by then."""
    with importing(home, file) as (process, heard):
        process.join(timeout=after)
        process.kill()
        process.join()
        said = []
        with suppress(EOFError):
            while True:
                said.append(heard.recv())
    return SAVED in said


def kill_moments(previewed: float, ended: float) -> list[float]:
    """Anywhere from the start of the process to after the save; most of them while it saves."""
    moments = random.Random(KILLS)  # noqa: S311  # moments, no secrets
    early, saving = KILLS // 3, KILLS - KILLS // 3 - 1
    return [
        *(moments.uniform(0, previewed) for _ in range(early)),
        *(moments.uniform(previewed, ended * 1.1) for _ in range(saving)),
        3 * ended,
    ]


def state(ws: Workspace) -> tuple[int, int]:
    """The newest tick, and how many checkout attempts are kept."""
    with ws.reading() as connection:
        table = tables.metadata.tables["event_attempt"]
        count = connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
    return ws.newest(), int(count)


def test_kills_at_any_moment_leave_whole_batches_only(desk: Desk, tmp_path: Path) -> None:
    stored, file = attempts_file(tmp_path, 0), attempts_file(tmp_path, 1)
    home, killed = desk.ws.home, tmp_path / "killed"
    desk.ws.close()
    whole_import(home, stored)
    ws = Workspace.open(home)
    before = state(ws)
    ws.close()
    shutil.copytree(home, killed)
    previewed, ended = whole_import(killed, file)
    outcomes = set()
    for moment in kill_moments(previewed, ended):
        shutil.rmtree(killed)
        shutil.copytree(home, killed)
        said = killed_import(killed, file, after=moment)
        ws = Workspace.open(killed)
        after = state(ws)
        assert after in (before, (before[0] + 1, before[1] + ROWS)), f"killed at {moment:.2f} s"
        assert examine(ws) == (), f"killed at {moment:.2f} s"
        ws.close()
        saved = after != before
        assert saved or not said, "what was said to be saved is there"
        outcomes.add(saved)
    assert outcomes == {False, True}, "some kills came before the save, and some after"

"""Verbs of ``python -m kpi_engine``, run in this process or as a user starts them."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from kpi_engine import terminal
from kpi_engine.__main__ import main
from tests.desk import Desk

ROOT = Path(__file__).parents[2]

Done = subprocess.CompletedProcess[str]

Run = Callable[..., Done]


def in_a_process(*arguments: object, home: Path) -> Done:
    """A verb as a user starts it."""
    return subprocess.run(
        [sys.executable, "-m", "kpi_engine", *map(str, arguments), "--home", str(home)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "200"},
        check=False,
    )


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """The same in this process, which need not start."""
    monkeypatch.setenv("COLUMNS", "200")
    for console in (terminal._OUT, terminal._ERR):
        monkeypatch.setattr(console, "width", 200)

    def verb(*arguments: object, home: Path | None = None) -> Done:
        asked = [*map(str, arguments), *(["--home", str(home)] if home else [])]
        monkeypatch.setattr(sys, "argv", ["kpi_engine", *asked])
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        status = ended.value.code
        assert isinstance(status, int)
        return Done(asked, status, *capfd.readouterr())

    return verb


@pytest.fixture
def home(desk: Desk) -> Path:
    desk.ws.close()
    return desk.ws.home

"""Asks one SQL query of a copy of the store, through a process that is ended in time."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kpi_engine.store.copies import Copy
from kpi_engine.store.engine import threads

_ANSWERING = Path(__file__).with_name("answering.py")
_AT_ONCE = 2
"""Queries that are answered at the same time; the next ones wait for them."""
_SLOTS = threading.BoundedSemaphore(_AT_ONCE)
_MEGABYTE = 1_000_000
_KEPT_NAMES = ("LD_LIBRARY_PATH", "SYSTEMROOT")
"""What Python may need to start; nothing else of the environment is handed on."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one query may take.

    Attributes:
        rows: Handed back at most.
        seconds: Until it is ended, its start included.
        memory_mb: DuckDB's limit. Values that DuckDB does not count may add as much again, a few
            times over, before the system refuses.
        result_mb: Text handed back at most.
        text: Characters of the query.
    """

    rows: int = 10_000
    seconds: float = 20.0
    memory_mb: int = 512
    result_mb: int = 20
    text: int = 20_000


@dataclass(frozen=True, kw_only=True)
class Found:
    """What came of a query.

    Attributes:
        refused: Why there are no rows: a word of ``answering.RefusedError``, or ``time`` or
            ``busy``; empty where it was answered.
        said: Which statement, view or function, or what DuckDB said.
        columns: Name and SQL type of each.
        rows: Cells: numbers, text, yes or no; all else as its text.
        is_whole: Whether those are all rows there are.
    """

    refused: str = ""
    said: str = ""
    columns: Sequence[tuple[str, str]] = ()
    rows: Sequence[Sequence[Any]] = ()
    is_whole: bool = True


def ask(copy: Copy, text: str, *, limits: Limits) -> Found:
    """The answer to a query, or why there is none.

    Args:
        copy: What is asked.
        text: The query, as somebody wrote it.
        limits: What it may take.
    """
    if not _SLOTS.acquire(timeout=limits.seconds):
        return Found(refused="busy")
    try:
        return _ask(_task(copy, text, limits), limits.seconds)
    finally:
        _SLOTS.release()


def _ask(task: Mapping[str, Any], seconds: float) -> Found:
    environment = {name: os.environ[name] for name in _KEPT_NAMES if name in os.environ}
    with subprocess.Popen(  # noqa: S603  # our own code; the query goes through standard input
        [sys.executable, "-I", str(_ANSWERING)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        cwd=_ANSWERING.parent,
    ) as process:
        try:
            said, wrong = process.communicate(json.dumps(task).encode(), timeout=seconds)
        except subprocess.TimeoutExpired:
            return Found(refused="time")
        finally:
            process.kill()
    if process.returncode < 0:
        is_late = process.returncode == -getattr(signal, "SIGXCPU", 0)
        return Found(refused="time" if is_late else "memory")
    if process.returncode:
        raise RuntimeError(wrong.decode(errors="replace"))
    return Found(**json.loads(said))


def _task(copy: Copy, text: str, limits: Limits) -> dict[str, Any]:
    return {
        "path": str(copy.path),
        "alias": copy.alias,
        "text": text,
        "views": copy.views,
        "threads": threads(),
        "memory": f"{limits.memory_mb}MB",
        "memory_bytes": limits.memory_mb * _MEGABYTE,
        "rows": limits.rows,
        "bytes": limits.result_mb * _MEGABYTE,
        "seconds": limits.seconds,
    }

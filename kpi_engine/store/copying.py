"""Copies a store's file, or runs statements on a copy, as a process of its own.

Run as a file, never imported by the app: a process that closes the store's file lets go of every
lock it has on it, and the app would no longer be the only one that may write. The task comes as
JSON on standard input.
"""

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import duckdb

_PIECE = 1 << 30
_MEMORY = "1000MB"


def main() -> None:
    """Read the task, do it."""
    task: dict[str, Any] = json.load(sys.stdin)
    for source, target in task["files"]:
        _copy(Path(source), Path(target))
    if task["statements"]:
        config = {"threads": task["threads"], "memory_limit": _MEMORY}
        with duckdb.connect(task["store"], config=config) as connection:
            for statement in task["statements"]:
                connection.execute(statement)
            connection.execute("CHECKPOINT")


def _copy(source: Path, target: Path) -> None:
    """The bytes of a file; on a file system that can, the blocks are shared."""
    try:
        with source.open("rb") as read, target.open("wb") as written:
            while os.copy_file_range(read.fileno(), written.fileno(), _PIECE):
                pass
    except (AttributeError, OSError):
        shutil.copyfile(source, target)


if __name__ == "__main__":
    main()

"""The one open store of a process: connections, the write lock, and the rescue of a torn file."""

import os
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import duckdb
import sqlalchemy as sa

from kpi_engine import job
from kpi_engine.errors import StoreBusyError, StoreError

Result = TypeVar("Result")

_WRITE_LOCK = threading.RLock()
_NUMBERS = count()
_NEWEST_WRITE: dict[Path, int] = {}
_TRIES = 6
_WATCHED = "watched"
_SETTINGS = {
    "memory_limit": "1400MB",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",
    "preserve_insertion_order": "true",
}


def open_engine(path: Path) -> sa.Engine:
    """A pooled engine on the store file, created if missing.

    Raises:
        StoreBusyError: Another process holds the file.
        StoreError: It cannot be read.
    """
    try:
        engine = _connected(path)
    except sa.exc.DBAPIError as error:
        _explain_lock(path, error)
        _replay_log(path, error)
        try:
            engine = _connected(path)
        except sa.exc.DBAPIError as again:
            raise _unreadable(path, again) from again
    with _numbered(engine):  # what happened while nobody here held it is not known
        return engine


def _connected(path: Path) -> sa.Engine:
    """An engine that has answered once; one that does not lets go of the file."""
    engine = _engine(path)
    try:
        with engine.connect() as connection:
            connection.execute(sa.text("SELECT 1"))
    except BaseException:
        engine.dispose()
        raise
    return engine


def threads() -> int:
    """How many threads the store may use.

    Raises:
        StoreError: ``PLUMBLINE_THREADS`` is no number.
    """
    said = os.environ.get("PLUMBLINE_THREADS") or "2"
    if not said.isdecimal() or int(said) < 1:
        raise StoreError(
            f"PLUMBLINE_THREADS is '{said}', which is no number of threads.",
            hint="Set it to 1 or more, or leave it out.",
        )
    return int(said)


def _engine(path: Path) -> sa.Engine:
    engine = sa.create_engine(
        f"duckdb:///{path}",
        pool_size=8,
        max_overflow=16,
        pool_timeout=30,
        connect_args={
            "config": {
                **_SETTINGS,
                "threads": threads(),
                "temp_directory": str(path.parent / "spill"),
            }
        },
    )
    sa.event.listen(engine, "connect", _quiet)
    sa.event.listen(engine, "before_cursor_execute", _heed)
    sa.event.listen(engine, "handle_error", _explain_interrupt)
    return engine


def _quiet(connection: Any, _record: Any) -> None:
    """Note the progress of statements without a bar on standard output.

    That belongs to the command line's answer.
    """
    connection.execute("SET enable_progress_bar = true; SET enable_progress_bar_print = false")


def _heed(connection: sa.Connection, *_: object) -> None:
    """Begin no further statement of a job that was cancelled between two of them."""
    if connection.info.get(_WATCHED):
        job.check_cancelled()


def _explain_interrupt(context: sa.engine.ExceptionContext) -> None:
    if isinstance(context.original_exception, duckdb.InterruptException):
        job.check_cancelled()


@contextmanager
def watched(connection: sa.Connection) -> Iterator[sa.Connection]:
    """Let the job at work, if this is one, be cancelled in the middle of what is read or staged.

    Raises:
        CancelledError: Somebody cancelled it.
    """
    raw: Any = connection.connection.driver_connection
    with job.watched(raw):
        connection.info[_WATCHED] = True
        try:
            yield connection
        finally:
            del connection.info[_WATCHED]


def _explain_lock(path: Path, error: sa.exc.DBAPIError) -> None:
    text = str(error.orig)
    if "Could not set lock" not in text:
        return
    holder = text.partition("PID ")[2].partition(")")[0]
    raise StoreBusyError(
        f"The store {path.name} is in use by another process{f' ({holder})' if holder else ''}.",
        hint="Close the other Plumbline, or work through it: only one may hold the store.",
    ) from error


def _replay_log(path: Path, error: sa.exc.DBAPIError) -> None:
    """Checkpoint a store whose write-ahead log a plain open cannot replay; nothing is lost."""
    try:
        with duckdb.connect(":memory:") as rescue:
            quoted = str(path).replace("'", "''")
            rescue.execute(f"ATTACH '{quoted}' AS damaged")
            rescue.execute("CHECKPOINT damaged")
    except duckdb.Error as failure:
        raise _unreadable(path, error) from failure


def _unreadable(path: Path, error: sa.exc.DBAPIError) -> StoreError:
    return StoreError(
        f"The store {path.name} cannot be opened: {str(error.orig).splitlines()[0]}",
        hint="Restore the newest backup, and keep this file for support.",
    )


def write(engine: sa.Engine, work: Callable[[sa.Connection], Result]) -> Result:
    """Run ``work`` in one transaction, one writer at a time; conflicts are tried again.

    A job can be cancelled until the transaction is committed, and no longer.

    Raises:
        CancelledError: Somebody cancelled the job; nothing was written.
        StoreError: Somebody else kept changing the same rows.
    """
    for attempt in range(_TRIES):
        try:
            with _WRITE_LOCK, _numbered(engine), engine.begin() as connection:
                with watched(connection):
                    result = work(connection)
                job.last_call()
                return result
        except sa.exc.DBAPIError as error:
            if not _is_conflict(error):
                raise
            time.sleep(random.random() * 0.02 * 2**attempt)  # noqa: S311  # jitter, not a secret
    raise StoreError("Somebody else is changing the same rows.", hint="Try again in a moment.")


@contextmanager
def _numbered(engine: sa.Engine) -> Iterator[None]:
    try:
        yield
    finally:  # also where it failed: whether it was committed then may be unknown
        _NEWEST_WRITE[_file(engine)] = next(_NUMBERS)


def newest_write(engine: sa.Engine) -> int:
    """A number of the newest write to the store: while it stays, so does all that is in it.

    One process holds the store, and `write` is the only way into it.
    """
    return _NEWEST_WRITE.setdefault(_file(engine), next(_NUMBERS))


def _file(engine: sa.Engine) -> Path:
    return Path(engine.url.database or "").resolve()


def apart(engine: sa.Engine, work: Callable[[sa.Connection], Result]) -> Result:
    """Run ``work`` in a transaction that writes to a staging database only.

    It sees one state of the store throughout, and keeps no writer of the store waiting.

    Raises:
        CancelledError: Somebody cancelled the job.
    """
    with engine.begin() as connection, watched(connection):
        return work(connection)


def at_rest(engine: sa.Engine, work: Callable[[sa.Connection], Result]) -> Result:
    """Run ``work`` while nobody writes; all that was written is in the store's file or its log."""
    with _WRITE_LOCK, engine.connect() as connection:
        with suppress(sa.exc.DBAPIError):  # somebody reads what it would drop: the log stays
            connection.exec_driver_sql("CHECKPOINT")
        connection.rollback()
        return work(connection)


def _is_conflict(error: sa.exc.DBAPIError) -> bool:
    text = str(error.orig)
    kind = type(error.orig).__name__
    return kind == "TransactionException" and ("onflict" in text or "duplicate key" in text)

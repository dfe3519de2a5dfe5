"""Long work in a thread of its own: how far it is, and the wish to end it early.

Whoever waits holds the :class:`Job`. The work itself need not know of it: it says what it is doing
(:func:`stage`), lets itself be stopped where that does no harm (:func:`check_cancelled`,
:func:`watched`), and says from where on it can no longer be (:func:`last_call`). Outside a job all
of these do nothing.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from kpi_engine.errors import CancelledError

Result = TypeVar("Result")

_TELLING_SHARE = 0.1
"""Share of a stage that must be behind before its speed says anything about the rest."""
_TELLING_SECONDS = 1.0
_LOOK_SECONDS = 0.2


class Interruptible(Protocol):
    """A connection to a database that can be looked at and stopped from another thread."""

    def interrupt(self) -> None:
        """Stop the statement at work."""

    def query_progress(self) -> float:
        """Percent of the statement at work; negative when none is."""


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a job is.

    Attributes:
        stage: What is being done, in words; empty before the first stage.
        seconds: Since the stage began.
        share: Of the stage that is behind, above 0 to 1; None where nothing tells.
        size: Bytes that the stage reads; 0 where it reads no file.
        usual: Seconds that such a stage takes, judging by how long the file took to read; None
            where no file was read, or so fast that it says nothing.
        is_cancelled: Somebody asked for it to end; it will within moments.
        is_final: It can no longer be cancelled.
    """

    stage: str
    seconds: float
    share: float | None
    size: int
    usual: float | None
    is_cancelled: bool
    is_final: bool

    @property
    def bytes_per_second(self) -> float | None:
        """How fast the stage reads; None before that can be said."""
        if self.share is None or not self._is_telling:
            return None
        return self.size * self.share / self.seconds

    @property
    def seconds_left(self) -> float | None:
        """To the end of the stage, at the speed so far or as usual; None where nothing tells."""
        if self.usual is not None:
            return self.usual - self.seconds if self.usual > self.seconds else None
        if self.share is None or not self._is_telling:
            return None
        return self.seconds * (1 - self.share) / self.share

    @property
    def _is_telling(self) -> bool:
        return (self.share or 0) >= _TELLING_SHARE and self.seconds >= _TELLING_SECONDS


class Job(Generic[Result]):
    """One piece of work, started once. Every method may be called from any thread."""

    def __init__(
        self, work: Callable[[], Result], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._lock = threading.Lock()
        self._clock = clock
        self._connections: list[Interruptible] = []
        self._stage, self._size, self._since = "", 0, clock()
        self._reading, self._times = 0.0, 0.0
        self._is_cancelled = self._is_final = False
        self._done: list[Result] = []
        self._failure: BaseException | None = None
        self._ended = threading.Event()  # Thread.join() loses count of a thread after Ctrl-C
        self._thread = threading.Thread(target=self._run, args=(work,), name="job", daemon=True)

    def start(self) -> "Job[Result]":
        """Begin."""
        self._thread.start()
        return self

    def wait(self, seconds: float | None = None) -> bool:
        """Wait for the end, or so long.

        Returns:
            Whether it has ended.
        """
        return self._ended.wait(seconds)

    @property
    def is_running(self) -> bool:
        """Whether it has not ended."""
        return not self._ended.is_set()

    def result(self) -> Result:
        """What the work returned; whatever it raised is raised here. Waits for the end."""
        self.wait()
        if self._failure is not None:
            raise self._failure
        return self._done[0]

    def cancel(self) -> bool:
        """Ask for the work to end early; the statement at work is stopped.

        Returns:
            Whether that was in time. If so the work ends with a CancelledError, unless it had
            nothing left to do.
        """
        with self._lock:
            if self._is_final:
                return False
            self._is_cancelled = True
            for connection in self._connections:
                connection.interrupt()
            return True

    def progress(self) -> Progress:
        """How far it is."""
        with self._lock:
            shares = [connection.query_progress() / 100 for connection in self._connections]
            share = max(shares, default=0.0) if self._size else 0.0
            return Progress(
                stage=self._stage,
                seconds=self._clock() - self._since,
                share=share if share > 0 else None,
                size=self._size,
                usual=self._usual,
                is_cancelled=self._is_cancelled,
                is_final=self._is_final,
            )

    def _run(self, work: Callable[[], Result]) -> None:
        _CURRENT.set(self)
        try:
            self._done.append(work())
        except BaseException as failure:  # noqa: BLE001  # raised where the result is asked for
            self._failure = failure
        with self._lock:
            self._is_final = True
        self._ended.set()

    @property
    def _usual(self) -> float | None:
        is_telling = self._times and self._reading >= _TELLING_SECONDS
        return self._times * self._reading if is_telling else None

    def _enter(self, stage: str, size: int, times: float) -> None:
        self._check()
        now = self._clock()
        with self._lock:
            if self._size:
                self._reading = now - self._since
            self._stage, self._size, self._since, self._times = stage, size, now, times

    def _check(self) -> None:
        if self._is_cancelled:
            raise CancelledError

    def _close(self) -> None:
        with self._lock:
            self._check()
            self._is_final = True

    def _watch(self, connection: Interruptible) -> None:
        with self._lock:
            self._check()
            self._connections.append(connection)

    def _leave(self, connection: Interruptible) -> None:
        with self._lock:
            self._connections.remove(connection)


_CURRENT: ContextVar[Job[Any] | None] = ContextVar("job", default=None)


def stage(words: str, *, size: int = 0, times_reading: float = 0.0) -> None:
    """Say what is being done from here on.

    Args:
        words: As a reader is told.
        size: Bytes of the file that the one long statement of this stage reads; 0: none.
        times_reading: How many times as long as reading the file it usually takes; 0: unknown.

    Raises:
        CancelledError: Somebody cancelled the job.
    """
    job = _CURRENT.get()
    if job is not None:
        job._enter(words, size, times_reading)


def check_cancelled() -> None:
    """End here if somebody cancelled the job.

    Raises:
        CancelledError: Somebody did.
    """
    job = _CURRENT.get()
    if job is not None:
        job._check()


def last_call() -> None:
    """From here on the job can no longer be cancelled.

    Raises:
        CancelledError: Somebody did before.
    """
    job = _CURRENT.get()
    if job is not None:
        job._close()


@contextmanager
def watched(connection: Interruptible) -> Iterator[None]:
    """Let a connection be looked at, and stopped in the middle of a statement, by the job.

    Raises:
        CancelledError: Somebody cancelled the job.
    """
    job = _CURRENT.get()
    if job is None:
        yield
        return
    job._watch(connection)
    try:
        yield
    finally:
        job._leave(connection)


@contextmanager
def turn(lock: threading.RLock) -> Iterator[None]:
    """Hold a lock, once everybody before has let go of it.

    Raises:
        CancelledError: Somebody cancelled the job while it waited.
    """
    while not lock.acquire(timeout=_LOOK_SECONDS):
        check_cancelled()
    try:
        yield
    finally:
        lock.release()

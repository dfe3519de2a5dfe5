"""Estimates kept up with the store, in a thread of its own: no page ever waits for them."""

import logging
import threading
from dataclasses import dataclass

from kpi_engine.errors import CancelledError
from kpi_engine.job import Job
from kpi_engine.services.estimates import estimate_all, missing_estimates
from kpi_engine.workspace import Workspace

_LOOK_SECONDS = 2.0
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class HowFar:
    """How far the estimates of the newest tick are.

    Attributes:
        done: Outcomes whose links are worked out.
        total: Outcomes that are being worked out; 0 where nothing is missing.
        has_failed: Something is missing and will not be tried again before the next import or
            definition; the log says why.
    """

    done: int
    total: int
    has_failed: bool = False


class EstimateKeeper:
    """Works out what the newest tick lacks, one outcome after the other, whenever it moves on.

    It waits until the clock stands still: while files come in one after the other, what would be
    worked out for the last one is of no use with the next.
    """

    def __init__(self, ws: Workspace) -> None:
        self._ws = ws
        self._stop = threading.Event()
        self._far = HowFar(done=0, total=0)
        self._seen: tuple[int, str] | None = None
        self._failed: tuple[int, str] | None = None
        self._job: Job[None] | None = None
        self._thread = threading.Thread(target=self._run, name="estimates", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def close(self) -> None:
        """Stop after the outcome at work, and wait for that."""
        self._stop.set()
        if self._job is not None:
            self._job.cancel()
        if self._thread.is_alive():
            self._thread.join()

    @property
    def how_far(self) -> HowFar:
        """How far it is; may be asked from any thread."""
        return self._far

    def _run(self) -> None:
        while not self._stop.wait(_LOOK_SECONDS):
            self._look()

    def _look(self) -> None:
        state: tuple[int, str] | None = None
        try:
            state = (self._ws.newest(), self._ws.catalogue.fingerprint)
            before, self._seen = self._seen, state
            if state[0] == 0 or state != before or state == self._failed:
                return
            if not missing_estimates(self._ws):
                return
            self._job = Job(lambda: estimate_all(self._ws, progress=self._tell)).start()
            self._job.result()
        except CancelledError:
            return
        except Exception:  # noqa: BLE001 - whatever it is, pages stand without it, and it is not tried for ever
            _LOG.exception("links could not be estimated")
            self._failed = state
        finally:
            failed = self._failed is not None and self._failed == state
            self._far, self._job = HowFar(done=0, total=0, has_failed=failed), None

    def _tell(self, done: int, total: int, _outcome: str) -> None:
        self._far = HowFar(done=done, total=total)

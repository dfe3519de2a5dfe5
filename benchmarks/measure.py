"""Wall time, processor time and peak memory of one piece of work, in a process of its own."""

import multiprocessing
import resource
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import Any

_UNIT = 1 if sys.platform == "darwin" else 1024
"""Bytes that one step of ``ru_maxrss`` stands for."""


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What work took.

    Attributes:
        wall: Seconds on the clock.
        cpu: Seconds of all processors, which a busy machine disturbs less.
        peak: Bytes that its process held at most.
    """

    wall: float
    cpu: float
    peak: int = 0


class Stopwatch:
    """Measures the block it is opened for."""

    def __enter__(self) -> "Stopwatch":
        self._wall, self._cpu = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *_: object) -> None:
        self.cost = Cost(
            wall=time.perf_counter() - self._wall,
            cpu=time.process_time() - self._cpu,
            peak=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _UNIT,
        )


def in_own_process(work: Callable[..., Cost], *args: Any) -> Cost:
    """Run ``work`` in a fresh Python, so that its peak memory is its own."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=1, mp_context=context) as pool:
        return pool.submit(work, *args).result()


def median(costs: Sequence[Cost]) -> Cost:
    """The middle of several runs, each figure for itself; the highest peak."""
    return Cost(
        wall=statistics.median(cost.wall for cost in costs),
        cpu=statistics.median(cost.cpu for cost in costs),
        peak=max(cost.peak for cost in costs),
    )


def added(costs: Sequence[Cost]) -> Cost:
    """Several pieces of work after one another."""
    return Cost(
        wall=sum(cost.wall for cost in costs),
        cpu=sum(cost.cpu for cost in costs),
        peak=max((cost.peak for cost in costs), default=0),
    )

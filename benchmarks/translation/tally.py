"""Counts over many draws of a cell: for each contender and driver, how often it was right."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields

import numpy as np

from benchmarks.translation.cells import Problem
from benchmarks.translation.contenders import Answer
from benchmarks.translation.scenarios import Driver

Key = tuple[str, int]
"""A contender, and the place of a driver."""


@dataclass(frozen=True, kw_only=True)
class Tally:
    """Sums over draws; two of them add up.

    Attributes:
        draws: Series looked at.
        claims: Draws in which a link was claimed, whichever way.
        wrong_way: Claims opposite to what is true.
        alarms: Draws in which the lead test rang.
        ranges: Draws with a range.
        covered: Ranges that hold the truth.
        lags: Draws in which a lag was named though a true one exists.
        right_lags: Those of them in which it was the true one.
        off: How far the estimates were off, added up: as a share of the effect, or, where there is
            none, in standard deviations of the outcome for one of the driver.
        answered: Draws with an estimate.
        seconds: Processor time, added up.
    """

    draws: int = 0
    claims: int = 0
    wrong_way: int = 0
    alarms: int = 0
    ranges: int = 0
    covered: int = 0
    lags: int = 0
    right_lags: int = 0
    off: float = 0.0
    answered: int = 0
    seconds: float = 0.0

    def __add__(self, other: "Tally") -> "Tally":
        names = [field.name for field in fields(self)]
        return Tally(**{name: getattr(self, name) + getattr(other, name) for name in names})

    @property
    def false_links(self) -> float:
        return self.claims / max(1, self.draws)

    @property
    def power(self) -> float:
        return (self.claims - self.wrong_way) / max(1, self.draws)

    @property
    def sign_errors(self) -> float:
        return self.wrong_way / max(1, self.draws)

    @property
    def alarmed(self) -> float:
        return self.alarms / max(1, self.draws)

    @property
    def coverage(self) -> float | None:
        return self.covered / self.ranges if self.ranges else None

    @property
    def lag_found(self) -> float | None:
        return self.right_lags / self.lags if self.lags else None

    @property
    def bias(self) -> float | None:
        return self.off / self.answered if self.answered else None

    @property
    def seconds_each(self) -> float:
        return self.seconds / max(1, self.draws)


def counted(problem: Problem, place: int, answer: Answer, seconds: float) -> Tally:
    """One answer held against the truth."""
    truth = problem.draw.drivers[place]
    estimate, wide = answer.effect, answer.wide
    is_wrong = answer.is_claim and estimate is not None and estimate * truth.effect < 0
    has_lag = truth.lag is not None and answer.lag is not None
    return Tally(
        draws=1,
        claims=int(answer.is_claim),
        wrong_way=int(is_wrong),
        alarms=int(answer.is_backwards),
        ranges=int(wide is not None),
        covered=int(wide is not None and wide[0] <= truth.effect <= wide[1]),
        lags=int(has_lag),
        right_lags=int(has_lag and answer.lag == truth.lag),
        off=0.0 if estimate is None else _off(problem, place, truth, estimate),
        answered=int(estimate is not None),
        seconds=seconds,
    )


def _off(problem: Problem, place: int, truth: Driver, estimate: float) -> float:
    if truth.effect:
        return (estimate - truth.effect) / abs(truth.effect)
    spread = float(np.nanstd(problem.outcome))
    return estimate * float(np.nanstd(problem.drivers[place])) / spread if spread else 0.0


def added(parts: Iterable[dict[Key, Tally]]) -> dict[Key, Tally]:
    """Sums of several batches of draws."""
    found: dict[Key, Tally] = {}
    for part in parts:
        for key, one in part.items():
            found[key] = found.get(key, Tally()) + one
    return found


def as_plain(tallies: Mapping[Key, Tally]) -> list[list[object]]:
    """Tallies as JSON keeps them."""
    return [[name, place, asdict(one)] for (name, place), one in tallies.items()]


def from_plain(kept: list[list]) -> dict[Key, Tally]:
    """The other way round."""
    return {(name, place): Tally(**one) for name, place, one in kept}

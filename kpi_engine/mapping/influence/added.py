"""One more column in a model: what it adds, and how odd that would be by chance."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from kpi_engine.mapping.influence.background import Floats, Ints
from kpi_engine.mapping.influence.memory import Memory
from kpi_engine.mapping.influence.whitening import Whitening, orthonormal


@dataclass(frozen=True, kw_only=True)
class Added:
    """One more column in a model, the others given.

    Attributes:
        along: Its product with the outcome.
        square: Its own square; 0 where it adds nothing new.
        left_over: The square of what is left then.
        free: Degrees of freedom.
    """

    along: float
    square: float
    left_over: float
    free: int

    @property
    def is_known(self) -> bool:
        """Whether anything can be said."""
        return self.free >= 1 and self.square > 0

    @property
    def effect(self) -> float:
        """Its coefficient."""
        return self.along / self.square

    @property
    def error(self) -> float:
        """The coefficient's standard error."""
        return float(np.sqrt(self.left_over / self.free / self.square))

    @property
    def narrowing(self) -> float:
        """How many times narrower it makes the ranges of others by what it explains; at least 1."""
        if not self.is_known:
            return 1.0
        before = (self.left_over + self.along**2 / self.square) / (self.free + 1)
        return max(1.0, float(np.sqrt(before / (self.left_over / self.free))))

    @property
    def p(self) -> float:
        """Two-sided; 1 where nothing can be said."""
        if not self.is_known:
            return 1.0
        return float(2 * stats.t.sf(abs(self.effect / self.error), self.free))


def added(given: Floats, extra: Floats, outcome: Floats, rows: Ints, memory: Memory) -> Added:
    """Put one more column into a model.

    Args:
        given: Its columns, one row a period.
        extra: One more.
        outcome: One value a period.
        rows: The periods that count.
        memory: Of the errors.
    """
    known = np.where(np.isnan(outcome), 0.0, outcome)
    white = Whitening(rows, memory).of(np.column_stack([given, extra, known])[rows])
    base, _ = orthonormal(white[:, :-2])
    left = white[:, -2:] - base @ (base.T @ white[:, -2:])
    inner: Floats = left.T @ left
    square, along, rest = float(inner[0, 0]), float(inner[0, 1]), float(inner[1, 1])
    free = len(rows) - base.shape[1] - 1
    if square <= 1e-9 * float((white[:, -2] ** 2).sum()):
        return Added(along=0.0, square=0.0, left_over=rest, free=free)
    left_over = max(rest - along**2 / square, 1e-300)
    return Added(along=along, square=square, left_over=left_over, free=free)

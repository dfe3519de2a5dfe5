"""What is believed of all drivers once single odd periods are set aside."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from kpi_engine.mapping.influence.added import added
from kpi_engine.mapping.influence.backdrops import believed_posteriors
from kpi_engine.mapping.influence.background import Floats, Ints
from kpi_engine.mapping.influence.config import InfluenceConfig
from kpi_engine.mapping.influence.inner_products import InnerProducts
from kpi_engine.mapping.influence.memory import Memory
from kpi_engine.mapping.influence.posterior import Posterior
from kpi_engine.mapping.influence.shapes import Shape, next_value
from kpi_engine.mapping.influence.single_periods import odd_one_out

_REMEMBERED = 0.02
"""Memories with less than this share of the best one's weight are hardly believed."""


@dataclass(frozen=True, kw_only=True)
class Settled:
    """A background with drivers, fitted.

    Attributes:
        given: The background's columns, one row a period.
        outcome: One value a period; 0 where it is not known.
        rows: Places of the periods that count.
        set_aside: Places of single odd periods that do not.
        posteriors: One a driver.
        felt: A column a driver: its shapes by how much each is believed.
        memory: Of the errors, averaged.
    """

    given: Floats
    outcome: Floats
    rows: Ints
    set_aside: Ints
    posteriors: tuple[Posterior, ...]
    felt: Floats
    memory: Memory

    @property
    def free(self) -> int:
        """Degrees of freedom left."""
        return min(one.free for one in self.posteriors)

    def widened(self, factor: float) -> "Settled":
        """The same with all errors so many times as large."""
        return replace(self, posteriors=tuple(one.widened(factor) for one in self.posteriors))

    def without(self, place: int) -> Floats:
        """Everything but one driver, a column each."""
        return np.column_stack([self.given, np.delete(self.felt, place, axis=1)])


def settled(
    given: Floats,
    columns: Floats,
    outcome: Floats,
    rows: Ints,
    shapes: Sequence[Sequence[Shape]],
    config: InfluenceConfig,
    *,
    parts: Sequence[Sequence[int]] = (),
) -> Settled:
    """Set odd periods aside one by one, each on the model without the last.

    Between the first look and the last only memories that are believed are looked at.

    Args:
        given: The background's columns, one row a period.
        columns: Shapes of all drivers, driver after driver, centred.
        outcome: One value a period.
        rows: Places of the periods that have all of it.
        shapes: Of each driver.
        config: How many may be odd, and how odd that is.
        parts: Columns of the background that it may do without, group by group.
    """
    known = np.where(np.isnan(outcome), 0.0, outcome)
    products = InnerProducts(given, np.column_stack([columns, known]), rows, parts=parts)
    memories = config.memories
    kept = rows
    odd: list[int] = []
    while True:
        posteriors = believed_posteriors(products.whitened(kept, memories), shapes, config)
        felt, memory = _felt(columns, shapes, posteriors), _mean_memory(posteriors, memories)
        explained = np.column_stack([given, felt])
        place = odd_one_out(explained, known, kept, memory=memory, level=config.outlier_level)
        if place is not None and len(odd) < int(config.outlier_share * len(rows)):
            odd.append(int(kept[place]))
            kept = np.delete(kept, place)
            memories = _remembered(posteriors, memories)
        elif len(memories) < len(config.memories):
            memories = config.memories
        else:
            return Settled(
                given=given,
                outcome=known,
                rows=kept,
                set_aside=np.asarray(sorted(odd), dtype=np.int64),
                posteriors=posteriors,
                felt=felt,
                memory=memory,
            )


@dataclass(frozen=True, kw_only=True)
class Lead:
    """A driver's next value beside the model.

    Attributes:
        column: The value one period later, centred; 0 where it is not known.
        p: How odd it would be that it explains the outcome so well.
    """

    column: Floats
    p: float
    narrowing: float

    @classmethod
    def of(cls, series: Floats, found: Settled) -> "Lead":
        """Test the next values of a driver, its gaps bridged."""
        later = next_value(series)
        column = later - np.nanmean(later[found.rows])
        column = np.where(np.isnan(column), 0.0, column)
        given = np.column_stack([found.given, found.felt])
        one = added(given, column, found.outcome, found.rows, found.memory)
        return cls(column=column, p=one.p, narrowing=one.narrowing)


def _felt(
    columns: Floats, shapes: Sequence[Sequence[Shape]], posteriors: Sequence[Posterior]
) -> Floats:
    starts = np.concatenate([[0], np.cumsum([len(own) for own in shapes])])
    return np.column_stack(
        [
            columns[:, start:end] @ posterior.shape_weights
            for start, end, posterior in zip(starts[:-1], starts[1:], posteriors, strict=True)
        ]
    )


def _remembered(
    posteriors: Sequence[Posterior], memories: tuple[Memory, ...]
) -> tuple[Memory, ...]:
    weights = np.max([one.memory_weights for one in posteriors], axis=0)
    return tuple(
        memory
        for memory, weight in zip(memories, weights, strict=True)
        if weight >= _REMEMBERED * weights.max()
    )


def _mean_memory(posteriors: Sequence[Posterior], memories: Sequence[Memory]) -> Memory:
    weights = np.mean([one.memory_weights for one in posteriors], axis=0)
    return Memory(
        first=float(weights @ [one.first for one in memories]),
        second=float(weights @ [one.second for one in memories]),
    )

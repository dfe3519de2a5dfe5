"""How much each shape and each memory of the errors is to be believed, drivers jointly."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from kpi_engine.mapping.influence.background import Floats
from kpi_engine.mapping.influence.config import InfluenceConfig
from kpi_engine.mapping.influence.shapes import Shape
from kpi_engine.mapping.influence.whitening import Products, without

_ALL_EXPLAINED = 1 - 1e-12


@dataclass(frozen=True, kw_only=True)
class Posterior:
    """One driver, the others given: what the data say about each shape.

    Attributes:
        shapes: In the order of the columns.
        weights: Rows are the errors' memories, columns shapes; they add up to one.
        effects: Effect of a sustained +1, averaged over memories; one a shape.
        errors: Their standard errors, the doubt about the memory included.
        t: Student's t, averaged over memories; one a shape.
        correlations: Of the shapes with each other, once the background is out.
        strength: What the background leaves of each shape, its sum of squares, averaged.
        free: Degrees of freedom, the driver's own taken off.
    """

    shapes: tuple[Shape, ...]
    weights: Floats
    effects: Floats
    errors: Floats
    t: Floats
    correlations: Floats
    strength: Floats
    free: int

    def widened(self, factor: float) -> "Posterior":
        """The same with all errors so many times as large."""
        return replace(self, errors=self.errors * factor, t=self.t / factor)

    @property
    def shape_weights(self) -> Floats:
        """How much each shape is to be believed."""
        return np.asarray(self.weights.sum(axis=0), dtype=np.float64)

    @property
    def memory_weights(self) -> Floats:
        """How much each memory of the errors is to be believed."""
        return np.asarray(self.weights.sum(axis=1), dtype=np.float64)


def joint_posteriors(
    found: Products, shapes: Sequence[Sequence[Shape]], config: InfluenceConfig
) -> tuple[Posterior, ...]:
    """One posterior a driver, fitted in turns, each given what is believed of the others.

    For every other driver its weighted shape and its plain mean shape are taken out.

    Args:
        found: Of all shapes, driver after driver, the outcome last.
        shapes: Those of each driver.
        config: How many turns.
    """
    counts = [len(own) for own in shapes]
    starts = np.concatenate([[0], np.cumsum(counts)])
    width = found.matrices.shape[1]
    priors = [shape_priors(own, config) for own in shapes]
    of_memory = np.asarray([config.prior_of(memory) for memory in found.memories])
    believed = list(priors)
    posteriors: list[Posterior | None] = [None] * len(shapes)
    for _ in range(config.rounds if len(shapes) > 1 else 1):
        for place, own in enumerate(shapes):
            others = [
                _placed(weights, starts[other], width)
                for other in range(len(shapes))
                if other != place
                for weights in _combinations(believed[other])
            ]
            taken = np.column_stack(others) if others else np.empty((width, 0))
            left = without(found, taken)
            columns = [*range(starts[place], starts[place + 1]), width - 1]
            posterior = _posterior(left, columns, own, priors[place], of_memory)
            posteriors[place], believed[place] = posterior, posterior.shape_weights
    return tuple(one for one in posteriors if one is not None)


def shape_priors(shapes: Sequence[Shape], config: InfluenceConfig) -> Floats:
    """What each shape weighs before the data are looked at; together one."""
    tails = sum(shape.is_tail for shape in shapes)
    singles = len(shapes) - tails
    of_tails = config.tail_prior if tails and singles else float(tails > 0)
    return np.asarray(
        [of_tails / tails if shape.is_tail else (1 - of_tails) / singles for shape in shapes]
    )


def _combinations(weights: Floats) -> list[Floats]:
    plain = np.full(len(weights), 1 / len(weights))
    return [weights] if len(weights) == 1 else [weights, plain]


def _placed(weights: Floats, start: int, width: int) -> Floats:
    column = np.zeros(width)
    column[start : start + len(weights)] = weights
    return column


def _posterior(
    left: Products,
    columns: list[int],
    shapes: Sequence[Shape],
    prior: Floats,
    of_memory: Floats,
) -> Posterior:
    own = left.matrices[:, columns][:, :, columns]
    squares = np.maximum(np.einsum("rkk->rk", own)[:, :-1], np.finfo(float).tiny)
    along, outcome = own[:, :-1, -1], own[:, -1:, -1]
    effects = along / squares
    explained = np.clip(along**2 / (squares * outcome), 0.0, _ALL_EXPLAINED)
    free = left.free - 1
    errors = np.sqrt(outcome * (1 - explained) / max(1, free) / squares)
    # Restricted likelihood without the driver, times the Bayes factor of having it in (g prior;
    # Liang et al. 2008, eq. 6).
    g = float(left.free)
    likelihood = left.log_likelihood[:, None] - 0.5 * left.free * np.log(outcome)
    factor = 0.5 * free * np.log1p(g) - 0.5 * left.free * np.log1p(g * (1 - explained))
    logs = likelihood + factor + np.log(prior) + np.log(of_memory)[:, None]
    weights = np.exp(logs - logs.max())
    weights /= weights.sum()
    given = weights / np.maximum(weights.sum(axis=0), np.finfo(float).tiny)
    mean = (given * effects).sum(axis=0)
    inflated = errors**2 * free / max(1, free - 2)
    spread = (given * (inflated + effects**2)).sum(axis=0) - mean**2
    lengths = np.sqrt(squares)
    crossed = own[:, :-1, :-1] / (lengths[:, :, None] * lengths[:, None, :])
    of_memories = weights.sum(axis=1)
    return Posterior(
        shapes=tuple(shapes),
        weights=weights,
        effects=mean,
        errors=np.sqrt(np.maximum(spread, np.finfo(float).tiny)),
        t=(given * effects / errors).sum(axis=0),
        correlations=np.einsum("r,rkl->kl", of_memories, crossed),
        strength=(of_memories[:, None] * squares).sum(axis=0),
        free=free,
    )

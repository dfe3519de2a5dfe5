"""How much each shape and each memory of the errors is to be believed, drivers jointly."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from kpi_engine.mapping.influence.background import Floats, Ints
from kpi_engine.mapping.influence.config import InfluenceConfig
from kpi_engine.mapping.influence.inner_products import Products, without
from kpi_engine.mapping.influence.shapes import Shape

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
    outcome = found.matrices.shape[1] - 1
    places = [
        np.append(np.arange(start, start + count), outcome)
        for start, count in zip(starts[:-1], counts, strict=True)
    ]
    alone = [found.of(own) for own in places]
    priors = [shape_priors(own, config) for own in shapes]
    of_memory = np.asarray([config.prior_of(memory) for memory in found.memories])
    believed = [_Believed.of(found, places[k][:-1], prior) for k, prior in enumerate(priors)]
    posteriors: list[Posterior | None] = [None] * len(shapes)
    for _ in range(config.rounds if len(shapes) > 1 else 1):
        for k, own in enumerate(shapes):
            left = _given(alone[k], places[k], [*believed[:k], *believed[k + 1 :]])
            posterior = _posterior(left, own, priors[k], of_memory)
            posteriors[k] = posterior
            believed[k] = _Believed.of(found, places[k][:-1], posterior.shape_weights)
    return tuple(one for one in posteriors if one is not None)


@dataclass(frozen=True, kw_only=True)
class _Believed:
    """What is believed of one driver, as columns: its weighted shape and its plain mean shape.

    Attributes:
        places: Of its shapes among all columns.
        weights: A column a combination of the shapes.
        crossed: What all columns have in common with each combination; by memory.
    """

    places: Ints
    weights: Floats
    crossed: Floats

    @classmethod
    def of(cls, found: Products, places: Ints, weights: Floats) -> "_Believed":
        plain = np.full(len(weights), 1 / len(weights))
        both = np.column_stack([weights, plain] if len(weights) > 1 else [weights])
        own = slice(int(places[0]), int(places[-1]) + 1)
        return cls(places=places, weights=both, crossed=found.matrices[:, :, own] @ both)


def _given(alone: Products, places: Ints, others: Sequence[_Believed]) -> Products:
    """One driver's shapes and the outcome, the others taken out."""
    if not others:
        return alone
    crossed = np.concatenate([one.crossed for one in others], axis=2)
    inner = [one.weights.T @ crossed[:, one.places] for one in others]
    return without(alone, crossed[:, places], np.concatenate(inner, axis=1))


def shape_priors(shapes: Sequence[Shape], config: InfluenceConfig) -> Floats:
    """What each shape weighs before the data are looked at; together one."""
    tails = sum(shape.is_tail for shape in shapes)
    singles = len(shapes) - tails
    of_tails = config.tail_prior if tails and singles else float(tails > 0)
    return np.asarray(
        [of_tails / tails if shape.is_tail else (1 - of_tails) / singles for shape in shapes]
    )


def _posterior(
    left: Products,
    shapes: Sequence[Shape],
    prior: Floats,
    of_memory: Floats,
) -> Posterior:
    own = left.matrices
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

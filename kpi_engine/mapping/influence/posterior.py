"""How much each shape and each memory of the errors is to be believed, drivers jointly."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from kpi_engine.mapping.influence.background import Floats, Ints
from kpi_engine.mapping.influence.config import InfluenceConfig
from kpi_engine.mapping.influence.inner_products import Products, without
from kpi_engine.mapping.influence.shapes import Shape

_ALL_EXPLAINED = 1 - 1e-12
_NOTHING = 1e-200
"""Sum of squares of what the background leaves nothing of."""


@dataclass(frozen=True, kw_only=True)
class Posterior:
    """One driver, the others given: what the data say about each shape.

    Attributes:
        shapes: In the order of the columns.
        weights: Rows are the errors' memories, columns shapes; they add up to one.
        effects: Effect of a sustained +1, averaged over memories; one a shape.
        errors: Their standard errors, the doubt about memory and background included.
        correlations: Of the shapes with each other, once the background is out.
        strength: What the background leaves of each shape, its sum of squares, averaged.
        free: Degrees of freedom, the driver's own taken off.
    """

    shapes: tuple[Shape, ...]
    weights: Floats
    effects: Floats
    errors: Floats
    correlations: Floats
    strength: Floats
    free: int

    def widened(self, factor: float) -> "Posterior":
        """The same with all errors so many times as large."""
        return replace(self, errors=self.errors * factor)

    @property
    def t(self) -> Floats:
        """Student's t of each shape."""
        return self.effects / self.errors

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
    believed = [
        _Believed.of(found, own[:-1], prior) for own, prior in zip(places, priors, strict=True)
    ]
    posteriors: list[Posterior | None] = [None] * len(shapes)
    for _ in range(config.rounds if len(shapes) > 1 else 1):
        for k, own in enumerate(shapes):
            left = _given(alone[k], places[k], [*believed[:k], *believed[k + 1 :]])
            posterior = _posterior(left, own, priors[k], of_memory)
            posteriors[k] = posterior
            believed[k] = believed[k].now(found, posterior.shape_weights)
    return tuple(one for one in posteriors if one is not None)


@dataclass(frozen=True, kw_only=True)
class _Believed:
    """What is believed of one driver, as columns: its weighted shape and its plain mean shape.

    Attributes:
        places: Of its shapes among all columns.
        weights: One row a combination of the shapes; a single shape has no other.
        crossed: What all columns have in common with each combination; by memory, one row each.
    """

    places: slice
    weights: Floats
    crossed: Floats

    @classmethod
    def of(cls, found: Products, places: Ints, weights: Floats) -> "_Believed":
        """With weights to begin with."""
        own, count = slice(int(places[0]), int(places[-1]) + 1), len(weights)
        both = np.full((min(2, count), count), 1 / count)
        crossed = both @ found.matrices[:, own]
        return cls(places=own, weights=both, crossed=crossed).now(found, weights)

    def now(self, found: Products, weights: Floats) -> "_Believed":
        """The same driver once other weights are believed."""
        both, crossed = self.weights.copy(), self.crossed.copy()
        both[0], crossed[:, 0] = weights, weights @ found.matrices[:, self.places]
        return replace(self, weights=both, crossed=crossed)


def _given(alone: Products, places: Ints, others: Sequence[_Believed]) -> Products:
    """One driver's shapes and the outcome, the others taken out."""
    if not others:
        return alone
    crossed = np.concatenate([one.crossed for one in others], axis=1)
    inner = [crossed[:, :, one.places] @ one.weights.T for one in others]
    return without(alone, crossed[:, :, places], np.concatenate(inner, axis=2))


def shape_priors(shapes: Sequence[Shape], config: InfluenceConfig) -> Floats:
    """What each shape weighs before the data are looked at; together one."""
    tails = sum(shape.is_tail for shape in shapes)
    singles = len(shapes) - tails
    of_tails = config.tail_prior if tails and singles else float(tails > 0)
    return np.asarray(
        [of_tails / tails if shape.is_tail else (1 - of_tails) / singles for shape in shapes]
    )


def averaged(posteriors: Sequence[Posterior], beliefs: Floats) -> Posterior:
    """One driver, the doubt about the background included.

    Args:
        posteriors: One a background.
        beliefs: How much each background is to be believed; together one.
    """
    shapes = beliefs[:, None] * np.stack([one.shape_weights for one in posteriors])
    given = shapes / np.maximum(shapes.sum(axis=0), np.finfo(float).tiny)
    effects = np.stack([one.effects for one in posteriors])
    errors = np.stack([one.errors for one in posteriors])
    mean = (given * effects).sum(axis=0)
    spread = (given * (errors**2 + effects**2)).sum(axis=0) - mean**2

    def mixed(each: Sequence[Floats]) -> Floats:
        return np.asarray(np.tensordot(beliefs, np.stack(each), axes=1))

    return Posterior(
        shapes=posteriors[0].shapes,
        weights=mixed([one.weights for one in posteriors]),
        effects=mean,
        errors=np.sqrt(np.maximum(spread, np.finfo(float).tiny)),
        correlations=mixed([one.correlations for one in posteriors]),
        strength=mixed([one.strength for one in posteriors]),
        free=int(beliefs @ [one.free for one in posteriors]),
    )


def _posterior(
    left: Products,
    shapes: Sequence[Shape],
    prior: Floats,
    of_memory: Floats,
) -> Posterior:
    own = left.matrices
    every = np.maximum(np.einsum("rkk->rk", own), _NOTHING)
    squares, along, outcome = every[:, :-1], own[:, :-1, -1], every[:, -1:]
    effects = along / squares
    explained = np.clip(effects * along / outcome, 0.0, _ALL_EXPLAINED)
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
    spread = (given * (errors**2 + effects**2)).sum(axis=0) - mean**2
    lengths = np.sqrt(squares)
    crossed = own[:, :-1, :-1] / (lengths[:, :, None] * lengths[:, None, :])
    of_memories = weights.sum(axis=1)
    return Posterior(
        shapes=tuple(shapes),
        weights=weights,
        effects=mean,
        errors=np.sqrt(np.maximum(spread, np.finfo(float).tiny)),
        correlations=np.einsum("r,rkl->kl", of_memories, crossed),
        strength=(of_memories[:, None] * squares).sum(axis=0),
        free=free,
    )

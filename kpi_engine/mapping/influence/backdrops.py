"""Whether a season and slow movement are there at all: asked of the outcome and of each driver.

Taking out what is not there costs half of what 60 months can tell; leaving in what driver and
outcome share makes links of nothing. A part that either of the two shows stays in: an effect is
bent only by what both have and neither shows, which is little (double selection; Belloni,
Chernozhukov and Hansen 2014). Nothing is chosen, all is averaged.
"""

from collections.abc import Sequence
from itertools import combinations, product

import numpy as np

from kpi_engine.mapping.influence.background import Floats, Ints
from kpi_engine.mapping.influence.config import InfluenceConfig
from kpi_engine.mapping.influence.inner_products import Whitened
from kpi_engine.mapping.influence.posterior import Posterior, averaged, joint_posteriors
from kpi_engine.mapping.influence.shapes import Shape

_BELIEVED = 0.02
"""Backgrounds that are believed less are not looked at."""


def believed_posteriors(
    found: Whitened, shapes: Sequence[Sequence[Shape]], config: InfluenceConfig
) -> tuple[Posterior, ...]:
    """One posterior a driver, averaged over what may belong to the background.

    Args:
        found: Of all shapes, driver after driver, the outcome last.
        shapes: Those of each driver.
        config: How much a part may bring, and how drivers are fitted.
    """
    places = range(len(found.parts))
    every = [one for count in range(len(found.parts) + 1) for one in combinations(places, count)]
    beliefs = _beliefs(found, every, np.cumsum([0, *map(len, shapes)]), config)
    is_believed = beliefs.max(axis=0) >= _BELIEVED
    beliefs = beliefs[:, is_believed] / beliefs[:, is_believed].sum(axis=1, keepdims=True)
    each = [
        joint_posteriors(found.beyond(parts), shapes, config)
        for parts, is_in in zip(every, is_believed, strict=True)
        if is_in
    ]
    return tuple(
        averaged([one[k] for one in each], own) if len(each) > 1 else each[0][k]
        for k, own in enumerate(beliefs)
    )


def _beliefs(
    found: Whitened, every: Sequence[tuple[int, ...]], columns: Ints, config: InfluenceConfig
) -> Floats:
    """How much each background is to be believed: a row a driver, a column a background.

    Args:
        found: Of all columns.
        every: The parts that each background has.
        columns: The first of each driver; the outcome's.
        config: How much a part may bring.
    """
    if len(every) == 1:
        return np.ones((len(columns) - 1, 1))
    first_order = [place for place, one in enumerate(found.memories) if one.second == 0]
    simple = found.of_memories(np.asarray(first_order or range(len(found.memories))))
    logs = np.stack([_evidence(simple, parts, columns, config) for parts in every], axis=1)
    drivers, outcome = logs[:-1], logs[-1]
    beliefs = np.repeat(outcome[None, :], len(drivers), axis=0)
    for part in range(len(found.parts)):
        is_out = np.asarray([part not in parts for parts in every])
        odds = _added_up(drivers[:, is_out], axis=1) - _added_up(drivers[:, ~is_out], axis=1)
        beliefs += np.where(is_out, np.minimum(odds, 0.0)[:, None], 0.0)
    return np.asarray(np.exp(beliefs - _added_up(beliefs, axis=1)[:, None]))


def _evidence(
    found: Whitened, parts: Sequence[int], columns: Ints, config: InfluenceConfig
) -> Floats:
    """How well a background agrees with each column, whatever memory and what its parts bring."""
    spreads = list(product(config.part_spreads, repeat=len(parts)))
    each = [
        _added_up(found.log_evidence(columns, dict(zip(parts, one, strict=True))), axis=0)
        for one in spreads
    ]
    return np.asarray(_added_up(np.stack(each), axis=0) - np.log(len(spreads)))


def _added_up(logs: Floats, *, axis: int) -> Floats:
    return np.asarray(np.logaddexp.reduce(logs, axis=axis))

"""Several periods of an outcome to come, together: a bad month makes the next one likelier.

What ``next_month`` does for one period (Goldberger 1962), for as many as a year has left. A sum or
a ratio over them cannot be told from the range of each, so whole courses are drawn: which
autocorrelation holds, how wide its errors are, what level, trend and season are, and the errors
themselves. The draws are always the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from scipy import linalg

from kpi_engine.mapping.influence.background import MONTHS_A_YEAR, Floats, Ints, dummies, waves
from kpi_engine.mapping.influence.config import DEFAULT_CONFIG, InfluenceConfig
from kpi_engine.mapping.influence.fit import LIBRARIES

FEWEST_VALUES = 6
"""Level, trend and one yearly wave take four; with fewer left over nothing is known of errors."""
DRAWS = 4000
_NO_VARIANCE = 1e-8
"""Of the diagonal's largest part; below it a period of the year has never been seen."""


def courses_ahead(
    past: Floats,
    *,
    periods: Sequence[date],
    draw: int = 0,
    config: InfluenceConfig = DEFAULT_CONFIG,
) -> Floats | None:
    """What may come after a series, from its own past alone.

    With two years of values every period of the year has a level of its own; before that one
    yearly wave must do, and a peak that was never seen is not foreseen.

    Args:
        past: On the scale on which causes add up, one a period; NaN where there is none.
        periods: First days of those of the past and of those to come, months or quarters, all
            equally far apart.
        draw: Another number draws independently of the first.
        config: Which autocorrelations are averaged over.

    Returns:
        A row a course, a column a period to come; None from fewer than six values, or where a
        period of the year was never seen.
    """
    known = np.flatnonzero(~np.isnan(past))
    design = _design(periods, len(known))
    ahead = np.arange(len(past), len(periods))
    if len(known) < FEWEST_VALUES or len(known) <= design.shape[1]:
        return None
    rows = np.append(known, ahead)
    every = np.column_stack([design[rows], np.append(past[known], np.zeros(len(ahead)))])
    with LIBRARIES.limit(limits=1, user_api="blas"):
        found = [_course(every, rows, len(known), rho) for rho in config.rhos]
        if any(one is None for one in found):
            return None
        return _drawn([one for one in found if one is not None], config.seed + draw)


@dataclass(frozen=True, kw_only=True)
class _Course:
    """A series carried on under one autocorrelation.

    Attributes:
        mid: The middle of each period to come.
        root: Of the errors' covariance there, for an error of one.
        reach: How far what is not known of the background is felt there, before ``root``.
        left: Sum of squares that is left of the past.
        free: Degrees of freedom.
        likelihood: Restricted log likelihood of the past.
    """

    mid: Floats
    root: Floats
    reach: Floats
    left: float
    free: int
    likelihood: float


def _design(periods: Sequence[date], known: int) -> Floats:
    """Level, trend and time of year, a row a period."""
    count = len(periods)
    apart = (periods[1].year - periods[0].year) * MONTHS_A_YEAR if count > 1 else 0
    apart += periods[1].month - periods[0].month if count > 1 else 1
    cycle = MONTHS_A_YEAR // apart
    place = np.asarray([(period.month - 1) // apart for period in periods])
    season = dummies(place, cycle) if known >= 2 * cycle else waves(place / cycle, 1)
    at = np.arange(count, dtype=np.float64)
    return np.column_stack([np.ones(count), (at - at.mean()) / count, *season])


def _course(every: Floats, rows: Ints, known: int, rho: float) -> _Course | None:
    """The rows ahead, given those of the past: whitened together, in the order of time."""
    apart = np.abs(np.subtract.outer(rows, rows))
    root = linalg.cholesky(np.where(apart == 0, 1.0, float(rho) ** apart), lower=True)
    white = linalg.solve_triangular(root, every, lower=True)
    past, outcome = white[:known, :-1], white[:known, -1]
    base, triangle = np.linalg.qr(past)
    diagonal = np.abs(np.diagonal(triangle))
    if diagonal.min() <= _NO_VARIANCE * diagonal.max():
        return None
    along = base.T @ outcome
    left = max(float(outcome @ outcome - along @ along), 1e-300)
    reach = linalg.solve_triangular(triangle, white[known:, :-1].T, trans="T").T
    free = known - past.shape[1]
    return _Course(
        mid=root[known:, :known] @ outcome + root[known:, known:] @ reach @ along,
        root=root[known:, known:],
        reach=reach,
        left=left,
        free=free,
        likelihood=-np.log(np.diagonal(root)[:known]).sum()
        - np.log(diagonal).sum()
        - 0.5 * free * np.log(left),
    )


def _drawn(courses: Sequence[_Course], seed: int) -> Floats:
    rng = np.random.default_rng(seed)
    logs = np.asarray([one.likelihood for one in courses])
    weights = np.exp(logs - logs.max())
    counts = rng.multinomial(DRAWS, weights / weights.sum())
    found = []
    for one, count in zip(courses, counts, strict=True):
        width = np.sqrt(one.left / rng.chisquare(one.free, count))
        errors = rng.standard_normal((count, len(one.mid)))
        doubt = rng.standard_normal((count, one.reach.shape[1])) @ one.reach.T
        found.append(one.mid + width[:, None] * ((errors + doubt) @ one.root.T))
    return np.vstack(found)

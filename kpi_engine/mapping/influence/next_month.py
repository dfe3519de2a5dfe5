"""The next month of an outcome: from its own past alone, or given what a driver will do.

Universal kriging in time (Goldberger 1962): level, trend, time of year and the last months' errors
are carried on, for each autocorrelation, and averaged by how much each is to be believed. Slow
waves are no part of it: they end with the data and say nothing of what comes after.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from kpi_engine.mapping.influence.background import Floats, Ints, background
from kpi_engine.mapping.influence.config import DEFAULT_CONFIG, InfluenceConfig
from kpi_engine.mapping.influence.fit import LIBRARIES
from kpi_engine.mapping.influence.forecast import (
    Forecast,
    LinkForecast,
    ShapeEffect,
    ShapeForecast,
    excess,
    moments,
    student,
)
from kpi_engine.mapping.influence.whitening import whitened
from kpi_engine.terms import Grain

_FEWEST_FREE = 5
_NO_VARIANCE = 1e-8
"""Of the diagonal's largest part; below it a month of the year is missing."""


def forecast_alone(
    outcome: Floats, *, months: Sequence[date], config: InfluenceConfig = DEFAULT_CONFIG
) -> Forecast | None:
    """The next month from an outcome's own past.

    Args:
        outcome: On its scale, one a month of the past; NaN where there is none.
        months: Those of the past, and the one to be forecast.
        config: Which autocorrelations are averaged over.

    Returns:
        None where the past is too short, or lacks the month of the year.
    """
    courses = _courses(outcome[:, None], months, config)
    if courses is None:
        return None
    alone = np.ones((1, 1))
    weights, variances = courses.weights(alone)[:, 0], courses.variances(alone)[:, 0]
    return student(weights, courses.next[:, 0], variances, courses.free)


def forecast_given(
    outcome: Floats,
    felt: Floats,
    shapes: Sequence[ShapeEffect],
    *,
    months: Sequence[date],
    grain: Grain,
    config: InfluenceConfig = DEFAULT_CONFIG,
) -> LinkForecast | None:
    """The next month as one link sees it, for whatever its driver will do.

    What the driver did is taken off the outcome's past, the rest is carried on, and what the
    driver will do is added.

    Args:
        outcome: On its scale, one a month of the past; NaN where there is none.
        felt: What was felt of the driver, a row a month of the past, a column a shape.
        shapes: Those that are believed, with effects known before the month.
        months: Those of the past, and the one to be forecast.
        grain: Of the series that the shapes are of.
        config: Which autocorrelations are averaged over.

    Returns:
        None where the past is too short, or lacks the month of the year.
    """
    courses = _courses(np.column_stack([outcome, felt]), months, config)
    if courses is None:
        return None
    effects = np.asarray([one.effect for one in shapes])
    mixes = np.vstack([np.ones(len(shapes)), np.diag(-effects)])
    weights, variances = courses.weights(mixes), courses.variances(mixes)
    usual = (weights * courses.next[:, 1:]).sum(axis=0)
    mids = courses.next @ mixes + effects * usual
    found = []
    for place, shape in enumerate(shapes):
        mid, variance = moments(weights[:, place], mids[:, place], variances[:, place])
        spread = float(np.sqrt(variance))
        found.append(ShapeForecast(shape=shape, usual=float(usual[place]), mid=mid, spread=spread))
    return LinkForecast(grain=grain, shapes=tuple(found), free=courses.free)


@dataclass(frozen=True, kw_only=True)
class _Courses:
    """Several series carried on by one month, for each autocorrelation.

    Attributes:
        next: What each would be next; a row an autocorrelation.
        inner: Inner products of what is left of their past, a matrix an autocorrelation.
        widths: Squared width of the next error, for each of the past ones.
        likelihood: The part of the log likelihood that does not depend on what is left.
    """

    next: Floats
    inner: Floats
    widths: Floats
    likelihood: Floats
    free: int

    def left(self, mixes: Floats) -> Floats:
        """Sums of squares that are left of mixtures of the series.

        Args:
            mixes: A column a mixture.

        Returns:
            A row an autocorrelation, a column a mixture; so do the others.
        """
        return np.asarray(np.maximum(((self.inner @ mixes) * mixes).sum(axis=1), 1e-300))

    def variances(self, mixes: Floats) -> Floats:
        """Of the next values of mixtures."""
        each = self.left(mixes) / self.free * excess(self.free)
        return np.asarray(each * self.widths[:, None])

    def weights(self, mixes: Floats) -> Floats:
        """How much each autocorrelation is to be believed, by what is left of a mixture."""
        logs = self.likelihood[:, None] - 0.5 * self.free * np.log(self.left(mixes))
        weights = np.exp(logs - logs.max(axis=0))
        return np.asarray(weights / weights.sum(axis=0))


def _courses(columns: Floats, months: Sequence[date], config: InfluenceConfig) -> _Courses | None:
    backdrop = background(months, grain=Grain.MONTH, controls=None, config=config, with_slow=False)
    known = np.flatnonzero(~np.isnan(columns).any(axis=1))
    width, new = backdrop.shape[1], len(months) - 1
    free = len(known) - width
    if free < _FEWEST_FREE:
        return None
    rows = np.append(known, new)
    every = np.column_stack([backdrop, np.vstack([columns, np.zeros(columns.shape[1])])])[rows]
    white, share, log_determinants = _whitened_by_each(every, np.diff(rows), config.rhos)
    past, ahead = white[:, :-1], white[:, -1]
    with LIBRARIES.limit(limits=1, user_api="blas"):
        base, triangle = np.linalg.qr(past[:, :, :width])
        diagonal = np.abs(np.diagonal(triangle, axis1=1, axis2=2))
        if (diagonal.min(axis=1) <= _NO_VARIANCE * diagonal.max(axis=1)).any():
            return None
        along = np.swapaxes(base, 1, 2) @ past[:, :, width:]
        left = past[:, :, width:] - base @ along
        reach = np.linalg.solve(np.swapaxes(triangle, 1, 2), ahead[:, :width, None])[:, :, 0]
    carried_on = np.einsum("rk,rkj->rj", reach, along) - ahead[:, width:]
    return _Courses(
        next=np.sqrt(share)[:, None] * carried_on,
        inner=np.swapaxes(left, 1, 2) @ left,
        widths=share * (1 + (reach**2).sum(axis=1)),
        likelihood=-0.5 * log_determinants - np.log(diagonal).sum(axis=1),
        free=free,
    )


def _whitened_by_each(
    columns: Floats, gaps: Ints, rhos: Sequence[float]
) -> tuple[Floats, Floats, Floats]:
    """Columns without autocorrelation, for each of some; the last row is the month ahead.

    Returns:
        The columns, the share of the newest error that is not carried over from the one before
        it, and the logarithm of the determinant of the errors before it.
    """
    found, shares, logs = [], [], []
    for rho in rhos:
        white, log_determinant = whitened(columns, gaps, rho)
        share = 1 - rho ** (2 * int(gaps[-1]))
        found.append(white)
        shares.append(share)
        logs.append(log_determinant - np.log(share))
    return np.asarray(found), np.asarray(shares), np.asarray(logs)

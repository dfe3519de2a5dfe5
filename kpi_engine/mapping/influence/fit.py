"""All drivers of one outcome fitted jointly: how much each shape of each is to be believed.

The steps and the reasons for each stand in docs/translation.md.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from threadpoolctl import ThreadpoolController

from kpi_engine.mapping.influence.background import Floats, Ints, background, doubtful_parts
from kpi_engine.mapping.influence.config import DEFAULT_CONFIG, InfluenceConfig
from kpi_engine.mapping.influence.settling import Lead, Settled, settled
from kpi_engine.mapping.influence.shapes import Shape, bridged, shaped_by_each
from kpi_engine.terms import Grain

LIBRARIES = ThreadpoolController()
"""Of linear algebra. Many small products gain nothing from several threads, and with other work
beside them the threads wait for each other: measured 2 s of processor time alone, 35 s together."""


@dataclass(frozen=True, kw_only=True)
class DriverSeries:
    """One driver of an outcome.

    Attributes:
        name: Of the link.
        values: One a period; NaN where there is none.
        lags: Shortest and longest delay in periods that was declared, never a wider one.
    """

    name: str
    values: Floats
    lags: tuple[int, int]


@dataclass(frozen=True, kw_only=True)
class TooShort:
    """Why nothing can be said.

    Attributes:
        periods: Periods in which outcome and every driver are known.
        free: Degrees of freedom that would be left.
    """

    periods: int
    free: int


@dataclass(frozen=True, kw_only=True)
class Fit(Settled):
    """What the data say of every shape of every driver, before any is selected.

    Attributes:
        values: Each driver's series, gaps bridged.
        lead_ps: How odd it would be that each driver's *next* value explains the outcome so well.
        width: How many columns are background. Those beyond them are next values of drivers that
            tell something: of the outcome's own errors.
    """

    values: tuple[Floats, ...]
    lead_ps: tuple[float, ...]
    width: int


def fit_drivers(
    outcome: Floats,
    drivers: Sequence[DriverSeries],
    *,
    periods: Sequence[date],
    grain: Grain,
    fewest_free: int,
    controls: Floats | None = None,
    config: InfluenceConfig = DEFAULT_CONFIG,
) -> Fit | TooShort:
    """Fit all drivers of an outcome together, and select nothing.

    Args:
        outcome: One value a period; NaN where there is none. It is never filled.
        drivers: At least one.
        periods: First days of all periods, without a gap.
        grain: Of the periods.
        fewest_free: With fewer degrees of freedom nothing is said.
        controls: Declared further causes, one column each, one row a period.
        config: How effects are estimated.
    """
    with LIBRARIES.limit(limits=1, user_api="blas"):
        backdrop = background(periods, grain=grain, controls=controls, config=config)
        parts = doubtful_parts(periods, grain=grain, config=config)
        return _fitted(outcome, drivers, backdrop, parts, config.decays[grain], fewest_free, config)


def _fitted(
    outcome: Floats,
    drivers: Sequence[DriverSeries],
    backdrop: Floats,
    parts: Sequence[Sequence[int]],
    decays: Sequence[float],
    fewest_free: int,
    config: InfluenceConfig,
) -> Fit | TooShort:
    values = [bridged(one.values, longest=config.longest_gap) for one in drivers]
    shapes, columns, rows = _columns(drivers, values, decays, outcome, backdrop)
    others = 2 * (len(drivers) - 1)
    if others and len(rows) - _rank(backdrop[rows]) - others < config.fewest_free_for_tails:
        shapes, columns, rows = _columns(drivers, values, decays[:1], outcome, backdrop)
    if len(rows) - _rank(backdrop[rows]) - others - 1 < fewest_free:
        free = len(rows) - backdrop.shape[1] - others - 1
        return TooShort(periods=len(rows), free=max(0, free))
    centred = _centred(columns, rows)
    found = settled(backdrop, centred, outcome, rows, shapes, config, parts=parts)
    leads = [Lead.of(series, found) for series in values]
    telling = [one for one in leads if one.p < config.telling_p]
    if telling and found.free - len(telling) >= fewest_free:
        given = np.column_stack([backdrop, *(one.column for one in telling)])
        found = settled(given, centred, outcome, rows, shapes, config, parts=parts)
        found = found.widened(math.prod(one.narrowing for one in telling))
    return Fit(
        **vars(found),
        values=tuple(values),
        lead_ps=tuple(one.p for one in leads),
        width=backdrop.shape[1],
    )


def _columns(
    drivers: Sequence[DriverSeries],
    values: Sequence[Floats],
    decays: Sequence[float],
    outcome: Floats,
    backdrop: Floats,
) -> tuple[list[tuple[Shape, ...]], Floats, Ints]:
    """The shapes of each driver, their columns side by side, and the periods that have all."""
    shapes = [
        tuple(
            Shape(lag=lag, decay=decay)
            for decay in decays
            for lag in range(one.lags[0], one.lags[1] + 1)
        )
        for one in drivers
    ]
    columns = np.column_stack(
        [shaped_by_each(series, own) for series, own in zip(values, shapes, strict=True)]
    )
    known = ~np.isnan(outcome) & ~np.isnan(columns).any(axis=1) & ~np.isnan(backdrop).any(axis=1)
    return shapes, columns, np.flatnonzero(known)


def _centred(columns: Floats, rows: Ints) -> Floats:
    found = columns - columns[rows].mean(axis=0)
    return np.where(np.isnan(found), 0.0, found)


def _rank(columns: Floats) -> int:
    return int(np.linalg.matrix_rank(columns)) if len(columns) else 0

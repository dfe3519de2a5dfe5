"""All drivers of one outcome fitted jointly: how much each shape of each is to be believed.

The steps and the reasons for each stand in docs/translation.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from threadpoolctl import ThreadpoolController

from kpi_engine.mapping.influence.background import Floats, Ints, background
from kpi_engine.mapping.influence.config import DEFAULT_CONFIG, InfluenceConfig
from kpi_engine.mapping.influence.posterior import Posterior, joint_posteriors
from kpi_engine.mapping.influence.shapes import Shape, bridged, shaped
from kpi_engine.mapping.influence.single_periods import odd_one_out
from kpi_engine.mapping.influence.whitening import products
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
class Fit:
    """What the data say of every shape of every driver, before any is selected.

    Attributes:
        columns: The background's columns; the controls stand last.
        values: Each driver's series, gaps bridged.
        felt: One column a driver: its shapes by how much each is believed, less their mean.
        rows: Places of the periods that it rests on.
        set_aside: Places of single odd periods that it does not rest on.
        posteriors: One a driver.
        rho: Autocorrelation of the errors, averaged.
    """

    columns: Floats
    values: tuple[Floats, ...]
    felt: Floats
    rows: Ints
    set_aside: Ints
    posteriors: tuple[Posterior, ...]
    rho: float


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
        return _fitted(outcome, drivers, backdrop, config.decays[grain], fewest_free, config)


def _fitted(
    outcome: Floats,
    drivers: Sequence[DriverSeries],
    backdrop: Floats,
    decays: Sequence[float],
    fewest_free: int,
    config: InfluenceConfig,
) -> Fit | TooShort:
    values = [bridged(one.values, longest=config.longest_gap) for one in drivers]
    shapes, columns, rows = _columns(drivers, values, decays, outcome, backdrop)
    others = 2 * (len(drivers) - 1)
    if len(rows) - _rank(backdrop[rows]) - others < config.fewest_free_for_tails:
        shapes, columns, rows = _columns(drivers, values, decays[:1], outcome, backdrop)
    if len(rows) - _rank(backdrop[rows]) - others - 1 < fewest_free:
        free = len(rows) - backdrop.shape[1] - others - 1
        return TooShort(periods=len(rows), free=max(0, free))
    centred = _centred(columns, rows)
    kept, odd, posteriors = _settled(backdrop, centred, outcome, rows, shapes, config)
    return Fit(
        columns=backdrop,
        values=tuple(values),
        felt=_believed(centred, shapes, posteriors),
        rows=kept,
        set_aside=odd,
        posteriors=posteriors,
        rho=_mean_rho(posteriors, config),
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
        [shaped(series, shape) for series, own in zip(values, shapes, strict=True) for shape in own]
    )
    known = ~np.isnan(outcome) & ~np.isnan(columns).any(axis=1) & ~np.isnan(backdrop).any(axis=1)
    return shapes, columns, np.flatnonzero(known)


def _centred(columns: Floats, rows: Ints) -> Floats:
    found = columns - columns[rows].mean(axis=0)
    return np.where(np.isnan(found), 0.0, found)


def _rank(columns: Floats) -> int:
    return int(np.linalg.matrix_rank(columns)) if len(columns) else 0


def _settled(
    backdrop: Floats,
    columns: Floats,
    outcome: Floats,
    rows: Ints,
    shapes: Sequence[Sequence[Shape]],
    config: InfluenceConfig,
) -> tuple[Ints, Ints, tuple[Posterior, ...]]:
    """Posteriors once odd periods are set aside, one by one, each on the model without the last."""
    known = np.where(np.isnan(outcome), 0.0, outcome)
    every = np.column_stack([columns, known])
    kept = rows
    odd: list[int] = []
    most = int(config.outlier_share * len(rows))
    while True:
        found = products(backdrop, every, kept, config.rhos)
        posteriors = joint_posteriors(found, shapes, config)
        if len(odd) >= most:
            break
        felt = _believed(columns, shapes, posteriors)
        place = odd_one_out(
            np.column_stack([backdrop, felt]),
            known,
            kept,
            rho=_mean_rho(posteriors, config),
            level=config.outlier_level,
        )
        if place is None:
            break
        odd.append(int(kept[place]))
        kept = np.delete(kept, place)
    return kept, np.asarray(sorted(odd), dtype=np.int64), posteriors


def _believed(
    columns: Floats, shapes: Sequence[Sequence[Shape]], posteriors: Sequence[Posterior]
) -> Floats:
    """One column a driver: its shapes by how much each is believed."""
    starts = np.concatenate([[0], np.cumsum([len(own) for own in shapes])])
    return np.column_stack(
        [
            columns[:, start:end] @ posterior.shape_weights
            for start, end, posterior in zip(starts[:-1], starts[1:], posteriors, strict=True)
        ]
    )


def _mean_rho(posteriors: Sequence[Posterior], config: InfluenceConfig) -> float:
    """The autocorrelation of the errors, averaged over all that are believed."""
    weights = np.mean([one.rho_weights for one in posteriors], axis=0)
    return float(weights @ np.asarray(config.rhos))

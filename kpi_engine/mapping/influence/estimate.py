"""All drivers of one outcome, estimated jointly: effect, lag, range, and what chance would do.

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
from kpi_engine.mapping.influence.search import select
from kpi_engine.mapping.influence.shapes import Shape, bridged, shaped
from kpi_engine.mapping.influence.single_periods import (
    odd_one_out,
    unevenness,
    weakest_without_one,
)
from kpi_engine.mapping.influence.whitening import products, whitened
from kpi_engine.terms import Grain

LEVELS = (0.90, 0.95)
"""Ranges shown to people, and ranges that grades are judged by."""
_LIBRARIES = ThreadpoolController()
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
class DriverEffect:
    """What the data say about one driver, the others given.

    Attributes:
        effect: Change of the outcome after a sustained +1 of the driver.
        shape: The one that fits best.
        p: How often chance alone would have made the best of all shapes fit so well.
        likely: The 90 % range, honest after selection.
        wide: The 95 % range.
        felt: What is felt of the driver in each period by the selected shape; NaN if not known.
        posterior: What is believed of every shape.
        is_still: The driver hardly moved beyond season and trend: it cannot be tested.
        p_without_one: As ``p``, once the period that the effect leans on most is left out.
        leans_on: Place of that period.
    """

    name: str
    effect: float
    shape: Shape
    p: float
    likely: tuple[float, float]
    wide: tuple[float, float]
    felt: Floats
    posterior: Posterior
    is_still: bool
    p_without_one: float
    leans_on: int


@dataclass(frozen=True, kw_only=True)
class OutcomeModel:
    """One outcome's series with all its drivers.

    Attributes:
        periods: First days, in a row.
        rows: Places of the periods that the estimate rests on.
        set_aside: Places of single odd periods that it does not rest on.
        free: Degrees of freedom left.
        rho: Autocorrelation of the errors, averaged.
        base: What the outcome would have done with every driver at its average, one a period.
        left: What neither background nor drivers explain; NaN where the outcome is not known.
        drivers: In the order given.
        columns: The background's columns; the controls stand last.
    """

    grain: Grain
    periods: tuple[date, ...]
    outcome: Floats
    rows: Ints
    set_aside: Ints
    free: int
    rho: float
    base: Floats
    left: Floats
    drivers: tuple[DriverEffect, ...]
    columns: Floats
    config: InfluenceConfig


@dataclass(frozen=True, kw_only=True)
class TooShort:
    """Why nothing can be said.

    Attributes:
        periods: Periods in which outcome and every driver are known.
        free: Degrees of freedom that would be left.
    """

    periods: int
    free: int


def estimate_outcome(
    outcome: Floats,
    drivers: Sequence[DriverSeries],
    *,
    periods: Sequence[date],
    grain: Grain,
    fewest_free: int,
    controls: Floats | None = None,
    config: InfluenceConfig = DEFAULT_CONFIG,
) -> OutcomeModel | TooShort:
    """Estimate what each driver does to an outcome, the others given.

    Args:
        outcome: One value a period; NaN where there is none. It is never filled.
        drivers: At least one.
        periods: First days of all periods, without a gap.
        grain: Of the periods.
        fewest_free: With fewer degrees of freedom nothing is said.
        controls: Declared further causes, one column each, one row a period.
        config: How effects are estimated.
    """
    backdrop = background(periods, grain=grain, controls=controls, config=config)
    with _LIBRARIES.limit(limits=1, user_api="blas"):
        return _jointly(outcome, drivers, periods, grain, fewest_free, backdrop, config)


def _jointly(
    outcome: Floats,
    drivers: Sequence[DriverSeries],
    periods: Sequence[date],
    grain: Grain,
    fewest_free: int,
    backdrop: Floats,
    config: InfluenceConfig,
) -> OutcomeModel | TooShort:
    values = [bridged(one.values, longest=config.longest_gap) for one in drivers]
    decays = config.decays[grain]
    shapes, columns, rows = _columns(drivers, values, decays, outcome, backdrop)
    others = 2 * (len(drivers) - 1)
    if len(rows) - _rank(backdrop[rows]) - others < config.fewest_free_for_tails:
        shapes, columns, rows = _columns(drivers, values, decays[:1], outcome, backdrop)
    if len(rows) - _rank(backdrop[rows]) - others - 1 < fewest_free:
        free = len(rows) - backdrop.shape[1] - others - 1
        return TooShort(periods=len(rows), free=max(0, free))
    centred = _centred(columns, rows)
    kept, odd, posteriors = _settled(backdrop, centred, outcome, rows, shapes, config)
    rho = _mean_rho(posteriors, config)
    felt = _believed(centred, shapes, posteriors)
    known = np.where(np.isnan(outcome), 0.0, outcome)
    effects = []
    for place, (driver, series, posterior) in enumerate(
        zip(drivers, values, posteriors, strict=True)
    ):
        given = np.column_stack([backdrop, np.delete(felt, place, axis=1)])
        if len(kept) >= config.fewest_for_unevenness:
            factor = unevenness(given, felt[:, place], known, kept, rho=rho)
            posterior = posterior.widened(factor)
        selection, law = select(posterior, config)
        shape = posterior.shapes[selection.place]
        likely, wide = (law.range_of(level) for level in LEVELS)
        t, leans_on = weakest_without_one(given, felt[:, place], known, kept, rho=rho)
        effects.append(
            DriverEffect(
                name=driver.name,
                effect=float(posterior.effects[selection.place]),
                shape=shape,
                p=selection.p,
                likely=likely,
                wide=wide,
                felt=shaped(series, shape),
                posterior=posterior,
                is_still=_is_still(series[kept], float(posterior.strength[selection.place])),
                p_without_one=law.p_value(t**2 - config.tail_handicap * shape.is_tail),
                leans_on=int(kept[leans_on]),
            )
        )
    base, left = _without_drivers(backdrop, outcome, effects, kept, rho)
    return OutcomeModel(
        grain=grain,
        periods=tuple(periods),
        outcome=outcome,
        rows=kept,
        set_aside=odd,
        free=min(one.free for one in posteriors),
        rho=rho,
        base=base,
        left=left,
        drivers=tuple(effects),
        columns=backdrop,
        config=config,
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
    weights = np.mean([one.rho_weights for one in posteriors], axis=0)
    return float(weights @ np.asarray(config.rhos))


_STILL = 1e-4
"""A driver of which background leaves less than this share of its own variation is still."""


def _is_still(values: Floats, strength: float) -> bool:
    known = values[~np.isnan(values)]
    spread = float(((known - known.mean()) ** 2).sum()) if len(known) else 0.0
    return spread <= 0 or strength <= _STILL * spread


def _without_drivers(
    backdrop: Floats, outcome: Floats, effects: Sequence[DriverEffect], rows: Ints, rho: float
) -> tuple[Floats, Floats]:
    """The background fitted to what the drivers leave, and what then is left of the outcome."""
    moved = np.zeros(len(outcome))
    for one in effects:
        felt = one.felt - one.felt[rows].mean()
        moved += one.effect * np.where(np.isnan(felt), 0.0, felt)
    rest = np.where(np.isnan(outcome), 0.0, outcome) - moved
    white, _ = whitened(np.column_stack([backdrop, rest])[rows], np.diff(rows), rho)
    fitted, *_ = np.linalg.lstsq(white[:, :-1], white[:, -1], rcond=None)
    base = backdrop @ fitted
    return base, outcome - base - moved

"""All drivers of one outcome, estimated jointly: effect, lag, range, and what chance would do.

The steps and the reasons for each stand in docs/translation.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from kpi_engine.mapping.influence.background import Floats, Ints, once_columns, slow_columns
from kpi_engine.mapping.influence.config import DEFAULT_CONFIG, InfluenceConfig
from kpi_engine.mapping.influence.fit import (
    LIBRARIES,
    DriverSeries,
    Fit,
    TooShort,
    fit_drivers,
)
from kpi_engine.mapping.influence.memory import Memory
from kpi_engine.mapping.influence.posterior import Posterior
from kpi_engine.mapping.influence.search import select
from kpi_engine.mapping.influence.shapes import Shape, shaped
from kpi_engine.mapping.influence.single_periods import (
    left_without_one,
    unevenness,
)
from kpi_engine.mapping.influence.whitening import Whitening
from kpi_engine.terms import Grain

LEVELS = (0.90, 0.95)
"""Ranges shown to people, and ranges that grades are judged by."""


@dataclass(frozen=True, kw_only=True)
class DriverEffect:
    """What the data say about one driver, the others given.

    Attributes:
        effect: Change of the outcome after a sustained +1 of the driver.
        shape: The one that fits best.
        p: How often chance alone would have made the best of all shapes fit so well.
        likely: The 90 % range, honest after selection.
        wide: The 95 % range.
        values: The driver itself, short gaps bridged.
        felt: What is felt of the driver in each period by the selected shape; NaN if not known.
        posterior: What is believed of every shape.
        is_still: The driver hardly moved beyond season and trend: it cannot be tested.
        p_without_one: As ``p``, once the period that the effect leans on most is left out.
        leans_on: Place of that period.
        lead_p: How odd it would be that the driver's *next* value explains the outcome so well.
    """

    name: str
    effect: float
    shape: Shape
    p: float
    likely: tuple[float, float]
    wide: tuple[float, float]
    values: Floats
    felt: Floats
    posterior: Posterior
    is_still: bool
    p_without_one: float
    leans_on: int
    lead_p: float


@dataclass(frozen=True, kw_only=True)
class OutcomeModel:
    """One outcome's series with all its drivers.

    Attributes:
        periods: First days, in a row.
        rows: Places of the periods that the estimate rests on.
        set_aside: Places of single odd periods that it does not rest on.
        free: Degrees of freedom left.
        memory: Of the errors, averaged.
        base: What the outcome would have done with every driver at its average, one a period.
        course: The same by trend, weekdays, a time of year that came twice, and controls: what else
            moves slowly has no known cause.
        left: What neither background nor drivers explain; NaN where the outcome is not known.
        drivers: In the order given.
        columns: The background's columns, and next values of drivers where those tell something.
    """

    grain: Grain
    periods: tuple[date, ...]
    outcome: Floats
    rows: Ints
    set_aside: Ints
    free: int
    memory: Memory
    base: Floats
    course: Floats
    left: Floats
    drivers: tuple[DriverEffect, ...]
    columns: Floats
    config: InfluenceConfig


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
    fit = fit_drivers(
        outcome,
        drivers,
        periods=periods,
        grain=grain,
        fewest_free=fewest_free,
        controls=controls,
        config=config,
    )
    if isinstance(fit, TooShort):
        return fit
    names = [driver.name for driver in drivers]
    return modelled(fit, names, outcome, periods=periods, grain=grain, config=config)


def modelled(
    fit: Fit,
    names: Sequence[str],
    outcome: Floats,
    *,
    periods: Sequence[date],
    grain: Grain,
    config: InfluenceConfig,
) -> OutcomeModel:
    """What each driver does by the shape that fits best.

    Args:
        fit: Of all drivers.
        names: Of the drivers.
        outcome: As it was fitted; so are the others.
        periods: First days of all periods.
        grain: Of the periods.
        config: How effects are estimated.
    """
    with LIBRARIES.limit(limits=1, user_api="blas"):
        effects = tuple(_effect(name, place, fit, config) for place, name in enumerate(names))
        moved = _moved(fit, effects)
        base = _without(moved, fit)
        slow = slow_columns(periods, grain=grain, config=config)
        seen = int(fit.rows[-1] - fit.rows[0]) + 1
        once = once_columns(periods, grain=grain, seen=seen)
        course = _without(moved, fit, left_out=slow, untold=once)
    return OutcomeModel(
        grain=grain,
        periods=tuple(periods),
        outcome=outcome,
        rows=fit.rows,
        set_aside=fit.set_aside,
        free=fit.free,
        memory=fit.memory,
        base=base,
        course=course,
        left=outcome - base - moved,
        drivers=effects,
        columns=fit.given,
        config=config,
    )


def _effect(name: str, place: int, fit: Fit, config: InfluenceConfig) -> DriverEffect:
    """One driver: the shape that fits best, its range, and what chance would have made of it."""
    posterior, felt, given = fit.posteriors[place], fit.felt[:, place], fit.without(place)
    if len(fit.rows) >= config.fewest_for_unevenness:
        factor = unevenness(given, felt, fit.outcome, fit.rows, memory=fit.memory)
        posterior = posterior.widened(factor)
    selection, law = select(posterior, config)
    shape, series = posterior.shapes[selection.place], fit.values[place]
    likely, wide = (law.range_of(level) for level in LEVELS)
    left, leans_on = left_without_one(given, felt, fit.outcome, fit.rows, memory=fit.memory)
    t = left * posterior.t[selection.place]
    return DriverEffect(
        name=name,
        effect=float(posterior.effects[selection.place]),
        shape=shape,
        p=selection.p,
        likely=likely,
        wide=wide,
        values=series,
        felt=shaped(series, shape),
        posterior=posterior,
        is_still=_is_still(series[fit.rows], float(posterior.strength[selection.place])),
        p_without_one=law.p_value(t**2 - config.tail_handicap * shape.is_tail),
        leans_on=int(fit.rows[leans_on]),
        lead_p=fit.lead_ps[place],
    )


_STILL = 1e-4
"""A driver of which background leaves less than this share of its own variation is still."""


def _is_still(values: Floats, strength: float) -> bool:
    known = values[~np.isnan(values)]
    spread = float(((known - known.mean()) ** 2).sum()) if len(known) else 0.0
    return spread <= 0 or strength <= _STILL * spread


def _moved(fit: Fit, effects: Sequence[DriverEffect]) -> Floats:
    """What the drivers did, one value a period."""
    moved, rows = np.zeros(len(fit.outcome)), fit.rows
    for one in effects:
        felt = one.felt - one.felt[rows].mean()
        moved += one.effect * np.where(np.isnan(felt), 0.0, felt)
    return moved


def _without(
    moved: Floats, fit: Fit, *, left_out: range = range(0), untold: range = range(0)
) -> Floats:
    """The background fitted to what the drivers leave, one value a period.

    Args:
        moved: What the drivers did.
        fit: Of all drivers.
        left_out: Columns that are not fitted: their part falls to what is left.
        untold: Columns that are fitted, so that others do not take their part, and not told.
    """
    kept = [one for one in range(fit.given.shape[1]) if one not in left_out]
    told = [place for place, one in enumerate(kept) if one < fit.width and one not in untold]
    columns = fit.given[:, kept]
    white = Whitening(fit.rows, fit.memory).of(
        np.column_stack([columns, fit.outcome - moved])[fit.rows]
    )
    fitted, *_ = np.linalg.lstsq(white[:, :-1], white[:, -1], rcond=None)
    return np.asarray(columns[:, told] @ fitted[told])

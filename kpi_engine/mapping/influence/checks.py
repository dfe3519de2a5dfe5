"""What speaks against an estimate: the future explains the past, a bend, a twin."""

from dataclasses import dataclass, replace

import numpy as np
from scipy import stats

from kpi_engine.mapping.influence.added import Added, added
from kpi_engine.mapping.influence.background import Floats
from kpi_engine.mapping.influence.estimate import DriverEffect, OutcomeModel
from kpi_engine.mapping.influence.shapes import shaped
from kpi_engine.mapping.influence.whitening import Whitening, orthonormal
from kpi_engine.maths.intervals import Estimate


@dataclass(frozen=True, kw_only=True)
class Checks:
    """What was tested about one driver of a model.

    Attributes:
        lead_p: How odd it would be that the driver's *next* value explains the outcome so well;
            small: the outcome may move the driver, or something moves both.
        curve_p: How odd it would be that a bent line fits so much better; small: a straight line
            does not fit.
        inflation: How many times wider the range is because other drivers move along (variance
            inflation).
        twin: Place of the driver that moves along most; None when there is no other.
        is_replaceable: The twin, felt in the same way, explains the outcome nearly as well in the
            driver's place: which of the two does it cannot be told.
    """

    lead_p: float
    curve_p: float
    inflation: float
    twin: int | None
    is_replaceable: bool = False


def check_driver(model: OutcomeModel, place: int) -> Checks:
    """Test one driver of a model.

    Args:
        model: All drivers of an outcome.
        place: Of the driver.
    """
    felt = [_centred(one.felt, model) for one in model.drivers]
    given = np.column_stack([model.columns, *felt])
    bent = felt[place] ** 2
    inflation, twin = _inflation(model, felt, place)
    rivals = (other for other in range(len(felt)) if other != place)
    rival = next((other for other in rivals if _could_replace(model, felt, other, place)), None)
    return Checks(
        lead_p=model.drivers[place].lead_p,
        curve_p=_added(model, given, bent - bent[model.rows].mean()).p,
        inflation=inflation,
        twin=twin if rival is None else rival,
        is_replaceable=rival is not None,
    )


def doubted(effect: DriverEffect, checks: Checks) -> DriverEffect:
    """An effect as it is shown: where another driver may act in its place, it may do nothing.

    Args:
        effect: One driver's, the others given.
        checks: What was tested about it.
    """
    if not checks.is_replaceable:
        return effect
    return replace(effect, likely=_with_nothing(effect.likely), wide=_with_nothing(effect.wide))


def _with_nothing(ends: tuple[float, float]) -> tuple[float, float]:
    return min(ends[0], 0.0), max(ends[1], 0.0)


def effect_together(
    model: OutcomeModel, place: int, other: int, steps: tuple[float, float], *, level: float
) -> Estimate:
    """What two drivers do when both rise by a step; it can be told where neither alone can.

    With u and v the two counted in steps, u b + v c = (u + v)/2 (b + c) + (u - v)/2 (b - c): the
    first coefficient is the sum, with the t range of generalised least squares.

    Args:
        model: All drivers of an outcome.
        place: Of one driver.
        other: Of the other.
        steps: Of each, on its scale.
        level: Of the range, such as 0.9.
    """
    felt = [_centred(one.felt, model) for one in model.drivers]
    rest = [one for k, one in enumerate(felt) if k not in (place, other)]
    first, second = felt[place] / steps[0], felt[other] / steps[1]
    given = np.column_stack([model.columns, *rest, (first - second) / 2])
    found = _added(model, given, (first + second) / 2)
    if not found.is_known:
        return Estimate(low=-np.inf, mid=0.0, high=np.inf)
    reach = float(stats.t.ppf((1 + level) / 2, found.free)) * found.error
    return Estimate(low=found.effect - reach, mid=found.effect, high=found.effect + reach)


def _could_replace(model: OutcomeModel, felt: list[Floats], other: int, place: int) -> bool:
    """Whether another driver, felt like this one, would explain the outcome nearly as well."""
    own, rival = model.drivers[place], model.drivers[other]
    instead = _centred(shaped(rival.values, own.shape), model)
    rest = [one for k, one in enumerate(felt) if k not in (place, other)]
    given = np.column_stack([model.columns, *rest])
    white = Whitening(model.rows, model.memory).of(
        np.column_stack([given, felt[place], instead])[model.rows]
    )
    base, _ = orthonormal(white[:, :-2])
    left = white[:, -2:] - base @ (base.T @ white[:, -2:])
    lengths = np.sqrt((left**2).sum(axis=0))
    if (
        lengths.min() <= 0
        or abs(left[:, 0] @ left[:, 1]) < model.config.rival_alike * lengths.prod()
    ):
        return False
    fits, fits_instead = (_added(model, given, one) for one in (felt[place], instead))
    if not (fits.is_known and fits_instead.is_known):
        return False
    better = len(model.rows) / 2 * np.log(fits_instead.left_over / fits.left_over)
    return bool(better < model.config.rival_lead)


def _centred(column: Floats, model: OutcomeModel) -> Floats:
    found = column - np.nanmean(column[model.rows])
    return np.where(np.isnan(found), 0.0, found)


def _added(model: OutcomeModel, given: Floats, extra: Floats) -> Added:
    return added(given, extra, model.outcome, model.rows, model.memory)


def _inflation(model: OutcomeModel, felt: list[Floats], place: int) -> tuple[float, int | None]:
    others = [other for other in range(len(felt)) if other != place]
    if not others:
        return 1.0, None
    every = np.column_stack([model.columns, *felt])[model.rows]
    white = Whitening(model.rows, model.memory).of(every)
    width = model.columns.shape[1]
    base, _ = orthonormal(white[:, :width])
    left = white[:, width:] - base @ (base.T @ white[:, width:])
    own, rest = left[:, place], left[:, others]
    along, _ = orthonormal(rest)
    alone = float(own @ own)
    with_others = float(((own - along @ (along.T @ own)) ** 2).sum())
    lengths = np.sqrt(np.maximum((rest**2).sum(axis=0), 1e-300))
    twin = others[int(np.argmax(np.abs(rest.T @ own) / lengths))]
    return alone / max(with_others, 1e-12 * alone, 1e-300), twin

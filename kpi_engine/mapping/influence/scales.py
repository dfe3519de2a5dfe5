"""Scales on which causes add up: as it is, as a logarithm, as the logarithm of odds."""

import math
from typing import Literal

import numpy as np
from scipy import special

from kpi_engine.mapping.influence.background import Floats

ScaleName = Literal["plain", "log", "logit"]
_EDGE = 1e-6
"""Shares of exactly 0 or 1 have no odds; they are taken for this far from it."""


def on_scale(values: Floats, scale: ScaleName) -> Floats:
    """Values on the scale; NaN where they have no place on it."""
    with np.errstate(invalid="ignore", divide="ignore"):
        if scale == "log":
            return np.where(values > 0, np.log(values), np.nan)
        if scale == "logit":
            shares = np.clip(values, _EDGE, 1 - _EDGE)
            inside = (values >= 0) & (values <= 1)
            return np.where(inside, np.log(shares / (1 - shares)), np.nan)
    return values


def driver_on_scale(values: Floats, scale: ScaleName) -> Floats:
    """Values on the scale; infinite where a value has no place on it, which is no gap to bridge."""
    found = on_scale(values, scale)
    return np.where(np.isnan(found) & ~np.isnan(values), np.inf, found)


def off_scale(place: float, scale: ScaleName) -> float:
    """The value at a place on the scale; the way back from ``on_scale``."""
    if scale == "log":
        return math.exp(place)
    return 1 / (1 + math.exp(-place)) if scale == "logit" else place


def values_off_scale(places: Floats, scale: ScaleName) -> Floats:
    """The same of many at once; infinite where that is too large for a number."""
    if scale == "log":
        with np.errstate(over="ignore"):
            return np.asarray(np.exp(places))
    return np.asarray(special.expit(places)) if scale == "logit" else places


def moved(value: float, by: float, scale: ScaleName) -> float:
    """A value after its place on the scale moved.

    Examples:
        >>> round(moved(100.0, math.log(2), "log"), 6)
        200.0
        >>> round(moved(0.5, 0.0, "logit"), 6)
        0.5
    """
    if scale == "log":
        return value * math.exp(by)
    if scale == "logit":
        share = min(max(value, _EDGE), 1 - _EDGE)
        return 1 / (1 + (1 - share) / share * math.exp(-by))
    return value + by


def distance(start: float, end: float, scale: ScaleName) -> float | None:
    """How far two values lie apart on the scale; None where one has no place on it."""
    places = on_scale(np.asarray([start, end], dtype=np.float64), scale)
    return None if np.isnan(places).any() else float(places[1] - places[0])


def slope_between(start: float, end: float, scale: ScaleName) -> float | None:
    """Change of a value for each unit of the scale between two values.

    It makes parts that add up on the scale add up as values too. None where a value has no place
    on the scale.

    Examples:
        >>> slope_between(2.0, 5.0, "plain")
        1.0
    """
    if scale == "plain":
        return 1.0
    apart = distance(start, end, scale)
    if apart is None:
        return None
    if abs(apart) > 1e-9:
        return (end - start) / apart
    return start if scale == "log" else start * (1 - start)

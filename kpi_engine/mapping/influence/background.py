"""What an outcome does without its drivers: level, trend, time of year, slow movement."""

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from kpi_engine.mapping.influence.config import InfluenceConfig
from kpi_engine.periods import add_months
from kpi_engine.terms import Grain

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

MONTHS_A_YEAR = 12
DAYS_A_YEAR = 365.25
DAYS_A_WEEK = 7
_TWO_YEARS = 24
_SEEN_TWICE = 1.9
"""Years: what comes once a year has come a second time."""
_PERIODS_PER_WAVE = 6
"""With fewer periods for each slow wave the waves would follow the noise."""


def periods_from(first: date, count: int, grain: Grain) -> list[date]:
    """The first days of ``count`` periods in a row.

    Raises:
        ValueError: Series are daily, weekly or monthly.
    """
    if grain is Grain.MONTH:
        return [add_months(first, step) for step in range(count)]
    if grain not in (Grain.DAY, Grain.WEEK):
        raise ValueError(f"no series by {grain.value}")
    step_days = 1 if grain is Grain.DAY else DAYS_A_WEEK
    return [first + timedelta(days=step_days * step) for step in range(count)]


STILL = 1e-4
"""A driver of which season and trend leave less than this share of its own variation is still."""


FEWEST_TO_BE_STILL = 12
"""With fewer values nothing is said of whether a series moves."""


def moves_by_itself(values: Floats, columns: Floats) -> bool:
    """Whether a series did more than season and trend let expect.

    Args:
        values: One a period; NaN where there is none, infinite where it has no place.
        columns: Of the background, one row a period.
    """
    known = np.isfinite(values)
    own = values[known] - values[known].mean() if known.any() else values[known]
    spread = float((own**2).sum())
    if len(own) < FEWEST_TO_BE_STILL:
        return True
    if spread <= (1e-9 * float(np.abs(values[known]).max())) ** 2 * len(own):
        return False
    fitted, *_ = np.linalg.lstsq(columns[known], values[known], rcond=None)
    left = float(((values[known] - columns[known] @ fitted) ** 2).sum())
    return left > STILL * spread


def background(
    periods: Sequence[date],
    *,
    grain: Grain,
    controls: Floats | None,
    config: InfluenceConfig,
    with_slow: bool = True,
) -> Floats:
    """Columns that are taken out before any driver is looked at, one row a period.

    Intercept; straight trend; cosines for what moves slowly; a column a calendar month from two
    years on (one yearly wave below that); weekdays and two yearly waves for days and weeks; and
    what was declared: holidays, campaigns, price changes. Waves instead of months would let a
    spiky season that two series share pass for a link.

    Args:
        periods: First days, without a gap.
        grain: Of the periods.
        controls: Further columns, one row a period.
        config: How slow is slow.
        with_slow: Whether slow movement is taken out; a step at a date would go with it.
    """
    count = len(periods)
    at = np.arange(count, dtype=np.float64)
    columns = [np.ones(count), (at - at.mean()) / max(1, count)]
    columns += _seasons(periods, grain)
    columns += [
        np.cos(np.pi * wave * (at + 0.5) / count)
        for wave in range(1, with_slow * _slow_waves(count, grain, config) + 1)
    ]
    found = np.column_stack(columns)
    return found if controls is None else np.column_stack([found, controls])


def doubtful_parts(
    periods: Sequence[date], *, grain: Grain, config: InfluenceConfig
) -> tuple[range, ...]:
    """Which columns of a background a series may do without, group by group.

    By month its season, and all slow waves. By week those of less than a year: a fading effect is
    slow as well, and would be taken out with what is not there. By day none: they cost little.
    """
    slow = slow_columns(periods, grain=grain, config=config)
    parts: tuple[range, ...] = ()
    if grain is Grain.MONTH:
        parts = (range(2, slow.start), slow)
    if grain is Grain.WEEK:
        parts = (slow[round(2 * len(periods) * DAYS_A_WEEK / DAYS_A_YEAR) :],)
    return tuple(part for part in parts if part)


def slow_columns(periods: Sequence[date], *, grain: Grain, config: InfluenceConfig) -> range:
    """Which columns of a background are slow movement."""
    season = 2 + len(_seasons(periods, grain))
    return range(season, season + _slow_waves(len(periods), grain, config))


def once_columns(periods: Sequence[date], *, grain: Grain, seen: int) -> range:
    """Which columns of a background are a time of year that has not come a second time.

    Until then whatever happened once fits it.

    Args:
        periods: First days, without a gap.
        grain: Of the periods.
        seen: Periods from the first to the last that an estimate rests on.
    """
    first = 2 + (DAYS_A_WEEK - 1 if grain is Grain.DAY else 0)
    a_year = {Grain.DAY: DAYS_A_YEAR, Grain.WEEK: DAYS_A_YEAR / DAYS_A_WEEK}
    is_again = seen >= _SEEN_TWICE * a_year.get(grain, MONTHS_A_YEAR)
    return range(first, first if is_again else 2 + len(_seasons(periods, grain)))


def _slow_waves(count: int, grain: Grain, config: InfluenceConfig) -> int:
    """How many half waves over the whole length count as slow."""
    if grain is Grain.MONTH:
        return max(0, round(count / MONTHS_A_YEAR) - 1)
    days = 1 if grain is Grain.DAY else DAYS_A_WEEK
    return min(int(2 * count * days / config.slowest_days), count // _PERIODS_PER_WAVE)


def _seasons(periods: Sequence[date], grain: Grain) -> list[Floats]:
    if grain is Grain.MONTH:
        month = np.asarray([period.month - 1 for period in periods])
        if len(periods) >= _TWO_YEARS:
            return dummies(month, MONTHS_A_YEAR)
        return waves(month / MONTHS_A_YEAR, 1)
    day = np.asarray([period.toordinal() for period in periods])
    weekdays = dummies(day % DAYS_A_WEEK, DAYS_A_WEEK) if grain is Grain.DAY else []
    is_year_seen = day[-1] - day[0] >= 0.8 * DAYS_A_YEAR
    return [*weekdays, *(waves(day / DAYS_A_YEAR, 2) if is_year_seen else [])]


def dummies(place: Ints, places: int) -> list[Floats]:
    """A column a place but the first, each with mean zero over a whole cycle."""
    return [(place == one).astype(np.float64) - 1 / places for one in range(1, places)]


def waves(share_of_year: Floats, harmonics: int) -> list[Floats]:
    """A cosine and a sine for each of the first harmonics of a year."""
    turns = [2 * np.pi * harmonic * share_of_year for harmonic in range(1, harmonics + 1)]
    return [wave for turn in turns for wave in (np.cos(turn), np.sin(turn))]

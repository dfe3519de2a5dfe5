"""An open month held against as many days of other months (A5).

Twelve days against a whole month would always be a fall. So the first twelve days are held against
the first twelve days of the month before and of the same month a year ago, and where even that is
not fair nothing is compared: without facts by the day, with days missing on either side, and for
rates of which there are too few cases.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from math import isclose

import pandas as pd

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.metrics import Metric
from kpi_engine.periods import add_months
from kpi_engine.services.folding import folded
from kpi_engine.services.look import Look
from kpi_engine.services.series import Point, Wanted, point_from
from kpi_engine.store.parts import PAIRED, has_stock_below
from kpi_engine.store.reads import read_values
from kpi_engine.terms import Grain

ENOUGH_CASES = 100
"""With fewer cases below it on either side, a rate differs by chance alone."""
_ENOUGH_DAYS = 0.95
"""The days with facts on one side may be fewer than on the other by one in twenty."""


@dataclass(frozen=True, kw_only=True)
class OpenMonth:
    """A metric's month that is still filling up.

    Attributes:
        value: Of the month so far, as it is shown.
        through: Its last day with data.
    """

    value: float
    through: date


@dataclass(frozen=True, kw_only=True)
class SoFar:
    """What an open month may be held against.

    Attributes:
        days: How many of its first days are in; as many of the others were taken.
        previous: The same days of the month before; None where that is not fair.
        year_ago: The same days of the month a year earlier; None where that is not fair.
    """

    days: int
    previous: float | None
    year_ago: float | None


def read_so_far(
    look: Look, open_: Mapping[Wanted, OpenMonth], *, month: date
) -> Mapping[Wanted, SoFar]:
    """What each open month may be held against; three queries a segment.

    Args:
        look: At the store.
        open_: Metrics and segments whose month is open.
        month: Its first day.
    """
    found: dict[Wanted, SoFar] = {}
    for members in dict.fromkeys(key.members for key in open_):
        days = {
            key: (one.through - look.calendar.first_day(month)).days + 1
            for key, one in open_.items()
            if key.members == members
        }
        metrics = {key: look.catalogue.metric(key.metric) for key in days}
        frames = {
            at: _read_days(look, metrics.values(), at, max(days.values()), dict(members))
            for at in (month, add_months(month, -1), add_months(month, -12))
        }
        for key, metric in metrics.items():
            own, before, year_ago = (
                _Days.of(frame, metric, look.calendar.bounds(at), days[key])
                for at, frame in frames.items()
            )
            is_all = _is_all(own.value(look.catalogue), open_[key].value)
            found[key] = SoFar(
                days=days[key],
                previous=_compared(look.catalogue, own, before) if is_all else None,
                year_ago=_compared(look.catalogue, own, year_ago) if is_all else None,
            )
    return found


@dataclass(frozen=True, kw_only=True)
class _Days:
    """The first days of a month: a point for each day with facts, oldest first."""

    metric: Metric
    points: tuple[Point, ...]
    is_short: bool
    """The month has fewer days than are asked for."""

    @classmethod
    def of(
        cls, frame: pd.DataFrame, metric: Metric, bounds: tuple[date, date], days: int
    ) -> "_Days":
        """Those of one metric among the rows by the day."""
        last = bounds[0] + timedelta(days=days - 1)
        rows = frame.loc[(frame["metric"] == metric.id) & (frame["period"] <= last)]
        return cls(
            metric=metric,
            points=tuple(
                point_from(upper, lower, value, 1)
                for upper, lower, value in rows[["numerator", "denominator", "value"]].to_numpy()
            ),
            is_short=last > bounds[1],
        )

    @property
    def cases(self) -> float:
        """What a rate is divided by."""
        return sum(point.denominator or 0.0 for point in self.points)

    def value(self, catalogue: Catalogue) -> float | None:
        """The days as one number."""
        stock_below = has_stock_below(catalogue, self.metric)
        return folded(self.points, self.metric, stock_below=stock_below)


def _read_days(
    look: Look, metrics: Iterable[Metric], month: date, days: int, segment: Mapping[str, str]
) -> pd.DataFrame:
    """One row a metric and day with a value: a day on which nothing divides says nothing."""
    first, last = look.calendar.bounds(month)
    rows = read_values(
        look.conn,
        metrics=[metric.id for metric in metrics],
        grain=Grain.DAY,
        first=first,
        last=min(last, first + timedelta(days=days - 1)),
        as_of=look.as_of,
        segment=segment,
    )
    return rows.loc[rows["value"].notna()]


def _is_all(of_days: float | None, shown: float) -> bool:
    """Whether the days make up the value that is shown: parts may be known by the month only."""
    return of_days is not None and isclose(of_days, shown, rel_tol=1e-9, abs_tol=1e-12)


def _compared(catalogue: Catalogue, now: _Days, then: _Days) -> float | None:
    fewer, more = sorted((len(now.points), len(then.points)))
    if now.is_short or then.is_short or fewer < _ENOUGH_DAYS * more:
        return None
    is_rate = now.metric.measure.fold in PAIRED
    if is_rate and min(now.cases, then.cases) < ENOUGH_CASES:
        return None
    return then.value(catalogue)

"""What was felt of a driver, month by month, in each way in which it may be felt."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

import numpy as np

from kpi_engine.catalogue.links import Link
from kpi_engine.fiscal import FiscalCalendar
from kpi_engine.mapping.influence.background import Floats, periods_from
from kpi_engine.mapping.influence.config import DEFAULT_CONFIG
from kpi_engine.mapping.influence.forecast import ShapeEffect
from kpi_engine.mapping.influence.scales import driver_on_scale
from kpi_engine.mapping.influence.shapes import Shape, bridged, shaped_by_each
from kpi_engine.periods import months_between
from kpi_engine.services.closed_months import ClosedMonths
from kpi_engine.services.grids import DAYS, by_month_each, over_before
from kpi_engine.services.series import wanted
from kpi_engine.services.tracks import TrackBook
from kpi_engine.terms import Grain


@dataclass(kw_only=True)
class FeltBook:
    """What was felt of the drivers of links; worked out once, however many forecasts ask for it.

    Attributes:
        book: Of tracks.
        closed: Whole months.
    """

    book: TrackBook
    closed: ClosedMonths
    _drivers: dict[tuple[str, Grain], "_Driver"] = field(default_factory=dict)
    _kept: dict[object, Mapping[date, tuple[float, ...]]] = field(default_factory=dict)

    def by_month(
        self,
        link: Link,
        grain: Grain,
        effects: Sequence[ShapeEffect],
        *,
        before: date | None = None,
    ) -> Mapping[date, tuple[float, ...]]:
        """What was felt of a driver in each month that is in, one number a shape.

        Args:
            link: Says whose driver, and what it acts on.
            grain: Of the series that the shapes are of.
            effects: Of the shapes, in the order wanted.
            before: Only what was over before this month is used; None for all there is.
        """
        shapes = tuple(Shape(one.lag, one.decay) for one in effects)
        key = (link.id, grain, shapes, before)
        if key not in self._kept:
            self._kept[key] = self._driver(link, grain).by_month(shapes, before)
        return self._kept[key]

    def _driver(self, link: Link, grain: Grain) -> "_Driver":
        if (link.id, grain) not in self._drivers:
            self._drivers[link.id, grain] = _Driver.of(self.book, self.closed, link, grain)
        return self._drivers[link.id, grain]


@dataclass(frozen=True, kw_only=True)
class _Driver:
    """One link's driver by one grain.

    Attributes:
        grain: Of the periods.
        calendar: By which days make months.
        periods: In a row, from the driver's first to its last.
        values: The driver on its scale, one a period; NaN where there is none.
        cases: What each period weighs within its month; of the outcome, where that is a share.
        closed: Months in which the driver is in as a whole.
    """

    grain: Grain
    calendar: FiscalCalendar
    periods: tuple[date, ...]
    values: Floats
    cases: Floats
    closed: tuple[date, ...]

    @classmethod
    def of(cls, book: TrackBook, closed: ClosedMonths, link: Link, grain: Grain) -> "_Driver":
        key = wanted(link.driver, link.driver_segment)
        track, outcome = book.track(key, grain), book.track(wanted(link.outcome), grain)
        periods = _in_a_row(min(track.values), max(track.values), grain) if track.values else ()
        return cls(
            grain=grain,
            calendar=book.look.calendar,
            periods=periods,
            values=driver_on_scale(track.on(periods), track.metric.moves),
            cases=np.asarray([outcome.cases.get(period, 0.0) for period in periods]),
            closed=tuple(closed.are_in(key)),
        )

    def by_month(
        self, shapes: Sequence[Shape], before: date | None
    ) -> dict[date, tuple[float, ...]]:
        count = len(self.periods)
        if before is not None:
            count = over_before(self.periods, before, self.grain, self.calendar)
        if not count:
            return {}
        cases, periods = self.cases[:count], self.periods[:count]
        values = bridged(self.values[:count], longest=DEFAULT_CONFIG.longest_gap)
        found = by_month_each(
            periods,
            shaped_by_each(values, shapes),
            cases if cases.any() else np.ones(count),
            self.grain,
            self.calendar,
        )
        return {
            month: found[month]
            for month in self.closed
            if month in found and (before is None or month < before)
        }


@lru_cache(maxsize=64)
def _in_a_row(first: date, last: date, grain: Grain) -> tuple[date, ...]:
    if grain is Grain.MONTH:
        return tuple(months_between(first, last))
    return tuple(periods_from(first, (last - first).days // int(DAYS[grain]) + 1, grain))

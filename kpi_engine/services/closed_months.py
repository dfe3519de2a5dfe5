"""Monthly values of whole months only: complete by the rule of the scorecard."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from kpi_engine.services.completeness import Arrival, arrivals, completeness
from kpi_engine.services.dwa import AVAILABILITY, DWA, ORDERS
from kpi_engine.services.look import Look
from kpi_engine.services.series import Series, Wanted, read_series, wanted
from kpi_engine.terms import Grain

_BY_THE_MONTH = (Grain.DAY, Grain.WEEK, Grain.MONTH)
_INPUTS = (wanted(AVAILABILITY), wanted(ORDERS))
"""What demand-weighted availability is worked out from."""


@dataclass(kw_only=True)
class ClosedMonths:
    """Months of many metrics, read once.

    Attributes:
        look: At the store.
        keys: Every metric and segment that may be asked for.
    """

    look: Look
    keys: tuple[Wanted, ...]
    _whole: dict[Wanted, Mapping[date, float]] = field(default_factory=dict)

    def of(self, key: Wanted) -> Mapping[date, float]:
        """Values of the months that are in as a whole, oldest first.

        There are none of what is taken by the quarter, and none of what is worked out from other
        metrics when it is read.
        """
        if key not in self._whole:
            self._whole[key] = self._months(key)
        return self._whole[key]

    def are_in(self, key: Wanted) -> list[date]:
        """Months that are in as a whole, oldest first."""
        if key.metric != DWA:
            return list(self.of(key))
        ordered = set(self.of(wanted(ORDERS)))
        return [month for month in self.of(wanted(AVAILABILITY, key.segment)) if month in ordered]

    def _months(self, key: Wanted) -> Mapping[date, float]:
        metric = self.look.catalogue.metric(key.metric)
        if metric.cadence not in _BY_THE_MONTH or metric.id == DWA:
            return {}
        points, arrival = self._series.get(key, {}), self._arrived.get(key.metric)
        organisation = self.look.catalogue.organisation
        return {
            month: point.value
            for month, point in sorted(points.items())
            if point.value is not None
            and completeness(month, points, arrival, organisation=organisation).is_complete
        }

    @cached_property
    def _arrived(self) -> Mapping[str, Arrival]:
        return arrivals(self.look)

    @cached_property
    def _series(self) -> Mapping[Wanted, Series]:
        keys = [wanted(AVAILABILITY, key.segment) for key in self.keys if key.metric == DWA]
        keys += [key for key in (*self.keys, *_INPUTS) if key.metric != DWA]
        known = [key for key in dict.fromkeys(keys) if key.metric in self._arrived]
        if not known:
            return {}
        spans = [self._arrived[key.metric] for key in known]
        first = self.look.calendar.month_of(min(one.first_day for one in spans))
        last = self.look.calendar.month_of(max(one.data_through for one in spans))
        return read_series(self.look, known, first=first, last=last)

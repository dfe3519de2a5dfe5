"""Orders lost in one month and the one before, every minute counted once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, tzinfo

import pandas as pd

from kpi_engine.catalogue.links import LostOrders
from kpi_engine.mapping.impact import OrdersLost, Outage, outages_between, shared_orders_lost
from kpi_engine.mapping.money import assumed
from kpi_engine.periods import add_months
from kpi_engine.services.dwa import (
    BASELINE,
    last_order_day,
    read_service_spans,
    watched_days,
)
from kpi_engine.services.look import Look
from kpi_engine.store.happenings import read_orders_during


@dataclass(frozen=True, kw_only=True)
class MonthLosses:
    """Lost orders of a month and of the month before.

    Attributes:
        now: None when nobody watched the service in the month, or nothing was ordered in it:
            no outage is known, which is not the same as no outage.
        before: The same for the month before.
    """

    now: OrdersLost | None
    before: OrdersLost | None


@dataclass(kw_only=True)
class LossLedger:
    """Counts lost orders once however many links ask for them.

    Attributes:
        look: At the store.
        month: The month explained.
    """

    look: Look
    month: date
    _counted: dict[tuple[str, ...], Mapping[str, MonthLosses]] = field(default_factory=dict)

    def of(self, counting: LostOrders, *, among: Sequence[LostOrders]) -> MonthLosses:
        """What a link's outages cost in orders.

        Args:
            counting: The link's.
            among: Those of all links it shares overlapping outages with, its own included.
                Links to one service count once.
        """
        unique = {service_key(one): one for one in (*among, counting) if self.counts(one)}
        key = tuple(one.model_dump_json() for one in unique.values())
        if key not in self._counted:
            self._counted[key] = self._count(unique)
        return self._counted[key][service_key(counting)]

    def counts(self, counting: LostOrders) -> bool:
        """Whether it is known which service orders depend on: named, or the only one watched."""
        return bool(counting.service) or len(self.look.watched_services()) <= 1

    def _count(self, countings: Mapping[str, LostOrders]) -> Mapping[str, MonthLosses]:
        before = add_months(self.month, -1)
        bounds = {month: self.look.calendar.bounds(month) for month in (before, self.month)}
        days = {"first": bounds[before][0] - BASELINE, "last": bounds[self.month][1]}
        orders = self.look.order_hours(**days)
        spans = [
            read_service_spans(self.look, **days, services=[one.service])
            for one in countings.values()
        ]
        stretches = [
            (outage.started_at, outage.ended_at)
            for first, end in bounds.values()
            for outage in _outages(first, end, orders, spans, self.look.zone)
        ]
        ordered = read_orders_during(
            self.look.conn, self.look.catalogue, stretches, as_of=self.look.as_of
        )
        holidays = self.look.holidays(**days)
        recovered = [
            assumed(self.look.catalogue.assumption(one.recovered_share))
            for one in countings.values()
        ]
        found = {
            month: shared_orders_lost(
                orders,
                spans,
                first=first,
                last=last,
                recovered=recovered,
                ordered=ordered,
                holidays=holidays,
                zone=self.look.zone,
            )
            for month, (first, end) in bounds.items()
            if (last := last_order_day(orders, first=first, last=end)) is not None
        }
        return {
            key: self._known(one, {month: lost[place] for month, lost in found.items()})
            for place, (key, one) in enumerate(countings.items())
        }

    def _known(self, counting: LostOrders, found: Mapping[date, OrdersLost]) -> MonthLosses:
        """Losses of the months in which the service was watched."""
        before = add_months(self.month, -1)
        watched = watched_days(
            self.look, first=before, last=self.month, services=[counting.service]
        )
        now, then = (found.get(at) if at in watched else None for at in (self.month, before))
        return MonthLosses(now=now, before=then)


def service_key(counting: LostOrders) -> str:
    """Which service's outages are counted: links with the same key count the same minutes."""
    return str(sorted(counting.service.items()))


def _outages(
    first: date, end: date, orders: pd.DataFrame, spans: Sequence[pd.DataFrame], zone: tzinfo
) -> tuple[Outage, ...]:
    last = last_order_day(orders, first=first, last=end)
    every = pd.concat(spans, ignore_index=True)
    return () if last is None else outages_between(every, first=first, last=last, zone=zone)

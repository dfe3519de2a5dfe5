"""Orders lost in one month and the one before, each service counted once."""

from dataclasses import dataclass, field
from datetime import date

import pandas as pd

from kpi_engine.catalogue.models import LostOrders
from kpi_engine.mapping.impact import OrdersLost, Outage, lost_orders, outages_between
from kpi_engine.mapping.money import assumed
from kpi_engine.periods import add_months, last_day
from kpi_engine.services.dwa import (
    BASELINE,
    last_order_day,
    read_outage_spans,
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
    _counted: dict[str, MonthLosses] = field(default_factory=dict)

    def of(self, counting: LostOrders) -> MonthLosses:
        """What a link's outages cost in orders."""
        key = counting.model_dump_json()
        if key not in self._counted:
            self._counted[key] = self._count(counting)
        return self._counted[key]

    def _count(self, counting: LostOrders) -> MonthLosses:
        before = add_months(self.month, -1)
        days = {"first": before - BASELINE, "last": last_day(self.month)}
        orders = self.look.order_hours(**days)
        spans = read_outage_spans(self.look, **days, segment=counting.service)
        watched = watched_days(self.look, first=before, last=self.month, segment=counting.service)
        stretches = [
            (outage.started_at, outage.ended_at)
            for month in (before, self.month)
            for outage in _outages(month, orders, spans)
        ]
        ordered = read_orders_during(
            self.look.conn, self.look.catalogue, stretches, as_of=self.look.as_of
        )
        holidays = self.look.holidays(**days)
        found = {
            month: lost_orders(
                orders,
                spans,
                first=month,
                last=last,
                recovered=assumed(self.look.catalogue.assumption(counting.recovered_share)),
                ordered=ordered,
                holidays=holidays,
            )
            for month in (before, self.month)
            if month in watched and (last := last_order_day(orders, month)) is not None
        }
        return MonthLosses(now=found.get(self.month), before=found.get(before))


def _outages(month: date, orders: pd.DataFrame, spans: pd.DataFrame) -> tuple[Outage, ...]:
    last = last_order_day(orders, month)
    return () if last is None else outages_between(spans, first=month, last=last)

"""Impact links, counted from events: orders lost to outages, working hours lost to tickets."""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pandas as pd

from kpi_engine.mapping.demand import DEFAULT_CONFIG, Demand, DemandConfig, expected_demand
from kpi_engine.maths.intervals import NORMAL_90, Estimate, sum_of_estimates

NOTHING = Estimate.exact(0.0)


@dataclass(frozen=True, kw_only=True)
class Outage:
    """A stretch of time in which one or more services were down.

    Attributes:
        service: What was down; several are joined by "and".
        started_at: In the organisation's zone, without one written on it.
        ended_at: The first instant at which it was up again.
    """

    service: str
    started_at: datetime
    ended_at: datetime

    @property
    def minutes(self) -> float:
        """How long it lasted."""
        return (self.ended_at - self.started_at) / timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class OutageLoss:
    """What one outage cost in orders.

    Attributes:
        expected: Orders expected in those minutes.
        ordered: Orders that came in all the same; they were not lost.
        shortfall: Expected less ordered, never below 0.
        lost: The part of the shortfall that customers did not make up for later.
    """

    outage: Outage
    expected: Estimate
    ordered: int
    shortfall: Estimate
    lost: Estimate


@dataclass(frozen=True, kw_only=True)
class OrdersLost:
    """What the outages of a period cost in orders, one by one and together."""

    outages: tuple[OutageLoss, ...]
    shortfall: Estimate
    lost: Estimate


def lost_orders(
    order_hours: pd.DataFrame,
    down_spans: pd.DataFrame,
    *,
    first: date,
    last: date,
    recovered: Estimate,
    ordered: Mapping[datetime, int] | None = None,
    holidays: Set[date] = frozenset(),
    config: DemandConfig = DEFAULT_CONFIG,
) -> OrdersLost:
    """Orders not made because services were down between two days (box C4).

    Lost = (expected - ordered in those very minutes) x (1 - recovered share). What was ordered
    while the service was down (other channels, a partial outage) was not lost, so it is taken
    off. The range combines the ends of the recovered share with the 90 % range of what would
    have come: doubt about the baseline and the chance that is in every count.

    Args:
        order_hours: As for ``expected_demand``.
        down_spans: Columns service, started_at, ended_at, over the whole baseline; overlapping
            spans are counted once.
        first: First day whose outages count.
        last: Last day whose outages count, included.
        recovered: Share of the shortfall that is ordered later anyway, 0 to 1.
        ordered: Orders placed during each outage, by the outage's start; an outage that is not
            there stopped every order.
        holidays: As for ``expected_demand``.
        config: As for ``expected_demand``.
    """
    demand = expected_demand(
        order_hours, down_spans, first=first, last=last, holidays=holidays, config=config
    )
    taken = ordered or {}
    losses = tuple(
        _outage_loss(demand, outage, taken.get(outage.started_at, 0), recovered)
        for outage in outages_between(down_spans, first=first, last=last)
    )
    shortfall = sum_of_estimates(loss.shortfall for loss in losses) or NOTHING
    shortfall = Estimate(low=max(0.0, shortfall.low), mid=shortfall.mid, high=shortfall.high)
    return OrdersLost(
        outages=losses, shortfall=shortfall, lost=shortfall.times(not_recovered(recovered))
    )


def not_recovered(recovered: Estimate) -> Estimate:
    """The share that is lost for good."""
    return Estimate(low=1 - recovered.high, mid=1 - recovered.mid, high=1 - recovered.low)


def outages_between(down_spans: pd.DataFrame, *, first: date, last: date) -> tuple[Outage, ...]:
    """Outages cut to the days from ``first`` to ``last``, overlaps joined, oldest first."""
    opening = datetime.combine(first, datetime.min.time())
    closing = datetime.combine(last + timedelta(days=1), datetime.min.time())
    cut = [
        Outage(
            service=str(span.service),
            started_at=max(opening, _instant(span.started_at)),
            ended_at=min(closing, _instant(span.ended_at)),
        )
        for span in down_spans.itertuples(index=False)
    ]
    return joined(outage for outage in cut if outage.started_at < outage.ended_at)


def joined(outages: Iterable[Outage]) -> tuple[Outage, ...]:
    """Overlapping and touching outages as one, oldest first: a minute is lost only once."""
    found: list[Outage] = []
    for outage in sorted(outages, key=lambda one: (one.started_at, one.service)):
        if found and outage.started_at <= found[-1].ended_at:
            found[-1] = _union(found[-1], outage)
        else:
            found.append(outage)
    return tuple(found)


def expected_orders_in_outage(demand: Demand, outages: Iterable[Outage]) -> float:
    """Expected orders of all minutes in which something was down."""
    return float(sum(demand.between(o.started_at, o.ended_at)[0] for o in joined(outages)))


def demand_weighted_availability(demand: Demand, outages: Iterable[Outage]) -> float | None:
    """1 - expected orders in outages / expected orders (N6); None when none are expected.

    Planned windows are open time here: an order that met one found a closed shop.
    """
    if demand.total <= 0:
        return None
    return 1 - min(1.0, expected_orders_in_outage(demand, outages) / demand.total)


def lost_hours(
    tickets: float, *, hours_per_ticket: Estimate, people_per_ticket: Estimate
) -> Estimate:
    """Working hours lost to so many tickets: tickets x hours x people, by exact corners."""
    return hours_per_ticket.times(people_per_ticket) * tickets


def _outage_loss(demand: Demand, outage: Outage, ordered: int, recovered: Estimate) -> OutageLoss:
    mean, deviation = demand.between(outage.started_at, outage.ended_at)
    reach = NORMAL_90 * deviation
    expected = Estimate(low=max(0.0, mean - reach), mid=mean, high=mean + reach)
    shortfall = Estimate(
        low=max(0.0, expected.low - ordered),
        mid=max(0.0, mean - ordered),
        high=max(0.0, expected.high - ordered),
    )
    return OutageLoss(
        outage=outage,
        expected=expected,
        ordered=ordered,
        shortfall=shortfall,
        lost=shortfall.times(not_recovered(recovered)),
    )


def _union(one: Outage, other: Outage) -> Outage:
    names = dict.fromkeys([*one.service.split(" and "), other.service])
    return Outage(
        service=" and ".join(names),
        started_at=one.started_at,
        ended_at=max(one.ended_at, other.ended_at),
    )


def _instant(moment: datetime) -> datetime:
    return datetime.fromisoformat(pd.Timestamp(moment).isoformat())

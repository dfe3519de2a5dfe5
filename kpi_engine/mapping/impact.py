"""Impact links, counted from events: orders lost to outages, working hours lost to tickets."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from itertools import pairwise
from math import fsum

import pandas as pd

from kpi_engine.catalogue.links import LostHours
from kpi_engine.mapping.demand import DEFAULT_CONFIG, Demand, DemandConfig, expected_demand
from kpi_engine.mapping.propagation import Factor, Product, product
from kpi_engine.mapping.wall_clock import midnight
from kpi_engine.maths.intervals import NORMAL_90, Estimate, sum_of_estimates

NOTHING = Estimate.exact(0.0)


@dataclass(frozen=True, kw_only=True)
class Outage:
    """A stretch of time in which one or more services were down.

    Attributes:
        service: What was down; several are joined by "and".
        started_at: UTC, without a zone mark: only so is what lies between two instants a duration.
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
    """What one outage cost in orders; of minutes that several causes share, its part.

    Attributes:
        expected: Orders expected in those minutes.
        ordered: Orders that came in all the same; they were not lost.
        shortfall: Expected less ordered, never below 0.
        lost: The part of the shortfall that customers did not make up for later.
    """

    outage: Outage
    expected: Estimate
    ordered: float
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
    zone: tzinfo = UTC,
    config: DemandConfig = DEFAULT_CONFIG,
) -> OrdersLost:
    """Orders not made because services were down between two days (box C4).

    Lost = (expected - ordered in those very minutes) x (1 - recovered share). What was ordered
    while the service was down (other channels, a partial outage) was not lost, so it is taken
    off. The 90 % range draws the recovered share and what would have come together: doubt about
    the baseline and the chance that is in every count.

    Args:
        order_hours: As for ``expected_demand``.
        down_spans: Columns service, started_at, ended_at (UTC), over the whole baseline;
            overlapping spans are counted once.
        first: First day whose outages count.
        last: Last day whose outages count, included.
        recovered: Share of the shortfall that is ordered later anyway, 0 to 1.
        ordered: Orders placed during each outage, by the outage's start; an outage that is not
            there stopped every order.
        holidays: As for ``expected_demand``.
        zone: The organisation's.
        config: As for ``expected_demand``.
    """
    (found,) = shared_orders_lost(
        order_hours,
        [down_spans],
        first=first,
        last=last,
        recovered=[recovered],
        ordered=ordered,
        holidays=holidays,
        zone=zone,
        config=config,
    )
    return found


def shared_orders_lost(
    order_hours: pd.DataFrame,
    spans_of_each: Sequence[pd.DataFrame],
    *,
    first: date,
    last: date,
    recovered: Sequence[Estimate],
    ordered: Mapping[datetime, int] | None = None,
    holidays: Set[date] = frozenset(),
    zone: tzinfo = UTC,
    config: DemandConfig = DEFAULT_CONFIG,
) -> tuple[OrdersLost, ...]:
    """What each of several causes cost: together they lose every order once.

    Outages that overlap are one loss, counted over all their minutes. Of every minute in which
    several causes were down at once, each carries the same share.

    Args:
        order_hours: As for ``lost_orders``.
        spans_of_each: The down spans of each cause, in any order.
        first: As for ``lost_orders``.
        last: As for ``lost_orders``.
        recovered: The recovered share of each cause, in the order of the spans.
        ordered: Orders placed during each joined outage of all causes, by its start.
        holidays: As for ``lost_orders``.
        zone: As for ``lost_orders``.
        config: As for ``lost_orders``.
    """
    every = pd.concat(spans_of_each, ignore_index=True)
    demand = expected_demand(
        order_hours, every, first=first, last=last, holidays=holidays, zone=zone, config=config
    )
    taken = ordered or {}
    owned = [outages_between(spans, first=first, last=last, zone=zone) for spans in spans_of_each]
    losses: list[list[OutageLoss]] = [[] for _ in owned]
    for whole in outages_between(every, first=first, last=last, zone=zone):
        inside = [[one for one in own if _is_within(one, whole)] for own in owned]
        weights = _weights(demand, whole, inside)
        for place, own in enumerate(inside):
            losses[place] += [
                _outage_loss(
                    demand,
                    whole,
                    taken.get(whole.started_at, 0),
                    recovered[place],
                    own=outage,
                    weight=weights[place, outage.started_at],
                )
                for outage in own
            ]
    return tuple(_together(own, share) for own, share in zip(losses, recovered, strict=True))


def lost_for_good(shortfall: Estimate, recovered_share: str) -> Product:
    """The part of a shortfall that customers did not make up for later."""
    rest = Factor(assumption=recovered_share, is_rest=True)
    return Product(
        label="Orders expected while the service is down", basis=shortfall, factors=(rest,)
    )


def outages_between(
    down_spans: pd.DataFrame, *, first: date, last: date, zone: tzinfo = UTC
) -> tuple[Outage, ...]:
    """Outages cut to the days from ``first`` to ``last``, overlaps joined, oldest first."""
    opening, closing = midnight(first, zone), midnight(last + timedelta(days=1), zone)
    near = down_spans.loc[
        (down_spans["started_at"] < closing)
        & (down_spans["ended_at"] > opening)
        & (down_spans["started_at"] < down_spans["ended_at"])
    ]
    return joined(
        Outage(
            service=str(span.service),
            started_at=max(opening, _instant(span.started_at)),
            ended_at=min(closing, _instant(span.ended_at)),
        )
        for span in near.itertuples(index=False)
    )


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
    """Expected orders of all minutes in which something was down (N6).

    Planned windows are open time here: an order that met one found a closed shop.
    """
    return float(sum(demand.between(o.started_at, o.ended_at)[0] for o in joined(outages)))


def lost_hours(tickets: Estimate, counting: LostHours) -> Product:
    """Working hours lost to so many tickets: tickets x hours of one x people in one."""
    factors = (counting.hours_per_ticket, counting.people_per_ticket)
    return Product(
        label="Problems reported",
        basis=tickets,
        factors=tuple(Factor(assumption=name) for name in factors),
    )


def _together(losses: Sequence[OutageLoss], recovered: Estimate) -> OrdersLost:
    shortfall = sum_of_estimates(loss.shortfall for loss in losses) or NOTHING
    shortfall = Estimate(low=max(0.0, shortfall.low), mid=shortfall.mid, high=shortfall.high)
    return OrdersLost(outages=tuple(losses), shortfall=shortfall, lost=_lost(shortfall, recovered))


def _is_within(outage: Outage, whole: Outage) -> bool:
    return whole.started_at <= outage.started_at and outage.ended_at <= whole.ended_at


def _weights(
    demand: Demand, whole: Outage, inside: Sequence[Sequence[Outage]]
) -> dict[tuple[int, datetime], float]:
    """The share of a joined outage that each cause's own outages carry; together 1.

    Keyed by the cause's place and its outage's start. Weighed by expected orders; by time where
    none were expected.
    """
    owned = [(place, outage) for place, own in enumerate(inside) for outage in own]
    found = {(place, outage.started_at): 0.0 for place, outage in owned}
    by_orders = demand.between(whole.started_at, whole.ended_at)[0] > 0
    edges = sorted({edge for _, one in owned for edge in (one.started_at, one.ended_at)})
    for start, end in pairwise(edges):
        piece = demand.between(start, end)[0] if by_orders else (end - start).total_seconds()
        down = [
            (place, outage.started_at)
            for place, outage in owned
            if outage.started_at <= start and end <= outage.ended_at
        ]
        for key in down:
            found[key] += piece / len(down)
    total = fsum(found.values())
    return {key: weight / total for key, weight in found.items()}


def _outage_loss(
    demand: Demand, whole: Outage, ordered: int, recovered: Estimate, *, own: Outage, weight: float
) -> OutageLoss:
    """The share of what a joined outage cost that one of the outages in it carries."""
    mean, deviation = demand.between(whole.started_at, whole.ended_at)
    reach = NORMAL_90 * deviation
    expected = Estimate(low=max(0.0, mean - reach), mid=mean, high=mean + reach)
    shortfall = Estimate(
        low=max(0.0, expected.low - ordered),
        mid=max(0.0, mean - ordered),
        high=max(0.0, expected.high - ordered),
    )
    return OutageLoss(
        outage=own,
        expected=expected * weight,
        ordered=ordered * weight,
        shortfall=shortfall * weight,
        lost=_lost(shortfall, recovered) * weight,
    )


def _lost(shortfall: Estimate, recovered: Estimate) -> Estimate:
    return product(lost_for_good(shortfall, "recovered"), {"recovered": recovered})


def _union(one: Outage, other: Outage) -> Outage:
    names = dict.fromkeys([*one.service.split(" and "), other.service])
    return Outage(
        service=" and ".join(names),
        started_at=one.started_at,
        ended_at=max(one.ended_at, other.ended_at),
    )


def _instant(moment: datetime) -> datetime:
    return datetime.fromisoformat(pd.Timestamp(moment).isoformat())

"""What turning a lever does: to the outcome, in what is counted, in money."""

from dataclasses import dataclass, replace

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.links import DisturbedShare, Link, LostHours, LostOrders, PartOfDuration
from kpi_engine.mapping.impact import lost_for_good, lost_hours
from kpi_engine.mapping.influence.scales import distance, moved
from kpi_engine.mapping.money import worth
from kpi_engine.mapping.propagation import Product
from kpi_engine.maths.intervals import Estimate
from kpi_engine.services.counting import effect_label, price_of, worth_of_hour, worth_of_order
from kpi_engine.services.dwa import ORDERS
from kpi_engine.services.influence import cases_of
from kpi_engine.services.levers import Lever
from kpi_engine.services.month_readings import MonthReadings
from kpi_engine.services.proportions import broken, share_sign, stretch
from kpi_engine.services.readings import Reading
from kpi_engine.services.series import wanted
from kpi_engine.terms import Direction, LinkKind, Unit


@dataclass(frozen=True, kw_only=True)
class Turned:
    """What turning one lever does in a month like this.

    Attributes:
        value: What it was set to.
        effect: Change of the outcome, in its unit.
        amount: Change in business units, lost ones positive; None where nothing is counted.
        noun: What ``amount`` counts: "orders".
        worth: The money of it; None where no link says what it is worth.
    """

    lever: Lever
    value: float
    effect: Product
    amount: Product | None
    noun: str
    worth: Product | None


def turned(
    catalogue: Catalogue, lever: Lever, value: float, outcome: Reading, found: MonthReadings
) -> Turned | None:
    """What setting a lever does; None where the outcome's month does not say.

    Args:
        catalogue: Definitions in force.
        lever: Which.
        value: What it is set to, in the lever's unit.
        outcome: Its month.
        found: The month's readings.
    """
    counting = lever.link.counting
    if isinstance(counting, LostOrders):
        return _with_fewer_outages(lever, counting, value, outcome, found)
    if isinstance(counting, LostHours):
        return _with_fewer_problems(lever, counting, value, outcome, found)
    if isinstance(counting, DisturbedShare):
        return _with_fewer_bad_minutes(lever, counting, value, outcome, found)
    if isinstance(counting, PartOfDuration):
        return _as_a_stretch(catalogue, lever, value)
    if lever.link.kind is LinkKind.IDENTITY:
        return _by_arithmetic(catalogue, lever, value, outcome, found)
    return _by_influence(catalogue, lever, value, outcome, found)


def _with_fewer_outages(
    lever: Lever,
    counting: LostOrders,
    value: float,
    outcome: Reading,
    found: MonthReadings,
) -> Turned | None:
    """Minutes cost what this month's cost on average; without any, what the average minute does."""
    effect = worth_of_order(
        outcome.metric, found.now(wanted(outcome.metric.id)), price_of(lever.link, found.now)
    )
    per_minute = _orders_a_minute(lever, found)
    if effect is None or per_minute is None:
        return None
    stopped = lost_for_good(per_minute * (value - lever.now), counting.recovered_share)
    return _turned(lever, value, stopped, "orders", effect, found)


def _orders_a_minute(lever: Lever, found: MonthReadings) -> Estimate | None:
    """Orders that a minute of downtime stops, before any of them come back."""
    lost = lever.contribution.lost
    if lever.now > 0 and lost is not None and lost.basis.mid > 0:
        return lost.basis * (1 / lever.now)
    orders = found.now(wanted(ORDERS))
    minutes = found.now(wanted(lever.link.driver, lever.link.driver_segment))
    if orders is None or not orders.value or minutes is None or not minutes.denominator:
        return None
    return Estimate.exact(orders.value / minutes.denominator)


def _with_fewer_problems(
    lever: Lever, counting: LostHours, value: float, outcome: Reading, found: MonthReadings
) -> Turned | None:
    effect = worth_of_hour(outcome.metric, found.now(wanted(outcome.metric.id)))
    lost = lever.contribution.lost
    if effect is None or lost is None or not lever.now:
        return None
    hours = lost_hours(lost.basis * (value / lever.now - 1), counting)
    return _turned(lever, value, hours, "hours", effect, found)


def _with_fewer_bad_minutes(
    lever: Lever, counting: DisturbedShare, value: float, outcome: Reading, found: MonthReadings
) -> Turned | None:
    is_good = lever.reading.metric.direction is Direction.HIGHER_IS_BETTER
    more = (lever.now - value) if is_good else (value - lever.now)
    way = share_sign(outcome.metric)
    if not way:
        return None
    driver = lever.reading.metric
    bad = broken(driver, more, counting, way=way)
    cases = outcome.denominator
    if not cases:
        return Turned(lever=lever, value=value, effect=bad, amount=None, noun="", worth=None)
    lost = broken(driver, more * cases, counting)
    noun = outcome.metric.plural or "cases"
    valued = _money(lever.link, lost, found)
    return Turned(lever=lever, value=value, effect=bad, amount=lost, noun=noun, worth=valued)


def _as_a_stretch(catalogue: Catalogue, lever: Lever, value: float) -> Turned | None:
    length = stretch(catalogue, lever.link)
    if length is None:
        return None
    effect = Product(label=lever.label, basis=Estimate.exact((value - lever.now) * length))
    return Turned(lever=lever, value=value, effect=effect, amount=None, noun="", worth=None)


def _by_arithmetic(
    catalogue: Catalogue, lever: Lever, value: float, outcome: Reading, found: MonthReadings
) -> Turned | None:
    money = lever.link.money
    if money is None or outcome.metric.unit is not Unit.CURRENCY:
        return None
    change = Product(label=lever.label, basis=Estimate.exact(value - lever.now))
    is_saved = money.saved_is_positive
    valued = worth(change, money, price=price_of(lever.link, found.now), is_saved=is_saved)
    if valued is None:
        return None
    noun = catalogue.metric(lever.link.driver).plural or "units"
    return Turned(lever=lever, value=value, effect=valued, amount=change, noun=noun, worth=valued)


def _by_influence(
    catalogue: Catalogue, lever: Lever, value: float, outcome: Reading, found: MonthReadings
) -> Turned | None:
    influence, level = lever.contribution.influence, outcome.value
    apart = distance(lever.now, value, lever.reading.metric.moves)
    if influence is None or level is None or apart is None:
        return None
    estimate, model = influence.estimate, influence.model
    if estimate is None or model is None:
        return None
    on = estimate.of_change(apart) * model.times
    change = Estimate.of(
        *(moved(level, end, model.scale) - level for end in (on.low, on.mid, on.high))
    )
    effect = Product(label=effect_label(catalogue, lever.link), basis=change)
    cases = cases_of(catalogue, outcome.metric, found)
    if cases is None:
        return Turned(lever=lever, value=value, effect=effect, amount=None, noun="", worth=None)
    noun, size = cases
    is_loss = -1.0 if outcome.metric.direction is Direction.HIGHER_IS_BETTER else 1.0
    amount = Product(label=effect.label, basis=change * (size * is_loss))
    valued = _money(lever.link, amount, found)
    return Turned(lever=lever, value=value, effect=effect, amount=amount, noun=noun, worth=valued)


def _turned(
    lever: Lever, value: float, lost: Product, noun: str, effect: float, found: MonthReadings
) -> Turned:
    """A lever that changes what is lost, with what one lost unit does to the outcome."""
    return Turned(
        lever=lever,
        value=value,
        effect=replace(lost, price=effect),
        amount=lost,
        noun=noun,
        worth=_money(lever.link, lost, found),
    )


def _money(link: Link, lost: Product, found: MonthReadings) -> Product | None:
    return worth(lost, link.money, price=price_of(link, found.now)) if link.money else None

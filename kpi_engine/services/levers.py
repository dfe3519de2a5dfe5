"""What somebody may turn in a what-if: drivers whose effect on an outcome is counted."""

import math
from dataclasses import dataclass
from typing import Any

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.models import DisturbedShare, Link, LostHours, LostOrders, PartOfDuration
from kpi_engine.mapping.contribution import Contribution
from kpi_engine.mapping.influence.scales import distance, moved
from kpi_engine.mapping.propagation import Factor, Product
from kpi_engine.maths.intervals import Estimate
from kpi_engine.services.counting import price_of, worth_of_hour, worth_of_order
from kpi_engine.services.dwa import ORDERS
from kpi_engine.services.influence import cases_of
from kpi_engine.services.month_readings import MonthReadings
from kpi_engine.services.outcomes import Driver
from kpi_engine.services.proportions import share_sign, stretch
from kpi_engine.services.readings import Reading
from kpi_engine.services.series import wanted
from kpi_engine.terms import Direction, LinkKind, Unit
from kpi_engine.units import lower_first


@dataclass(frozen=True, kw_only=True)
class Lever:
    """One driver that can be turned.

    Attributes:
        link: Through which it moves the outcome.
        reading: The driver's month.
        label: What is turned: the driver, or for outages the minutes of them.
        unit: Of ``now`` and of whatever it is set to.
        decimals: Digits shown of it.
        now: Where it stands.
        seen: Lowest and highest month in what is shown of its history: a setting holds all month.
        step: As much as people speak of at once.
    """

    link: Link
    reading: Reading
    label: str
    unit: Unit
    decimals: int
    now: float
    seen: tuple[float, float]
    step: float
    contribution: Contribution

    def is_seen(self, value: float) -> bool:
        """Whether a setting lies within anything seen in the data."""
        if self.link.counting is not None and 0 <= value <= self.seen[1]:
            return True  # each one less that is counted is one less: nothing is extrapolated
        slack = 1e-9 * max(abs(self.seen[0]), abs(self.seen[1]), 1e-12)
        return self.seen[0] - slack <= value <= self.seen[1] + slack

    def can_be(self, value: float) -> bool:
        """Whether a measure of this unit can have such a value at all."""
        top = 1.0 if self.unit is Unit.PERCENT else math.inf
        return math.isfinite(value) and 0.0 <= value <= top

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "link": self.link.id,
            "driver": self.reading.metric.id,
            "label": self.label,
            "unit": self.unit.value,
            "now": self.now,
            "seen": list(self.seen),
            "step": self.step,
            "grade": self.contribution.grade.value,
        }


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


def lever_of(catalogue: Catalogue, driver: Driver, found: MonthReadings) -> Lever | None:
    """The lever of one driver; None where its effect is not counted, or its month not known."""
    contribution, reading = driver.contribution, driver.reading
    link = contribution.link
    if reading.value is None:
        return None
    if isinstance(link.counting, LostOrders):
        return _minutes(catalogue, driver, found) if contribution.amount is not None else None
    if isinstance(link.counting, LostHours) or link.kind is LinkKind.IDENTITY:
        return _plain(driver) if contribution.amount is not None else None
    if isinstance(link.counting, DisturbedShare | PartOfDuration):
        return _plain(driver) if contribution.effect is not None else None
    influence = contribution.influence
    if influence is None or not influence.verdict.is_counted or influence.estimate is None:
        return None
    return _plain(driver)


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
        return _with_fewer_outages(catalogue, lever, counting, value, outcome, found)
    if isinstance(counting, LostHours):
        return _with_fewer_problems(lever, counting, value, outcome, found)
    if isinstance(counting, DisturbedShare):
        return _with_fewer_bad_minutes(lever, counting, value, outcome, found)
    if isinstance(counting, PartOfDuration):
        return _as_a_stretch(catalogue, lever, value)
    if lever.link.kind is LinkKind.IDENTITY:
        return _by_arithmetic(catalogue, lever, value, outcome, found)
    return _by_influence(catalogue, lever, value, outcome, found)


def _plain(driver: Driver) -> Lever:
    reading = driver.reading
    values = [point.value for point in reading.history if point.value is not None]
    now = reading.value if reading.value is not None else 0.0
    return Lever(
        link=driver.contribution.link,
        reading=reading,
        label=reading.label,
        unit=reading.metric.unit,
        decimals=reading.metric.decimals,
        now=now,
        seen=(min(values, default=now), max(values, default=now)),
        step=reading.metric.natural_step,
        contribution=driver.contribution,
    )


def _minutes(catalogue: Catalogue, driver: Driver, found: MonthReadings) -> Lever | None:
    """Outages are turned in minutes: that is what people can picture."""
    reading, link = driver.reading, driver.contribution.link
    point = found.now(wanted(link.driver, link.driver_segment))
    parts = catalogue.metric(link.driver).measure.parts
    counts_minutes = bool(parts) and all(part.endswith("_minutes") for part in parts)
    if point is None or not point.denominator or point.numerator is None or not counts_minutes:
        return None
    agreed = point.denominator
    past = [p.value for p in reading.history if p.value is not None]
    worst, best = max(0.0, 1 - min(past)), max(0.0, 1 - max(past))
    members = " ".join(lower_first(member) for member in link.driver_segment.values())
    return Lever(
        link=link,
        reading=reading,
        label=f"Minutes of downtime, {members}" if members else "Minutes of downtime",
        unit=Unit.MINUTES,
        decimals=0,
        now=max(0.0, agreed - point.numerator),
        seen=(best * agreed, worst * agreed),
        step=10.0,
        contribution=driver.contribution,
    )


def _with_fewer_outages(
    catalogue: Catalogue,
    lever: Lever,
    counting: LostOrders,
    value: float,
    outcome: Reading,
    found: MonthReadings,
) -> Turned | None:
    """Minutes cost what this month's cost on average; without any, what the average minute does."""
    worth = worth_of_order(
        outcome.metric, found.now(wanted(outcome.metric.id)), price_of(lever.link, found.now)
    )
    per_minute = _orders_a_minute(catalogue, lever, counting, found)
    if worth is None or per_minute is None:
        return None
    stopped = Product(
        label="Orders expected while the service is down",
        basis=per_minute * (value - lever.now),
        factors=(Factor(assumption=counting.recovered_share, is_rest=True),),
    )
    return _turned(lever, value, stopped, "orders", worth, found)


def _orders_a_minute(
    catalogue: Catalogue, lever: Lever, counting: LostOrders, found: MonthReadings
) -> Estimate | None:
    """Orders that a minute of downtime stops, before any of them come back."""
    amount = lever.contribution.amount
    rest = 1 - catalogue.assumption(counting.recovered_share).mid
    if lever.now > 0 and amount is not None and amount.mid > 0 and rest > 0:
        # The range of the amount holds that of the recovered share too; here it is a factor of
        # its own, so only what the data leave open is kept.
        share = amount.mid / rest / lever.now
        spread = catalogue.assumption(counting.recovered_share)
        low = amount.low / max(1e-9, 1 - spread.high) / lever.now
        high = amount.high / max(1e-9, 1 - spread.low) / lever.now
        return Estimate.of(min(low, share), share, max(high, share))
    orders = found.now(wanted(ORDERS))
    minutes = found.now(wanted(lever.link.driver, lever.link.driver_segment))
    if orders is None or not orders.value or minutes is None or not minutes.denominator:
        return None
    return Estimate.exact(orders.value / minutes.denominator)


def _with_fewer_problems(
    lever: Lever, counting: LostHours, value: float, outcome: Reading, found: MonthReadings
) -> Turned | None:
    worth = worth_of_hour(outcome.metric, found.now(wanted(outcome.metric.id)))
    point = found.now(wanted(lever.link.driver, lever.link.driver_segment))
    if worth is None or point is None or not lever.now:
        return None
    cases = point.numerator if point.numerator is not None else point.value
    if cases is None:
        return None
    hours = Product(
        label="Problems reported",
        basis=Estimate.exact(cases * (value / lever.now - 1)),
        factors=(
            Factor(assumption=counting.hours_per_ticket),
            Factor(assumption=counting.people_per_ticket),
        ),
    )
    return _turned(lever, value, hours, "hours", worth, found)


def _with_fewer_bad_minutes(
    lever: Lever, counting: DisturbedShare, value: float, outcome: Reading, found: MonthReadings
) -> Turned | None:
    is_good = lever.reading.metric.direction is Direction.HIGHER_IS_BETTER
    more = (lever.now - value) if is_good else (value - lever.now)
    way = share_sign(outcome.metric)
    if not way:
        return None
    label = f"Time in which {lower_first(lever.reading.label)} was bad"
    factors = (Factor(assumption=counting.broken_share),)
    bad = Product(label=label, basis=Estimate.exact(more), factors=factors, price=way)
    cases = outcome.denominator
    if not cases:
        return Turned(lever=lever, value=value, effect=bad, amount=None, noun="", worth=None)
    lost = Product(label=label, basis=Estimate.exact(more * cases), factors=factors)
    noun = outcome.metric.plural or "cases"
    worth = _money(lever.link, lost, found)
    return Turned(lever=lever, value=value, effect=bad, amount=lost, noun=noun, worth=worth)


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
    if money is None:
        return None
    change = Product(label=lever.label, basis=Estimate.exact(value - lever.now))
    factors = tuple(Factor(assumption=name) for name in money.assumptions)
    price = price_of(lever.link, found.now) if money.metric else 1.0
    if price is None or outcome.metric.unit is not Unit.CURRENCY:
        return None
    sign = 1.0 if money.saved_is_positive else -1.0
    worth = Product(label=lever.label, basis=change.basis, factors=factors, price=price * sign)
    noun = catalogue.metric(lever.link.driver).plural or "units"
    return Turned(lever=lever, value=value, effect=worth, amount=change, noun=noun, worth=worth)


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
    effect = Product(label=f"Effect of {lower_first(lever.reading.label)}", basis=change)
    cases = cases_of(catalogue, outcome.metric, found)
    if cases is None:
        return Turned(lever=lever, value=value, effect=effect, amount=None, noun="", worth=None)
    noun, size = cases
    is_loss = -1.0 if outcome.metric.direction is Direction.HIGHER_IS_BETTER else 1.0
    amount = Product(label=effect.label, basis=change * (size * is_loss))
    worth = _money(lever.link, amount, found)
    return Turned(lever=lever, value=value, effect=effect, amount=amount, noun=noun, worth=worth)


def _turned(
    lever: Lever, value: float, lost: Product, noun: str, worth: float, found: MonthReadings
) -> Turned:
    """A lever that changes what is lost, with what one lost unit does to the outcome."""
    effect = Product(label=lost.label, basis=lost.basis, factors=lost.factors, price=worth)
    return Turned(
        lever=lever,
        value=value,
        effect=effect,
        amount=lost,
        noun=noun,
        worth=_money(lever.link, lost, found),
    )


def _money(link: Link, lost: Product, found: MonthReadings) -> Product | None:
    """What a lost amount is worth, negative: amount x assumptions x measured price."""
    if link.money is None:
        return None
    price = price_of(link, found.now) if link.money.metric else 1.0
    if price is None:
        return None
    return Product(
        label=lost.label,
        basis=lost.basis,
        factors=(*lost.factors, *(Factor(assumption=n) for n in link.money.assumptions)),
        price=-lost.price * price,
    )

"""One link counted by itself: lost orders, lost hours, arithmetic with a price."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.links import DisturbedShare, Link, LostHours, LostOrders, PartOfDuration
from kpi_engine.catalogue.metrics import Metric
from kpi_engine.mapping.impact import OrdersLost, lost_for_good, lost_hours
from kpi_engine.mapping.money import worth
from kpi_engine.mapping.propagation import Product, product
from kpi_engine.maths.intervals import Estimate, sum_of_estimates
from kpi_engine.services.counted import Counted, amount_of
from kpi_engine.services.dated_events import outage_events
from kpi_engine.services.estimates import Estimates
from kpi_engine.services.influence import (
    away_from_target,
    cases_of,
    movement_effect,
    read_influence,
    why_no_number,
)
from kpi_engine.services.losses import LossLedger
from kpi_engine.services.month_readings import MonthReadings
from kpi_engine.services.proportions import count_disturbed, count_part
from kpi_engine.services.series import Point, Wanted, wanted
from kpi_engine.terms import LONGER_THAN_A_MONTH, Direction, Fold, LinkKind, Unit
from kpi_engine.units import lower_first

ORDER_VALUE = "biz.aov"
"""The measured price of a lost order, where a link names no other."""
_COUNTS_ORDERS = ("biz.orders", "transaction.orders", "attempt.completed")


def count_link(
    catalogue: Catalogue,
    link: Link,
    found: MonthReadings,
    ledger: LossLedger,
    *,
    among: Sequence[Link],
    estimates: Estimates,
) -> Counted:
    """What a link counts, by its kind; influence links count only what own data earned them.

    Args:
        catalogue: Definitions in force.
        link: The one asked for.
        found: The month's readings.
        ledger: Of lost orders.
        among: The links that it shares overlapping outages with.
        estimates: What own data say of influences.
    """
    if isinstance(link.counting, LostOrders):
        return _count_orders(catalogue, link, link.counting, found, ledger, among=among)
    if isinstance(link.counting, LostHours):
        return _count_hours(catalogue, link, link.counting, found)
    if isinstance(link.counting, DisturbedShare):
        return count_disturbed(catalogue, link, link.counting, found)
    if isinstance(link.counting, PartOfDuration):
        return count_part(catalogue, link, found)
    if link.kind is LinkKind.IDENTITY:
        return _count_identity(catalogue, link, found)
    if link.sign == 0:
        return Counted(reason="It counts work done, not results.")
    return _count_influence(catalogue, link, found, estimates, today=ledger.look.today)


def _count_influence(
    catalogue: Catalogue, link: Link, found: MonthReadings, estimates: Estimates, *, today: date
) -> Counted:
    influence = read_influence(catalogue, link, estimates, found, today=today)
    reason = why_no_number(influence)
    away = away_from_target(catalogue, link, influence, found)
    outcome = catalogue.metric(link.outcome)
    cases = cases_of(catalogue, outcome, found)
    amount = None
    if away is not None and cases is not None and link.money is not None:
        noun, size = cases
        is_loss = -1.0 if outcome.direction is Direction.HIGHER_IS_BETTER else 1.0
        lost = Product(label=effect_label(catalogue, link), basis=away[0] * (size * is_loss))
        price = price_of(link, found.now)
        amount = amount_of(catalogue, link, lost, unit=f"lost {noun}", price=price)
        reason = f"Held against {away[1]}."
    return Counted(
        effect=movement_effect(catalogue, link, influence, found),
        amount=amount,
        reason=reason,
        influence=influence,
    )


def effect_label(catalogue: Catalogue, link: Link) -> str:
    """What a reader calls an estimated effect."""
    return f"Effect of {lower_first(catalogue.metric(link.driver).label)}"


def _count_orders(
    catalogue: Catalogue,
    link: Link,
    counting: LostOrders,
    found: MonthReadings,
    ledger: LossLedger,
    *,
    among: Sequence[Link],
) -> Counted:
    watched = ledger.look.watched_services()
    if not ledger.counts(counting):
        return Counted(reason=_unnamed_reason(watched))
    shared = [one.counting for one in among if isinstance(one.counting, LostOrders)]
    losses = ledger.of(counting, among=shared)
    if losses.now is None:
        return Counted(reason="Not counted: outages or orders of this month are not known.")
    outcome, share = catalogue.metric(link.outcome), counting.recovered_share
    now = worth_of_order(outcome, found.now(wanted(outcome.id)), price_of(link, found.now))
    before = worth_of_order(outcome, found.before(wanted(outcome.id)), price_of(link, found.before))
    effect = None
    if losses.before is not None and now is not None and before is not None:
        moved = _moved(losses.now.shortfall, losses.before.shortfall, now, before)
        effect = product(lost_for_good(moved, share), catalogue.assumptions)
    lost = lost_for_good(losses.now.shortfall, share)
    price = price_of(link, found.now)
    return Counted(
        effect=effect,
        amount=amount_of(catalogue, link, lost, unit="orders", price=price),
        events=outage_events(losses.now, ledger.look.zone),
        reason=_outage_reason(losses.now, "" if counting.service else "".join(watched)),
    )


def _count_hours(
    catalogue: Catalogue, link: Link, counting: LostHours, found: MonthReadings
) -> Counted:
    driver, outcome = catalogue.metric(link.driver), catalogue.metric(link.outcome)
    key = wanted(link.driver, link.driver_segment)
    tickets, earlier = _cases(driver, found.now(key)), _cases(driver, found.before(key))
    if tickets is None:
        return Counted(reason="Not counted: the number of tickets of this month is not known.")
    now = worth_of_hour(outcome, found.now(wanted(outcome.id)))
    before = worth_of_hour(outcome, found.before(wanted(outcome.id)))
    effect = None
    if earlier is not None and now is not None and before is not None:
        change = Estimate.exact(tickets * now - earlier * before)
        effect = product(lost_hours(change, counting), catalogue.assumptions)
    lost = lost_hours(Estimate.exact(tickets), counting)
    return Counted(
        effect=effect,
        amount=amount_of(catalogue, link, lost, unit="hours"),
        reason=f"{tickets:,.0f} problems counted; hours and people for each are assumed.",
    )


def _count_identity(catalogue: Catalogue, link: Link, found: MonthReadings) -> Counted:
    key = wanted(link.driver, link.driver_segment)
    now, before = found.now(key), found.before(key)
    if link.money is None or now is None or now.value is None:
        return Counted(reason="Not counted: the driver's value of this month is not known.")
    driver, is_saved = catalogue.metric(link.driver), link.money.saved_is_positive
    price = price_of(link, found.now)
    amount = Product(label=driver.label, basis=Estimate.exact(now.value))
    effect = None
    outcome = catalogue.metric(link.outcome)
    is_monthly_money = outcome.unit is Unit.CURRENCY and outcome.cadence not in LONGER_THAN_A_MONTH
    if is_monthly_money and before is not None and before.value is not None:
        change = replace(amount, basis=Estimate.exact(now.value - before.value))
        moved = worth(change, link.money, price=price, is_saved=is_saved)
        effect = product(moved, catalogue.assumptions) if moved else None
    unit = driver.plural or "units"
    return Counted(
        effect=effect,
        amount=amount_of(catalogue, link, amount, unit=unit, price=price, is_saved=is_saved),
        reason="Arithmetic: what was counted times what one is assumed to be worth.",
    )


def _moved(now: Estimate, before: Estimate, worth_now: float, worth_before: float) -> Estimate:
    """Loss now less loss before, each in the outcome's unit; their doubts are independent."""
    return sum_of_estimates([now * worth_now, before * -worth_before]) or Estimate.exact(0.0)


def worth_of_order(outcome: Metric, point: Point | None, price: float | None) -> float | None:
    """What one lost order does to the outcome in a month; None when that cannot be said."""
    measure = outcome.measure
    if outcome.cadence in LONGER_THAN_A_MONTH:
        return None
    if measure.fold is Fold.SUM and (measure.value or outcome.id) in _COUNTS_ORDERS:
        return -1.0
    if measure.fold is Fold.SUM and outcome.unit is Unit.CURRENCY:
        return None if price is None else -price
    is_share_of_orders = measure.fold is Fold.RATIO and measure.numerator in _COUNTS_ORDERS
    if not is_share_of_orders or point is None or not point.denominator:
        return None
    return (1.0 if measure.complement else -1.0) * measure.scale / point.denominator


def worth_of_hour(outcome: Metric, point: Point | None) -> float | None:
    """What one lost hour does to the outcome in a month; None when that cannot be said."""
    if outcome.cadence in LONGER_THAN_A_MONTH:
        return None
    if outcome.unit is Unit.HOURS:
        return 1.0
    if outcome.unit is not Unit.HOURS_PER_EMPLOYEE or point is None or not point.denominator:
        return None
    return 1 / point.denominator


def _cases(driver: Metric, point: Point | None) -> float | None:
    """How many cases stand behind a driver: the upper part of a ratio, a sum itself."""
    if point is None:
        return None
    if driver.measure.fold is Fold.RATIO:
        return point.numerator
    return point.value if driver.measure.fold is Fold.SUM else None


def price_of(link: Link, month: Callable[[Wanted], Point | None]) -> float | None:
    """The measured price of a month that a link's amounts are multiplied by; None if unknown."""
    point = month(wanted(price_metric(link)))
    return point.value if point else None


def price_metric(link: Link) -> str:
    """The measured price an effect or an amount is multiplied by."""
    return link.money.metric if link.money and link.money.metric else ORDER_VALUE


def _unnamed_reason(watched: Sequence[str]) -> str:
    """Why outages are not counted while nobody said which of several services matter."""
    return (
        f"Not counted: {len(watched)} services are watched, and the link does not say which of "
        "them orders depend on."
    )


def _outage_reason(lost: OrdersLost, only: str) -> str:
    minutes = sum(loss.outage.minutes for loss in lost.outages)
    count = len(lost.outages)
    if count == 0:
        return "No outage in this month."
    assumed_service = f" {only} is the only service watched." if only else ""
    many = f"{count} outages" if count > 1 else "1 outage"
    return (
        f"Counted from {many}, {minutes:,.0f} minutes in all, against the orders usual at that "
        f"hour of the week.{assumed_service}"
    )

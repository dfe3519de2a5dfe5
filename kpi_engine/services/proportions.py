"""Links counted in proportion: business done in bad minutes, a stretch of a longer time."""

from collections.abc import Mapping
from types import MappingProxyType

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.links import DisturbedShare, Link
from kpi_engine.catalogue.metrics import Metric
from kpi_engine.mapping.propagation import Factor, Product, product
from kpi_engine.maths.intervals import Estimate
from kpi_engine.services.counted import Counted, amount_of
from kpi_engine.services.month_readings import MonthReadings
from kpi_engine.services.series import Point, wanted
from kpi_engine.terms import LONGER_THAN_A_MONTH, Direction, Fold, Unit
from kpi_engine.units import lower_first

HOURS_OF: Mapping[Unit, float] = MappingProxyType(
    {Unit.MILLISECONDS: 1 / 3_600_000, Unit.MINUTES: 1 / 60, Unit.HOURS: 1.0, Unit.DAYS: 24.0}
)
"""Length of a unit of time in hours; nothing else is a duration."""


def count_disturbed(
    catalogue: Catalogue, link: Link, counting: DisturbedShare, found: MonthReadings
) -> Counted:
    """What fell into bad minutes and broke: bad share x broken share, and that of all cases.

    Whatever is counted is taken to be spread over the minutes as they come; what is not known of
    that is in the range of the assumption.
    """
    driver, outcome = catalogue.metric(link.driver), catalogue.metric(link.outcome)
    key = wanted(link.driver, link.driver_segment)
    now, before = bad_share(driver, found.now(key)), bad_share(driver, found.before(key))
    if now is None:
        return Counted(reason="Not counted: the bad minutes of this month are not known.")
    way, effect, amount = share_sign(outcome), None, None
    if before is not None and way:
        effect = product(broken(driver, now - before, counting, way=way), catalogue.assumptions)
    point = found.now(wanted(outcome.id))
    if point and point.denominator:
        lost = broken(driver, now * point.denominator, counting)
        amount = amount_of(catalogue, link, lost, unit=outcome.plural or "cases")
    return Counted(
        effect=effect,
        amount=amount,
        reason="Counted from bad minutes; how many of the cases in them break is assumed.",
    )


def broken(driver: Metric, bad: float, counting: DisturbedShare, *, way: float = 1.0) -> Product:
    """What of so much that fell into bad minutes broke."""
    return Product(
        label=f"Time in which {lower_first(driver.label)} was bad",
        basis=Estimate.exact(bad),
        factors=(Factor(assumption=counting.broken_share),),
        price=way,
    )


def count_part(catalogue: Catalogue, link: Link, found: MonthReadings) -> Counted:
    """What a stretch of time did to the whole time it is part of: hour for hour."""
    key = wanted(link.driver, link.driver_segment)
    now, before = found.now(key), found.before(key)
    length = stretch(catalogue, link)
    if now is None or now.value is None or length is None:
        return Counted(reason="Not counted: the time of this month is not known.")
    effect = None
    is_monthly = catalogue.metric(link.outcome).cadence not in LONGER_THAN_A_MONTH
    if is_monthly and before is not None and before.value is not None:
        effect = Estimate.exact((now.value - before.value) * length)
    return Counted(
        effect=effect, reason="It is a stretch of that time: what it takes longer is added."
    )


def bad_share(driver: Metric, point: Point | None) -> float | None:
    """Share of the minutes that were bad; None where it is not known."""
    if point is None or point.value is None or driver.unit is not Unit.PERCENT:
        return None
    is_good = driver.direction is Direction.HIGHER_IS_BETTER
    return min(1.0, max(0.0, 1 - point.value if is_good else point.value))


def share_sign(outcome: Metric) -> float:
    """What one more broken case of all does to a share: -1 of what went well, 1 of what did not.

    0 for what is no share of cases of one month.
    """
    is_share = outcome.unit is Unit.PERCENT and outcome.measure.fold is Fold.RATIO
    if not is_share or outcome.cadence in LONGER_THAN_A_MONTH:
        return 0.0
    return -1.0 if outcome.direction is Direction.HIGHER_IS_BETTER else 1.0


def stretch(catalogue: Catalogue, link: Link) -> float | None:
    """Units of the outcome's time in one unit of the driver's; None where one is no time."""
    driver, outcome = catalogue.metric(link.driver), catalogue.metric(link.outcome)
    if driver.unit not in HOURS_OF or outcome.unit not in HOURS_OF:
        return None
    return HOURS_OF[driver.unit] / HOURS_OF[outcome.unit]

"""Influence links in a month: what the data let them claim, and what they did, in real units."""

import math
from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

import numpy as np

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.links import Link
from kpi_engine.catalogue.metrics import Metric
from kpi_engine.fiscal import FiscalCalendar
from kpi_engine.mapping.influence.config import DEFAULT_GRADING
from kpi_engine.mapping.influence.grading import Finding, held_to_forecasts, verdict
from kpi_engine.mapping.influence.link_estimate import (
    Influence,
    LinkEstimate,
    OutcomeEstimate,
)
from kpi_engine.mapping.influence.prior import Combined, combined
from kpi_engine.mapping.influence.scales import distance, moved, on_scale, slope_between
from kpi_engine.maths.intervals import Estimate
from kpi_engine.periods import add_months
from kpi_engine.services.estimates import Estimates
from kpi_engine.services.grids import DAYS
from kpi_engine.services.month_readings import MonthReadings
from kpi_engine.services.series import wanted
from kpi_engine.terms import LONGER_THAN_A_MONTH, Fold, Grain

NO_EVIDENCE: Mapping[Finding, str] = MappingProxyType(
    {
        Finding.HINT: "Own data lean that way, but chance could do that too; it is not counted.",
        Finding.NOT_SEEN: "Own data show no more than chance would.",
        Finding.CONTRADICTED: "Own data say the opposite of what was expected.",
        Finding.TOO_SHORT: "There are not enough data yet to tell.",
        Finding.STILL: "The measure hardly moved, so nothing can be learnt from it.",
        Finding.INSEPARABLE: "Another measure moves along so closely that the two cannot be told "
        "apart.",
        Finding.ONE_PERIOD: "It would rest on a single period, which may be a coincidence.",
        Finding.BACKWARDS: "What the measure does next explains the outcome better than what it "
        "did before: the outcome may move it.",
        Finding.DOES_NOT_PREDICT: "Own data show it, but forecasts came closer without it, or "
        "missed too often with it; it is not counted.",
    }
)
"""Why a link that was estimated carries no number."""
_NOT_YET = "Its effect is being worked out."


def read_influence(
    catalogue: Catalogue, link: Link, estimates: Estimates, found: MonthReadings, *, today: date
) -> Influence:
    """What own data say of a link, and what grade that makes.

    Args:
        catalogue: Definitions in force.
        link: An influence.
        estimates: At the tick looked at.
        found: The month's readings: effects depend on the level they start from.
        today: Day of the newest batch: reviews due before it are overdue.
    """
    pair = estimates.of_link(link.outcome, link.id)
    models = estimates.of_outcome.get(link.outcome, ())
    is_still = any(link.id in model.still for model in models)
    finding = pair[1].finding if pair else Finding.STILL if is_still else Finding.TOO_SHORT
    record = estimates.record_of(link.outcome, link.id)
    judged = verdict(
        held_to_forecasts(finding, record.predicts),
        declared=link.grade,
        reachable=link.reachable_grade,
        is_overdue=link.review_by < today,
    )
    per_step = _per_step(catalogue, link, *pair, found) if pair else None
    return Influence(
        verdict=judged,
        model=pair[0] if pair else next(iter(models), None),
        estimate=pair[1] if pair else None,
        per_step=per_step,
        prior=_prior(link, per_step),
        is_pending=link.outcome in estimates.missing,
        record=record,
    )


def why_no_number(influence: Influence) -> str:
    """Why an influence carries no number, in one sentence; empty where it does."""
    if influence.is_pending:
        return _NOT_YET
    if influence.verdict.is_counted:
        return ""
    if influence.estimate is None and influence.model is None:
        return "Not estimated."
    finding = influence.verdict.finding
    capped = "Own data show it, but not more than its grade lets it claim."
    return NO_EVIDENCE.get(finding, capped)


def movement_effect(
    catalogue: Catalogue, link: Link, influence: Influence, found: MonthReadings
) -> Estimate | None:
    """What the driver's change did to the outcome's movement, in the outcome's unit.

    Parts that add up on the outcome's scale add up in its unit as well: all are taken at the
    mean slope between the two months.
    """
    model, estimate = influence.model, influence.estimate
    if model is None or estimate is None or not influence.verdict.is_counted:
        return None
    part = estimate.contribution(_before(found), found.month)
    slope = slope_of(catalogue, link.outcome, model, found)
    if part is None or slope is None:
        return None
    return part * (model.times * slope)


def slope_of(
    catalogue: Catalogue, outcome: str, model: OutcomeEstimate, found: MonthReadings
) -> float | None:
    """Change of the outcome for each unit of its scale, between the month before and this."""
    if catalogue.metric(outcome).cadence in LONGER_THAN_A_MONTH:
        return None
    now, before = found.now(wanted(outcome)), found.before(wanted(outcome))
    if now is None or before is None or now.value is None or before.value is None:
        return None
    return slope_between(before.value, now.value, model.scale)


def usual_course(
    catalogue: Catalogue, outcome: str, model: OutcomeEstimate | None, found: MonthReadings
) -> float | None:
    """What season and trend alone did between the month before and this, in the outcome's unit."""
    if model is None:
        return None
    slope = slope_of(catalogue, outcome, model, found)
    now, before = model.course.get(found.month), model.course.get(_before(found))
    if slope is None or now is None or before is None:
        return None
    if model.grain is Grain.MONTH or catalogue.metric(outcome).measure.fold is not Fold.SUM:
        return (now - before) * model.times * slope
    return _of_whole_months(now, before, model, found, catalogue.organisation.calendar) * slope


def _of_whole_months(
    now: float,
    before: float,
    model: OutcomeEstimate,
    found: MonthReadings,
    calendar: FiscalCalendar,
) -> float:
    """Change of a sum that was modelled by day or week, on its scale: months differ in length."""
    days = [calendar.length(month) for month in (found.month, _before(found))]
    if model.scale == "log":
        return now - before + math.log(days[0] / days[1])
    by_day = model.times / DAYS[Grain.MONTH]
    return (now * days[0] - before * days[1]) * by_day


def away_from_target(
    catalogue: Catalogue, link: Link, influence: Influence, found: MonthReadings
) -> tuple[Estimate, str] | None:
    """What the outcome would gain this month had the driver been at its target.

    Returns:
        The change of the outcome, in its unit, that the driver's distance from its target made,
        and what it was held against; None where that cannot be said.
    """
    model, estimate = influence.model, influence.estimate
    if model is None or estimate is None or not influence.verdict.is_counted:
        return None
    driver, outcome = catalogue.metric(link.driver), catalogue.metric(link.outcome)
    reading = found.readings.get(wanted(outcome.id))
    felt = estimate.felt.get(found.month)
    if (
        felt is None
        or reading is None
        or reading.value is None
        or outcome.cadence in LONGER_THAN_A_MONTH
    ):
        return None
    reference, name = _reference(catalogue, link, driver, estimate, found)
    weights = np.asarray([shape.weight for shape in estimate.shapes])
    away = float(weights @ np.asarray(felt) / weights.sum()) - reference
    ends = estimate.of_change(away) * model.times
    now = reading.value
    return (
        Estimate.of(
            now - moved(now, -ends.low, model.scale),
            now - moved(now, -ends.mid, model.scale),
            now - moved(now, -ends.high, model.scale),
        ),
        name,
    )


def cases_of(
    catalogue: Catalogue, outcome: Metric, found: MonthReadings
) -> tuple[str, float] | None:
    """What an outcome counts, and how many one unit of it is this month: "orders", 480,000."""
    if outcome.measure.fold is Fold.SUM:
        return (outcome.plural, 1.0) if outcome.plural else None
    point = found.now(wanted(outcome.id))
    above = catalogue.metrics.get(outcome.measure.numerator or "")
    noun = (above.plural if above else None) or outcome.plural
    if outcome.measure.fold is not Fold.RATIO or point is None or not point.denominator:
        return None
    return (noun, point.denominator / outcome.measure.scale) if noun else None


def _before(found: MonthReadings) -> date:
    return add_months(found.month, -1)


def _reference(
    catalogue: Catalogue,
    link: Link,
    driver: Metric,
    estimate: LinkEstimate,
    found: MonthReadings,
) -> tuple[float, str]:
    """What a driver is held against, on its scale: its target, or what is usual without one."""
    target = catalogue.target_for(driver.id, month=found.month, segment=link.driver_segment)
    if target is None or isinstance(target.target, tuple):
        return estimate.usual, "what is usual"
    place = float(on_scale(np.asarray([target.target]), driver.moves)[0])
    return (estimate.usual, "what is usual") if np.isnan(place) else (place, "its target")


def step_effect(
    catalogue: Catalogue,
    link: Link,
    influence: Influence | None,
    found: MonthReadings,
    *,
    is_wide: bool = False,
) -> Estimate | None:
    """The effect of one natural step of the driver, from where both stand this month.

    Args:
        catalogue: Definitions in force.
        link: An influence; any other has no such effect.
        influence: What own data say of it.
        found: The month's readings.
        is_wide: With the 95 % range in place of the 90 % range.
    """
    if influence is None or influence.model is None or influence.estimate is None:
        return None
    return _per_step(catalogue, link, influence.model, influence.estimate, found, is_wide=is_wide)


def _per_step(
    catalogue: Catalogue,
    link: Link,
    model: OutcomeEstimate,
    estimate: LinkEstimate,
    found: MonthReadings,
    *,
    is_wide: bool = False,
) -> Estimate | None:
    driver, outcome = catalogue.metric(link.driver), catalogue.metric(link.outcome)
    now = found.readings.get(wanted(outcome.id))
    at = found.readings.get(wanted(driver.id, link.driver_segment))
    if now is None or now.value is None:
        return None
    start = at.value if at is not None and at.value is not None else None
    if driver.moves == "plain":
        step: float | None = driver.natural_step
    elif start is None:
        step = None
    else:
        step = distance(start, start + driver.natural_step, driver.moves)
    if step is None:
        return None
    ends = estimate.of_change(step, is_wide=is_wide) * model.times
    level = now.value
    return Estimate.of(
        moved(level, ends.low, model.scale) - level,
        moved(level, ends.mid, model.scale) - level,
        moved(level, ends.high, model.scale) - level,
    )


def _prior(link: Link, per_step: Estimate | None) -> Combined | None:
    if link.prior is None or per_step is None:
        return None
    low, high = link.prior.low, link.prior.high
    agreed = Estimate(low=low, mid=(low + high) / 2, high=high)
    return combined(agreed, per_step, disagreement=DEFAULT_GRADING.disagreement)

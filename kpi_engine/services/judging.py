"""A metric's month against the target of that month."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.metrics import Metric
from kpi_engine.catalogue.targets import Target
from kpi_engine.maths.status import Bound, Judgement, judge
from kpi_engine.services.readings import Reading
from kpi_engine.services.series import Point, latest_month, months_apart
from kpi_engine.terms import Fold, Side, Status


def status_in(reading: Reading, catalogue: Catalogue, month: date) -> Status:
    """The status a reading had in an earlier month of its history, by the target of that month."""
    metric = reading.metric
    shown = latest_month(metric, month, year_starts_in=catalogue.organisation.year_starts_in)
    then = next((point for point in reading.history if point.month == shown), None)
    value, is_short = (then.value, then.is_short) if then else (None, False)
    point = Point(numerator=None, denominator=None, value=value, days=None)
    return judged(
        catalogue, metric, shown, segment=reading.segment, point=point, is_short=is_short
    ).status


def can_be_short(metric: Metric) -> bool:
    """Whether missing days make it another number: a sum, or the whole of a quarter.

    The sum of a month of which days are missing is small because it is short. A share of the days
    that are there stands; a quarter is judged once it is complete, whatever it folds.
    """
    return metric.measure.fold is Fold.SUM or months_apart(metric) > 1


def judged(
    catalogue: Catalogue,
    metric: Metric,
    month: date,
    *,
    segment: Mapping[str, str],
    point: Point | None,
    is_short: bool,
) -> Judgement:
    """One month of a metric against the target of that month.

    Counts and activities are never judged, nor is what is short (see :func:`can_be_short`).
    """
    value = None if point is None else point.value
    if metric.activity or metric.side is Side.BASE:
        return Judgement(status=Status.NO_DATA if value is None else Status.NOT_JUDGED)
    target = catalogue.target_for(metric.id, month=month, segment=segment)
    bound, red_line = bounds_of(target) or (None, None)
    is_share = metric.measure.fold is Fold.RATIO
    found = judge(
        value,
        target=bound,
        red_line=red_line,
        direction=metric.direction,
        failure_space=metric.failure_space,
        numerator=point.numerator if point and is_share else None,
        denominator=point.denominator if point and is_share else None,
        is_placeholder=target is not None and target.agreed_by is None,
    )
    found = replace(found, stretch=target.stretch if target else None)
    if not is_short or found.status is Status.NO_DATA:
        return found
    return replace(found, status=Status.NOT_JUDGED, score=None, budget_used=None)


def bounds_of(target: Target | None) -> tuple[Bound, Bound] | None:
    """Target and red line, or None without a target."""
    return None if target is None else (target.target, target.red_line)

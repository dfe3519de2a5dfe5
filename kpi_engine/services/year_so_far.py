"""The fiscal year up to a month against what is aimed for up to then (A1, A3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.metrics import Metric
from kpi_engine.catalogue.targets import Target
from kpi_engine.fiscal import FiscalCalendar
from kpi_engine.maths.status import Bound, judge
from kpi_engine.periods import MONTHS_IN, add_months, first_month, months_between
from kpi_engine.services.folding import folded, year_to_date
from kpi_engine.services.readings import Reading
from kpi_engine.services.series import Point, Series, months_apart
from kpi_engine.store.parts import PAIRED, has_stock_below, stands_for
from kpi_engine.terms import Fold, Grain, Status

_DAYS_A_WEEK = 7


@dataclass(frozen=True, kw_only=True)
class YearSoFar:
    """A fiscal year up to a month, of a measure that folds.

    Attributes:
        first: First month of the year.
        through: The last month that counts: the newest that is in as a whole.
        value: Folded over these months, in the measure's unit.
        target: What is aimed for up to then: the targets of these months, folded in the same way;
            None unless each has one.
        red_line: Likewise.
        status: The value against both.
        is_placeholder: Nobody has agreed the target of one of the months.
        whole: The target of the whole year; None unless every month has one, or where months have
            weights that are not known yet.
    """

    first: date
    through: date
    value: float
    target: Bound | None
    red_line: Bound | None
    status: Status
    is_placeholder: bool
    whole: Bound | None

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return vars(self) | {
            "first": self.first.isoformat(),
            "through": self.through.isoformat(),
            "status": self.status.value,
        }


def year_so_far(catalogue: Catalogue, reading: Reading, series: Series) -> YearSoFar | None:
    """A reading's fiscal year up to its month, or while that is open to the one before it.

    None where the year has no whole month yet, lacks one, or does not fold (medians).

    Args:
        catalogue: Definitions in force.
        reading: Of the month.
        series: Its measure's months up to that month.
    """
    metric, start_in = reading.metric, catalogue.organisation.year_starts_in
    step = max(months_apart(metric), MONTHS_IN[stands_for(metric)])
    through = add_months(reading.shown_month, -step) if reading.is_open else reading.shown_month
    first = first_month(reading.shown_month, Grain.YEAR, year_starts_in=start_in)
    has_stock = has_stock_below(catalogue, metric)
    if through < first:
        return None
    value = year_to_date(series, metric, through, year_starts_in=start_in, stock_below=has_stock)
    if value is None:
        return None
    months = months_between(first, through)[::-step][::-1]
    targets = _targets(catalogue, reading, months)
    target, red_line = (
        _folded(
            metric,
            months,
            [getattr(one, name) for one in targets],
            series,
            reading.calendar,
            has_stock=has_stock,
        )
        for name in ("target", "red_line")
    )
    judgement = judge(value, target=target, red_line=red_line, direction=metric.direction)
    return YearSoFar(
        first=first,
        through=through,
        value=value,
        target=target,
        red_line=red_line,
        status=judgement.status,
        is_placeholder=any(one.agreed_by is None for one in targets),
        whole=_whole(catalogue, reading, first, step),
    )


def _targets(catalogue: Catalogue, reading: Reading, months: Sequence[date]) -> list[Target]:
    """The target of each month; none where one has none."""
    found = [
        catalogue.target_for(reading.metric.id, month=month, segment=reading.segment)
        for month in months
    ]
    return [one for one in found if one is not None] if all(found) else []


def _whole(catalogue: Catalogue, reading: Reading, first: date, step: int) -> Bound | None:
    """The year's target, of what simply adds up."""
    metric = reading.metric
    if metric.measure.fold is not Fold.SUM or metric.measure.per_week:
        return None
    months = months_between(first, add_months(first, MONTHS_IN[Grain.YEAR] - 1))[::-step][::-1]
    bounds = [one.target for one in _targets(catalogue, reading, months)]
    return _folded(metric, months, bounds, {}, reading.calendar, has_stock=False)


def _folded(
    metric: Metric,
    months: Sequence[date],
    bounds: Sequence[Bound],
    series: Series,
    calendar: FiscalCalendar,
    *,
    has_stock: bool,
) -> Bound | None:
    """What the months aim for, as one number by the rule of the measure; None without bounds."""
    if not bounds:
        return None
    ends = np.asarray(bounds, dtype=np.float64).reshape(len(bounds), -1).T
    found = []
    for numbers in ends:
        points = [
            _aimed(metric, month, float(number), series.get(month), calendar)
            for month, number in zip(months, numbers, strict=True)
        ]
        one = folded(points, metric, stock_below=has_stock)
        if one is None:
            return None
        found.append(float(f"{one:.12g}"))
    return (found[0], found[1]) if len(found) > 1 else found[0]


def _aimed(
    metric: Metric, month: date, aim: float, point: Point | None, calendar: FiscalCalendar
) -> Point:
    """The month as it would be had it just met its target: with the weight that it really had."""
    weight = 1.0
    if metric.measure.per_week:
        weight = calendar.length(month, months=months_apart(metric)) / _DAYS_A_WEEK
    elif metric.measure.fold in PAIRED:
        weight = (point.denominator if point else None) or 0.0
    upper = aim * weight / metric.measure.scale
    return Point(numerator=upper, denominator=weight, value=aim, days=None)

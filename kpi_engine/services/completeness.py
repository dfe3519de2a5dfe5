"""How complete a month is (A10): days covered, and how recent the source is."""

import math
from dataclasses import dataclass, replace
from datetime import date, datetime, tzinfo
from statistics import fmean, pstdev

import pandas as pd

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.organisation import Organisation
from kpi_engine.fiscal import FiscalCalendar
from kpi_engine.services.dwa import DWA, INPUTS
from kpi_engine.services.look import Look, utc
from kpi_engine.services.series import Point, Series
from kpi_engine.terms import Fold

ENOUGH_DAYS = 0.95
"""A month with this share of its days covered counts as complete."""
_GAPS_ALLOWED = 2
"""A sparse source may be silent for so many of its usual gaps before a month counts as open."""
_CHANCE = 3.0
_WORKING_DAYS = 5 / 7
_LATE_START = 4
"""Days by which a month's first fact may come late: a weekend with two days of holiday."""


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """When a metric's data came in.

    Attributes:
        first_day: First day with a fact, while there are few months; then that of the first month.
        data_through: Last day with a fact of the metric that was over when it came in.
        source_through: Last day with anything from the same kind of event.
        received_at: When the newest batch that touched it was accepted (UTC).
    """

    first_day: date
    data_through: date
    source_through: date
    received_at: datetime

    def is_after(self, end: date, zone: tzinfo) -> bool:
        """Whether a period that ends then was over when the data came, or its source has gone on.

        Args:
            end: Its last day.
            zone: Where days begin and end.
        """
        return self.source_through > end or self.day_received(zone) > end

    def day_received(self, zone: tzinfo) -> date:
        """The day on which the data came, in a zone."""
        return self.received_at.astimezone(zone).date()


@dataclass(frozen=True, kw_only=True)
class Completeness:
    """How much of one month of a metric is there.

    Attributes:
        data_through: Last day with a fact, in the month or before it; None when none ever came.
        days_covered: Days of the month (or quarter) with a fact; None when facts are monthly or
            sparse.
        days_due: Days the month (or quarter) has.
        is_complete: Whether the month may be compared with others.
    """

    data_through: date | None
    days_covered: int | None
    days_due: int
    is_complete: bool


def arrivals(look: Look) -> dict[str, Arrival]:
    """Arrival by metric.

    Metrics counted from the same kind of event vouch for each other: releases that went live
    until the 30th say that no failed one is missing after the 12th.
    """
    return arrivals_from(look.freshness(), look.catalogue)


def arrivals_from(freshness: pd.DataFrame, catalogue: Catalogue) -> dict[str, Arrival]:
    """The same from the rows of ``read_freshness``."""
    rows = {str(row.metric): row for row in freshness.itertuples(index=False)}
    through: dict[str, date] = {}
    for name, row in rows.items():
        for kind in _kinds(catalogue, name):
            through[kind] = max(through.get(kind, row.data_through), row.data_through)
    found = {
        name: Arrival(
            first_day=row.first_day,
            data_through=row.data_through,
            source_through=max(
                [row.data_through, *(through[kind] for kind in _kinds(catalogue, name))]
            ),
            received_at=utc(row.received_at),
        )
        for name, row in rows.items()
    }
    inputs = [found[name] for name in INPUTS if name in found]
    if len(inputs) == len(INPUTS):
        found[DWA] = _worked_out(inputs)
    return found


def completeness(
    month: date,
    series: Series,
    arrival: Arrival | None,
    *,
    organisation: Organisation,
    months: int = 1,
) -> Completeness:
    """How complete one month of a metric is (a quarter, for a quarterly one).

    A period is complete when it was given as a whole or when 95 % of its days have a fact; one
    that was not over when the newest data came in needs all of them. A metric that has days
    without facts in other months too (releases, office hours, quiet Sundays) may have as many as
    chance brings, if its source has gone on: past the period, or, in a file made after it, to no
    further from its end than twice the usual gap. Days that lay ahead when the data came in are
    not covered by them. The month in which a metric's data begin, day by day, counts if they
    begin with it.

    Args:
        month: Its name; for a quarterly metric the last month of the quarter.
        series: All points known.
        arrival: When the data came in.
        organisation: Has the days of months, and the zone in which they are cut.
        months: Months the period has.
    """
    calendar = organisation.calendar
    start, end = calendar.bounds(month, months=months)
    length = (end - start).days + 1
    point = _so_far(series.get(month), arrival, start=start, end=end, months=months)
    usual = _usual_days(month, series, calendar, own=point, months=months)
    is_covered = point is not None and _is_covered(point, usual, length)
    begins = months > 1 or _begins(start, end, arrival, point)
    is_sparse = usual.mean < ENOUGH_DAYS * length and begins
    if point is not None and point.days is not None and point.days < length:
        is_covered = is_covered and (arrival is None or arrival.is_after(end, organisation.zone))
    if point is not None and point.days is not None and point.days < ENOUGH_DAYS * length:
        gone_on = has_gone_on(
            end, arrival, mean_days=usual.mean, length=length, zone=organisation.zone
        )
        is_covered = is_covered and gone_on and begins
    return Completeness(
        data_through=_through(end, arrival),
        days_covered=None if point is None or is_sparse else point.days,
        days_due=length,
        is_complete=is_covered and point is not None and point.value is not None,
    )


def _through(end: date, arrival: Arrival | None) -> date | None:
    if arrival is None or arrival.first_day > end:
        return None
    return min(arrival.data_through, end)


@dataclass(frozen=True, kw_only=True)
class _Usual:
    """Days with facts in an ordinary period of this length."""

    mean: float
    fewest: float
    """As few as chance brings, in a metric that has quiet days: three standard deviations, and
    at least three days, below the mean of other periods."""


def _so_far(
    point: Point | None, arrival: Arrival | None, *, start: date, end: date, months: int
) -> Point | None:
    """The point with no more days than were over when its data came in.

    A quarter given as a whole stays one: nothing says on which of its days it was given.
    """
    is_over = arrival is None or arrival.data_through >= end
    is_whole_quarter = point is not None and point.days is None and months > 1
    if point is None or arrival is None or is_over or is_whole_quarter:
        return point
    over = max(0, (arrival.data_through - start).days + 1)
    return replace(point, days=over if point.days is None else min(point.days, over))


def _begins(start: date, end: date, arrival: Arrival | None, point: Point | None) -> bool:
    """Whether data that come day by day were there from a month's beginning on.

    Of others, such as a survey in its last week, nothing says that days before are missing.
    """
    if arrival is None or point is None or not point.days or arrival.first_day > end:
        return True
    is_daily = point.days >= _WORKING_DAYS * ((end - arrival.first_day).days + 1)
    return not is_daily or (arrival.first_day - start).days <= _LATE_START


def _usual_days(
    month: date, series: Series, calendar: FiscalCalendar, *, own: Point | None, months: int
) -> _Usual:
    """From the other periods; from this one itself where there are no others."""
    length = calendar.length(month, months=months)
    others = [
        point.days / calendar.length(at, months=months)
        for at, point in series.items()
        if point.days is not None and at != month
    ]
    if not others:
        days = own.days if own is not None and own.days is not None else length
        return _Usual(mean=days, fewest=days)
    mean = fmean(others) * length
    if min(others) >= 1:
        return _Usual(mean=mean, fewest=mean)
    spread = pstdev(others) * length
    return _Usual(mean=mean, fewest=mean - _CHANCE * max(1.0, spread))


def _is_covered(point: Point, usual: _Usual, length: int) -> bool:
    if point.days is None or point.days >= ENOUGH_DAYS * length:
        return True
    return usual.fewest < ENOUGH_DAYS * length and point.days >= usual.fewest


def has_gone_on(
    end: date, arrival: Arrival | None, *, mean_days: float, length: int, zone: tzinfo
) -> bool:
    """Whether a source has gone on to the end of a period of which days are missing.

    Args:
        end: Last day of the period.
        arrival: When the data came in.
        mean_days: Days with facts in an ordinary period.
        length: Days the period has.
        zone: The organisation's.
    """
    if arrival is None:
        return False
    if arrival.source_through > end:
        return True
    allowed = math.ceil(length / max(1.0, mean_days)) * _GAPS_ALLOWED
    return arrival.day_received(zone) > end and (end - arrival.source_through).days <= allowed


def _kinds(catalogue: Catalogue, name: str) -> set[str]:
    """Kinds of event a metric is counted from, through other metrics too.

    Stocks vouch for nothing: what is open is known for days without any event.
    """
    metric = catalogue.metrics.get(name)
    if metric is None or metric.measure.fold is Fold.LAST:
        return set()
    found: set[str] = set()
    for part in metric.measure.parts:
        kind = part.partition(".")[0]
        found |= {kind} if kind in catalogue.events else _kinds(catalogue, part)
    return found


def _worked_out(inputs: list[Arrival]) -> Arrival:
    """A metric worked out from others is as recent as the oldest of them."""
    return Arrival(
        first_day=max(one.first_day for one in inputs),
        data_through=min(one.data_through for one in inputs),
        source_through=min(one.source_through for one in inputs),
        received_at=max(one.received_at for one in inputs),
    )

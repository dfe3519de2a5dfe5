"""One month of many metrics, fetched at once and judged: the readings every page shows."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.metrics import Metric
from kpi_engine.maths.variation import (
    WINDOW_MONTHS,
    ChartPoint,
    assurance,
    control_chart,
    variation_verdict,
)
from kpi_engine.periods import add_months, months_between
from kpi_engine.services.completeness import Arrival, arrivals, completeness
from kpi_engine.services.extents import ExtentBook
from kpi_engine.services.folding import year_to_date
from kpi_engine.services.judging import bounds_of, can_be_short, judged
from kpi_engine.services.look import Look
from kpi_engine.services.readings import Freshness, HistoryPoint, Reading
from kpi_engine.services.restatement import published_months, read_closings, restated_from
from kpi_engine.services.series import (
    Point,
    Series,
    Wanted,
    latest_month,
    months_apart,
    read_series,
)
from kpi_engine.services.so_far import OpenMonth, SoFar, read_so_far
from kpi_engine.store.parts import has_stock_below
from kpi_engine.terms import Assurance, Fold
from kpi_engine.workspace import Workspace

_EVER = date(1900, 1, 1)
"""A quarter that was stated as such has no month from which its history could be known."""
_UNKNOWN = ChartPoint(value=None, range_=None)
_PAIRED = (Fold.RATIO, Fold.WEIGHTED_MEAN)


@dataclass(frozen=True, kw_only=True)
class MonthReadings:
    """One month's readings with the series they were made from.

    Attributes:
        series: Only months that others can be compared with.
        year_starts_in: Month number in which the fiscal year, and so a quarter, starts.
    """

    month: date
    year_starts_in: int
    readings: Mapping[Wanted, Reading]
    series: Mapping[Wanted, Series]

    def now(self, key: Wanted) -> Point | None:
        """The facts behind a reading; None when there are none or the key was not asked for."""
        return self._point(key, back=0)

    def before(self, key: Wanted) -> Point | None:
        """The facts behind what the reading is compared with: a month, or a quarter, earlier."""
        return self._point(key, back=1)

    def _point(self, key: Wanted, *, back: int) -> Point | None:
        if key not in self.readings:
            return None
        metric = self.readings[key].metric
        shown = latest_month(metric, self.month, year_starts_in=self.year_starts_in)
        return self.series[key].get(add_months(shown, -back * months_apart(metric)))


def read_readings(
    ws: Workspace, keys: Iterable[Wanted], *, month: date, as_of: int | None = None
) -> tuple[Reading, ...]:
    """One reading a key, in the order given.

    Args:
        ws: Where the data and the definitions are.
        keys: Metrics and segments, from ``wanted``.
        month: Its name, the first day of a calendar month.
        as_of: The tick looked at; None for the newest.

    Raises:
        UnknownNameError: A metric is not declared.
    """
    asked = tuple(keys)
    tick = ws.newest() if as_of is None else as_of
    with ws.reading() as conn:
        look = Look(conn=conn, catalogue=ws.catalogue, as_of=tick)
        found = read_month(look, asked, month=month)
    return tuple(found.readings[key] for key in asked)


def read_month(look: Look, keys: Iterable[Wanted], *, month: date) -> MonthReadings:
    """Readings of one month, from the whole history to it, read in one query a segment."""
    catalogue = look.catalogue
    asked = tuple(dict.fromkeys(keys))
    metrics = {key: catalogue.metric(key.metric) for key in asked}
    year_start = catalogue.organisation.year_starts_in
    arrived = arrivals(look)
    began = [
        look.calendar.month_of(arrived[key.metric].first_day)
        for key in asked
        if key.metric in arrived
    ]
    first = min([add_months(month, 1 - WINDOW_MONTHS), *began])
    sparse = [key for key, metric in metrics.items() if months_apart(metric) > 1]
    monthly = [key for key in asked if key not in sparse]
    series = {
        **read_series(look, monthly, first=first, last=month),
        **read_series(look, sparse, first=_EVER, last=month),
    }
    closings, published = read_closings(look, asked, month), published_months(look)
    shown = {
        key: latest_month(metric, month, year_starts_in=year_start)
        for key, metric in metrics.items()
    }
    fresh = {
        key: _freshness(
            catalogue,
            metric,
            shown[key],
            series=series[key],
            arrival=arrived.get(key.metric),
        )
        for key, metric in metrics.items()
    }
    lengths = ExtentBook.of(look, month)
    so_far = _read_so_far(look, metrics, series, fresh, arrived, month=month)
    past = {
        key: _comparable(
            catalogue,
            metric,
            shown[key],
            series=series[key],
            arrival=arrived.get(key.metric),
        )
        for key, metric in metrics.items()
    }
    readings = {
        key: _reading(
            catalogue,
            key,
            metric,
            month=month,
            series=series[key],
            past=past[key],
            closing=closings.get(key, {}),
            published=published,
            freshness=fresh[key],
            arrival=arrived.get(key.metric),
            so_far=so_far.get(key),
            lengths=lengths,
        )
        for key, metric in metrics.items()
    }
    return MonthReadings(
        month=month,
        year_starts_in=year_start,
        readings=readings,
        series=past,
    )


def _reading(
    catalogue: Catalogue,
    key: Wanted,
    metric: Metric,
    *,
    month: date,
    series: Series,
    past: Series,
    closing: Series,
    published: frozenset[date],
    freshness: Freshness,
    arrival: Arrival | None,
    so_far: SoFar | None,
    lengths: ExtentBook,
) -> Reading:
    year_start = catalogue.organisation.year_starts_in
    shown = latest_month(metric, month, year_starts_in=year_start)
    previous = add_months(shown, -months_apart(metric))
    point = series.get(shown)
    is_open = point is not None and point.value is not None and not freshness.is_complete
    months = _periods(min(past, default=shown), shown, months_apart(metric))
    baselines = catalogue.baselines_of(metric.id, segment=key.segment)
    chart = control_chart(
        [None if is_open and at == shown else _value(past, at) for at in months],
        new_baselines=[bisect_left(months, one.valid_from) for one in baselines],
    )
    usual = chart[-1].range_
    verdict = variation_verdict(chart, direction=metric.direction)
    judgement = judged(
        catalogue,
        metric,
        shown,
        segment=key.segment,
        point=point,
        is_short=can_be_short(metric) and not freshness.is_complete,
    )
    is_paired = point is not None and metric.measure.fold in _PAIRED
    return Reading(
        metric=metric,
        segment=key.segment,
        month=month,
        value=_value(series, shown),
        numerator=point.numerator if point and is_paired else None,
        denominator=point.denominator if point and is_paired else None,
        judgement=judgement,
        verdict=verdict,
        usual_range=usual,
        usual_months=(months[usual.first], months[usual.last]) if usual else None,
        assurance=assurance(usual, judgement.target, direction=metric.direction)
        if verdict.is_steady
        else Assurance.NOT_JUDGED,
        baselines=tuple(one for one in baselines if months[0] < one.valid_from <= shown),
        previous=_before(past, previous, so_far.previous if so_far else None, is_open=is_open),
        year_ago=_before(
            past, add_months(shown, -12), so_far.year_ago if so_far else None, is_open=is_open
        ),
        days_so_far=so_far.days if so_far else None,
        year_to_date=year_to_date(
            series,
            metric,
            shown,
            year_starts_in=year_start,
            stock_below=has_stock_below(catalogue, metric),
        ),
        history=_history(
            catalogue,
            key,
            metric,
            month=month,
            series=series,
            arrival=arrival,
            chart=dict(zip(months, chart, strict=True)),
        ),
        freshness=freshness,
        calendar=catalogue.organisation.calendar,
        extents=lengths.of_month(
            shown, months=months_apart(metric), days=so_far.days if so_far else None
        ),
        restated_from=_restated(catalogue, key, shown, series=series, closing=closing),
        previous_restated_from=None
        if is_open
        else _restated(catalogue, key, previous, series=series, closing=closing),
        was_published=shown in published,
        previous_was_published=previous in published,
    )


def _before(past: Series, month: date, like: float | None, *, is_open: bool) -> float | None:
    """What a month is held against: a whole one, or while it is open the ``like`` days of one."""
    return like if is_open else _value(past, month)


def _read_so_far(
    look: Look,
    metrics: Mapping[Wanted, Metric],
    series: Mapping[Wanted, Series],
    fresh: Mapping[Wanted, Freshness],
    arrived: Mapping[str, Arrival],
    *,
    month: date,
) -> Mapping[Wanted, SoFar]:
    """What the open ones among some metrics may be held against.

    A month that is over and lacks days in between is held against nothing.
    """
    open_ = {}
    for key, metric in metrics.items():
        value, arrival = _value(series[key], month), arrived.get(key.metric)
        if value is None or arrival is None or fresh[key].is_complete or months_apart(metric) > 1:
            continue
        first, last = look.calendar.bounds(month)
        if first <= arrival.source_through < last:
            open_[key] = OpenMonth(value=value, through=arrival.source_through)
    return read_so_far(look, open_, month=month)


def _restated(
    catalogue: Catalogue, key: Wanted, month: date, *, series: Series, closing: Series
) -> float | None:
    metric = catalogue.metric(key.metric)
    bounds = bounds_of(catalogue.target_for(key.metric, month=month, segment=key.segment))
    return restated_from(closing.get(month), series.get(month), metric, bounds=bounds)


def _history(
    catalogue: Catalogue,
    key: Wanted,
    metric: Metric,
    *,
    month: date,
    series: Series,
    arrival: Arrival | None,
    chart: Mapping[date, ChartPoint],
) -> tuple[HistoryPoint, ...]:
    points = []
    for at in months_between(add_months(month, 1 - WINDOW_MONTHS), month):
        value = _value(series, at)
        target = catalogue.target_for(metric.id, month=at, segment=key.segment)
        bound = target.target if target else None
        judged_then = chart.get(at, _UNKNOWN)
        points.append(
            HistoryPoint(
                month=at,
                value=value,
                target=bound[0] if isinstance(bound, tuple) else bound,
                causes=judged_then.causes,
                usual=judged_then.range_,
                is_short=value is not None
                and can_be_short(metric)
                and not _freshness(
                    catalogue, metric, at, series=series, arrival=arrival
                ).is_complete,
            )
        )
    return tuple(points)


def _periods(first: date, last: date, months: int) -> list[date]:
    """The last months of every period from one to another, so many months apart."""
    return months_between(first, last)[::-1][::months][::-1]


def _comparable(
    catalogue: Catalogue, metric: Metric, month: date, *, series: Series, arrival: Arrival | None
) -> Series:
    """The series without the incomplete months, before the one shown, with which it begins.

    An export that starts in November holds a few milestones that were due in October, the late
    ones: a change on October would be a change on nothing.
    """
    began = next(
        (
            at
            for at in sorted(series)
            if at >= month
            or _freshness(catalogue, metric, at, series=series, arrival=arrival).is_complete
        ),
        month,
    )
    return {at: point for at, point in series.items() if at >= began}


def _freshness(
    catalogue: Catalogue, metric: Metric, month: date, *, series: Series, arrival: Arrival | None
) -> Freshness:
    found = completeness(
        month,
        series,
        arrival,
        organisation=catalogue.organisation,
        months=months_apart(metric),
    )
    return Freshness(
        data_through=found.data_through,
        received_at=arrival.received_at if arrival else None,
        days_covered=found.days_covered,
        days_due=found.days_due,
        is_complete=found.is_complete,
    )


def _value(series: Series, month: date) -> float | None:
    point = series.get(month)
    return point.value if point else None

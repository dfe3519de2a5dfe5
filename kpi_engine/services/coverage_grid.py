"""How each metric's last twelve months came in: complete, late, restated, partial or missing.

Restated is what differs from a published edition; what differs from the closing day of a month
that was never published is changed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.metrics import Metric
from kpi_engine.maths.variation import WINDOW_MONTHS
from kpi_engine.periods import add_months, months_between
from kpi_engine.services.completeness import Arrival, arrivals, completeness
from kpi_engine.services.dwa import DWA
from kpi_engine.services.judging import bounds_of
from kpi_engine.services.look import Look
from kpi_engine.services.restatement import (
    closing_day,
    closing_tick,
    published_months,
    restated_from,
    was_filling,
)
from kpi_engine.services.series import (
    Point,
    Series,
    Wanted,
    latest_month,
    months_apart,
    read_series,
    wanted,
)
from kpi_engine.terms import Side

Cell = Literal["complete", "late", "restated", "changed", "partial", "missing", "not_due"]
MONTHS_SHOWN = 12


@dataclass(frozen=True, kw_only=True)
class Grid:
    """Cells by metric, for the same months in every row, oldest first."""

    months: tuple[date, ...]
    rows: tuple[tuple[Metric, tuple[Cell, ...]], ...]


@dataclass(frozen=True, kw_only=True)
class _Closing:
    """What a month was when it was closed; no tick: nothing had been imported.

    Attributes:
        is_published: By an edition, and not only by its closing day.
    """

    tick: int
    is_published: bool
    series: Mapping[Wanted, Series]


def read_grid(look: Look, *, today: date) -> Grid:
    """The twelve months up to the last full one, for every metric that ever had data.

    Counts of others and what is worked out from them (demand-weighted availability) have no row.
    """
    catalogue = look.catalogue
    arrived = arrivals(look)
    shown = [
        metric
        for metric in catalogue.metrics.values()
        if metric.id in arrived and metric.side is not Side.BASE and metric.id != DWA
    ]
    if not shown:
        return Grid(months=(), rows=())
    newest = look.calendar.month_of(max(arrived[metric.id].data_through for metric in shown))
    last = min(newest, add_months(look.calendar.month_of(today), -1))
    months = tuple(months_between(add_months(last, 1 - MONTHS_SHOWN), last))
    keys = [wanted(metric.id) for metric in shown]
    first = add_months(last, 1 - WINDOW_MONTHS)
    series = read_series(look, keys, first=first, last=last)
    published = published_months(look)
    closings = {
        month: _read_closing(look, keys, month, is_published=month in published) for month in months
    }
    rows = tuple(
        (
            metric,
            tuple(
                _cell(
                    catalogue,
                    metric,
                    month,
                    series=series[wanted(metric.id)],
                    arrival=arrived[metric.id],
                    closing=closings[month],
                    today=today,
                )
                for month in months
            ),
        )
        for metric in shown
    )
    return Grid(months=months, rows=rows)


def _read_closing(
    look: Look, keys: Sequence[Wanted], month: date, *, is_published: bool
) -> _Closing:
    tick = closing_tick(look, month)
    if tick == 0 or tick >= look.as_of:
        return _Closing(tick=tick, is_published=is_published, series={})
    series = read_series(look.at(tick), keys, first=month, last=month)
    return _Closing(tick=tick, is_published=is_published, series=series)


def _cell(
    catalogue: Catalogue,
    metric: Metric,
    month: date,
    *,
    series: Series,
    arrival: Arrival,
    closing: _Closing,
    today: date,
) -> Cell:
    organisation = catalogue.organisation
    is_due = latest_month(metric, month, year_starts_in=organisation.year_starts_in) == month
    if not is_due or month < organisation.calendar.month_of(arrival.first_day):
        return "not_due"
    point = series.get(month)
    if point is None or point.value is None:
        return "missing" if today > closing_day(month, organisation) else "not_due"
    state = completeness(
        month,
        series,
        arrival,
        organisation=organisation,
        months=months_apart(metric),
    )
    if not state.is_complete:
        return "partial"
    if not closing.series:
        return "complete"
    before = closing.series.get(wanted(metric.id), {}).get(month)
    cell = _since_closing(catalogue, metric, month, before=before, now=point)
    return "changed" if cell == "restated" and not closing.is_published else cell


def _since_closing(
    catalogue: Catalogue, metric: Metric, month: date, *, before: Point | None, now: Point
) -> Cell:
    if before is None or was_filling(before, now):
        return "late"
    bounds = bounds_of(catalogue.target_for(metric.id, month=month, segment={}))
    changed = restated_from(before, now, metric, bounds=bounds)
    return "complete" if changed is None else "restated"

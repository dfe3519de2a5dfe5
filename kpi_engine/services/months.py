"""Which months can be shown: those with enough complete outcomes to be worth a page."""

from collections.abc import Mapping, Sequence
from datetime import date

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.errors import StoreError
from kpi_engine.periods import add_months, months_between
from kpi_engine.services.completeness import Arrival, arrivals, completeness
from kpi_engine.services.dwa import DWA
from kpi_engine.services.look import Look
from kpi_engine.services.series import (
    Series,
    Wanted,
    latest_month,
    months_apart,
    read_series,
    wanted,
)
from kpi_engine.workspace import Workspace

ENOUGH_OUTCOMES = 0.5
"""A month is shown when this share of the outcomes that ever had data is complete in it."""


def read_months(look: Look) -> tuple[date, ...]:
    """Months that can be shown, newest first.

    Outcomes without any data yet do not count; while none has data, the IT measures behind them
    stand in, so that a first upload of IT data alone already opens its months.
    """
    arrived = arrivals(look)
    keys = [wanted(name) for name in _shown_metrics(look.catalogue, arrived)]
    if not keys:
        return ()
    first = look.calendar.month_of(min(arrived[key.metric].first_day for key in keys))
    last = look.calendar.month_of(max(arrived[key.metric].data_through for key in keys))
    series = read_series(look, keys, first=first, last=last)
    shown = [
        month
        for month in months_between(first, last)
        if _share_complete(look.catalogue, month, series, arrived) >= ENOUGH_OUTCOMES
    ]
    return tuple(reversed(shown))


def read_open_months(look: Look, shown: Sequence[date]) -> tuple[date, ...]:
    """Months after the newest that can be shown which have any data so far, newest first.

    IT data alone open one too: whoever brought them looks for them.

    Args:
        look: At the store.
        shown: The rows of ``read_months``; while there are none, no month is more open than others.
    """
    arrived = arrivals(look)
    names = {*_shown_metrics(look.catalogue, arrived), *_drivers(look.catalogue, arrived)}
    through = [arrived[name].data_through for name in names]
    if not shown or not through:
        return ()
    newest = look.calendar.month_of(max(through))
    return tuple(reversed(months_between(add_months(shown[0], 1), newest)))


def has_data(ws: Workspace) -> bool:
    """Whether anything that was imported still counts."""
    with ws.reading() as conn:
        return bool(arrivals(Look(conn=conn, catalogue=ws.catalogue, as_of=ws.newest())))


def read_newest_month(look: Look) -> date:
    """The newest month that can be shown, or, while none is complete, the newest with any data.

    Raises:
        StoreError: Nothing has been imported yet.
    """
    months = read_months(look)
    if months:
        return months[0]
    arrived = arrivals(look)
    if not arrived:
        raise StoreError(
            "There are no data yet.", hint="Import a file, or build the sample company with demo."
        )
    return look.calendar.month_of(max(arrival.data_through for arrival in arrived.values()))


def _shown_metrics(catalogue: Catalogue, arrived: Mapping[str, Arrival]) -> Sequence[str]:
    outcomes = [name for name in catalogue.organisation.scorecard if name in arrived]
    if outcomes:
        return outcomes
    return _drivers(catalogue, arrived)


def _drivers(catalogue: Catalogue, arrived: Mapping[str, Arrival]) -> Sequence[str]:
    drivers = [link.driver for link in catalogue.links.values() if link.driver in arrived]
    return [name for name in dict.fromkeys(drivers) if name != DWA]


def _share_complete(
    catalogue: Catalogue,
    month: date,
    series: Mapping[Wanted, Series],
    arrived: Mapping[str, Arrival],
) -> float:
    organisation = catalogue.organisation
    complete = 0
    for key, points in series.items():
        metric = catalogue.metric(key.metric)
        state = completeness(
            latest_month(metric, month, year_starts_in=organisation.year_starts_in),
            points,
            arrived.get(key.metric),
            organisation=organisation,
            months=months_apart(metric),
        )
        complete += state.is_complete
    return complete / len(series)

"""Hours as the clock on the wall shows them, and how long they really last.

An hour of the week is an hour on the wall: when clocks go back one of them lasts two hours, and
when they go forward one of them does not exist. Everything else is measured in UTC.
"""

from datetime import UTC, date, datetime, time, timedelta, tzinfo

import numpy as np

from kpi_engine.mapping.baseline import Floats

HOURS_A_DAY = 24


def midnight(day: date, zone: tzinfo) -> datetime:
    """The start of a day in a zone, as UTC without a zone mark.

    Examples:
        >>> from zoneinfo import ZoneInfo
        >>> midnight(date(2026, 10, 25), ZoneInfo("Europe/Berlin"))
        datetime.datetime(2026, 10, 24, 22, 0)
    """
    return _utc(datetime.combine(day, time(), tzinfo=zone))


def on_the_wall(instant: datetime, zone: tzinfo) -> datetime:
    """An instant in UTC without a zone mark, as a clock in the zone shows it."""
    return instant.replace(tzinfo=UTC).astimezone(zone)


def hour_edges(first: date, last: date, zone: tzinfo) -> Floats:
    """When the 24 hours of each day start, in hours that really passed since the first.

    One edge more than there are hours. An hour that the clock shows twice is two hours long;
    one that it skips has no length.
    """
    start = midnight(first, zone)
    days = (last - first).days + 1
    starts = [midnight(first + timedelta(days=step), zone) for step in range(days + 1)]
    opening = np.array([(at - start) / timedelta(hours=1) for at in starts])
    edges = opening[:-1, None] + np.arange(HOURS_A_DAY, dtype=np.float64)[None, :]
    for place in np.flatnonzero(np.diff(opening) != HOURS_A_DAY):
        day = first + timedelta(days=int(place))
        edges[place] = [
            (_utc(datetime.combine(day, time(hour), tzinfo=zone)) - start) / timedelta(hours=1)
            for hour in range(HOURS_A_DAY)
        ]
    return np.append(edges.ravel(), opening[-1])


def _utc(instant: datetime) -> datetime:
    return instant.astimezone(UTC).replace(tzinfo=None)

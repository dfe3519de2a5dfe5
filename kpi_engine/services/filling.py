"""Which of the periods of a measure are still filling up."""

from collections.abc import Mapping
from datetime import date
from statistics import median

from kpi_engine.services import steps
from kpi_engine.services.completeness import ENOUGH_DAYS, arrivals, has_gone_on
from kpi_engine.services.look import Look, utc
from kpi_engine.services.series import Point
from kpi_engine.store.batches import read_last_accepted
from kpi_engine.terms import Grain


def open_from(
    look: Look,
    metric: str,
    grain: Grain,
    points: Mapping[date, Point],
    *,
    is_part: bool = False,
) -> date | None:
    """First day of the earliest period of which days are still to come; None without any.

    Args:
        look: At the store.
        metric: Its id.
        grain: Of the periods.
        points: By period, the newest among them and enough others to tell what is usual.
        is_part: They are those of a segment, which may have ended while others went on.
    """
    if not points or grain is Grain.DAY:
        return None
    newest = max(points)
    days, organisation = points[newest].days, look.catalogue.organisation
    start, end = steps.days_of(newest, grain, organisation)
    length = (end - start).days + 1
    if days is None or days >= ENOUGH_DAYS * length:
        # How far a metric reaches is asked of many rows: only where the period may be running.
        came = read_last_accepted(look.conn, as_of=look.as_of)
        if came is not None and organisation.day_of(utc(came)) > end:
            return None
    arrival = arrivals(look).get(metric)
    if arrival is not None and arrival.data_through < end and not (is_part and days is None):
        # No day counts that was still to come, nor a figure of a month for days after it was given.
        given = days if days is not None else length if grain is not Grain.MONTH else None
        over = max(0, (arrival.data_through - start).days + 1)
        days = over if given is None else min(given, over)
    if days is None or days >= length:
        return None
    was_over = arrival is None or arrival.is_after(end, organisation.zone)
    if is_part and arrival is not None and arrival.source_through > end:
        return None
    if days >= ENOUGH_DAYS * length and was_over:
        return None
    others = [point.days for at, point in points.items() if at != newest and point.days]
    usual = median(others) if others else length
    has_quiet_days = usual < ENOUGH_DAYS * length
    is_over = has_quiet_days and has_gone_on(
        end,
        arrival,
        mean_days=usual,
        length=length,
        zone=organisation.zone,
    )
    return None if is_over else newest

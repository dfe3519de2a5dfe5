"""Which of the periods of a measure are still filling up."""

from collections.abc import Mapping
from datetime import date
from statistics import median

from kpi_engine.services import steps
from kpi_engine.services.completeness import ENOUGH_DAYS, arrivals, has_gone_on
from kpi_engine.services.look import Look
from kpi_engine.services.series import Point
from kpi_engine.terms import Grain


def open_from(look: Look, metric: str, grain: Grain, points: Mapping[date, Point]) -> date | None:
    """First day of the earliest period of which days are still to come; None without any.

    Args:
        look: At the store.
        metric: Its id.
        grain: Of the periods.
        points: By period, the newest among them and enough others to tell what is usual.
    """
    if not points or grain is Grain.DAY:
        return None
    newest = max(points)
    days = points[newest].days
    organisation = look.catalogue.organisation
    start, end = steps.days_of(newest, grain, organisation)
    length = (end - start).days + 1
    if days is None or days >= length:
        return None
    arrival = arrivals(look).get(metric)
    was_over = arrival is None or arrival.day_received(organisation.zone) > end
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

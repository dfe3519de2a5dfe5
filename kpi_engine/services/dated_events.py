"""Things that happened on a day of the month and may explain a movement."""

from collections.abc import Iterable
from datetime import date, datetime, tzinfo

import pandas as pd

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.links import Link
from kpi_engine.mapping.contribution import DatedEvent
from kpi_engine.mapping.impact import OrdersLost, Outage
from kpi_engine.mapping.wall_clock import on_the_wall
from kpi_engine.services.look import Look
from kpi_engine.store.happenings import HOLIDAY, read_calendar_events, read_failed_releases

NOTEWORTHY_MINUTES = 10
"""Shorter outages are counted, but not named."""
_RELEASE_COUNTER = "deployment.failed"


def outage_events(lost: OrdersLost, zone: tzinfo) -> tuple[DatedEvent, ...]:
    """Outages long enough to be named, oldest first, by the clock in ``zone``."""
    return tuple(
        outage_event(loss.outage, zone=zone, weight=loss.lost.mid)
        for loss in lost.outages
        if loss.outage.minutes >= NOTEWORTHY_MINUTES
    )


def outage_event(outage: Outage, *, zone: tzinfo, weight: float) -> DatedEvent:
    """An outage by the clock in ``zone``."""
    name, start = _capital(outage.service), on_the_wall(outage.started_at, zone)
    return DatedEvent(
        day=start.date(),
        sentence=f"{name} was down for {outage.minutes:,.0f} minutes from {start:%H:%M}.",
        short=f"{name} down {outage.minutes:,.0f} min",
        weight=weight,
    )


def is_about_releases(catalogue: Catalogue, link: Link) -> bool:
    """Whether a link's driver counts releases that broke something."""
    return _RELEASE_COUNTER in catalogue.metric(link.driver).measure.parts


def read_release_events(look: Look, month: date) -> tuple[DatedEvent, ...]:
    """Releases of the month that broke something."""
    first, last = look.calendar.bounds(month)
    frame = read_failed_releases(
        look.conn, look.catalogue, first=first, last=last, as_of=look.as_of
    )
    return tuple(
        DatedEvent(
            day=_day(row.finished_at), sentence=f"A release of {row.service} had to be undone."
        )
        for row in frame.itertuples(index=False)
    )


def read_calendar(
    look: Look, *, first: date, last: date, with_holidays: bool = True
) -> tuple[DatedEvent, ...]:
    """Holidays, campaigns and whatever else the calendar says about the days."""
    frame = read_calendar_events(
        look.conn, look.catalogue, first=first, last=last, as_of=look.as_of
    )
    return tuple(
        DatedEvent(
            day=max(first, _day(row.starts_at)),
            sentence=_occasion(row.title, row.starts_at, row.ends_at),
            short=_capital(row.title),
        )
        for row in frame.itertuples(index=False)
        if with_holidays or str(row.kind).lower() != HOLIDAY
    )


def in_order(events: Iterable[DatedEvent]) -> tuple[DatedEvent, ...]:
    """Each event once, oldest first."""
    unique = {(event.day, event.sentence): event for event in events}
    return tuple(unique[key] for key in sorted(unique))


def _occasion(title: str, starts_at: datetime, ends_at: datetime) -> str:
    end = _day(ends_at)
    until = f", until {end.day} {end:%b}" if end > _day(starts_at) else ""
    return f"{_capital(title)}{until}."


def _day(instant: datetime) -> date:
    return datetime.fromisoformat(pd.Timestamp(instant).isoformat()).date()


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]

"""What happened over a stretch of time, to be marked on charts of any measure."""

from datetime import date

import pandas as pd

from kpi_engine.mapping.contribution import DatedEvent
from kpi_engine.mapping.impact import Outage
from kpi_engine.services.dated_events import in_order, outage_event, read_calendar
from kpi_engine.services.look import Look
from kpi_engine.workspace import Workspace

LONG_MINUTES = 60
"""Shorter outages are not marked: over years there are hundreds."""
MOST_OUTAGES = 8


def read_happenings(
    ws: Workspace, *, first: date, last: date, as_of: int | None = None
) -> tuple[DatedEvent, ...]:
    """The longest outages, and what the calendar says but for holidays; oldest first.

    Holidays come back every year, as the measures' season does.

    Args:
        ws: Where the data and the definitions are.
        first: Earliest day.
        last: Latest day, included.
        as_of: The tick looked at; None for the newest.
    """
    with ws.reading() as connection:
        tick = ws.newest() if as_of is None else as_of
        look = Look(conn=connection, catalogue=ws.catalogue, as_of=tick)
        outages = _longest(look.down_spans(first=first, last=last, segment={}))
        events = [outage_event(one, zone=look.zone, weight=one.minutes) for one in outages]
        return in_order(
            [*events, *read_calendar(look, first=first, last=last, with_holidays=False)]
        )


def _longest(spans: pd.DataFrame) -> list[Outage]:
    outages = [
        Outage(
            service=str(row.service),
            started_at=pd.Timestamp(row.started_at).to_pydatetime(),
            ended_at=pd.Timestamp(row.ended_at).to_pydatetime(),
        )
        for row in spans.itertuples(index=False)
    ]
    long = [one for one in outages if one.minutes >= LONG_MINUTES]
    return sorted(long, key=lambda one: -one.minutes)[:MOST_OUTAGES]

"""One look at the store: as of one tick, with what was read once kept for the next question."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import pairwise
from zoneinfo import ZoneInfo

import pandas as pd
import sqlalchemy as sa

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.earlier import weeks_then
from kpi_engine.errors import StoreError
from kpi_engine.fiscal import FiscalCalendar
from kpi_engine.mapping.wall_clock import midnight
from kpi_engine.store import reads
from kpi_engine.store.definitions import read_edits
from kpi_engine.store.freshness import read_freshness
from kpi_engine.store.happenings import read_holidays
from kpi_engine.store.versions import read_tick

_Kept = tuple[date, date, pd.DataFrame]


@dataclass(kw_only=True)
class Look:
    """A connection, the definitions and a tick, for the length of one service call.

    Everything read through it is a pure function of these three, so keeping it is safe.

    Attributes:
        conn: An open reading connection.
        catalogue: Definitions in force.
        as_of: The tick looked at.
        is_newest: It is known to be the newest.
    """

    conn: sa.Connection
    catalogue: Catalogue
    as_of: int
    is_newest: bool = False
    _orders: _Kept | None = None
    _spans: dict[str, _Kept] = field(default_factory=dict)
    _freshness: pd.DataFrame | None = None
    _services: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        """Refuse to look back to when months had other days: their figures mean something else.

        Raises:
            StoreError: They had.
        """
        if not self.is_newest and 0 < self.as_of < self.recast:
            raise StoreError(
                f"Up to batch {self.recast - 1} months had other days than they have now "
                f"({self.calendar.described}).",
                hint=f"Look at batch {self.recast} or a later one, or at a month as it was "
                "published.",
            )

    @cached_property
    def recast(self) -> int:
        """The batch from which on months have the days they have now; 0: they always had."""
        edits = [
            (weeks_then(text), batch)
            for text, batch in read_edits(self.conn, ("organisation", "organisation"))
        ]
        turns = [
            batch for (before, _), (weeks, batch) in pairwise(edits) if before != weeks and batch
        ]
        return max(turns, default=0)

    def at(self, tick: int) -> "Look":
        """The same store at another tick."""
        return Look(conn=self.conn, catalogue=self.catalogue, as_of=tick)

    @property
    def calendar(self) -> FiscalCalendar:
        """The organisation's, by which days make months."""
        return self.catalogue.organisation.calendar

    @property
    def zone(self) -> ZoneInfo:
        """The organisation's, in which its days begin."""
        return self.catalogue.organisation.zone

    @property
    def today(self) -> date:
        """The day on which the newest data looked at came in; the engine reads no clock."""
        came = pd.to_datetime(self.freshness()["received_at"]).max()
        return date.min if pd.isna(came) else utc(came).astimezone(self.zone).date()

    def freshness(self) -> pd.DataFrame:
        """The rows of ``read_freshness``."""
        if self._freshness is None:
            self._freshness = read_freshness(
                self.conn, self.catalogue, tick=read_tick(self.conn, self.as_of)
            )
        return self._freshness

    def watched_services(self) -> tuple[str, ...]:
        """Services whose availability was ever measured."""
        if self._services is None:
            self._services = reads.read_members(
                self.conn, metric="it.availability", dimension="service", as_of=self.as_of
            )
        return self._services

    def order_hours(self, *, first: date, last: date) -> pd.DataFrame:
        """Orders per hour; the rows of ``read_order_hours``."""
        if not _covers(self._orders, first, last):
            frame = reads.read_order_hours(self.conn, first=first, last=last, as_of=self.as_of)
            frame["hour"] = pd.to_datetime(frame["hour"])
            self._orders = (first, last, frame)
        return _within(self._orders, first, last)

    def down_spans(self, *, first: date, last: date, segment: Mapping[str, str]) -> pd.DataFrame:
        """Unplanned outages that touch the days, uncut; the rows of ``read_down_spans``."""
        key = str(sorted(segment.items()))
        if not _covers(self._spans.get(key), first, last):
            frame = reads.read_down_spans(
                self.conn,
                self.catalogue,
                first=first,
                last=last,
                as_of=self.as_of,
                segment=segment,
            )
            for column in ("started_at", "ended_at"):
                frame[column] = pd.to_datetime(frame[column])
            self._spans[key] = (first, last, frame)
        kept = self._spans.get(key)
        if kept is None:
            raise LookupError("nothing was read")
        frame, zone = kept[2], self.zone
        after = midnight(last + timedelta(days=1), zone)
        return frame.loc[
            (frame["started_at"] < after) & (frame["ended_at"] >= midnight(first, zone))
        ]

    def holidays(self, *, first: date, last: date) -> frozenset[date]:
        """Days that calendar events or the declared country have as holidays."""
        days = read_holidays(self.conn, self.catalogue, first=first, last=last, as_of=self.as_of)
        workdays = self.catalogue.organisation.workdays
        return days.union(workdays.holidays(first=first, last=last)) if workdays else days


def _covers(kept: _Kept | None, first: date, last: date) -> bool:
    return kept is not None and kept[0] <= first and last <= kept[1]


def _within(kept: _Kept | None, first: date, last: date) -> pd.DataFrame:
    if kept is None:
        raise LookupError("nothing was read")
    frame = kept[2]
    after = pd.Timestamp(last + timedelta(days=1))
    return frame.loc[(frame["hour"] < after) & (frame["hour"] >= pd.Timestamp(first))]


def utc(instant: datetime) -> datetime:
    """An instant of the store, which carries no mark, as what it is: UTC."""
    moment = datetime.fromisoformat(pd.Timestamp(instant).isoformat())
    zone = ZoneInfo("UTC")
    return moment.replace(tzinfo=zone) if moment.tzinfo is None else moment.astimezone(zone)

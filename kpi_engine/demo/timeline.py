"""The demo company's clock: which days and hours it lives through, and when things are planted."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd

from kpi_engine.periods import add_months, last_day, months_between

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

ZONE = "Europe/London"
HISTORY_MONTHS = 36


@dataclass(frozen=True)
class Timeline:
    """Three years that end with ``last_month``, in the company's own time zone."""

    last_month: date

    @property
    def first_month(self) -> date:
        """The first month with data."""
        return add_months(self.last_month, 1 - HISTORY_MONTHS)

    @cached_property
    def months(self) -> list[date]:
        """Every month, oldest first."""
        return months_between(self.first_month, self.last_month)

    @cached_property
    def days(self) -> pd.DatetimeIndex:
        """Every local day, as naive midnights."""
        return pd.date_range(self.first_month, last_day(self.last_month), freq="D")

    @cached_property
    def hours(self) -> pd.DatetimeIndex:
        """Every hour that passes (UTC): 23 or 25 of them on the days the clocks change."""
        return pd.date_range(self.start, self.end, freq="h", inclusive="left")

    @property
    def start(self) -> pd.Timestamp:
        """The instant the first month begins (UTC)."""
        return self.midnight(self.first_month)

    @property
    def end(self) -> pd.Timestamp:
        """The instant the last month ends (UTC)."""
        return self.midnight(add_months(self.last_month, 1))

    @cached_property
    def day_of_hour(self) -> Whole:
        """For each of ``hours`` the position of its local day in ``days``."""
        return self.day_positions(self.hours)

    @cached_property
    def month_of_day(self) -> Whole:
        """For each of ``days`` the position of its month in ``months``."""
        first = self.first_month
        months = (self.days.year - first.year) * 12 + self.days.month - first.month
        return np.asarray(months, dtype=np.int64)

    @property
    def outage(self) -> tuple[pd.Timestamp, pd.Timestamp]:
        """The planted outage (UTC): second Monday of the last month, 17:00 to 19:22 local."""
        to_monday = (7 - self.last_month.weekday()) % 7 + 7
        monday = self.last_month + timedelta(days=to_monday)
        start = self.instant(datetime.combine(monday, time(17, 0)))
        return start, start + pd.Timedelta(minutes=142)

    def midnight(self, day: date) -> pd.Timestamp:
        """The instant a local day begins (UTC)."""
        return self.instant(datetime.combine(day, time()))

    def instant(self, local: datetime) -> pd.Timestamp:
        """The instant (UTC) of a local clock reading."""
        return pd.Timestamp(local.replace(tzinfo=ZoneInfo(ZONE))).tz_convert("UTC")

    def month_of(self, months_back: int) -> date:
        """The month so many months before the last one."""
        return add_months(self.last_month, -months_back)

    def day_positions(self, instants: pd.DatetimeIndex) -> Whole:
        """For each instant (UTC) the position of its local day in ``days``."""
        days = instants.tz_convert(ZONE).tz_localize(None).normalize()
        return np.asarray((days - self.days[0]).days, dtype=np.int64)


def local(instants: pd.Series) -> pd.Series:
    """UTC instants as the naive clock readings an export would show."""
    return instants.dt.tz_convert(ZONE).dt.tz_localize(None)


def after(instants: pd.Series, hours: Floats) -> pd.Series:
    """Instants moved on by so many hours, to the full minute."""
    return instants + pd.to_timedelta(np.round(hours * 60), unit="min")


def wandering(rng: np.random.Generator, *, count: int, carry: float, spread: float) -> Floats:
    """A series that drifts around zero: each value keeps ``carry`` of the one before it."""
    steps = rng.normal(0.0, spread * np.sqrt(1 - carry**2), count)
    values = np.empty(count)
    level = rng.normal(0.0, spread)
    for position, step in enumerate(steps):
        level = carry * level + step
        values[position] = level
    return values


def within(instants: pd.Series, starts: pd.Series, ends: pd.Series) -> Whole:
    """For each instant the position of the span it lies in, -1 for none.

    The spans are sorted and do not overlap; a span's end is outside it.
    """
    moments, begins, stops = (plain(series) for series in (instants, starts, ends))
    found = np.searchsorted(begins, moments, side="right") - 1
    return np.where((found < 0) | (moments >= stops[np.maximum(found, 0)]), -1, found)


def plain(instants: pd.Series) -> npt.NDArray[np.datetime64]:
    """UTC instants as an array without a zone: many times faster to compare."""
    return np.asarray(instants.dt.tz_localize(None).to_numpy())

"""Which months an export covers, and how its cells are printed."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from kpi_engine.demo.timeline import Timeline, local, plain
from kpi_engine.periods import add_months


@dataclass(frozen=True, kw_only=True)
class Window:
    """The months one export covers, both included."""

    timeline: Timeline
    first: date
    last: date

    @property
    def start(self) -> pd.Timestamp:
        """The instant the window begins (UTC)."""
        return self.timeline.midnight(self.first)

    @property
    def end(self) -> pd.Timestamp:
        """The instant the window ends (UTC), outside it."""
        return self.timeline.midnight(add_months(self.last, 1))

    @property
    def is_history(self) -> bool:
        """Whether this is the first export, with all the months before the monthly ones."""
        return self.first == self.timeline.first_month

    @property
    def label(self) -> str:
        """The window as it stands in file names."""
        first, last = (f"{month:%Y-%m}" for month in (self.first, self.last))
        return last if first == last else f"{first}_{last}"

    def holds(self, instants: pd.Series) -> pd.Series:
        """Which instants (UTC) lie inside."""
        return (instants >= self.start) & (instants < self.end)

    def holds_days(self, days: pd.Series) -> pd.Series:
        """Which local days (naive) lie inside."""
        return (days >= pd.Timestamp(self.first)) & (days < pd.Timestamp(add_months(self.last, 1)))


def iso_days(days: pd.Series) -> pd.Series:
    """Naive days as ``2026-10-12``; missing stays missing."""
    text = pd.Series(np.datetime_as_string(days.to_numpy(), unit="D"), index=days.index)
    return text.where(days.notna())


def iso(instants: pd.Series) -> pd.Series:
    """``2026-10-12T16:00:00Z``; missing stays missing."""
    text = pd.Series(np.datetime_as_string(plain(instants), unit="s"), index=instants.index) + "Z"
    return text.where(instants.notna())


def unpadded(instants: pd.Series) -> pd.Series:
    """Local time as ServiceNow prints it, ``3/10/2026 08:14``, and ``?`` for missing."""
    clock = local(instants)
    known = clock.fillna(pd.Timestamp(0))
    parts = [known.dt.day, known.dt.month, known.dt.year]
    day, month, year = (part.astype(str) for part in parts)
    text = day + "/" + month + "/" + year + known.dt.strftime(" %H:%M")
    return text.where(clock.notna(), "?")


def yes_no(flags: pd.Series, *, missing: str = "") -> pd.Series:
    """Flags as ``true`` and ``false``."""
    return flags.map({True: "true", False: "false"}).fillna(missing)

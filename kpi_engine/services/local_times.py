"""Instants of rows by the organisation's clock: what is kept in UTC, as people there read it."""

from collections.abc import Collection

import pandas as pd


def instants_of(frame: pd.DataFrame) -> tuple[str, ...]:
    """Names of the columns that hold instants."""
    return tuple(name for name, of in frame.dtypes.items() if of.kind == "M")


def by_the_clock(
    frame: pd.DataFrame, *, zone: str, days: Collection[str] | None = None
) -> pd.DataFrame:
    """A frame whose instants (UTC, no zone mark) are those of a zone, still without a mark.

    Args:
        frame: Rows as they are kept.
        zone: The organisation's: ``Europe/London``.
        days: Columns of nothing but midnights there, which become dates; None to look for them
            in these rows, where they are all there are.
    """
    local = frame.copy()
    for name in instants_of(frame):
        at = frame[name].dt.tz_localize("UTC").dt.tz_convert(zone).dt.tz_localize(None)
        known = at.dropna()
        is_day = name in days if days is not None else bool((known == known.dt.normalize()).all())
        local[name] = at.dt.date.where(at.notna(), None) if is_day else at
    return local

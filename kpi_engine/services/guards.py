"""Signs that a file is not all there: round counts, a month cut short, a month with few rows."""

from collections.abc import Mapping
from datetime import date
from statistics import median

import sqlalchemy as sa

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.findings import Finding
from kpi_engine.fiscal import FiscalCalendar
from kpi_engine.periods import add_months, month_label
from kpi_engine.services.preparing import Prepared
from kpi_engine.store.coverage import read_month_counts
from kpi_engine.store.versions import read_tick
from kpi_engine.terms import Severity
from kpi_engine.units import format_count

_ROUND = frozenset(digit * 10**zeros for digit in (1, 2, 5) for zeros in range(3, 7)) | {
    65_535,
    65_536,
    1_048_575,
    1_048_576,
}
"""Counts of rows at which exports and spreadsheets are cut off."""
_WINDOW, _BUSY = 60, 0.9
"""A file whose last so many days nearly all have rows is expected to have rows every day."""
_FEW = 0.5
_MONTHS_BEFORE = 6
_FEWEST_MONTHS = 3


def read_guards(
    connection: sa.Connection,
    prepared: Prepared,
    catalogue: Catalogue,
    days: Mapping[date, int],
    *,
    today: date | None,
) -> list[Finding]:
    """What makes a file look cut off (B9); nothing of it keeps a row out.

    Args:
        connection: To the store.
        prepared: The file.
        catalogue: Definitions in force.
        days: Its good rows by day.
        today: Months that are not over by then may be short; None: none is looked at.
    """
    found = _round_count(prepared)
    if prepared.kind is None or not days:
        return found
    if today is not None:
        found += _cut_short(days, today, catalogue.organisation.calendar)
    return found + _few_rows(connection, prepared, catalogue, days)


def _round_count(prepared: Prepared) -> list[Finding]:
    rows = prepared.rows + len(prepared.refused)
    if rows not in _ROUND:
        return []
    return [
        _guard(
            f"It has exactly {format_count(rows)} rows, where exports are often cut off.",
            "Check that its last rows are the ones you expect.",
        )
    ]


def _cut_short(days: Mapping[date, int], today: date, calendar: FiscalCalendar) -> list[Finding]:
    last = max(days)
    end = calendar.last_day(calendar.month_of(last))
    recent = sum((last - day).days < _WINDOW for day in days)
    span = min(_WINDOW, (last - min(days)).days + 1)
    is_daily = recent >= _BUSY * span and span > 1
    if not is_daily or last == end or end >= today:
        return []
    missing = (end - last).days
    lacking = "1 day is" if missing == 1 else f"{missing} days are"
    return [
        _guard(
            f"It ends on {last.day} {last:%B %Y}; {lacking} missing to the month's end.",
            "Export the rest of the month, or leave it for the next file.",
        )
    ]


def _few_rows(
    connection: sa.Connection, prepared: Prepared, catalogue: Catalogue, days: Mapping[date, int]
) -> list[Finding]:
    """Months between the first and the last of the file that have far fewer than those before."""
    kind = prepared.kind
    if kind is None:
        return []
    calendar = catalogue.organisation.calendar
    first, last = calendar.month_of(min(days)), calendar.month_of(max(days))
    counts = read_month_counts(
        connection,
        prepared.staging,
        kind,
        tick=read_tick(connection, prepared.base),
        first=calendar.first_day(add_months(first, -_MONTHS_BEFORE)),
        last=calendar.last_day(last),
        organisation=catalogue.organisation,
    )
    found = []
    for month in sorted({calendar.month_of(day) for day in days}):
        before = [counts.get(add_months(month, -back), 0) for back in range(1, _MONTHS_BEFORE + 1)]
        known = [count for count in before if count]
        if len(known) < _FEWEST_MONTHS:
            continue
        usual, here = median(known), counts.get(month, 0)
        if here < _FEW * usual:
            found.append(
                _guard(
                    f"{month_label(month)} has {format_count(here)} {kind.plural}, less than half "
                    f"of the usual {format_count(round(usual))}.",
                    "Check that the export was not filtered or cut off.",
                )
            )
    return found


def _guard(sentence: str, next_step: str) -> Finding:
    return Finding(
        severity=Severity.WARNING, place="whole file", sentence=sentence, next_step=next_step
    )

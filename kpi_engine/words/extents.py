"""How long the compared months are, in words: a sum over fewer days is smaller by that alone."""

from datetime import date

from kpi_engine.periods import add_months, month_label
from kpi_engine.services.readings import Reading
from kpi_engine.services.scorecard import Scorecard
from kpi_engine.units import MINUS
from kpi_engine.words.reading import previous_month


def month_lengths(scorecard: Scorecard) -> str:
    """That the compared months are not alike long; empty where they are, or nothing is declared.

    "October 2026 has 21 working days, Sep 2026 22 and Oct 2025 23; that alone moves sums."
    """
    monthly = (row.outcome for row in scorecard.rows if row.outcome.shown_month == scorecard.month)
    found = next((one for one in monthly if one.extents and one.extents.unit), None)
    if found is None or found.extents is None or len(set(found.extents.lengths)) == 1:
        return ""
    now, previous, year_ago = found.extents.lengths
    month = scorecard.month
    return (
        f"{month_label(month)}{_so_far(found)} has {now} {found.extents.unit}s, "
        f"{_short(add_months(month, -1))} {previous} and {_short(add_months(month, -12))} "
        f"{year_ago}; that alone moves sums."
    )


def paced_note(reading: Reading) -> str:
    """The change of a sum on the month before, made comparable: "−1.2 % per working day (21, 22)".

    Empty where the two are alike long.
    """
    return _note(reading, reading.paced_change, 1)


def paced_year_note(reading: Reading) -> str:
    """The same for the change on a year ago."""
    return _note(reading, reading.paced_change_on_year, 2)


def length_sentence(reading: Reading) -> str:
    """How long the month is beside those it is compared with; empty where nothing is declared."""
    if reading.extents is None or reading.extents.unit is None:
        return ""
    now, previous, year_ago = reading.extents.lengths
    before, year = previous_month(reading), add_months(reading.shown_month, -12)
    return (
        f"{now} {reading.extents.unit}s{_so_far(reading)}, {previous} in {_short(before)} and "
        f"{year_ago} in {_short(year)}."
    )


def _note(reading: Reading, change: float | None, place: int) -> str:
    if change is None or reading.extents is None:
        return ""
    now, before = reading.extents.lengths[0], reading.extents.lengths[place]
    if now == before:
        return ""
    sign = "" if round(change, 3) == 0 else "+" if change > 0 else MINUS
    return f"{sign}{abs(change):.1%} per {reading.extents.unit} ({now}, {before} then)".replace(
        "%", " %"
    )


def _so_far(reading: Reading) -> str:
    return " so far" if reading.days_so_far is not None else ""


def _short(month: date) -> str:
    return month_label(month, short=True)

"""A month that has not closed, in words: what has arrived, and what the figures are until then."""

from datetime import date

from kpi_engine.periods import add_months, month_label
from kpi_engine.services.readings import Reading
from kpi_engine.services.restatement import closing_day
from kpi_engine.services.scorecard import Scorecard
from kpi_engine.units import format_count
from kpi_engine.words.reading import (
    day_text,
    distance_text,
    has_changed,
    so_far_text,
    value_text,
)

LIKE_FOR_LIKE = (
    "Changes compare as many first days of each month, and stand only where that is fair; nothing "
    "is explained or said of its variation before the month is complete."
)
NOT_EXPLAINED = "The month is still open: what moved it is worked out once it is complete."


def not_closed(scorecard: Scorecard) -> tuple[str, str]:
    """That the month has not closed, and what has arrived of it."""
    expected, received = scorecard.expected, scorecard.received
    measures = "measure" if expected == 1 else "measures"
    verb = "is" if 1 in (expected, received) else "are"
    when = _closing_text(scorecard.month, scorecard)
    like = f" {LIKE_FOR_LIKE}" if scorecard.is_open else ""
    return (
        f"{month_label(scorecard.month)} has not closed yet.",
        f"{when}{format_count(received)} of {format_count(expected)} {measures} {verb} complete; "
        f"figures of the others are provisional.{like}",
    )


def so_far(month: date, newest: Scorecard) -> tuple[str, str]:
    """That a month after the newest whole one is open, and how it is compared."""
    return (
        f"{month_label(month)} has not closed yet.",
        f"{_closing_text(month, newest)}{LIKE_FOR_LIKE}",
    )


def _closing_text(month: date, scorecard: Scorecard) -> str:
    """When a month closes, "It closes on 3 Dec 2026. "; empty once data came in after that day."""
    closes = closing_day(month, scorecard.organisation)
    is_ahead = scorecard.loaded_at is not None and scorecard.loaded_at.date() < closes
    return f"It closes on {day_text(closes)}. " if is_ahead else ""


def headline(scorecard: Scorecard) -> str:
    """An open month makes no headline: that it is open, and how far its data go."""
    through = scorecard.data_through
    until = f", with data to {day_text(through)}" if through else ""
    return (
        f"{month_label(scorecard.month)} so far{until}; sums are judged once it is complete, "
        "shares as they stand."
    )


def so_far_sentence(outcome: Reading, *, currency: str = "$") -> str:
    """What an open month has come to, against as many days of the month before.

    "Net revenue came to $430,112 in the first 12 days of November 2026, $20,401 more than in the
    first 12 days of October 2026."
    """
    days, month = so_far_text(outcome), month_label(outcome.shown_month)
    now = value_text(outcome, currency=currency)
    if not days or outcome.change is None:
        said = f" in the {days} of {month}" if days else f" so far in {month}"
        return f"{outcome.label} came to {now}{said}; there is nothing to compare that with fairly."
    before = f"in the {days} of {month_label(add_months(outcome.shown_month, -1))}"
    if not has_changed(outcome):
        return f"{outcome.label} came to {now} in the {days} of {month}, the same as {before}."
    more = "more" if outcome.change > 0 else "less"
    size = distance_text(outcome.change, outcome.metric, currency=currency)
    return f"{outcome.label} came to {now} in the {days} of {month}, {size} {more} than {before}."

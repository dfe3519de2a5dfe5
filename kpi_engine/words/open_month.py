"""A month that has not closed, in words: what has arrived, and what the figures are until then."""

from kpi_engine.periods import add_months, month_label
from kpi_engine.services.scorecard import Scorecard
from kpi_engine.units import format_count
from kpi_engine.words.reading import day_text


def not_closed(scorecard: Scorecard) -> tuple[str, str]:
    """That the month has not closed, and what has arrived of it."""
    expected, received = scorecard.expected, scorecard.received
    measures = "measure" if expected == 1 else "measures"
    verb = "is" if 1 in (expected, received) else "are"
    closes = add_months(scorecard.month, 1).replace(day=scorecard.organisation.closing_day)
    is_ahead = scorecard.loaded_at is not None and scorecard.loaded_at.date() < closes
    when = f"It closes on {day_text(closes)}. " if is_ahead else ""
    return (
        f"{month_label(scorecard.month)} has not closed yet.",
        f"{when}{format_count(received)} of {format_count(expected)} {measures} {verb} complete; "
        "figures of the others are provisional.",
    )

"""Why a row was rejected and what to do about it, in words; the cases are data."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from kpi_engine.findings import Finding
from kpi_engine.terms import Severity


@dataclass(frozen=True, kw_only=True)
class Reason:
    """What one kind of problem means and how to cure it."""

    sentence: str
    next_step: str


REASONS: Mapping[str, Reason] = {
    "empty": Reason(
        sentence="This cell is needed and empty.", next_step="Fill it in, or leave the row out."
    ),
    "blank": Reason(
        sentence="This row is empty.",
        next_step="Nothing to do; delete empty rows below the table to be rid of them.",
    ),
    "unreadable": Reason(
        sentence="This cannot be read as {what}.", next_step="Correct it in the source."
    ),
    "no_duration": Reason(
        sentence="This cannot be read as a length of time.",
        next_step="Write minutes, such as 5, or hours and minutes, such as 0 hrs, 5 mins.",
    ),
    "unknown_word": Reason(
        sentence="This word is not known for this column, and what it means is not guessed.",
        next_step="Replace it in the file by a word of the template.",
    ),
    "no_capacity_mbps": Reason(
        sentence="Nobody has said how much this line can carry.",
        next_step="Write it in organisation.yaml: known, capacity_mbps, the line's name, Mbit/s.",
    ),
    "no_minutes_saved": Reason(
        sentence="Nobody has said how many minutes a run of this saves.",
        next_step="Write it in organisation.yaml: known, minutes_saved, its name, minutes.",
    ),
    "several": Reason(
        sentence="Several rows are about the same day, and only one can be all of it.",
        next_step="Export the table by day alone.",
    ),
    "suppressed": Reason(
        sentence="This count is hidden because it is small; it stays missing.",
        next_step="Nothing to do, unless the source can give the number.",
    ),
    "left_out": Reason(
        sentence="Rows like this are no data in this source, so it is left out.",
        next_step="Nothing to do, unless it should count.",
    ),
    "too_small": Reason(sentence="This cannot be negative.", next_step="Correct the number."),
    "too_early": Reason(
        sentence="This lies before the event began.", next_step="Correct one of the two times."
    ),
    "future": Reason(
        sentence="This lies in the future.",
        next_step="Check the year, the order of day and month, and, where the end follows from it, "
        "how long it lasted.",
    ),
    "unknown_metric": Reason(
        sentence="No measure is called this.", next_step="Use an id from the catalogue."
    ),
    "worked_out": Reason(
        sentence="This is worked out from orders and outages.",
        next_step="Leave it out, and import orders and outages.",
    ),
    "unreadable_period": Reason(
        sentence="This is not a day, a week, a month or a quarter.",
        next_step="Write 2026-10-12, 2026-W42, 2026-10 or 2026-Q4.",
    ),
    "no_such_week": Reason(
        sentence="The year has no week of this number.",
        next_step="Weeks are numbered from 01 to 52, in some years to 53.",
    ),
    "unknown_segment": Reason(
        sentence="This does not name a part the measure is kept for.",
        next_step="Write all, or dimension=member such as service=Online shop.",
    ),
    "no_denominator": Reason(
        sentence="Something cannot be a part of nothing.",
        next_step="Correct one of the two; 0 of 0 is fine where nothing was counted.",
    ),
    "not_a_ratio": Reason(
        sentence="This measure has no numerator and denominator.", next_step="Give one value."
    ),
    "not_a_share": Reason(
        sentence="A share lies between 0 and 1.",
        next_step="Write 97.4 % with its sign, or 0.974; of a numerator and a denominator correct "
        "the one that is wrong.",
    ),
    "bare_daily_share": Reason(
        sentence="Daily shares cannot be added up without what they are shares of.",
        next_step="Give numerator and denominator, or one value a month.",
    ),
    "daily_median": Reason(
        sentence="Daily medians cannot be folded into a month.",
        next_step="Give one value a month, or import the events.",
    ),
    "columns": Reason(
        sentence="The line does not have as many columns as the header.",
        next_step="Check quotes and delimiters in this line.",
    ),
    "quotes": Reason(
        sentence="A quote in this line is not closed or not doubled.",
        next_step="Write a quote inside a cell twice.",
    ),
    "too_long": Reason(
        sentence="This line is too long to be data.", next_step="Remove the oversized cell."
    ),
    "unsplit": Reason(
        sentence="The line cannot be split into cells.", next_step="Correct it in the source."
    ),
}

_SPLIT = {
    "MISSING COLUMNS": "columns",
    "TOO MANY COLUMNS": "columns",
    "UNQUOTED VALUE": "quotes",
    "LINE SIZE OVER MAXIMUM": "too_long",
}

_NUMBERS = ("number", "whole")

_WHAT = {
    "instant": "a date and time",
    "day": "a date",
    "number": "a number",
    "whole": "a whole number",
    "yes_no": "yes or no",
    "text": "text",
}


_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+")
_PERCENT = re.compile(r"([+-]?\d+(?:[.,]\d+)?)\s*%")


def rejected_cell(kind: str, *, column: str, of: str, line: int, value: str) -> Finding:
    """A finding for one cell that keeps its row out."""
    reason = REASONS[kind]
    remedy = _number_remedy(value) if kind == "unreadable" and of in _NUMBERS else ""
    return Finding(
        severity=Severity.ERROR,
        place=column,
        sentence=reason.sentence.format(what=_WHAT[of]),
        next_step=remedy or reason.next_step,
        line=line,
        value=value,
    )


def _number_remedy(value: str) -> str:
    """How to write a number that people can read and this reader cannot; empty for others."""
    text = value.strip()
    if found := _PERCENT.fullmatch(text):
        share = Decimal(found[1].replace(",", ".")) / 100
        return f"Write {share.normalize():f} for {text}."
    if _DECIMAL_COMMA.fullmatch(text):
        return f"Write {text.replace(',', '.')} with a point."
    return ""


def split_kind(error: str) -> str:
    """Our word for what the reader said about a line it could not split."""
    return _SPLIT.get(error, "unsplit")

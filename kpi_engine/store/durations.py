"""Durations as tools write them, read in SQL: clocks, words, bare numbers."""

from typing import Any, Literal

import sqlalchemy as sa

_CLOCK = r"^(?:(\d+)[. ]+(?:days?,? *)?)?(\d+):(\d{1,2})(?::(\d{1,2}(?:\.\d+)?))?$"
_WORDS = (
    r"^(?:(\d+) *(?:d|days?)[, ]*)?(?:(\d+) *(?:h|hrs?|hours?)[, ]*)?"
    r"(?:(\d+) *(?:m|mins?|minutes?)[, ]*)?(?:(\d+(?:\.\d+)?) *(?:s|secs?|seconds?))?\.?$"
)
_SECONDS = {"minutes": 60.0, "hours": 3600.0, "days": 86_400.0}


def read_duration(
    text: sa.ColumnElement[Any], *, unit: Literal["minutes", "hours", "days"]
) -> sa.ColumnElement[Any]:
    """A duration as a number of ``unit``; NULL where the cell is none.

    ``26:03`` and ``26:03:00`` are hours, minutes and seconds; ``1.02:03:04`` and ``1 day 2:03:04``
    begin with days; ``2h 5m`` names its parts; a bare number is in the unit already.
    """
    lower = sa.func.lower(sa.func.trim(text))
    seconds = sa.case(
        (sa.func.regexp_matches(lower, _CLOCK), _seconds(lower, _CLOCK)),
        (
            sa.and_(sa.func.regexp_matches(lower, _WORDS), sa.func.regexp_matches(lower, "[a-z]")),
            _seconds(lower, _WORDS),
        ),
    )
    bare: sa.ColumnElement[Any] = sa.try_cast(lower, sa.Double())
    return sa.func.coalesce(bare, seconds / sa.literal(_SECONDS[unit], sa.Double()))


def _seconds(text: sa.ColumnElement[Any], pattern: str) -> sa.ColumnElement[Any]:
    """Days, hours, minutes and seconds are the pattern's groups, in this order."""
    weights = (86_400.0, 3600.0, 60.0, 1.0)
    parts: list[sa.ColumnElement[Any]] = [
        sa.func.coalesce(
            sa.try_cast(sa.func.regexp_extract(text, pattern, group), sa.Double()), 0.0
        )
        * sa.literal(weight, sa.Double())
        for group, weight in enumerate(weights, start=1)
    ]
    return parts[0] + parts[1] + parts[2] + parts[3]

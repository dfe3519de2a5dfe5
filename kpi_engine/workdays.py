"""Working days: what weekends, public holidays and other days off leave of a stretch of days."""

from collections.abc import Set
from dataclasses import dataclass
from datetime import date, timedelta
from difflib import get_close_matches
from functools import lru_cache
from types import MappingProxyType

import holidays


@dataclass(frozen=True, kw_only=True)
class Workdays:
    """On which days people work.

    Attributes:
        country: Whose public holidays are no working days (ISO 3166, two letters).
        subdivision: State or region with holidays of its own; None: those of the whole country.
        weekend: Weekdays on which nobody works, 0 for Monday.
    """

    country: str
    subdivision: str | None
    weekend: frozenset[int]

    def holidays(self, *, first: date, last: date) -> dict[date, str]:
        """Public holidays from one day to another with their names, also the days they move to.

        Examples:
            >>> us = Workdays(country="US", subdivision=None, weekend=frozenset({5, 6}))
            >>> us.holidays(first=date(2027, 7, 1), last=date(2027, 7, 31))
            {datetime.date(2027, 7, 4): 'Independence Day', \
datetime.date(2027, 7, 5): 'Independence Day (observed)'}
        """
        years = range(first.year, last.year + 1)
        every = {
            day: name
            for year in years
            for day, name in _public_holidays(self.country, self.subdivision, year).items()
        }
        return {day: every[day] for day in sorted(every) if first <= day <= last}

    def count(self, *, first: date, last: date, closed: Set[date] = frozenset()) -> int:
        """Working days from one day to another, both included.

        Args:
            first: First day.
            last: Last day.
            closed: Other days on which nobody works.

        Examples:
            >>> us = Workdays(country="US", subdivision=None, weekend=frozenset({5, 6}))
            >>> us.count(first=date(2026, 11, 1), last=date(2026, 11, 30))
            19
        """
        off = self.holidays(first=first, last=last).keys() | closed
        days = (first + timedelta(days=step) for step in range((last - first).days + 1))
        return sum(day.weekday() not in self.weekend and day not in off for day in days)


def unknown_place(country: str, subdivision: str | None) -> str | None:
    """Why the holidays of a place are not known; None when they are."""
    known = holidays.list_supported_countries()
    if country not in known:
        meant = f"{country.upper()} is" if country.upper() in known else "US and DE are"
        return f"no holidays are known of country '{country}': it is a code of ISO 3166, as {meant}"
    of_country = holidays.country_holidays(country)
    names = {*of_country.subdivisions, *of_country.subdivisions_aliases}
    if subdivision is None or subdivision in names:
        return None
    close = get_close_matches(subdivision, names, n=1)
    hint = f" (did you mean '{close[0]}'?)" if close else ""
    return f"{country} has no holidays of a part called '{subdivision}'{hint}"


@lru_cache(maxsize=256)
def _public_holidays(
    country: str, subdivision: str | None, year: int
) -> MappingProxyType[date, str]:
    found = holidays.country_holidays(country, subdiv=subdivision, years=year, expand=False)
    return MappingProxyType(dict(found))

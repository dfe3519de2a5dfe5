"""The shape of the year before, as shares to spread a year's target by (A3).

Shares are declared and do not follow the data: a target that moved whenever a file came in would
be none. So the shape is worked out once, and whoever agrees the target puts it down.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from kpi_engine.errors import StoreError
from kpi_engine.periods import MONTHS_IN, add_months, first_month, month_label, months_between
from kpi_engine.services.closed_months import ClosedMonths
from kpi_engine.services.look import Look
from kpi_engine.services.series import wanted
from kpi_engine.terms import Fold, Grain
from kpi_engine.workspace import Workspace

_PER_MILLE = 1000


@dataclass(frozen=True, kw_only=True)
class YearShape:
    """How a year was spread over its months.

    Attributes:
        first: First month of the year that the shape is for.
        shares: Of the twelve months, in tenths of a per mille of the year before.
    """

    metric: str
    first: date
    shares: tuple[float, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "metric": self.metric,
            "valid_from": self.first.isoformat(),
            "period": Grain.YEAR.value,
            "phasing": "by_shares",
            "shares": list(self.shares),
        }


def read_year_shape(ws: Workspace, metric: str, *, month: date) -> YearShape:
    """The shape of the fiscal year before that of a month.

    Args:
        ws: Where the data are.
        metric: Of which months add up.
        month: Any month of the year that a target is wanted for.

    Raises:
        StoreError: Months of the measure do not add up, one of them is not in as a whole or less
            than nothing, or all are nothing.
        UnknownNameError: No such metric is declared.
    """
    found = ws.catalogue.metric(metric)
    if found.measure.fold is not Fold.SUM or found.measure.per_week:
        raise StoreError(
            f"The months of {found.label} do not add up to its year.",
            hint="Give it the target that every month has.",
        )
    start = ws.catalogue.organisation.year_starts_in
    first = first_month(month, Grain.YEAR, year_starts_in=start)
    before = add_months(first, -MONTHS_IN[Grain.YEAR])
    months = months_between(before, add_months(first, -1))
    with ws.reading() as connection:
        look = Look(conn=connection, catalogue=ws.catalogue, as_of=ws.newest())
        values = ClosedMonths(look=look, keys=(wanted(metric),)).of(wanted(metric))
    missing = [at for at in months if at not in values]
    if missing:
        raise StoreError(
            f"{month_label(missing[0])} of {found.label} is not in as a whole.",
            hint="The shape of a year needs all of its months.",
        )
    parts = [values[at] for at in months]
    if min(parts) < 0 or not sum(parts):
        raise StoreError(
            f"The year before has no shape: {found.label} was nothing, or less, in some month.",
            hint="Declare shares of your own.",
        )
    shares = tuple(round(part / sum(parts) * _PER_MILLE, 1) for part in parts)
    return YearShape(metric=metric, first=first, shares=shares)

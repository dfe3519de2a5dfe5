"""Monthly series of many metrics at once: what readings are made of, in few queries."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from kpi_engine.catalogue.metrics import Metric
from kpi_engine.periods import add_months
from kpi_engine.services.dwa import DWA, read_dwa
from kpi_engine.services.look import Look
from kpi_engine.store import reads
from kpi_engine.terms import Grain

_QUARTER_MONTHS = 3


@dataclass(frozen=True)
class Wanted:
    """One metric of one segment; usable as a key.

    Attributes:
        members: Dimension and member, sorted; empty means all.
    """

    metric: str
    members: tuple[tuple[str, str], ...] = ()

    @property
    def segment(self) -> dict[str, str]:
        """The segment as a mapping."""
        return dict(self.members)


def wanted(metric: str, segment: Mapping[str, str] | None = None) -> Wanted:
    """The key of a metric in a segment (all of it without one)."""
    return Wanted(metric, tuple(sorted((segment or {}).items())))


@dataclass(frozen=True, kw_only=True)
class Point:
    """One metric's folded facts of one month.

    Attributes:
        numerator: Folded upper part, or the sum; None for medians and bare values.
        denominator: Folded lower part; for medians the number of values ranked.
        value: In the metric's unit; None when the denominator is 0.
        days: Days with a fact; None when facts are for the whole month.
    """

    numerator: float | None
    denominator: float | None
    value: float | None
    days: int | None


def point_from(*cells: float | None) -> Point:
    """A point of a row's numerator, denominator, value and days; what is missing may be NaN."""
    numerator, denominator, value, days = (
        None if cell is None or cell != cell else float(cell) for cell in cells
    )
    return Point(
        numerator=numerator,
        denominator=denominator,
        value=value,
        days=None if days is None else int(days),
    )


def points_by_period(frame: pd.DataFrame) -> dict[date, Point]:
    """Points of rows with period, numerator, denominator, value and days, in their order."""
    rows = frame[["period", "numerator", "denominator", "value", "days"]]
    return {row[0]: point_from(*row[1:]) for row in rows.itertuples(index=False, name=None)}


Series = Mapping[date, Point]
"""Points by month. A quarterly metric has one at the last month of each quarter."""


def read_series(
    look: Look, keys: Iterable[Wanted], *, first: date, last: date
) -> Mapping[Wanted, Series]:
    """The months from ``first`` to ``last`` of every key; one query a segment, not a metric."""
    found: dict[Wanted, dict[date, Point]] = {key: {} for key in keys}
    for members in dict.fromkeys(key.members for key in found):
        metrics = [key.metric for key in found if key.members == members]
        for metric, month, point in _read_segment(
            look, metrics, first=first, last=last, segment=dict(members)
        ):
            found[Wanted(metric, members)][month] = point
    return dict(found)


def latest_month(metric: Metric, month: date, *, year_starts_in: int = 1) -> date:
    """The month whose point a reading of ``month`` shows.

    A quarterly metric shows the quarter that ended last: in October that of September.
    """
    if metric.cadence is not Grain.QUARTER:
        return month
    past_quarter_end = (month.month - year_starts_in + 1) % _QUARTER_MONTHS
    return add_months(month, -past_quarter_end)


def months_apart(metric: Metric) -> int:
    """How many months lie between one value of a metric and the next."""
    return _QUARTER_MONTHS if metric.cadence is Grain.QUARTER else 1


def _read_segment(
    look: Look,
    metrics: Sequence[str],
    *,
    first: date,
    last: date,
    segment: Mapping[str, str],
) -> list[tuple[str, date, Point]]:
    quarterly = [m for m in metrics if look.catalogue.metric(m).cadence is Grain.QUARTER]
    monthly = [m for m in metrics if m not in quarterly and m != DWA]
    found: list[tuple[str, date, Point]] = []
    for grain, names in ((Grain.MONTH, monthly), (Grain.QUARTER, quarterly)):
        if names:
            start = first if grain is Grain.MONTH else add_months(first, 1 - _QUARTER_MONTHS)
            frame = reads.read_values(
                look.conn,
                metrics=names,
                grain=grain,
                first=start,
                last=last,
                as_of=look.as_of,
                segment=segment,
            )
            found += _points(frame, shift=0 if grain is Grain.MONTH else _QUARTER_MONTHS - 1)
    if DWA in metrics:
        frame = read_dwa(look, first=first, last=last, segment=segment)
        found += _points(frame, shift=0)
    return [one for one in found if first <= one[1] <= last]


def _points(frame: pd.DataFrame, *, shift: int) -> list[tuple[str, date, Point]]:
    rows = frame[["metric", "period", "numerator", "denominator", "value", "days"]]
    return [
        (str(metric), add_months(period, shift), point_from(*cells))
        for metric, period, *cells in rows.itertuples(index=False, name=None)
    ]

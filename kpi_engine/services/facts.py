"""One metric's values over time, as they fold: what any page or program may ask."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import pandas as pd

from kpi_engine.catalogue.metrics import Metric
from kpi_engine.periods import MONTHS_IN, add_months
from kpi_engine.services.dwa import DWA, read_dwa
from kpi_engine.services.folding import months_there
from kpi_engine.services.look import Look
from kpi_engine.store import reads
from kpi_engine.terms import Grain
from kpi_engine.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class PeriodValue:
    """One period of a metric.

    Attributes:
        period: Its first day.
        value: In the metric's unit; None where a quarter or year lacks a month before its newest.
        days: Days with a fact; None where a fact covers the whole period.
        months: Months of a quarter or year that are there; None for shorter periods.
    """

    period: date
    numerator: float | None
    denominator: float | None
    value: float | None
    days: int | None
    months: int | None

    def is_short(self, grain: Grain) -> bool:
        """Whether months of a quarter or year are missing, or still to come."""
        return self.months is not None and self.months < MONTHS_IN[grain]


@dataclass(frozen=True, kw_only=True)
class MetricValues:
    """A metric's values, oldest first; periods without data are absent.

    A quarter or year that is not complete is there, and says so by its months.
    """

    metric: Metric
    segment: Mapping[str, str]
    grain: Grain
    as_of: int
    values: tuple[PeriodValue, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "metric": self.metric.id,
            "unit": self.metric.unit.value,
            "segment": dict(self.segment),
            "grain": self.grain.value,
            "as_of": self.as_of,
            "values": [{**asdict(v), "period": v.period.isoformat()} for v in self.values],
        }


def read_facts(
    ws: Workspace,
    metric: str,
    *,
    grain: Grain = Grain.MONTH,
    first: date = date(1900, 1, 1),
    last: date = date(2200, 1, 1),
    segment: Mapping[str, str] | None = None,
    as_of: int | None = None,
) -> MetricValues:
    """A metric's values between two days.

    Raises:
        UnknownNameError: No such metric is declared.
    """
    declared = ws.catalogue.metric(metric)
    tick = ws.newest() if as_of is None else as_of
    members = segment or {}
    with ws.reading() as connection:
        look = Look(conn=connection, catalogue=ws.catalogue, as_of=tick)
        if metric == DWA and grain is Grain.MONTH:
            frame = read_dwa(look, first=first, last=last, segment=members)
        else:
            frame = _read(look, metric, grain, first=first, last=last, segment=members)
        there = _read_months_there(look, declared, frame, grain=grain, segment=members)
    found = [_period_value(row, there.get(row["period"])) for row in frame.to_dict("records")]
    return MetricValues(
        metric=declared,
        segment=members,
        grain=grain,
        as_of=tick,
        values=tuple(one for one in found if one.value is not None or one.is_short(grain)),
    )


def _read(
    look: Look, metric: str, grain: Grain, *, first: date, last: date, segment: Mapping[str, str]
) -> pd.DataFrame:
    return reads.read_values(
        look.conn,
        metrics=[metric],
        grain=grain,
        first=first,
        last=last,
        as_of=look.as_of,
        segment=segment,
    )


def _read_months_there(
    look: Look, metric: Metric, periods: pd.DataFrame, *, grain: Grain, segment: Mapping[str, str]
) -> dict[date, int]:
    """How many months of each quarter or year are there; of shorter periods nothing is said."""
    if grain not in (Grain.QUARTER, Grain.YEAR) or periods.empty:
        return {}
    last = add_months(periods["period"].max(), MONTHS_IN[grain] - 1)
    months = _read(
        look, metric.id, Grain.MONTH, first=periods["period"].min(), last=last, segment=segment
    )
    start = look.catalogue.organisation.year_starts_in
    there = months_there(months["period"], metric, grain=grain, year_starts_in=start)
    whole = periods.loc[periods["days"].isna(), "period"]
    return there | dict.fromkeys(whole, MONTHS_IN[grain])


def _period_value(row: Mapping[str, Any], months: int | None) -> PeriodValue:
    return PeriodValue(
        period=row["period"],
        numerator=_known(row["numerator"]),
        denominator=_known(row["denominator"]),
        value=_known(row["value"]),
        days=None if _known(row["days"]) is None else int(row["days"]),
        months=months,
    )


def _known(number: float | None) -> float | None:
    """None for what a frame shows as missing."""
    return None if number is None or number != number else float(number)

"""One metric's values over time, as they fold: what any page or program may ask."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from kpi_engine.catalogue.models import Metric
from kpi_engine.services.dwa import DWA, read_dwa
from kpi_engine.services.look import Look
from kpi_engine.store import reads
from kpi_engine.terms import Grain
from kpi_engine.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class PeriodValue:
    """One period of a metric.

    Attributes:
        period: Its first day.
        value: In the metric's unit.
        days: Days with a fact; None where a fact covers the whole period.
    """

    period: date
    numerator: float | None
    denominator: float | None
    value: float
    days: int | None


@dataclass(frozen=True, kw_only=True)
class MetricValues:
    """A metric's values, oldest first; periods without data are absent."""

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
    with ws.reading() as connection:
        if metric == DWA and grain is Grain.MONTH:
            look = Look(conn=connection, catalogue=ws.catalogue, as_of=tick)
            frame = read_dwa(look, first=first, last=last, segment=segment or {})
        else:
            frame = reads.read_values(
                connection,
                metrics=[metric],
                grain=grain,
                first=first,
                last=last,
                as_of=tick,
                segment=segment or {},
            )
    values = tuple(
        PeriodValue(
            period=row["period"],
            numerator=_known(row["numerator"]),
            denominator=_known(row["denominator"]),
            value=float(row["value"]),
            days=None if _known(row["days"]) is None else int(row["days"]),
        )
        for row in frame.to_dict("records")
    )
    return MetricValues(
        metric=declared, segment=segment or {}, grain=grain, as_of=tick, values=values
    )


def _known(number: float | None) -> float | None:
    """None for what a frame shows as missing."""
    return None if number is None or number != number else float(number)

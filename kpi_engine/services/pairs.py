"""Two measures side by side: at which delay they move together, and what is declared of them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.links import Link
from kpi_engine.catalogue.metrics import Metric
from kpi_engine.maths.lagged import (
    FEWEST_PAIRS,
    FEWEST_POINTS,
    LagPoint,
    LagScan,
    Slope,
    lag_scan,
    slope,
)
from kpi_engine.services import askable, outcomes, steps
from kpi_engine.services.explore import query
from kpi_engine.services.explored import Answer
from kpi_engine.terms import EvidenceGrade, Grain
from kpi_engine.workspace import Workspace

MOST_LAGS = {Grain.DAY: 14, Grain.WEEK: 8, Grain.MONTH: 6, Grain.QUARTER: 2, Grain.YEAR: 1}
"""Longest delay looked at, in periods."""
_DAYS_IN = {Grain.DAY: 1, Grain.WEEK: 7, Grain.MONTH: 30, Grain.QUARTER: 91, Grain.YEAR: 365}
Segment = Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class TogetherPoint:
    """One period of both: the outcome comes ``lag`` periods later than the driver."""

    period: date
    driver: float
    outcome: float


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A link declared between two measures, and the grade that it stands at now."""

    link: Link
    grade: EvidenceGrade


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two measures over the same time.

    Attributes:
        driver: Its label names the segment that is looked at.
        outcome: Like the driver.
        segments: Of the driver and of the outcome; empty for everything.
        lag: The delay looked at, in periods.
        periods: Periods in which both have a value.
        scan: Every delay; None where nothing can be said.
        points: Pairs at the delay looked at, oldest first.
        slope: The line through them; None with too few.
    """

    driver: Metric
    outcome: Metric
    segments: tuple[Segment, Segment]
    grain: Grain
    first: date
    last: date
    lag: int
    periods: int
    scan: LagScan | None
    points: tuple[TogetherPoint, ...]
    slope: Slope | None

    @property
    def here(self) -> LagPoint | None:
        """How they go together at the delay looked at."""
        return self.scan.at(self.lag) if self.scan else None

    @property
    def is_too_short(self) -> bool:
        """Whether there are too few periods to say anything."""
        return self.periods < FEWEST_POINTS

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "driver": self.driver.id,
            "outcome": self.outcome.id,
            "segments": [dict(segment) for segment in self.segments],
            "grain": self.grain.value,
            "lag": self.lag,
            "periods": self.periods,
            "band": self.scan.band if self.scan else None,
            "lags": [asdict(point) for point in self.scan.points] if self.scan else [],
        }


def read_pair(
    ws: Workspace,
    driver: str,
    outcome: str,
    *,
    grain: Grain,
    first: date | None = None,
    last: date | None = None,
    lag: int | None = None,
    as_of: int | None = None,
) -> Pair:
    """Two measures, cleared of what each carries over, at every delay.

    Each is of the segment that ``pair_segments`` says.

    Args:
        ws: Where the data and the definitions are.
        driver: Id of the one that may come first.
        outcome: Id of the one that may follow.
        grain: Of the periods compared.
        first: A day of the earliest; None for as many as ``explore.SHOWN`` says.
        last: A day of the latest.
        lag: The delay looked at; None for the one at which they go together most, or where that
            is no more than chance the shortest that is declared, else none.
        as_of: The tick looked at; None for the newest.

    Raises:
        NotAnswerableError: One of them has no such periods, or no data.
        UnknownNameError: No such metric is declared.
    """
    segments = pair_segments(ws, driver, outcome, as_of=as_of)
    one, two = (
        query(ws, name, grain=grain, first=first, last=last, segment=segment, as_of=as_of)
        for name, segment in zip((driver, outcome), segments, strict=True)
    )
    x, y = _values(one), _values(two)
    start, end = max(one.first, two.first), max(one.last, two.last)
    periods = steps.periods_between(min(start, end), end, grain)
    both = sum(period in x and period in y for period in periods)
    most = min(MOST_LAGS[grain], max(0, both - 1 - FEWEST_PAIRS))
    scan = None
    if both >= FEWEST_POINTS:
        scan = lag_scan(periods, x, y, most=most, is_daily=grain is Grain.DAY)
    shown = lag or 0
    if scan and (lag is None or scan.at(lag) is None):
        shown = _first_lag(scan, declared_between(ws.catalogue, driver, outcome), driver, grain)
    points = tuple(
        TogetherPoint(period=period, driver=x[period], outcome=y[later])
        for period in periods
        for later in [steps.moved(period, grain, shown)]
        if period in x and later in y and start <= later <= end
    )
    return Pair(
        driver=_named(one),
        outcome=_named(two),
        segments=segments,
        grain=grain,
        first=start,
        last=end,
        lag=shown,
        periods=both,
        scan=scan,
        points=points,
        slope=slope([(point.driver, point.outcome) for point in points]),
    )


def declared_between(catalogue: Catalogue, one: str, other: str) -> tuple[Link, ...]:
    """Links declared between two measures, in either direction."""
    ends = {one, other}
    return tuple(link for link in catalogue.links.values() if {link.driver, link.outcome} == ends)


def pair_segments(
    ws: Workspace, driver: str, outcome: str, *, as_of: int | None = None
) -> tuple[Segment, Segment]:
    """Which segment of each of two measures is looked at, wherever the two are drawn.

    That of the driver of the links declared between them, where these agree on one that has
    data; otherwise everything of both.
    """
    declared = {
        tuple(
            tuple(link.driver_segment.items()) if link.driver == name else ()
            for name in (driver, outcome)
        )
        for link in declared_between(ws.catalogue, driver, outcome)
    }
    if len(declared) != 1:
        return {}, {}
    first, second = (dict(segment) for segment in declared.pop())
    for name, segment in ((driver, first), (outcome, second)):
        known = askable.choices(ws, name, as_of=as_of) if segment else {}
        if any(member not in known.get(one, ()) for one, member in segment.items()):
            return {}, {}
    return first, second


def read_standing(
    ws: Workspace, one: str, other: str, *, as_of: int | None = None
) -> tuple[Standing, ...]:
    """Links between two measures, with the grades that they have on the outcome's page.

    Of the newest month: what own data say counts. It is the same for every delay.
    """
    found = []
    for link in declared_between(ws.catalogue, one, other):
        drivers = outcomes.explain(ws, link.outcome, as_of=as_of).drivers
        now = {one.contribution.link.id: one.contribution.grade for one in drivers}
        found.append(Standing(link=link, grade=now.get(link.id, link.grade)))
    return tuple(found)


def _first_lag(scan: LagScan, links: Sequence[Link], driver: str, grain: Grain) -> int:
    """The delay to begin with: the clearest, unless that is no more than chance."""
    if scan.is_more_than_chance(scan.clearest):
        return scan.clearest.lag
    if not links:
        return 0
    lag = round(links[0].lag_days[0] / _DAYS_IN[grain])
    lag = lag if links[0].driver == driver else -lag
    return lag if scan.at(lag) else 0


def _named(answer: Answer) -> Metric:
    """A metric that is called by the segment it is of, in texts and on axes."""
    name = ", ".join([answer.metric.label, *answer.segment.values()])
    return answer.metric.model_copy(update={"label": name})


def _values(answer: Answer) -> dict[date, float]:
    return {
        point.period: point.value
        for point in answer.whole.points
        if point.value is not None and not point.is_open
    }

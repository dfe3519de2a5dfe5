"""One metric at one month with its judgement: what a row of any page shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from kpi_engine.catalogue.metrics import Metric
from kpi_engine.catalogue.targets import Baseline
from kpi_engine.fiscal import CALENDAR_MONTHS, FiscalCalendar
from kpi_engine.maths.comparison import change_of_rate, difference
from kpi_engine.maths.status import Judgement
from kpi_engine.maths.variation import UsualRange, VariationVerdict
from kpi_engine.periods import add_months
from kpi_engine.services.extents import Extents
from kpi_engine.terms import Assurance, Fold, Grain, SpecialCause

_MONTHS_OF = {Grain.QUARTER: 3, Grain.YEAR: 12}
_SPARSE = (Grain.QUARTER, Grain.YEAR)
"""Cadences of measures that are not taken every month."""


@dataclass(frozen=True, kw_only=True)
class HistoryPoint:
    """One month of a metric's history.

    Attributes:
        value: In the metric's unit; None when there was no data.
        target: The target that held then (the lower end of a range), not today's.
        causes: What sets the month apart from its history; empty for usual variation.
        usual: The limits that hold in this month; None with too little history.
        is_short: Days are missing that would make it another number: it is not judged.
    """

    month: date
    value: float | None
    target: float | None
    causes: tuple[SpecialCause, ...] = ()
    usual: UsualRange | None = None
    is_short: bool = False


@dataclass(frozen=True, kw_only=True)
class Freshness:
    """How complete and how recent the facts behind a reading are.

    Attributes:
        data_through: Last day with a fact, in the month or before it; None when none ever came.
        received_at: When the newest batch that touched this metric was accepted (UTC).
        days_covered: Days of the month (or quarter) with a fact; None when facts are monthly or
            events sparse.
        days_due: Days the month (or quarter) has.
        is_complete: At least 95 % of the days are covered, or a whole-month fact is there.
    """

    data_through: date | None
    received_at: datetime | None
    days_covered: int | None
    days_due: int
    is_complete: bool


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One metric, segment and month with its judgement.

    Attributes:
        value: In the metric's unit (fractions for percent); None when there is no data.
        numerator: Folded numerator of a ratio; None for other folds.
        denominator: Folded denominator of a ratio; None for other folds.
        previous: The month before (a quarterly metric: the quarter before). While the month is
            open, as many of its first days as are in; None where that would not be fair.
        assurance: Whether the measure will meet its target if it goes on as it is; not judged
            while it is not as usual, since its usual range then says nothing of what comes.
        usual_months: First and last month that the usual range rests on; once it rests on twelve
            values they never change as later months come. None without a range.
        baselines: New baselines within the history shown, oldest first.
        year_ago: The same month a year earlier; while the month is open, as ``previous``.
        days_so_far: How many first days of an open month are in; None for one that is complete, or
            has no days.
        year_to_date: Folded over the fiscal year to this month's end; None if it does not fold.
        history: The 24 months up to this one, oldest first.
        restated_from: The value as it was published, or of a month that never was as it stood on
            its closing day, when it has changed since.
        previous_restated_from: The same for ``previous``.
        was_published: Whether ``restated_from`` was published. True as well in editions that were
            frozen before the two were told apart.
        previous_was_published: The same for ``previous_restated_from``.
        calendar: Which days its months have.
        extents: How long the month (or quarter) is, and those it is compared with: the one before
            and the one a year earlier. Of an open one, the first days that are compared.
    """

    metric: Metric
    segment: Mapping[str, str]
    month: date
    value: float | None
    numerator: float | None
    denominator: float | None
    judgement: Judgement
    verdict: VariationVerdict
    usual_range: UsualRange | None
    previous: float | None
    year_ago: float | None
    year_to_date: float | None
    history: tuple[HistoryPoint, ...]
    freshness: Freshness
    restated_from: float | None
    previous_restated_from: float | None = None
    was_published: bool = True
    previous_was_published: bool = True
    usual_months: tuple[date, date] | None = None
    assurance: Assurance = Assurance.NOT_JUDGED
    baselines: tuple[Baseline, ...] = ()
    days_so_far: int | None = None
    calendar: FiscalCalendar = CALENDAR_MONTHS
    extents: Extents | None = None

    @property
    def is_open(self) -> bool:
        """Whether the value is that of a month, or quarter, of which something is missing."""
        return self.value is not None and not self.freshness.is_complete

    @property
    def movement(self) -> float | None:
        """The change that has to be explained; None while the month is open."""
        return None if self.is_open else self.change

    @property
    def shown_month(self) -> date:
        """The month whose value is shown: of a quarter, its last; otherwise the month itself."""
        known = [point.month for point in self.history if point.value is not None]
        is_sparse = self.metric.cadence in _SPARSE
        return known[-1] if is_sparse and known else self.month

    @property
    def signal_began(self) -> date:
        """The first month of the run of months (or quarters) that got the same verdict."""
        step = _MONTHS_OF.get(self.metric.cadence, 1)
        return add_months(self.shown_month, -step * (max(self.verdict.run, 1) - 1))

    @property
    def usual_stretches(self) -> tuple[tuple[date, date, UsualRange], ...]:
        """First month, last month and limits of each usual range that held in the history."""
        found: list[tuple[date, date, UsualRange]] = []
        for point in self.history:
            if point.usual is None:
                continue
            first = found.pop()[0] if found and found[-1][2] == point.usual else point.month
            found.append((first, point.month, point.usual))
        return tuple(found)

    @property
    def change(self) -> float | None:
        """Value less the month before; None when either is missing."""
        return difference(self.value, self.previous)

    @property
    def change_on_year(self) -> float | None:
        """Value less the same month a year earlier; None when either is missing."""
        return difference(self.value, self.year_ago)

    @property
    def paced_change(self) -> float | None:
        """Change of a sum on the month before, per working day (or week), as a fraction.

        None where it is not a sum, or nothing is declared that months could be held against.
        """
        return self._paced(self.previous, 1)

    @property
    def paced_change_on_year(self) -> float | None:
        """The same on the month a year earlier."""
        return self._paced(self.year_ago, 2)

    def _paced(self, before: float | None, place: int) -> float | None:
        is_sum = self.metric.measure.fold is Fold.SUM and not self.metric.measure.per_week
        if not is_sum or self.extents is None or self.extents.unit is None:
            return None
        lengths = self.extents.lengths
        return change_of_rate(self.value, before, length=lengths[0], length_before=lengths[place])

    @property
    def label(self) -> str:
        """The metric's label, with the segment when it is not all."""
        members = ", ".join(self.segment.values())
        return f"{self.metric.label}, {members}" if members else self.metric.label

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "metric": self.metric.id,
            "label": self.label,
            "segment": dict(self.segment),
            "month": self.month.isoformat(),
            "unit": self.metric.unit.value,
            "value": self.value,
            "numerator": self.numerator,
            "denominator": self.denominator,
            "status": self.judgement.status.value,
            "target": self.judgement.target,
            "red_line": self.judgement.red_line,
            "stretch": self.judgement.stretch,
            "score": self.judgement.score,
            "variation": self.verdict.variation.value,
            "causes": [cause.value for cause in self.verdict.causes],
            "assurance": self.assurance.value,
            "usual_range": _plain(self.usual_range),
            "previous": self.previous,
            "change": self.change,
            "year_ago": self.year_ago,
            "change_on_year": self.change_on_year,
            "year_to_date": self.year_to_date,
            "is_complete": self.freshness.is_complete,
            "days_so_far": self.days_so_far,
            "paced_change": self.paced_change,
            "paced_change_on_year": self.paced_change_on_year,
            "extents": self.extents.to_dict() if self.extents else None,
            "data_through": _iso(self.freshness.data_through),
            "received_at": _iso(self.freshness.received_at),
            "restated_from": self.restated_from,
            "was_published": self.was_published,
            "previous_restated_from": self.previous_restated_from,
            "previous_was_published": self.previous_was_published,
            "history": [
                {
                    "month": point.month.isoformat(),
                    "value": point.value,
                    "target": point.target,
                    "causes": [cause.value for cause in point.causes],
                }
                for point in self.history
            ],
        }


def _plain(usual: UsualRange | None) -> dict[str, Any] | None:
    if usual is None:
        return None
    return {
        "mean": usual.mean,
        "low": usual.low,
        "high": usual.high,
        "points": usual.points,
        "is_trial": usual.is_trial,
    }


def _iso(moment: date | None) -> str | None:
    return moment.isoformat() if moment else None

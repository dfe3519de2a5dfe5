"""Series side by side: every metric a model needs, by day, week or month, as far as it goes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import pandas as pd

from kpi_engine.catalogue.metrics import Metric
from kpi_engine.fiscal import FiscalCalendar
from kpi_engine.mapping.influence.background import Floats
from kpi_engine.services.completeness import arrivals
from kpi_engine.services.dwa import DWA, ORDERS, read_dwa
from kpi_engine.services.look import Look
from kpi_engine.services.series import Wanted
from kpi_engine.store import reads
from kpi_engine.terms import Fold, Grain

SERIES_GRAINS = (Grain.DAY, Grain.WEEK, Grain.MONTH)
"""What series are modelled by, the finest first."""
FEWEST_CASES = 20
"""A share of fewer cases a period, usually, is too noisy for that grain."""
_TINY_SHARE = 0.05
"""A share of fewer cases than this part of the usual number is left out."""
_SLACK_DAYS = 3
"""A month of sparse events may begin or end so many days short."""


@dataclass(frozen=True, kw_only=True)
class Track:
    """One metric of one segment by one grain.

    Attributes:
        values: By first day of the period; only whole periods.
        cases: What a share is of, by period; empty for anything else.
    """

    metric: Metric
    values: Mapping[date, float]
    cases: Mapping[date, float]

    def on(self, periods: Sequence[date]) -> Floats:
        """The values of these periods; NaN where there is none."""
        return np.asarray([self.values.get(period, np.nan) for period in periods])

    @property
    def is_thin(self) -> bool:
        """A share of so few cases that its periods are mostly chance."""
        return bool(self.cases) and float(np.median(list(self.cases.values()))) < FEWEST_CASES


@dataclass(kw_only=True)
class TrackBook:
    """Tracks read once, however many models ask for them.

    Attributes:
        look: At the store.
        asked: Every metric and segment that may be asked for; those of one segment are read
            together.
    """

    look: Look
    asked: tuple[Wanted, ...]
    _kept: dict[tuple[Grain, tuple[tuple[str, str], ...]], dict[str, Track]] = field(
        default_factory=dict
    )

    def track(self, key: Wanted, grain: Grain) -> Track:
        """One metric's track; without any values where there is none."""
        place = (grain, key.members)
        if place not in self._kept:
            metrics = [one.metric for one in self.asked if one.members == key.members]
            self._kept[place] = self._read(dict.fromkeys(metrics), grain, dict(key.members))
        return self._kept[place][key.metric]

    def _read(
        self, names: Iterable[str], grain: Grain, segment: Mapping[str, str]
    ) -> dict[str, Track]:
        metrics = [self.look.catalogue.metric(name) for name in names]
        rows = self._rows(metrics, grain, segment)
        whole = self._whole_spans()
        found = {}
        for metric in metrics:
            own = rows[rows["metric"] == metric.id]
            found[metric.id] = _track(metric, own, grain, whole.get(metric.id), self.look.calendar)
        return found

    def _rows(
        self, metrics: Sequence[Metric], grain: Grain, segment: Mapping[str, str]
    ) -> pd.DataFrame:
        look, span = self.look, {"first": date(1900, 1, 1), "last": date(2200, 1, 1)}
        rolled = reads.read_values(
            look.conn,
            metrics=[metric.id for metric in metrics],
            grain=grain,
            as_of=look.as_of,
            segment=segment,
            **span,
        )
        if grain is Grain.MONTH and DWA in {metric.id for metric in metrics}:
            spans = self._whole_spans().get(ORDERS)
            if spans is not None:
                weighted = read_dwa(
                    look,
                    first=look.calendar.month_of(spans[0]),
                    last=look.calendar.month_of(spans[1]),
                    segment=segment,
                )
                rolled = pd.concat([rolled, weighted], ignore_index=True)
        return rolled

    def _whole_spans(self) -> dict[str, tuple[date, date]]:
        """By metric the first day of its first month, and the last day, as far as data came."""
        calendar = self.look.calendar
        return {
            name: (calendar.first_day(calendar.month_of(one.first_day)), one.source_through)
            for name, one in arrivals(self.look).items()
        }


def _track(
    metric: Metric,
    rows: pd.DataFrame,
    grain: Grain,
    span: tuple[date, date] | None,
    calendar: FiscalCalendar,
) -> Track:
    known = rows[rows["value"].notna()]
    values = {row.period: float(row.value) for row in known.itertuples(index=False)}
    is_share = metric.measure.fold is Fold.RATIO and known["denominator"].notna().any()
    cases: dict[date, float] = {}
    if is_share:
        cases = {row.period: float(row.denominator) for row in known.itertuples(index=False)}
        usual = float(np.median(list(cases.values())))
        values = {at: one for at, one in values.items() if cases[at] >= _TINY_SHARE * usual}
    if span is not None:
        values = _zeros_where_nothing_happened(metric, values, grain, span)
        values = {at: one for at, one in values.items() if _is_whole(at, grain, span, calendar)}
    return Track(metric=metric, values=values, cases=cases)


def _zeros_where_nothing_happened(
    metric: Metric, values: dict[date, float], grain: Grain, span: tuple[date, date]
) -> dict[date, float]:
    """A day without a counted event is a day with none, as long as its source delivers."""
    is_counted = metric.measure.fold is Fold.SUM and metric.measure.value is not None
    if not is_counted or grain is not Grain.DAY or not values:
        return values
    count = (span[1] - min(values)).days + 1
    days = [min(values) + timedelta(days=step) for step in range(count)]
    return {day: values.get(day, 0.0) for day in days}


def _is_whole(at: date, grain: Grain, span: tuple[date, date], calendar: FiscalCalendar) -> bool:
    """Whether a period lies within what has come, to a few days."""
    first, last = at, at + timedelta(days=6 if grain is Grain.WEEK else 0)
    if grain is Grain.MONTH:
        first, last = calendar.bounds(at)
    slack = timedelta(days=0 if grain is Grain.DAY else _SLACK_DAYS)
    return first >= span[0] - slack and last <= span[1] + slack

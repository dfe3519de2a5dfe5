"""One outcome with its drivers on a common grid: what the estimation works on."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import pandas as pd

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.links import Link
from kpi_engine.catalogue.metrics import Metric
from kpi_engine.mapping.influence.background import Floats
from kpi_engine.mapping.influence.config import GradingConfig
from kpi_engine.mapping.influence.fit import DriverSeries
from kpi_engine.mapping.influence.scales import driver_on_scale, on_scale
from kpi_engine.services.grids import DAYS, days_of, grid, over_before
from kpi_engine.services.look import Look
from kpi_engine.services.series import Wanted, wanted
from kpi_engine.services.tracks import SERIES_GRAINS, TrackBook
from kpi_engine.store.happenings import HOLIDAY, read_calendar_events
from kpi_engine.terms import Fold, Grain, LinkKind

_LONGEST_LAG = 14
"""Periods; effects that are felt later are looked for by a coarser grain."""
_LAG_SHARE = 4
"""A lag is looked for up to this part of the periods there are."""
_KNOWN_SHARE = 0.8


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One outcome with its drivers on a common grid, on its scale.

    Attributes:
        cases: What each period of the outcome weighs within its month.
        asked: Links that are to be estimated here.
        drivers: Every link in the model, in order.
        series: Their drivers' values, one array a link.
    """

    catalogue: Catalogue
    metric: Metric
    grain: Grain
    periods: tuple[date, ...]
    outcome: Floats
    cases: Floats
    controls: Floats | None
    control_names: tuple[str, ...]
    asked: tuple[Link, ...]
    drivers: tuple[Link, ...]
    series: tuple[Floats, ...]

    @property
    def times(self) -> float:
        """How many periods' effects make a month's: sums add them, everything else averages."""
        is_added = self.metric.measure.fold is Fold.SUM and self.metric.moves == "plain"
        return DAYS[Grain.MONTH] / DAYS[self.grain] if is_added else 1.0

    def metric_of(self, link: Link) -> Metric:
        """What a link's driver counts."""
        return self.catalogue.metric(link.driver)

    def driver_series(self, place: int) -> DriverSeries:
        """One driver with the lags that are tried."""
        link, most = self.drivers[place], len(self.periods) // _LAG_SHARE
        low, high = _lags(link, self.grain)
        lags = (low, max(low, min(high, most)))
        return DriverSeries(name=link.id, values=self.series[place], lags=lags)

    def before(self, month: date) -> "Problem":
        """The same as it stood before a month: only periods that were over."""
        calendar = self.catalogue.organisation.calendar
        count = over_before(self.periods, month, self.grain, calendar)
        return replace(
            self,
            periods=self.periods[:count],
            outcome=self.outcome[:count],
            cases=self.cases[:count],
            controls=None if self.controls is None else self.controls[:count],
            series=tuple(values[:count] for values in self.series),
        )


def influences(catalogue: Catalogue, outcome: str) -> tuple[Link, ...]:
    """Links into an outcome whose effect only data can show."""
    return tuple(
        link
        for link in catalogue.links_to(outcome)
        if link.kind is LinkKind.INFLUENCE and link.sign != 0
    )


def needed_tracks(catalogue: Catalogue) -> tuple[Wanted, ...]:
    """Every metric and segment that some model, or a check of it, may need."""
    outcomes = dict.fromkeys(link.outcome for link in catalogue.links.values())
    keys = [wanted(name) for name in catalogue.organisation.scorecard]
    keys += [key for outcome in outcomes for key in tracks_into(catalogue, outcome)]
    return tuple(dict.fromkeys(keys))


def tracks_into(catalogue: Catalogue, outcome: str) -> tuple[Wanted, ...]:
    """Every metric and segment that a model of one outcome may need."""
    keys = [wanted(name) for name in (outcome, *catalogue.metric(outcome).controls)]
    keys += [wanted(link.driver, link.driver_segment) for link in catalogue.links_to(outcome)]
    return tuple(dict.fromkeys(keys))


def gather(
    look: Look, outcome: str, *, book: TrackBook, grading: GradingConfig
) -> tuple[Problem, ...]:
    """Every influence on an outcome by the finest grain that both sides have: one problem a grain.

    With them stands every other driver that has data by that grain, also those that are counted
    otherwise.

    Args:
        look: At the store.
        outcome: Its metric.
        book: Of tracks; made for all outcomes at once.
        grading: Says how many periods are the fewest.
    """
    gatherer = _Gatherer(look=look, book=book, outcome=outcome, grading=grading)
    by_grain: dict[Grain, list[Link]] = {}
    for link in influences(look.catalogue, outcome):
        by_grain.setdefault(gatherer.grain_of(link), []).append(link)
    return tuple(
        gatherer.problem(grain, gatherer.long_enough(by_grain[grain], grain))
        for grain in SERIES_GRAINS
        if grain in by_grain
    )


def gather_counted(
    look: Look,
    outcome: str,
    *,
    book: TrackBook,
    grading: GradingConfig,
    beside: Sequence[Problem],
) -> tuple[Problem, ...]:
    """Counted links that stand in no problem yet, each by the finest grain that both sides have.

    Args:
        look: At the store.
        outcome: Its metric.
        book: Of tracks.
        grading: Says how many periods are the fewest.
        beside: Problems that there are already.
    """
    gatherer = _Gatherer(look=look, book=book, outcome=outcome, grading=grading)
    known = {link.id for problem in beside for link in problem.drivers}
    counted = [
        link
        for link in look.catalogue.links_to(outcome)
        if link.kind is LinkKind.IMPACT and link.id not in known
    ]
    return tuple(gatherer.problem(gatherer.grain_of(link), [link]) for link in counted)


@dataclass(kw_only=True)
class _Gatherer:
    look: Look
    book: TrackBook
    outcome: str
    grading: GradingConfig

    def grain_of(self, link: Link) -> Grain:
        """The finest grain that both sides have and at which its lags are few."""
        for grain in SERIES_GRAINS[:-1]:
            if _lags(link, grain)[1] <= _LONGEST_LAG and self._has_both(link, grain):
                return grain
        return Grain.MONTH

    def long_enough(self, links: Sequence[Link], grain: Grain) -> Sequence[Link]:
        """Links whose driver has data enough; all of them where none has.

        A model rests on the periods that all its drivers have: one without data would leave none.
        """
        least = self.grading.fewest_periods[grain]
        found = [
            link for link in links if len(self.book.track(_driver(link), grain).values) >= least
        ]
        return found or links

    def problem(self, grain: Grain, asked: Sequence[Link]) -> Problem:
        """Everything the model of one grain needs."""
        catalogue = self.look.catalogue
        metric = catalogue.metric(self.outcome)
        track = self.book.track(wanted(self.outcome), grain)
        drivers = [*asked, *self._others(grain, asked)]
        periods = grid(track.values, grain, ahead=max(_lags(link, grain)[1] for link in drivers))
        names, columns = self._controls(periods, grain)
        cases = np.asarray([track.cases.get(period, 0.0) for period in periods])
        return Problem(
            catalogue=catalogue,
            metric=metric,
            grain=grain,
            periods=periods,
            outcome=on_scale(track.on(periods), metric.moves),
            cases=cases if cases.any() else np.ones(len(periods)),
            controls=columns,
            control_names=names,
            asked=tuple(asked),
            drivers=tuple(drivers),
            series=tuple(self._values(link, grain, periods) for link in drivers),
        )

    def _has_both(self, link: Link, grain: Grain) -> bool:
        return self._has(wanted(self.outcome), grain) and self._has(_driver(link), grain)

    def _has(self, key: Wanted, grain: Grain) -> bool:
        """Whether a track is long, whole and made of enough cases."""
        track = self.book.track(key, grain)
        if len(track.values) < self.grading.fewest_periods[grain] or track.is_thin:
            return False
        span = (max(track.values) - min(track.values)).days / DAYS[grain] + 1
        return len(track.values) >= _KNOWN_SHARE * span

    def _others(self, grain: Grain, asked: Sequence[Link]) -> list[Link]:
        """Further drivers of the outcome that have data by this grain, each once."""
        seen = {_driver(link) for link in asked}
        found = []
        for link in self.look.catalogue.links_to(self.outcome):
            key = _driver(link)
            fits = link.kind is not LinkKind.IDENTITY and link.sign != 0
            is_short = _lags(link, grain)[1] <= _LONGEST_LAG
            if fits and is_short and key not in seen and self._has(key, grain):
                seen.add(key)
                found.append(link)
        return found

    def _values(self, link: Link, grain: Grain, periods: Sequence[date]) -> Floats:
        metric = self.look.catalogue.metric(link.driver)
        return driver_on_scale(self.book.track(_driver(link), grain).on(periods), metric.moves)

    def _controls(
        self, periods: Sequence[date], grain: Grain
    ) -> tuple[tuple[str, ...], Floats | None]:
        """Declared controls that have data, and what the calendar says of each period."""
        names, columns = [], []
        for name in self.look.catalogue.metric(self.outcome).controls:
            if self._has(wanted(name), grain):
                metric = self.look.catalogue.metric(name)
                values = on_scale(self.book.track(wanted(name), grain).on(periods), metric.moves)
                names.append(metric.label)
                columns.append(values - np.nanmean(values))
        for kind, days in _calendar(self.look, periods, grain).items():
            share = [
                sum(day in days for day in days_of(period, grain, self.look.calendar)) / DAYS[grain]
                for period in periods
            ]
            if np.ptp(share) > 0:
                names.append(kind.capitalize())
                columns.append(np.asarray(share) - np.mean(share))
        return tuple(names), np.column_stack(columns) if columns else None


def _driver(link: Link) -> Wanted:
    return wanted(link.driver, link.driver_segment)


def _lags(link: Link, grain: Grain) -> tuple[int, int]:
    """The declared delay in periods, to the nearest."""
    low, high = (round(days / DAYS[grain]) for days in link.lag_days)
    return low, high


def _calendar(look: Look, periods: Sequence[date], grain: Grain) -> dict[str, set[date]]:
    """Days that calendar events cover, by kind; holidays of the declared country among them."""
    if not periods:
        return {}
    first = days_of(periods[0], grain, look.calendar)[0]
    last = days_of(periods[-1], grain, look.calendar)[-1]
    events = read_calendar_events(
        look.conn, look.catalogue, first=first, last=last, as_of=look.as_of
    )
    found: dict[str, set[date]] = {}
    for event in events.itertuples(index=False):
        start, end = pd.Timestamp(event.starts_at).date(), pd.Timestamp(event.ends_at).date()
        days = {start + timedelta(days=step) for step in range((end - start).days + 1)}
        found.setdefault(str(event.kind).lower(), set()).update(days)
    if workdays := look.catalogue.organisation.workdays:
        found.setdefault(HOLIDAY, set()).update(workdays.holidays(first=first, last=last))
    return found

"""What own data say of every link into an outcome: series gathered, estimated jointly, checked."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.models import Link, Metric
from kpi_engine.mapping.influence.background import Floats, periods_from
from kpi_engine.mapping.influence.checks import check_driver
from kpi_engine.mapping.influence.config import (
    DEFAULT_CONFIG,
    DEFAULT_GRADING,
    GradingConfig,
    InfluenceConfig,
)
from kpi_engine.mapping.influence.estimate import (
    DriverEffect,
    DriverSeries,
    OutcomeModel,
    TooShort,
    estimate_outcome,
)
from kpi_engine.mapping.influence.grading import Finding, judge_effect
from kpi_engine.mapping.influence.link_estimate import (
    LinkEstimate,
    OutcomeEstimate,
    ShapeBelief,
)
from kpi_engine.mapping.influence.scales import on_scale
from kpi_engine.mapping.influence.shapes import Shape, bridged, shaped
from kpi_engine.periods import month_of
from kpi_engine.services.look import Look
from kpi_engine.services.series import Wanted, wanted
from kpi_engine.services.tracks import SERIES_GRAINS, TrackBook
from kpi_engine.store.happenings import read_calendar_events
from kpi_engine.terms import Fold, Grain, LinkKind

_DAYS: Mapping[Grain, float] = {Grain.DAY: 1.0, Grain.WEEK: 7.0, Grain.MONTH: 30.4375}
_LONGEST_LAG = 14
"""Periods; effects that are felt later are looked for by a coarser grain."""
_LAG_SHARE = 4
"""A lag is looked for up to this part of the periods there are."""
_KNOWN_SHARE = 0.8
_BELIEVED = 0.005
"""Shapes that are believed less are not kept."""
_MOST_PLACEBOS = 4


def influences(catalogue: Catalogue, outcome: str) -> tuple[Link, ...]:
    """Links into an outcome whose effect only data can show."""
    return tuple(
        link
        for link in catalogue.links_to(outcome)
        if link.kind is LinkKind.INFLUENCE and link.sign != 0
    )


def needed_tracks(catalogue: Catalogue) -> tuple[Wanted, ...]:
    """Every metric and segment that some model may need."""
    outcomes = dict.fromkeys(link.outcome for link in catalogue.links.values())
    keys = [wanted(name) for name in (*outcomes, *catalogue.organisation.scorecard)]
    for link in catalogue.links.values():
        keys.append(wanted(link.driver, link.driver_segment))
        keys += [wanted(name) for name in catalogue.metric(link.outcome).controls]
    return tuple(dict.fromkeys(keys))


def estimate_links(
    look: Look,
    outcome: str,
    *,
    book: TrackBook,
    config: InfluenceConfig = DEFAULT_CONFIG,
    grading: GradingConfig = DEFAULT_GRADING,
) -> tuple[OutcomeEstimate, ...]:
    """Estimate every influence on an outcome, each by the finest grain that both sides have.

    Links of one grain are estimated together, and with them every other driver that has data by
    that grain, also those that are counted otherwise.

    Args:
        look: At the store.
        outcome: Its metric.
        book: Of tracks; made for all outcomes at once.
        config: How effects are estimated.
        grading: The bars.

    Returns:
        One a grain; none where no influence is declared.
    """
    gatherer = _Gatherer(look=look, book=book, outcome=outcome, grading=grading)
    by_grain: dict[Grain, list[Link]] = {}
    for link in influences(look.catalogue, outcome):
        by_grain.setdefault(gatherer.grain_of(link), []).append(link)
    return tuple(
        _estimated(gatherer.problem(grain, by_grain[grain]), book, config, grading)
        for grain in SERIES_GRAINS
        if grain in by_grain
    )


@dataclass(frozen=True, kw_only=True)
class _Problem:
    """One outcome with its drivers on a common grid, on its scale.

    Attributes:
        cases: What each period of the outcome weighs within its month.
        asked: Links that are to be estimated here.
        drivers: Every link in the model, in order.
        series: Their drivers' values, one array a link.
    """

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

    def problem(self, grain: Grain, asked: Sequence[Link]) -> _Problem:
        """Everything the model of one grain needs."""
        catalogue = self.look.catalogue
        metric = catalogue.metric(self.outcome)
        track = self.book.track(wanted(self.outcome), grain)
        drivers = [*asked, *self._others(grain, asked)]
        periods = _grid(track.values, grain, ahead=max(_lags(link, grain)[1] for link in drivers))
        names, columns = self._controls(periods, grain)
        cases = np.asarray([track.cases.get(period, 0.0) for period in periods])
        return _Problem(
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
        span = (max(track.values) - min(track.values)).days / _DAYS[grain] + 1
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
        return on_scale(self.book.track(_driver(link), grain).on(periods), metric.moves)

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
                sum(day in days for day in _days_of(period, grain)) / _DAYS[grain]
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
    low, high = (round(days / _DAYS[grain]) for days in link.lag_days)
    return low, high


def _grid(values: Iterable[date], grain: Grain, *, ahead: int) -> tuple[date, ...]:
    """Periods from the first with a value, and as many before it as lags reach back."""
    known = sorted(values)
    if not known:
        return ()
    days = (known[-1] - known[0]).days
    count = round(days / _DAYS[grain]) + 1
    first = known[0]
    for _ in range(ahead):
        first = (
            month_of(first - timedelta(days=1))
            if grain is Grain.MONTH
            else (first - timedelta(days=int(_DAYS[grain])))
        )
    return tuple(periods_from(first, count + ahead, grain))


def _days_of(period: date, grain: Grain) -> list[date]:
    if grain is not Grain.MONTH:
        return [period + timedelta(days=step) for step in range(int(_DAYS[grain]))]
    after = month_of(period + timedelta(days=32))
    return [period + timedelta(days=step) for step in range((after - period).days)]


def _calendar(look: Look, periods: Sequence[date], grain: Grain) -> dict[str, set[date]]:
    """Days that calendar events cover, by kind."""
    if not periods:
        return {}
    last = _days_of(periods[-1], grain)[-1]
    events = read_calendar_events(
        look.conn, look.catalogue, first=periods[0], last=last, as_of=look.as_of
    )
    found: dict[str, set[date]] = {}
    for event in events.itertuples(index=False):
        start, end = pd.Timestamp(event.starts_at).date(), pd.Timestamp(event.ends_at).date()
        days = {start + timedelta(days=step) for step in range((end - start).days + 1)}
        found.setdefault(str(event.kind).lower(), set()).update(days)
    return found


def _estimated(
    problem: _Problem, book: TrackBook, config: InfluenceConfig, grading: GradingConfig
) -> OutcomeEstimate:
    series = [
        DriverSeries(name=link.id, values=values, lags=_tried(link, problem))
        for link, values in zip(problem.drivers, problem.series, strict=True)
    ]
    found: OutcomeModel | TooShort = TooShort(periods=0, free=0)
    if problem.periods:
        found = estimate_outcome(
            problem.outcome,
            series,
            periods=problem.periods,
            grain=problem.grain,
            fewest_free=grading.fewest_free,
            controls=problem.controls,
            config=config,
        )
    if isinstance(found, TooShort):
        return _too_short(problem, found)
    return OutcomeEstimate(
        outcome=problem.metric.id,
        grain=problem.grain,
        scale=problem.metric.moves,
        times=_times(problem),
        first=problem.periods[int(found.rows[0])],
        last=problem.periods[int(found.rows[-1])],
        periods=len(found.rows),
        free=found.free,
        rho=found.rho,
        spread=float(np.nanstd(found.left[found.rows])),
        set_aside=tuple(problem.periods[int(place)] for place in found.set_aside),
        base=_by_month(problem, found.base),
        links=tuple(
            _link_estimate(problem, found, place, book, config, grading)
            for place in range(len(found.drivers))
        ),
        controls=problem.control_names,
    )


def _tried(link: Link, problem: _Problem) -> tuple[int, int]:
    low, high = _lags(link, problem.grain)
    most = len(problem.periods) // _LAG_SHARE
    return min(low, most), min(high, most)


def _too_short(problem: _Problem, found: TooShort) -> OutcomeEstimate:
    known = [p for p, v in zip(problem.periods, problem.outcome, strict=True) if not np.isnan(v)]
    nothing = date(1900, 1, 1)
    return OutcomeEstimate(
        outcome=problem.metric.id,
        grain=problem.grain,
        scale=problem.metric.moves,
        times=_times(problem),
        first=known[0] if known else nothing,
        last=known[-1] if known else nothing,
        periods=found.periods,
        free=found.free,
        rho=0.0,
        spread=0.0,
        set_aside=(),
        base={},
        links=(),
        controls=problem.control_names,
        too_short=True,
    )


def _link_estimate(
    problem: _Problem,
    model: OutcomeModel,
    place: int,
    book: TrackBook,
    config: InfluenceConfig,
    grading: GradingConfig,
) -> LinkEstimate:
    link, effect = problem.drivers[place], model.drivers[place]
    values = bridged(problem.series[place], longest=config.longest_gap)
    checks = check_driver(model, place, values)
    finding = judge_effect(
        effect,
        checks,
        sign=link.sign,
        periods=len(model.rows),
        config=grading,
        fewest_periods=grading.fewest_periods[problem.grain],
    )
    shapes = _shapes(effect)
    known = values[~np.isnan(values)]
    is_claim = finding in (Finding.STRONG, Finding.SEEN)
    return LinkEstimate(
        link=link.id,
        is_asked=link in problem.asked,
        finding=finding,
        effect=effect.effect,
        likely=effect.likely,
        wide=effect.wide,
        p=effect.p,
        p_without_one=effect.p_without_one,
        leans_on=problem.periods[effect.leans_on],
        lag=effect.shape.lag,
        decay=effect.shape.decay,
        shapes=shapes,
        felt=_felt(problem, values, shapes),
        seen=(float(known.min()), float(known.max())),
        usual=float(known.mean()),
        checks=checks,
        twin=problem.drivers[checks.twin].id if checks.twin is not None else "",
        placebos=_placebos(problem, place, book, config, grading) if is_claim else {},
    )


def _shapes(effect: DriverEffect) -> tuple[ShapeBelief, ...]:
    found = effect.posterior
    weights = found.shape_weights
    chosen = found.shapes.index(effect.shape)
    kept = [k for k in np.argsort(-weights) if weights[k] >= _BELIEVED or k == chosen]
    return tuple(
        ShapeBelief(
            lag=found.shapes[k].lag,
            decay=found.shapes[k].decay,
            weight=float(weights[k]),
            effect=float(found.effects[k]),
            error=float(found.errors[k]),
        )
        for k in kept
    )


def _felt(
    problem: _Problem, values: Floats, shapes: Sequence[ShapeBelief]
) -> dict[date, tuple[float, ...]]:
    by_shape = [_by_month(problem, shaped(values, Shape(one.lag, one.decay))) for one in shapes]
    months = set.intersection(*(set(one) for one in by_shape))
    return {month: tuple(one[month] for one in by_shape) for month in sorted(months)}


def _by_month(problem: _Problem, values: Floats) -> dict[date, float]:
    """Averages over the periods of each month, weighed by the outcome's cases."""
    sums: dict[date, list[float]] = {}
    for period, value, cases in zip(problem.periods, values, problem.cases, strict=True):
        if np.isnan(value) or cases <= 0:
            continue
        days = [period] if problem.grain is not Grain.WEEK else _days_of(period, Grain.WEEK)
        for day in days:
            own = sums.setdefault(month_of(day), [0.0, 0.0])
            own[0] += float(value * cases) / len(days)
            own[1] += float(cases) / len(days)
    return {month: total / weight for month, (total, weight) in sorted(sums.items())}


def _placebos(
    problem: _Problem,
    place: int,
    book: TrackBook,
    config: InfluenceConfig,
    grading: GradingConfig,
) -> dict[str, float]:
    """How clearly the driver "moves" outcomes that nobody says it moves."""
    link, catalogue = problem.drivers[place], book.look.catalogue
    linked = {one.outcome for one in catalogue.links_from(link.driver)} | {problem.metric.id}
    found: dict[str, float] = {}
    for name in catalogue.organisation.scorecard:
        track = book.track(wanted(name), problem.grain)
        if name in linked or len(found) == _MOST_PLACEBOS:
            continue
        metric = catalogue.metric(name)
        values = on_scale(track.on(problem.periods), metric.moves)
        if np.count_nonzero(~np.isnan(values)) < grading.fewest_periods[problem.grain]:
            continue
        model = estimate_outcome(
            values,
            [DriverSeries(name=link.id, values=problem.series[place], lags=_tried(link, problem))],
            periods=problem.periods,
            grain=problem.grain,
            fewest_free=grading.fewest_free,
            config=config,
        )
        if isinstance(model, OutcomeModel):
            found[name] = model.drivers[0].p
    return found


def _times(problem: _Problem) -> float:
    is_added = problem.metric.measure.fold is Fold.SUM and problem.metric.moves == "plain"
    return _DAYS[Grain.MONTH] / _DAYS[problem.grain] if is_added else 1.0

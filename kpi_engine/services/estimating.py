"""What own data say of every link into an outcome: series gathered, estimated jointly, checked."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np

from kpi_engine.catalogue.links import Link
from kpi_engine.mapping.influence.background import Floats, background, moves_by_itself
from kpi_engine.mapping.influence.checks import check_driver, doubted
from kpi_engine.mapping.influence.config import (
    GradingConfig,
    InfluenceConfig,
)
from kpi_engine.mapping.influence.estimate import (
    DriverEffect,
    OutcomeModel,
    estimate_outcome,
)
from kpi_engine.mapping.influence.fit import TooShort
from kpi_engine.mapping.influence.grading import Finding, judge_effect
from kpi_engine.mapping.influence.link_estimate import (
    LinkEstimate,
    OutcomeEstimate,
    ShapeBelief,
)
from kpi_engine.mapping.influence.scales import on_scale
from kpi_engine.mapping.influence.shapes import Shape, bridged, shaped_by_each
from kpi_engine.services.fitting import FitBook
from kpi_engine.services.grids import by_month, by_month_each
from kpi_engine.services.placebos import unrelated
from kpi_engine.services.problems import Problem
from kpi_engine.services.series import wanted
from kpi_engine.services.tracks import TrackBook
from kpi_engine.terms import Fold, Grain

_ONLY_SAID = {
    "mechanism",
    "grade",
    "reachable_grade",
    "grade_reason",
    "agreed_by",
    "review_by",
    "money",
    "prior",
    "retired",
}
"""Fields of a link that say something of it and are no part of what is estimated."""
_BELIEVED = 0.005
"""Shapes that are believed less are not kept."""


def estimate_links(
    problems: Sequence[Problem], *, book: TrackBook, fits: FitBook
) -> tuple[OutcomeEstimate, ...]:
    """Estimate every influence on an outcome, those of one grain together.

    Args:
        problems: The outcome with its drivers, one a grain.
        book: Of tracks; made for all outcomes at once.
        fits: Of this outcome's problems; says how effects are estimated, and the bars.

    Returns:
        One a grain; none where no influence is declared.
    """
    return tuple(_estimated(problem, book, fits) for problem in problems)


def digest_of(problems: Sequence[Problem], *, book: TrackBook, grading: GradingConfig) -> str:
    """Changes whenever anything does that ``estimate_links`` looks at; arguments as for it.

    Of definitions these are the measures and the links without what is only said of them: another
    mechanism, price or prior changes no estimate. The way of estimating is told apart otherwise.
    """
    found = hashlib.sha256()
    for problem in problems:
        links = [
            [link.model_dump(mode="json", exclude=_ONLY_SAID) for link in links]
            for links in (problem.drivers, problem.asked)
        ]
        measures = [problem.metric, *map(problem.metric_of, problem.drivers)]
        found.update(repr([one.model_dump(mode="json") for one in measures]).encode())
        placebos = [
            unrelated(problem, place, book=book, grading=grading)
            for place in range(len(problem.drivers))
        ]
        printed = [_printed(problem, link, book) for link in problem.drivers]
        what = (problem.grain.value, problem.periods, problem.control_names, links, printed)
        found.update(repr((what, [list(each) for each in placebos])).encode())
        controls = [] if problem.controls is None else [problem.controls]
        numbers = [problem.outcome, problem.cases, *controls, *problem.series]
        for column in [*numbers, *(values for each in placebos for values in each.values())]:
            found.update(column.tobytes())
    return found.hexdigest()


def moving(problem: Problem, config: InfluenceConfig) -> tuple[Problem, tuple[str, ...]]:
    """The problem without drivers that never moved beyond season and trend, and their links.

    Nothing can be learnt from them, and in a model they would make the others blow up.
    """
    if not problem.periods:
        return problem, ()
    columns = background(
        problem.periods, grain=problem.grain, controls=problem.controls, config=config
    )
    stays = [moves_by_itself(series, columns) for series in problem.series]
    kept = [place for place, moves in enumerate(stays) if moves]
    drivers = tuple(problem.drivers[place] for place in kept)
    still = tuple(link.id for link, moves in zip(problem.drivers, stays, strict=True) if not moves)
    return replace(
        problem,
        drivers=drivers,
        series=tuple(problem.series[place] for place in kept),
        asked=tuple(link for link in problem.asked if link.id not in still),
    ), still


def _estimated(problem: Problem, book: TrackBook, fits: FitBook) -> OutcomeEstimate:
    problem, still = moving(problem, fits.config)
    found: OutcomeModel | TooShort = TooShort(periods=0, free=0)
    known = problem.outcome[~np.isnan(problem.outcome)]
    if problem.drivers and len(known) and np.ptp(known) > 0:
        found = fits.model(problem)
    if isinstance(found, TooShort):
        return _too_short(problem, found, still)
    return OutcomeEstimate(
        outcome=problem.metric.id,
        grain=problem.grain,
        scale=problem.metric.moves,
        times=problem.times,
        first=problem.periods[int(found.rows[0])],
        last=problem.periods[int(found.rows[-1])],
        periods=len(found.rows),
        free=found.free,
        rho=found.memory.first,
        spread=float(np.nanstd(found.left[found.rows])),
        set_aside=tuple(problem.periods[int(place)] for place in found.set_aside),
        course=_by_month(problem, _inside(found)),
        links=tuple(
            _link_estimate(problem, found, place, book, fits.config, fits.grading)
            for place in range(len(found.drivers))
        ),
        controls=problem.control_names,
        still=still,
    )


def _inside(model: OutcomeModel) -> Floats:
    """The usual course where the model has data; beyond, a trend leads anywhere."""
    places = np.arange(len(model.course))
    known = (places >= model.rows[0]) & (places <= model.rows[-1])
    return np.where(known, model.course, np.nan)


def _too_short(problem: Problem, found: TooShort, still: tuple[str, ...]) -> OutcomeEstimate:
    known = [p for p, v in zip(problem.periods, problem.outcome, strict=True) if not np.isnan(v)]
    nothing = date(1900, 1, 1)
    return OutcomeEstimate(
        outcome=problem.metric.id,
        grain=problem.grain,
        scale=problem.metric.moves,
        times=problem.times,
        first=known[0] if known else nothing,
        last=known[-1] if known else nothing,
        periods=found.periods,
        free=found.free,
        rho=0.0,
        spread=0.0,
        set_aside=(),
        course={},
        links=(),
        controls=problem.control_names,
        too_short=True,
        still=still,
    )


def _link_estimate(
    problem: Problem,
    model: OutcomeModel,
    place: int,
    book: TrackBook,
    config: InfluenceConfig,
    grading: GradingConfig,
) -> LinkEstimate:
    link, effect = problem.drivers[place], model.drivers[place]
    values = bridged(problem.series[place], longest=config.longest_gap)
    checks = check_driver(model, place)
    finding = judge_effect(
        effect,
        checks,
        sign=link.sign,
        periods=len(model.rows),
        config=grading,
        fewest_periods=grading.fewest_periods[problem.grain],
    )
    effect = doubted(effect, checks)
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
        felt=_felt(problem, _as_printed(problem, link, values, book), shapes),
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


def _as_printed(problem: Problem, link: Link, values: Floats, book: TrackBook) -> Floats:
    """A driver's periods, those of each month moved alike until they come to its printed figure.

    A month weighs its days by its own cases, the model by the outcome's. What is told of a month
    starts from the figure beside it, so that effect times change is what the page says it is.
    """
    averages = _by_month(problem, values)
    away = {
        month: place - averages[month]
        for month, place in _printed(problem, link, book).items()
        if np.isfinite(averages.get(month, np.nan))
    }
    month_of = problem.catalogue.organisation.calendar.month_of
    moves = [away.get(month_of(period), 0.0) for period in problem.periods]
    return np.asarray(values + np.asarray(moves))


def _printed(problem: Problem, link: Link, book: TrackBook) -> dict[date, float]:
    """What a driver's months say, on its scale; empty where they are no average of their days."""
    metric = problem.metric_of(link)
    if problem.grain is Grain.MONTH or metric.measure.fold in (Fold.SUM, Fold.LAST):
        return {}
    months = book.track(wanted(link.driver, link.driver_segment), Grain.MONTH).values
    places = on_scale(np.asarray([*months.values()], dtype=np.float64), metric.moves)
    return {
        month: place for month, place in zip(months, places, strict=True) if not np.isnan(place)
    }


def _felt(
    problem: Problem, values: Floats, shapes: Sequence[ShapeBelief]
) -> dict[date, tuple[float, ...]]:
    columns = shaped_by_each(values, [Shape(one.lag, one.decay) for one in shapes])
    calendar = problem.catalogue.organisation.calendar
    return by_month_each(problem.periods, columns, problem.cases, problem.grain, calendar)


def _by_month(problem: Problem, values: Floats) -> dict[date, float]:
    calendar = problem.catalogue.organisation.calendar
    return by_month(problem.periods, values, problem.cases, problem.grain, calendar)


def _placebos(
    problem: Problem,
    place: int,
    book: TrackBook,
    config: InfluenceConfig,
    grading: GradingConfig,
) -> dict[str, float]:
    """How clearly the driver "moves" outcomes that nobody says it moves."""
    found: dict[str, float] = {}
    for name, values in unrelated(problem, place, book=book, grading=grading).items():
        model = estimate_outcome(
            values,
            [problem.driver_series(place)],
            periods=problem.periods,
            grain=problem.grain,
            fewest_free=grading.fewest_free,
            config=config,
        )
        if isinstance(model, OutcomeModel):
            found[name] = model.drivers[0].p
    return found

"""Forecasts of an outcome's months, by its own past and by every link, each made once.

A month is forecast from what was over before it. Where nobody did so in time, the last months are
forecast afterwards from the same data, and marked. Nothing is selected, so no search has to be
paid for: every shape of a link counts by how much the data of before believe it.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
from pydantic import TypeAdapter

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.links import Link
from kpi_engine.catalogue.metrics import Metric
from kpi_engine.mapping.influence.background import Floats
from kpi_engine.mapping.influence.config import DEFAULT_LEDGER, LedgerConfig
from kpi_engine.mapping.influence.fit import Fit, TooShort
from kpi_engine.mapping.influence.forecast import Forecast, LinkForecast, ShapeEffect
from kpi_engine.mapping.influence.next_month import forecast_alone, forecast_given
from kpi_engine.mapping.influence.record import ALONE
from kpi_engine.mapping.influence.scales import on_scale
from kpi_engine.periods import add_months, months_between
from kpi_engine.services.closed_months import ClosedMonths
from kpi_engine.services.felt import FeltBook
from kpi_engine.services.fitting import FitBook
from kpi_engine.services.look import Look
from kpi_engine.services.problems import Problem
from kpi_engine.services.series import wanted
from kpi_engine.services.tracks import TrackBook
from kpi_engine.store.predictions import Prediction

METHOD = "2"
"""Changes whenever the way of forecasting does: forecasts of another way are another claim."""
_BELIEVED = 0.005
"""Shapes that are believed less forecast nothing."""

OWN_PAST: TypeAdapter[Forecast] = TypeAdapter(Forecast)
BY_LINK: TypeAdapter[LinkForecast] = TypeAdapter(LinkForecast)


def claim_of(catalogue: Catalogue, outcome: str, link: Link | None) -> str:
    """What is claimed: forecasts are held against each other only where it is the same.

    Labels, owners and grades may change without touching it. A month of other days is another
    claim.
    """
    metric = catalogue.metric(outcome)
    what: list[object] = [METHOD, outcome, metric.moves, metric.measure.model_dump(mode="json")]
    if catalogue.organisation.calendar.weeks is not None:
        what.append(catalogue.organisation.calendar.described)
    if link is not None:
        driver = catalogue.metric(link.driver)
        what += [driver.id, driver.moves, driver.measure.model_dump(mode="json")]
        what += [link.driver_segment, link.sign, link.lag_days]
    return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()[:16]


def forecasting_links(problems: Sequence[Problem]) -> Mapping[str, tuple[Link, Problem]]:
    """Every link that can forecast, with a model it stands in: one that is there for it, if any."""
    found: dict[str, tuple[Link, Problem]] = {}
    for problem in problems:
        for link in problem.drivers:
            if link.id not in found or link in problem.asked:
                found[link.id] = (link, problem)
    return found


@dataclass(kw_only=True)
class Forecaster:
    """One outcome at one tick, ready to forecast what nobody forecast yet.

    Attributes:
        look: At the store.
        outcome: Its metric.
        problems: Its drivers on a common grid, one a grain.
        book: Of tracks.
        closed: Whole months.
        fits: Of the problems; says how effects are estimated, and what is too short.
        config: What is forecast.
    """

    look: Look
    outcome: Metric
    problems: tuple[Problem, ...]
    book: TrackBook
    closed: ClosedMonths
    fits: FitBook
    config: LedgerConfig = DEFAULT_LEDGER

    def missing(self, kept: Iterable[Prediction]) -> tuple[Prediction, ...]:
        """Forecasts of the next month, and of the last ones, that are not kept yet."""
        own = self._own
        if not own:
            return ()
        known = {one.key for one in kept}
        newest = max(own)
        months = months_between(
            add_months(newest, 1 - self.config.months_back), add_months(newest, 1)
        )
        alone = claim_of(self.look.catalogue, self.outcome.id, None)
        made = [
            self._kept(ALONE, month, alone, OWN_PAST.dump_json(found).decode())
            for month in months
            if (self.outcome.id, ALONE, month, alone) not in known
            and (found := self._alone(month)) is not None
        ]
        for link, problem in forecasting_links(self.problems).values():
            claim = claim_of(self.look.catalogue, self.outcome.id, link)
            due = [m for m in months if (self.outcome.id, link.id, m, claim) not in known]
            for month, known_before in self._origins(due, newest):
                rule = self._given(link, problem, month, known_before)
                if rule is not None:
                    text = BY_LINK.dump_json(rule).decode()
                    made.append(self._kept(link.id, month, claim, text))
        return tuple(made)

    @cached_property
    def _own(self) -> Mapping[date, float]:
        return self.closed.of(wanted(self.outcome.id))

    @cached_property
    def _drivers(self) -> FeltBook:
        return FeltBook(book=self.book, closed=self.closed)

    def _kept(self, link: str, month: date, claim: str, forecast: str) -> Prediction:
        return Prediction(
            as_of=self.look.as_of,
            outcome=self.outcome.id,
            link=link,
            month=month,
            claim=claim,
            is_retrospective=month in self._own,
            forecast=forecast,
        )

    def _origins(self, due: Sequence[date], newest: date) -> list[tuple[date, date]]:
        """Each month with the month before which its effects are estimated."""
        past = [month for month in due if month <= newest]
        every = self.config.refit_every
        pairs = [(month, past[place - place % every]) for place, month in enumerate(past)]
        return [*pairs, *((month, month) for month in due if month > newest)]

    def _past(self, month: date) -> tuple[list[date], Floats] | None:
        """Months up to the one to be forecast, and the outcome in those before it."""
        before = [one for one in self._own if one < month]
        if len(before) < self.config.fewest_months or add_months(month, -1) not in before:
            return None
        months = months_between(before[0], month)
        values = np.asarray([self._own.get(one, np.nan) for one in months[:-1]])
        return months, on_scale(values, self.outcome.moves)

    def _alone(self, month: date) -> Forecast | None:
        past = self._past(month)
        if past is None:
            return None
        months, values = past
        return forecast_alone(values, months=months, config=self.fits.config)

    def _given(
        self, link: Link, problem: Problem, month: date, known_before: date
    ) -> LinkForecast | None:
        past = self._past(month)
        driver = wanted(link.driver, link.driver_segment)
        if past is None or add_months(month, -1) not in self.closed.are_in(driver):
            return None
        fit = self._fit(problem, known_before)
        if isinstance(fit, TooShort):
            return None
        months, values = past
        effects = _effects(fit, problem, problem.drivers.index(link))
        felt = self._drivers.by_month(link, problem.grain, effects, before=month)
        if months[-2] not in felt:
            return None
        nothing = (np.nan,) * len(effects)
        return forecast_given(
            values,
            np.asarray([felt.get(one, nothing) for one in months[:-1]]),
            effects,
            months=months,
            grain=problem.grain,
            config=self.fits.config,
        )

    def _fit(self, problem: Problem, before: date) -> Fit | TooShort:
        """A problem's drivers by data of before a month."""
        past = problem.before(before)
        known = int(np.count_nonzero(~np.isnan(past.outcome)))
        if known < self.fits.grading.fewest_periods[problem.grain]:
            return TooShort(periods=known, free=0)
        return self.fits.fit(past)


def _effects(fit: Fit, problem: Problem, place: int) -> tuple[ShapeEffect, ...]:
    """What each shape that is believed does to a month."""
    found = fit.posteriors[place]
    return tuple(
        ShapeEffect(
            lag=shape.lag,
            decay=shape.decay,
            weight=float(weight),
            effect=float(effect) * problem.times,
            error=float(error) * problem.times,
        )
        for shape, weight, effect, error in zip(
            found.shapes, found.shape_weights, found.effects, found.errors, strict=True
        )
        if weight >= _BELIEVED
    )

"""Problems fitted once: the estimate and the forecast of the next month rest on the same fit."""

from dataclasses import dataclass, field

from kpi_engine.mapping.influence.config import (
    DEFAULT_CONFIG,
    DEFAULT_GRADING,
    GradingConfig,
    InfluenceConfig,
)
from kpi_engine.mapping.influence.estimate import OutcomeModel, modelled
from kpi_engine.mapping.influence.fit import Fit, TooShort, fit_drivers
from kpi_engine.services.problems import Problem


@dataclass(kw_only=True)
class FitBook:
    """Fits of one outcome's problems at one tick, however many ask for them.

    Attributes:
        config: How effects are estimated.
        grading: Says what is too short.
    """

    config: InfluenceConfig = DEFAULT_CONFIG
    grading: GradingConfig = DEFAULT_GRADING
    _kept: dict[object, Fit | TooShort] = field(default_factory=dict)

    def fit(self, problem: Problem) -> Fit | TooShort:
        """All drivers of a problem fitted jointly, none of their shapes selected."""
        if not problem.periods:
            return TooShort(periods=0, free=0)
        drivers = tuple(link.id for link in problem.drivers)
        key = (problem.metric.id, problem.grain, problem.periods[0], len(problem.periods), drivers)
        if key not in self._kept:
            self._kept[key] = fit_drivers(
                problem.outcome,
                [problem.driver_series(place) for place in range(len(problem.drivers))],
                periods=problem.periods,
                grain=problem.grain,
                fewest_free=self.grading.fewest_free,
                controls=problem.controls,
                config=self.config,
            )
        return self._kept[key]

    def model(self, problem: Problem) -> OutcomeModel | TooShort:
        """All drivers of a problem estimated jointly."""
        fit = self.fit(problem)
        if isinstance(fit, TooShort):
            return fit
        return modelled(
            fit,
            [link.id for link in problem.drivers],
            problem.outcome,
            periods=problem.periods,
            grain=problem.grain,
            config=self.config,
        )

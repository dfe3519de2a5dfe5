"""What is compared: the product's estimator, and what an analyst would do on the same series."""

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import statsmodels.api as sm
from scipy import stats

from benchmarks.translation.cells import Problem
from benchmarks.translation.series import LONGEST_LAG
from kpi_engine.mapping.influence.background import Floats, background
from kpi_engine.mapping.influence.checks import Checks, check_driver, doubted
from kpi_engine.mapping.influence.config import DEFAULT_CONFIG, DEFAULT_GRADING
from kpi_engine.mapping.influence.estimate import (
    DriverEffect,
    OutcomeModel,
    estimate_outcome,
)
from kpi_engine.mapping.influence.fit import DriverSeries
from kpi_engine.mapping.influence.grading import Finding, judge_effect

_CLAIMS = {Finding.STRONG, Finding.SEEN, Finding.CONTRADICTED}
_SILENT = {Finding.TOO_SHORT, Finding.STILL}
_LEVEL = 0.05


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What one contender says of one driver.

    Attributes:
        effect: None where it says nothing at all.
        wide: The 95 % range; None where there is none.
        lag: Of the shape selected; None where it says nothing.
        is_claim: It says that the two go together.
        is_backwards: The lead test rings.
    """

    effect: float | None
    wide: tuple[float, float] | None
    lag: int | None
    is_claim: bool
    is_backwards: bool = False


@dataclass(frozen=True, kw_only=True)
class _Fit:
    """One lag of one driver: how odd by chance, the effect, and its range to either side."""

    p: float
    effect: float
    reach: float

    def at(self, lag: int) -> Answer:
        return Answer(
            effect=self.effect,
            wide=(self.effect - self.reach, self.effect + self.reach),
            lag=lag,
            is_claim=self.p < _LEVEL,
        )


_NOTHING = _Fit(p=1.0, effect=0.0, reach=np.inf)
_FEWEST = 4


def plumbline(problem: Problem) -> list[Answer]:
    """The product: estimate, checks and grade, each as the services call them."""
    named = [
        DriverSeries(name=str(place), values=values, lags=(0, LONGEST_LAG[problem.grain]))
        for place, values in enumerate(problem.drivers)
    ]
    model = estimate_outcome(
        problem.outcome,
        named,
        periods=problem.periods,
        grain=problem.grain,
        fewest_free=DEFAULT_GRADING.fewest_free,
        controls=problem.controls,
    )
    if not isinstance(model, OutcomeModel):
        nothing = Answer(effect=None, wide=None, lag=None, is_claim=False)
        return [nothing for _ in problem.drivers]
    judged = [_judged(problem, model, place) for place in range(len(problem.drivers))]
    return [_answer(*one) for one in judged]


def _judged(
    problem: Problem, model: OutcomeModel, place: int
) -> tuple[DriverEffect, Checks, Finding]:
    effect = model.drivers[place]
    checks = check_driver(model, place)
    finding = judge_effect(
        effect,
        checks,
        sign=problem.draw.drivers[place].sign,
        periods=len(model.rows),
        config=DEFAULT_GRADING,
        fewest_periods=DEFAULT_GRADING.fewest_periods[problem.grain],
    )
    return doubted(effect, checks), checks, finding


def _answer(effect: DriverEffect, checks: Checks, finding: Finding) -> Answer:
    is_silent = finding in _SILENT
    return Answer(
        effect=None if is_silent else effect.effect,
        wide=None if is_silent else effect.wide,
        lag=None if is_silent else effect.shape.lag,
        is_claim=finding in _CLAIMS,
        is_backwards=checks.lead_p < DEFAULT_GRADING.lead_p,
    )


def pearson(problem: Problem) -> list[Answer]:
    """Correlation at the lag where it is strongest, called a link below 5 %."""
    return _best(problem, lambda _, felt: _line(felt, problem.outcome))


def _line(felt: Floats, outcome: Floats) -> _Fit:
    known = ~np.isnan(felt) & ~np.isnan(outcome)
    if np.count_nonzero(known) < _FEWEST or np.ptp(felt[known]) == 0:
        return _NOTHING
    line = stats.linregress(felt[known], outcome[known])
    reach = stats.t.ppf(1 - _LEVEL / 2, np.count_nonzero(known) - 2) * line.stderr
    return _Fit(p=float(line.pvalue), effect=float(line.slope), reach=float(reach))


def newey_west(problem: Problem) -> list[Answer]:
    """Regression on drivers at their best lags, trend and season; errors by Newey and West."""
    backdrop = _trend_and_season(problem)
    others = _others(problem, pearson(problem))

    def fitted(place: int, felt: Floats) -> _Fit:
        every = np.column_stack([felt, *others[place], backdrop])
        known = ~np.isnan(every).any(axis=1) & ~np.isnan(problem.outcome)
        count = int(np.count_nonzero(known))
        if count < every.shape[1] + _FEWEST or np.ptp(felt[known]) == 0:
            return _NOTHING
        lags = int(4 * (count / 100) ** (2 / 9))
        fit = sm.OLS(problem.outcome[known], every[known]).fit(
            cov_type="HAC", cov_kwds={"maxlags": lags}, use_t=True
        )
        low, high = fit.conf_int(_LEVEL)[0]
        return _Fit(p=fit.pvalues[0], effect=fit.params[0], reach=(high - low) / 2)

    return _best(problem, fitted)


def structural(problem: Problem) -> list[Answer]:
    """Local level, season and drivers as CausalImpact has them, at the lags of the regression."""
    lags = [answer.lag or 0 for answer in newey_west(problem)]
    felt = [_lagged(one, problem)[lag] for one, lag in zip(problem.drivers, lags, strict=True)]
    every = np.column_stack([*felt, _trend_and_season(problem)[:, 2:]])
    known = ~np.isnan(every).any(axis=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of slow convergence
        fit = sm.tsa.UnobservedComponents(
            np.where(known, problem.outcome, np.nan),
            "local level",
            exog=np.where(known[:, None], every, 0.0),
            mle_regression=False,
        ).fit(disp=0, maxiter=100)
    found = []
    for place, lag in enumerate(lags):
        effect = float(fit.smoothed_state[1 + place, -1])
        error = float(np.sqrt(max(fit.smoothed_state_cov[1 + place, 1 + place, -1], 1e-24)))
        p = float(2 * stats.norm.sf(abs(effect / error)))
        reach = float(stats.norm.ppf(1 - _LEVEL / 2)) * error
        found.append(_Fit(p=p, effect=effect, reach=reach).at(lag))
    return found


def _best(problem: Problem, fitted: Callable[[int, Floats], _Fit]) -> list[Answer]:
    """Every driver at the lag that looks best."""
    found = []
    for place, driver in enumerate(problem.drivers):
        fits = [fitted(place, felt) for felt in _lagged(driver, problem)]
        lag = min(range(len(fits)), key=lambda at: fits[at].p)
        found.append(fits[lag].at(lag))
    return found


def _others(problem: Problem, answers: Sequence[Answer]) -> list[list[Floats]]:
    """For each driver all the others, each at its own lag."""
    felt = [
        _lagged(one, problem)[answer.lag or 0]
        for one, answer in zip(problem.drivers, answers, strict=True)
    ]
    return [felt[:place] + felt[place + 1 :] for place in range(len(felt))]


def _lagged(driver: Floats, problem: Problem) -> list[Floats]:
    lags = range(LONGEST_LAG[problem.grain] + 1)
    return [np.concatenate([np.full(lag, np.nan), driver[: len(driver) - lag]]) for lag in lags]


def _trend_and_season(problem: Problem) -> Floats:
    """What the product takes out as well, but for slow movement."""
    return background(
        problem.periods,
        grain=problem.grain,
        controls=problem.controls,
        config=DEFAULT_CONFIG,
        with_slow=False,
    )


CONTENDERS: Mapping[str, Callable[[Problem], list[Answer]]] = {
    "Plumbline": plumbline,
    "Pearson": pearson,
    "OLS, Newey-West": newey_west,
    "structural": structural,
}

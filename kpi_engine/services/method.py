"""How is that known? One outcome's links down to their series, model and events."""

from dataclasses import dataclass
from datetime import date, tzinfo
from typing import Any

import numpy as np

from kpi_engine.catalogue.links import LostOrders
from kpi_engine.catalogue.metrics import Metric
from kpi_engine.mapping.impact import OutageLoss
from kpi_engine.mapping.influence.background import Floats
from kpi_engine.mapping.influence.checks import check_driver, effect_together
from kpi_engine.mapping.influence.config import DEFAULT_CONFIG, DEFAULT_GRADING
from kpi_engine.mapping.influence.estimate import OutcomeModel
from kpi_engine.mapping.influence.scales import distance, moved, off_scale
from kpi_engine.maths.intervals import Estimate
from kpi_engine.services.estimating import moving
from kpi_engine.services.fitting import FitBook
from kpi_engine.services.influence import step_effect
from kpi_engine.services.look import Look
from kpi_engine.services.losses import LossLedger
from kpi_engine.services.months import read_newest_month
from kpi_engine.services.outcomes import Driver, Explanation, read_explanations
from kpi_engine.services.per_step import PerStep, per_step
from kpi_engine.services.problems import Problem, gather, tracks_into
from kpi_engine.services.tracks import TrackBook
from kpi_engine.workspace import Workspace

MOST_POINTS = 1000
"""A browser is never given more of one driver; the latest are kept."""


@dataclass(frozen=True, kw_only=True)
class Point:
    """One period of driver and outcome, without what season, trend and other drivers did.

    Attributes:
        period: Its first day.
        driver: What was felt of the driver, beyond what was to be expected; in its unit.
        outcome: What the outcome did beyond what was to be expected; in its unit.
    """

    period: date
    driver: float
    outcome: float


@dataclass(frozen=True, kw_only=True)
class LinkMethod:
    """How one link's numbers come about.

    Attributes:
        per_step: What a natural step of the driver does, with its 90 % range.
        per_step_wide: The same with the 95 % range, by which links are graded.
        points: What an estimate rests on; empty for links that are counted, or without estimate.
        slope: Change of the outcome for +1 of the driver among the points, each in its unit.
        together: What a step of it and a step of the measure that moves along most do together, in
            the outcome's unit, with the 90 % range; None where no other was estimated with it.
        outages: What a count of lost orders is the sum of.
    """

    driver: Driver
    per_step: PerStep | None
    per_step_wide: Estimate | None
    points: tuple[Point, ...]
    slope: float
    together: Estimate | None
    outages: tuple[OutageLoss, ...]


@dataclass(frozen=True, kw_only=True)
class Method:
    """An outcome's month with the way to each of its numbers."""

    explanation: Explanation
    links: tuple[LinkMethod, ...]
    zone: tzinfo

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "outcome": self.explanation.outcome.metric.id,
            "links": [
                {
                    "link": one.driver.contribution.link.id,
                    "per_step": one.per_step.to_dict() if one.per_step else None,
                    "points": [
                        [point.period.isoformat(), point.driver, point.outcome]
                        for point in one.points
                    ],
                }
                for one in self.links
            ],
        }


def read_method(
    ws: Workspace, outcome: str, *, month: date | None = None, as_of: int | None = None
) -> Method:
    """How an outcome's numbers come about. Models are fitted anew to show what they rest on.

    Args:
        ws: Where the data and the definitions are.
        outcome: Id of any metric.
        month: None for the newest month of the scorecard.
        as_of: The tick looked at; None for the newest.

    Raises:
        UnknownNameError: No such metric is declared.
        StoreError: There are no data at all and no month was given.
    """
    catalogue = ws.catalogue
    catalogue.metric(outcome)
    tick = ws.newest() if as_of is None else as_of
    with ws.reading() as conn:
        look = Look(conn=conn, catalogue=catalogue, as_of=tick)
        ledger = LossLedger(look=look, month=month or read_newest_month(look))
        (explanation,), found = read_explanations(look, [outcome], ledger=ledger)
        book = TrackBook(look=look, asked=tracks_into(catalogue, outcome))
        rests_on = {
            link: fit
            for problem in gather(look, outcome, book=book, grading=DEFAULT_GRADING)
            for link, fit in _rests_on(problem).items()
        }
        among = [
            link.counting
            for driver in explanation.drivers
            if isinstance((link := driver.contribution.link).counting, LostOrders)
        ]
        links = []
        for driver in explanation.drivers:
            link = driver.contribution.link
            fit = rests_on.get(link.id, _Fit(points=(), slope=0.0, together=None))
            lost = (
                ledger.of(link.counting, among=among).now
                if isinstance(link.counting, LostOrders) and ledger.counts(link.counting)
                else None
            )
            links.append(
                LinkMethod(
                    driver=driver,
                    per_step=per_step(catalogue, driver, explanation.outcome, found),
                    per_step_wide=step_effect(
                        catalogue, link, driver.contribution.influence, found, is_wide=True
                    ),
                    points=fit.points,
                    slope=fit.slope,
                    together=fit.together,
                    outages=lost.outages if lost else (),
                )
            )
    return Method(explanation=explanation, links=tuple(links), zone=look.zone)


@dataclass(frozen=True, kw_only=True)
class _Fit:
    """What a fitted model shows of one link, as in ``LinkMethod``."""

    points: tuple[Point, ...]
    slope: float
    together: Estimate | None


def _rests_on(problem: Problem) -> dict[str, _Fit]:
    """What the estimate of every link that is asked for rests on."""
    problem, _ = moving(problem, DEFAULT_CONFIG)
    if not problem.drivers:
        return {}
    model = FitBook().model(problem)
    if not isinstance(model, OutcomeModel):
        return {}
    return {
        link.id: _fit(problem, model, place)
        for place, link in enumerate(problem.drivers)
        if link in problem.asked
    }


def _fit(problem: Problem, model: OutcomeModel, place: int) -> _Fit:
    """Partial residuals (Larsen & McCleary 1972): what is left, and with it what the driver did."""
    rows, effect = model.rows, model.drivers[place].effect
    others = [
        one.felt - np.mean(one.felt[rows]) for k, one in enumerate(model.drivers) if k != place
    ]
    given = np.column_stack([model.columns, *others])[rows]
    felt = model.drivers[place].felt[rows]
    fitted, *_ = np.linalg.lstsq(given, felt, rcond=None)
    beyond = felt - given @ fitted
    left = model.left[rows] + effect * beyond
    driver = _Unit.of(problem.metric_of(problem.drivers[place]), felt)
    outcome = _Unit.of(problem.metric, problem.outcome[rows])
    points = tuple(
        Point(
            period=problem.periods[int(row)],
            driver=driver.change(float(x)),
            outcome=outcome.change(float(y)),
        )
        for row, x, y in zip(rows, beyond, left, strict=True)
    )
    return _Fit(
        points=points[-MOST_POINTS:],
        slope=effect * outcome.change(1e-6) / driver.change(1e-6),
        together=_together(problem, model, place, outcome),
    )


def _together(
    problem: Problem, model: OutcomeModel, place: int, outcome: "_Unit"
) -> Estimate | None:
    twin = check_driver(model, place).twin
    if twin is None or _go_against_each_other(model, place, twin):
        return None
    steps = [
        _Unit.of(problem.metric_of(problem.drivers[one]), model.drivers[one].felt[model.rows]).step
        for one in (place, twin)
    ]
    found = effect_together(model, place, twin, (steps[0], steps[1]), level=0.9)
    if not np.isfinite(found.low):
        return None
    ends = found * problem.times
    return Estimate.of(*(outcome.change(end) for end in (ends.low, ends.mid, ends.high)))


def _go_against_each_other(model: OutcomeModel, place: int, other: int) -> bool:
    """A step of both together never happens where one falls as the other rises."""
    one, two = (model.drivers[k].felt[model.rows] for k in (place, other))
    return float(np.dot(one - one.mean(), two - two.mean())) < 0


@dataclass(frozen=True)
class _Unit:
    """Changes on a metric's scale as changes of the metric, from its average."""

    metric: Metric
    level: float

    @classmethod
    def of(cls, metric: Metric, values: Floats) -> "_Unit":
        return cls(metric, off_scale(float(np.mean(values)), metric.moves))

    @property
    def step(self) -> float:
        """The natural step upwards from the average, on the scale."""
        up = distance(self.level, self.level + self.metric.natural_step, self.metric.moves)
        return self.metric.natural_step if up is None else up

    def change(self, by: float) -> float:
        return moved(self.level, by, self.metric.moves) - self.level

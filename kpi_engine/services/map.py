"""Which IT measures move which outcomes, and how sure are we? All links of a month."""

import itertools
import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from kpi_engine.catalogue.links import Link
from kpi_engine.catalogue.metrics import Metric
from kpi_engine.catalogue.organisation import Organisation
from kpi_engine.mapping.contribution import Contribution
from kpi_engine.mapping.coverage import Coverage, map_coverage, outcomes_on_map
from kpi_engine.mapping.watermelon import Watermelon, ranked
from kpi_engine.services.look import Look
from kpi_engine.services.losses import LossLedger
from kpi_engine.services.months import read_newest_month
from kpi_engine.services.outcomes import Driver, Explanation, read_explanations
from kpi_engine.services.per_step import PerStep, per_step
from kpi_engine.services.readings import Reading
from kpi_engine.terms import EvidenceGrade
from kpi_engine.workspace import Workspace

_MUCH, _SOME = 0.5, 0.1
"""Shares of the largest amount of money from which a link moved much, or some."""


@dataclass(frozen=True, kw_only=True)
class MapLink:
    """One link in a month.

    Attributes:
        reading: The driver's month.
        per_step: What one step of the driver does; None where nothing says so.
        is_overdue: Its review is overdue.
    """

    reading: Reading
    contribution: Contribution
    per_step: PerStep | None
    is_overdue: bool

    @property
    def link(self) -> Link:
        """As declared."""
        return self.contribution.link

    @property
    def money(self) -> float:
        """The size of the money it moved this month, 0 where unclear or told elsewhere already."""
        found = self.contribution.money
        if found is None or self.contribution.same_as or found.spans_zero:
            return 0.0
        return abs(found.mid)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        link = self.link
        return {
            **self.contribution.to_dict(),
            "reading": self.reading.to_dict(),
            "mechanism": link.mechanism,
            "sign": link.sign,
            "lag_days": list(link.lag_days),
            "declared_grade": link.grade.value,
            "per_step": self.per_step.to_dict() if self.per_step else None,
            "agreed_by": link.agreed_by.model_dump() if link.agreed_by else None,
            "review_by": link.review_by.isoformat(),
            "is_overdue": self.is_overdue,
        }


@dataclass(frozen=True, kw_only=True)
class MapOutcome:
    """One outcome with every link into it, in the order of the catalogue.

    Attributes:
        explanation: Its month explained.
        has_driver: Some IT measure is linked to it, directly or through another outcome.
    """

    explanation: Explanation
    links: tuple[MapLink, ...]
    has_driver: bool

    @property
    def reading(self) -> Reading:
        """The outcome's month."""
        return self.explanation.outcome

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "outcome": self.reading.to_dict(),
            "has_driver": self.has_driver,
            "missing_estimates": self.explanation.missing_estimates,
            "links": [one.to_dict() for one in self.links],
        }


@dataclass(frozen=True, kw_only=True)
class MapGoal:
    """What the business wants, and the outcomes by which it knows."""

    name: str
    outcomes: tuple[MapOutcome, ...]


@dataclass(frozen=True, kw_only=True)
class LinkMap:
    """Every link of a month, from goals to IT measures.

    Attributes:
        goals: In the order in which the scorecard names them first.
        coverage: How much of what IT measures is tied to the business.
        orphans: IT measures that serve no outcome.
        activities: Those that only count work done and are linked to nothing.
        without_driver: Outcomes that no IT measure stands behind.
        watermelons: Outcomes on which IT and business disagree, worst first (N2).
        money_steps: From which money on a link moved some, and much, this month; None where no
            link moved any. Round numbers near a tenth and a half of the largest, so that they
            suit any organisation.
    """

    organisation: Organisation
    month: date
    as_of: int
    goals: tuple[MapGoal, ...]
    coverage: Coverage
    orphans: tuple[Metric, ...]
    activities: tuple[Metric, ...]
    without_driver: tuple[Metric, ...]
    watermelons: tuple[Watermelon, ...]
    money_steps: tuple[float, float] | None

    @property
    def outcomes(self) -> tuple[MapOutcome, ...]:
        """Of all goals, in order."""
        return tuple(outcome for goal in self.goals for outcome in goal.outcomes)

    @property
    def links(self) -> tuple[MapLink, ...]:
        """Of all outcomes, in order."""
        return tuple(one for outcome in self.outcomes for one in outcome.links)

    def weight(self, one: MapLink) -> int:
        """How much money a link moved this month, in three steps: 0 little or none, 1, 2 much."""
        steps = self.money_steps
        return sum(one.money >= step for step in steps) if steps else 0

    def narrowed(
        self, *, outcome: str | None = None, grades: Collection[EvidenceGrade] | None = None
    ) -> "LinkMap":
        """Only what leads to one outcome, or is known so well; without gaps, as they are no links.

        Args:
            outcome: Metric id; None for all.
            grades: In force; None for all. Outcomes without such a link are left out.
        """
        if outcome is None and grades is None:
            return self
        kept = [
            replace(one, links=tuple(link for link in one.links if _is_of(link, grades)))
            for one in self.outcomes
            if outcome in (None, one.reading.metric.id)
        ]
        shown = [one for one in kept if one.links or grades is None]
        names = {one.reading.metric.id for one in shown}
        return replace(
            self,
            goals=_by_goal(shown),
            orphans=(),
            activities=(),
            without_driver=tuple(one for one in self.without_driver if one.id in names),
            watermelons=tuple(one for one in self.watermelons if one.metric in names),
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "organisation": self.organisation.name,
            "month": self.month.isoformat(),
            "as_of": self.as_of,
            "coverage": self.coverage.to_dict(),
            "goals": [
                {"goal": goal.name, "outcomes": [one.to_dict() for one in goal.outcomes]}
                for goal in self.goals
            ],
            "money_steps": list(self.money_steps) if self.money_steps else None,
            "watermelons": [
                {
                    "outcome": one.metric,
                    "kind": one.disagreement.value,
                    "rank": one.rank,
                    "sentence": one.sentence,
                }
                for one in self.watermelons
            ],
        }


def read_map(ws: Workspace, *, month: date | None = None, as_of: int | None = None) -> LinkMap:
    """All links with what they say of a month.

    Args:
        ws: Where the data and the definitions are.
        month: None for the newest month of the scorecard.
        as_of: The tick looked at; None for the newest.

    Raises:
        StoreError: There are no data at all and no month was given.
    """
    catalogue = ws.catalogue
    tick = ws.newest() if as_of is None else as_of
    coverage = map_coverage(catalogue)
    with ws.reading() as conn:
        look = Look(conn=conn, catalogue=catalogue, as_of=tick)
        shown = month or read_newest_month(look)
        ledger = LossLedger(look=look, month=shown)
        rows, found = read_explanations(look, outcomes_on_map(catalogue), ledger=ledger)

        def on_map(driver: Driver, outcome: Reading) -> MapLink:
            return MapLink(
                reading=driver.reading,
                contribution=driver.contribution,
                per_step=per_step(catalogue, driver, outcome, found),
                is_overdue=driver.contribution.link.review_by < look.today,
            )

        outcomes = [
            MapOutcome(
                explanation=row,
                links=tuple(on_map(driver, row.outcome) for driver in row.drivers),
                has_driver=row.outcome.metric.id not in coverage.without_driver,
            )
            for row in rows
        ]
    linked = {link.driver for link in catalogue.links.values()}
    moved = (one.money for outcome in outcomes for one in outcome.links)
    return LinkMap(
        organisation=catalogue.organisation,
        month=shown,
        as_of=tick,
        goals=_by_goal(outcomes),
        coverage=coverage,
        orphans=tuple(catalogue.metric(name) for name in coverage.orphans),
        activities=tuple(
            catalogue.metric(name) for name in coverage.activities if name not in linked
        ),
        without_driver=tuple(catalogue.metric(name) for name in coverage.without_driver),
        watermelons=ranked(row.disagreement for row in rows if row.disagreement),
        money_steps=_steps(max(moved, default=0.0)),
    )


def _is_of(one: MapLink, grades: Collection[EvidenceGrade] | None) -> bool:
    return grades is None or one.contribution.grade in grades


def _by_goal(outcomes: Iterable[MapOutcome]) -> tuple[MapGoal, ...]:
    found: dict[str, list[MapOutcome]] = {}
    for one in outcomes:
        found.setdefault(one.reading.metric.goal or "", []).append(one)
    return tuple(MapGoal(name=name, outcomes=tuple(rows)) for name, rows in found.items())


def _steps(largest: float) -> tuple[float, float] | None:
    return (_round(largest * _SOME), _round(largest * _MUCH)) if largest else None


def _round(money: float) -> float:
    """The nearest of 1, 2, 5, 10, 20 ... by proportion.

    Examples:
        >>> [_round(money) for money in (2_600, 13_000, 0.4)]
        [2000.0, 10000.0, 0.5]
    """
    size = 10.0 ** math.floor(math.log10(money))
    edges = itertools.pairwise((1.0, 2.0, 5.0, 10.0))
    return next((a for a, b in edges if money / size < math.sqrt(a * b)), 10.0) * size

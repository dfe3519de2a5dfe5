"""Where do we stand? Every outcome of a month with the IT drivers that moved it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.links import Assumption, Link
from kpi_engine.catalogue.organisation import Organisation
from kpi_engine.mapping.coverage import Coverage, map_coverage
from kpi_engine.mapping.propagation import Product, product, total
from kpi_engine.mapping.watermelon import Watermelon, ranked
from kpi_engine.maths.intervals import Estimate
from kpi_engine.maths.rollup import RollUp
from kpi_engine.periods import add_months
from kpi_engine.services.completeness import arrivals
from kpi_engine.services.contributions import money_once
from kpi_engine.services.dwa import DWA
from kpi_engine.services.estimates import read_estimates
from kpi_engine.services.goals import Goal, goals_of, standing
from kpi_engine.services.judging import status_in
from kpi_engine.services.look import Look
from kpi_engine.services.losses import LossLedger
from kpi_engine.services.month_readings import MonthReadings
from kpi_engine.services.months import read_months, read_newest_month, read_open_months
from kpi_engine.services.outcomes import Explanation, read_explanations
from kpi_engine.services.readings import Reading
from kpi_engine.services.series import latest_month, wanted
from kpi_engine.terms import Side, Status
from kpi_engine.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class Scorecard:
    """One month on one page.

    Attributes:
        months: Every month that can be shown, newest first (complete months only).
        rows: One per outcome, in the order of the organisation's scorecard.
        on_target: Outcomes on target this month and the month before (None: no month before), of
            those that are not provisional this month.
        cost: Money lost to IT this month, negative; None when nothing could be valued.
        gain: Money saved by IT this month; None when nothing could be valued.
        received: Metrics whose month is complete.
        expected: Metrics that have had data before and are due this month.
        late: Labels of those that are not complete.
        data_through: Last day with any fact.
        loaded_at: When the newest batch was accepted (UTC); None in an empty store.
        coverage: How much of what IT measures is tied to the business (N10).
        open_months: Months after those that have some data so far, newest first.
    """

    organisation: Organisation
    month: date
    months: tuple[date, ...]
    as_of: int
    rows: tuple[Explanation, ...]
    on_target: int
    on_target_before: int | None
    cost: Estimate | None
    gain: Estimate | None
    received: int
    expected: int
    late: tuple[str, ...]
    data_through: date | None
    loaded_at: datetime | None
    coverage: Coverage
    open_months: tuple[date, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether the month is still filling up while an earlier one can be shown."""
        return self.month in self.open_months

    def outcome(self, metric: str) -> Reading | None:
        """The month of one outcome; None where it is not on the scorecard."""
        found = (row.outcome for row in self.rows)
        return next((one for one in found if one.metric.id == metric), None)

    def count(self, status: Status) -> int:
        """How many outcomes have this status."""
        return sum(row.outcome.judgement.status is status for row in self.rows)

    @property
    def settled(self) -> tuple[Explanation, ...]:
        """The rows that the headline counts: all but provisional ones."""
        return settled_rows(self.rows)

    @property
    def goals(self) -> tuple[Goal, ...]:
        """Each strategic goal with what its outcomes amount to, in the order of the rows."""
        return goals_of(self.rows)

    @property
    def standing(self) -> RollUp:
        """What all outcomes together amount to."""
        return standing(self.rows)

    @property
    def disagreements(self) -> tuple[Watermelon, ...]:
        """Outcomes on which IT and business disagree, worst first (N2)."""
        return ranked(row.disagreement for row in self.rows if row.disagreement)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "organisation": self.organisation.name,
            "month": self.month.isoformat(),
            "months": [month.isoformat() for month in self.months],
            "open_months": [month.isoformat() for month in self.open_months],
            "as_of": self.as_of,
            "rows": [row.to_dict() for row in self.rows],
            "standing": self.standing.to_dict(),
            "goals": [goal.to_dict() for goal in self.goals],
            "on_target": self.on_target,
            "on_target_before": self.on_target_before,
            "cost": self.cost.to_dict() if self.cost else None,
            "gain": self.gain.to_dict() if self.gain else None,
            "received": self.received,
            "expected": self.expected,
            "late": list(self.late),
            "disagreements": [
                {
                    "outcome": one.metric,
                    "kind": one.disagreement.value,
                    "rank": one.rank,
                    "sentence": one.sentence,
                }
                for one in self.disagreements
            ],
            "data_through": self.data_through.isoformat() if self.data_through else None,
            "loaded_at": self.loaded_at.isoformat() if self.loaded_at else None,
            "coverage": self.coverage.to_dict(),
        }


def read(ws: Workspace, *, month: date | None = None, as_of: int | None = None) -> Scorecard:
    """Where every outcome stands in a month.

    Args:
        ws: Where the data and the definitions are.
        month: None for the newest month that can be shown.
        as_of: The tick looked at; None for the newest.

    Raises:
        StoreError: There are no data at all and no month was given.
    """
    catalogue = ws.catalogue
    tick = ws.newest() if as_of is None else as_of
    with ws.reading() as conn:
        look = Look(conn=conn, catalogue=catalogue, as_of=tick)
        months = read_months(look)
        open_months = read_open_months(look, months)
        shown = month or (months[0] if months else None)
        if shown is None:
            shown = read_newest_month(look)
        arrived = arrivals(look)
        end = look.calendar.last_day(shown)
        begun = [name for name, one in arrived.items() if one.first_day <= end]
        ledger = LossLedger(look=look, month=shown)
        rows, found = read_explanations(
            look,
            catalogue.organisation.scorecard,
            ledger=ledger,
            also=[wanted(name) for name in begun if name in catalogue.metrics],
        )
        estimates = read_estimates(look)
        valued = money_once(catalogue, _valued_links(rows), found, ledger, estimates)
    due = _due(catalogue, found, begun)
    late = [name for name in due if not found.readings[wanted(name)].freshness.is_complete]
    settled, known = settled_rows(rows), catalogue.assumptions
    return Scorecard(
        organisation=catalogue.organisation,
        month=shown,
        months=months,
        as_of=tick,
        rows=rows,
        on_target=sum(row.outcome.judgement.status is Status.ON_TARGET for row in settled),
        on_target_before=_on_target_before(catalogue, settled, add_months(shown, -1)),
        cost=total([one for one in valued if not _is_won(one, known)], known),
        gain=total([one for one in valued if _is_won(one, known)], known),
        received=len(due) - len(late),
        expected=len(due),
        late=tuple(catalogue.metric(name).label for name in late),
        data_through=max((one.data_through for one in arrived.values()), default=None),
        loaded_at=max((one.received_at for one in arrived.values()), default=None),
        coverage=map_coverage(catalogue),
        open_months=open_months,
    )


def _is_won(valued: Product, known: Mapping[str, Assumption]) -> bool:
    return product(valued, known).mid > 0


def settled_rows(rows: Iterable[Explanation]) -> tuple[Explanation, ...]:
    """Rows without those of which part of the month is still missing (A10).

    An outcome without any data stays: it is not on target, and nobody should think so.
    """
    return tuple(
        row for row in rows if row.outcome.value is None or row.outcome.freshness.is_complete
    )


def _due(catalogue: Catalogue, found: MonthReadings, begun: Iterable[str]) -> Sequence[str]:
    """Metrics of which this month brings a new value: the same ones as on the health page.

    Counts of others and what is worked out from them (demand-weighted availability) arrive with
    what they are made from.
    """
    start = catalogue.organisation.year_starts_in
    return [
        name
        for name in begun
        if (metric := catalogue.metrics.get(name)) is not None
        and metric.side is not Side.BASE
        and name != DWA
        and latest_month(metric, found.month, year_starts_in=start) == found.month
    ]


def _on_target_before(catalogue: Catalogue, rows: Iterable[Explanation], month: date) -> int | None:
    statuses = [status_in(row.outcome, catalogue, month) for row in rows]
    if all(status is Status.NO_DATA for status in statuses):
        return None
    return sum(status is Status.ON_TARGET for status in statuses)


def _valued_links(rows: Iterable[Explanation]) -> list[Link]:
    """Links whose amount has a value in money, from the top of the scorecard to its end."""
    return [
        driver.contribution.link
        for row in rows
        for driver in row.drivers
        if driver.contribution.money is not None
    ]

"""Did it work? Declared changes, each held against what was expected of it (N13)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.initiatives import FEWEST_MONTHS, Expectation, Initiative
from kpi_engine.catalogue.metrics import Metric
from kpi_engine.catalogue.organisation import Organisation
from kpi_engine.mapping.influence.intervention import (
    BeforeAfter,
    Outcome,
    before_after,
)
from kpi_engine.maths.intervals import Estimate
from kpi_engine.services.around_change import controls_of, course_of, key_of, label_of
from kpi_engine.services.closed_months import ClosedMonths
from kpi_engine.services.look import Look
from kpi_engine.services.series import Wanted
from kpi_engine.terms import Grain
from kpi_engine.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What became of one metric that an initiative should move.

    Attributes:
        label: The metric's, with its segment.
        outcome: In one word.
        change: Of the metric, in its unit, once the initiative is fully in force, with its 90 %
            range; None where there are too few months.
        expected: The change that was agreed, in its unit; None where nobody said.
        level: What the metric was before, on average; None where nothing is known of it.
        before: Months with a value before the initiative began.
        after: Whole months with a value since, those up to its due date.
        needed: Months that each side needs.
        placebos: Other dates that were tried, all before the initiative.
        false_placebos: Of them, those that look like a change as well.
        controls: Labels of series that were taken out.
        left_out: Labels of controls that are not known in all of these months.
    """

    expectation: Expectation
    metric: Metric
    label: str
    outcome: Outcome
    change: Estimate | None
    expected: Estimate | None
    level: float | None
    before: int
    after: int
    needed: int
    placebos: int
    false_placebos: int
    controls: tuple[str, ...]
    left_out: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "metric": self.metric.id,
            "label": self.label,
            "sign": self.expectation.sign,
            "outcome": self.outcome.value,
            "change": self.change.to_dict() if self.change else None,
            "expected": self.expected.to_dict() if self.expected else None,
            "level": self.level,
            "before": self.before,
            "after": self.after,
            "needed": self.needed,
            "placebos": self.placebos,
            "false_placebos": self.false_placebos,
            "controls": list(self.controls),
            "left_out": list(self.left_out),
        }


@dataclass(frozen=True, kw_only=True)
class Judged:
    """One initiative with its verdicts.

    Attributes:
        through: The last month looked at.
        is_final: Its due date lies behind that month: later months change nothing.
        verdicts: One a metric that it should move, in the order declared.
    """

    initiative: Initiative
    through: date
    is_final: bool
    verdicts: tuple[Verdict, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "initiative": self.initiative.model_dump(mode="json"),
            "through": self.through.isoformat(),
            "is_final": self.is_final,
            "verdicts": [one.to_dict() for one in self.verdicts],
        }


@dataclass(frozen=True, kw_only=True)
class Initiatives:
    """Every initiative that had begun by a month, the newest first.

    Attributes:
        planned: Those that had not, the next one first.
    """

    organisation: Organisation
    as_of: int
    month: date | None
    judged: tuple[Judged, ...]
    planned: tuple[Initiative, ...] = ()

    def about(self, metrics: Iterable[str]) -> tuple[Judged, ...]:
        """Those that should move any of some metrics."""
        named = set(metrics)
        return tuple(
            one for one in self.judged if named & {move.metric for move in one.initiative.moves}
        )

    def planned_about(self, metrics: Iterable[str]) -> tuple[Initiative, ...]:
        """Those to come that should move any of some metrics."""
        named = set(metrics)
        return tuple(one for one in self.planned if named & {move.metric for move in one.moves})

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "as_of": self.as_of,
            "month": self.month.isoformat() if self.month else None,
            "initiatives": [one.to_dict() for one in self.judged],
            "planned": [one.model_dump(mode="json") for one in self.planned],
        }


def read_initiatives(
    ws: Workspace, *, month: date | None = None, as_of: int | None = None
) -> Initiatives:
    """What became of every initiative that has begun.

    Months before and after its start are compared: trend, time of year and errors that last are
    allowed for. Only whole months count, up to its due date; a month in which it began half-way
    belongs to neither side.

    Args:
        ws: Where the data and the definitions are.
        month: The last month to look at; None for the newest there is of each metric.
        as_of: The tick looked at; None for the newest.
    """
    catalogue = ws.catalogue
    tick = ws.newest() if as_of is None else as_of
    begun = sorted(
        (
            one
            for one in catalogue.initiatives.values()
            if month is None or one.starts <= catalogue.organisation.calendar.last_day(month)
        ),
        key=lambda one: one.starts,
        reverse=True,
    )
    keys: list[Wanted] = []
    for one in begun:
        keys += map(key_of, one.moves)
        keys += map(key_of, one.controls)
    with ws.reading() as conn:
        closed = ClosedMonths(
            look=Look(conn=conn, catalogue=catalogue, as_of=tick), keys=tuple(dict.fromkeys(keys))
        )
        judged = tuple(_judged(one, catalogue, closed, month=month) for one in begun)
    return Initiatives(
        organisation=catalogue.organisation,
        as_of=tick,
        month=month,
        judged=judged,
        planned=tuple(
            sorted(
                (one for one in catalogue.initiatives.values() if one not in begun),
                key=lambda one: one.starts,
            )
        ),
    )


def _judged(
    initiative: Initiative, catalogue: Catalogue, closed: ClosedMonths, *, month: date | None
) -> Judged:
    calendar = catalogue.organisation.calendar
    due = calendar.month_of(initiative.due)
    newest = [max(closed.of(key_of(move)), default=date.min) for move in initiative.moves]
    through = min(due, month or max(calendar.month_of(initiative.starts), *newest))
    return Judged(
        initiative=initiative,
        through=through,
        is_final=through == due and min(newest) >= due,
        verdicts=tuple(
            _verdict(initiative, move, catalogue, closed, through) for move in initiative.moves
        ),
    )


def _verdict(
    initiative: Initiative,
    move: Expectation,
    catalogue: Catalogue,
    closed: ClosedMonths,
    through: date,
) -> Verdict:
    course = course_of(
        initiative,
        catalogue.metric(move.metric),
        closed.of(key_of(move)),
        through,
        catalogue.organisation.calendar,
    )
    expected = _expected(move)
    controls = controls_of(initiative, catalogue, closed, course)
    found = BeforeAfter(outcome=Outcome.TOO_SHORT, step=None, placebos=())
    if course.months:
        found = before_after(
            course.places,
            periods=course.months,
            grain=Grain.MONTH,
            changed=course.changed,
            sign=move.sign,
            expected=course.on_scale(expected),
            ramp=initiative.ramp_months,
            controls=controls.columns,
        )
    before = int(np.count_nonzero(course.was_before))
    return Verdict(
        expectation=move,
        metric=course.metric,
        label=label_of(catalogue, move),
        outcome=found.outcome,
        change=course.in_unit(found.step.likely) if found.step else None,
        expected=expected,
        level=course.level,
        before=before,
        after=int(np.count_nonzero(course.known)) - before,
        needed=FEWEST_MONTHS,
        placebos=len(found.placebos),
        false_placebos=found.false_placebos,
        controls=controls.used,
        left_out=controls.left_out,
    )


def _expected(move: Expectation) -> Estimate | None:
    change = move.change
    if change is None:
        return None
    return Estimate(low=change.low, mid=(change.low + change.high) / 2, high=change.high)

"""One metric by the month around a dated change, and what else moved it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.initiatives import Control, Expectation, Initiative
from kpi_engine.catalogue.metrics import Metric
from kpi_engine.fiscal import FiscalCalendar
from kpi_engine.mapping.influence.background import Floats
from kpi_engine.mapping.influence.scales import distance, moved, off_scale, on_scale
from kpi_engine.maths.intervals import Estimate
from kpi_engine.periods import add_months, months_between
from kpi_engine.services.closed_months import ClosedMonths
from kpi_engine.services.series import Wanted, wanted

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Course:
    """One metric by the month, on its scale, from its first month to the last looked at.

    Attributes:
        changed: The first month that was wholly after the start.
        places: NaN in months that are not in, and in the one in which it began half-way.
    """

    metric: Metric
    months: tuple[date, ...]
    changed: date
    places: Floats

    @property
    def known(self) -> Flags:
        """Which months there are."""
        return np.asarray(~np.isnan(self.places))

    @property
    def was_before(self) -> Flags:
        """Which months there are from before the change."""
        is_before = np.asarray([month < self.changed for month in self.months], dtype=np.bool_)
        return np.asarray(self.known & is_before)

    @property
    def level(self) -> float | None:
        """What the metric was before, in its unit."""
        before = self.places[self.was_before]
        return off_scale(float(before.mean()), self.metric.moves) if len(before) else None

    def in_unit(self, likely: Estimate) -> Estimate | None:
        """A change on the scale as one from the level before, in the metric's unit."""
        level, scale = self.level, self.metric.moves
        if level is None:
            return None
        low, mid, high = (
            moved(level, end, scale) - level for end in (likely.low, likely.mid, likely.high)
        )
        return Estimate.of(low, mid, high)

    def on_scale(self, change: Estimate | None) -> Estimate | None:
        """A change in the metric's unit as one on the scale; None where it has no place there."""
        level, scale = self.level, self.metric.moves
        if level is None or change is None:
            return None
        ends = [
            distance(level, level + end, scale) for end in (change.low, change.mid, change.high)
        ]
        low, mid, high = (end if end is not None else np.nan for end in ends)
        return None if np.isnan([low, mid, high]).any() else Estimate.of(low, mid, high)


def course_of(
    initiative: Initiative,
    metric: Metric,
    values: Mapping[date, float],
    through: date,
    calendar: FiscalCalendar,
) -> Course:
    """A metric's months as far as they count: those up to the last one looked at."""
    began = calendar.month_of(initiative.starts)
    is_whole = calendar.first_day(began) == initiative.starts
    known = {
        month: value
        for month, value in values.items()
        if month <= through and (is_whole or month != began)
    }
    months = months_between(min(known), through) if known else []
    series = np.asarray([known.get(month, np.nan) for month in months], dtype=np.float64)
    return Course(
        metric=metric,
        months=tuple(months),
        changed=began if is_whole else add_months(began, 1),
        places=on_scale(series, metric.moves),
    )


@dataclass(frozen=True, kw_only=True)
class Controls:
    """Series that move as the metric does and that the initiative does not touch.

    Attributes:
        used: Labels of those that are taken out.
        left_out: Labels of those that are not known in all months of the metric.
        columns: One each, on its scale, less its mean; None without any.
    """

    used: tuple[str, ...]
    left_out: tuple[str, ...]
    columns: Floats | None


def controls_of(
    initiative: Initiative, catalogue: Catalogue, closed: ClosedMonths, course: Course
) -> Controls:
    """Controls that are known in every month of the metric; others would take months away."""
    used, left_out, columns = [], [], []
    for control in initiative.controls:
        metric = catalogue.metric(control.metric)
        values = closed.of(key_of(control))
        series = np.asarray([values.get(month, np.nan) for month in course.months])
        places = on_scale(series, metric.moves)
        if np.isnan(places[course.known]).any() or not course.known.any():
            left_out.append(label_of(catalogue, control))
        else:
            used.append(label_of(catalogue, control))
            columns.append(places - np.nanmean(places))
    return Controls(
        used=tuple(used),
        left_out=tuple(left_out),
        columns=np.column_stack(columns) if columns else None,
    )


def key_of(entry: Expectation | Control) -> Wanted:
    """The metric and segment that an entry names."""
    return wanted(entry.metric, entry.segment)


def label_of(catalogue: Catalogue, entry: Expectation | Control) -> str:
    """The metric's label, with its segment."""
    return ", ".join([catalogue.metric(entry.metric).label, *entry.segment.values()])

"""What was felt of a driver, month by month, in each way in which it may be felt."""

from collections.abc import Sequence
from datetime import date

import numpy as np

from kpi_engine.catalogue.models import Link
from kpi_engine.mapping.influence.background import periods_from
from kpi_engine.mapping.influence.config import DEFAULT_CONFIG
from kpi_engine.mapping.influence.forecast import ShapeEffect
from kpi_engine.mapping.influence.scales import driver_on_scale
from kpi_engine.mapping.influence.shapes import Shape, bridged, shaped
from kpi_engine.periods import months_between
from kpi_engine.services.closed_months import ClosedMonths
from kpi_engine.services.grids import DAYS, by_month, over_before
from kpi_engine.services.series import wanted
from kpi_engine.services.tracks import TrackBook
from kpi_engine.terms import Grain


def felt_by_month(
    book: TrackBook,
    closed: ClosedMonths,
    link: Link,
    grain: Grain,
    shapes: Sequence[ShapeEffect],
    *,
    before: date | None = None,
) -> dict[date, tuple[float, ...]]:
    """What was felt of a driver in each month that is in, one number a shape.

    Args:
        book: Of tracks.
        closed: Whole months.
        link: Says whose driver, and what it acts on.
        grain: Of the series that the shapes are of.
        shapes: In the order wanted.
        before: Only what was over before this day is used; None for all there is.
    """
    key = wanted(link.driver, link.driver_segment)
    track = book.track(key, grain)
    if not track.values:
        return {}
    periods = _in_a_row(min(track.values), max(track.values), grain)
    if before is not None:
        periods = periods[: over_before(periods, before, grain)]
    outcome = book.track(wanted(link.outcome), grain)
    cases = np.asarray([outcome.cases.get(period, 0.0) for period in periods])
    weights = cases if cases.any() else np.ones(len(periods))
    values = bridged(
        driver_on_scale(track.on(periods), track.metric.moves), longest=DEFAULT_CONFIG.longest_gap
    )
    felt = [
        by_month(periods, shaped(values, Shape(one.lag, one.decay)), weights, grain)
        for one in shapes
    ]
    whole = [month for month in closed.are_in(key) if all(month in one for one in felt)]
    return {
        month: tuple(one[month] for one in felt)
        for month in whole
        if before is None or month < before
    }


def _in_a_row(first: date, last: date, grain: Grain) -> list[date]:
    if grain is Grain.MONTH:
        return months_between(first, last)
    return periods_from(first, (last - first).days // int(DAYS[grain]) + 1, grain)

"""What a value was when its month was closed, and whether the change since matters (E4).

Only what was published can be restated: that is the difference between an edition and now. A
month that was over and never published is held against its closing day instead; what changed
after it "changed later", which is another word wherever it is said.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from kpi_engine.catalogue.metrics import Metric
from kpi_engine.catalogue.organisation import Organisation
from kpi_engine.maths.status import Bound, kpi_status
from kpi_engine.periods import add_months
from kpi_engine.services.completeness import ENOUGH_DAYS
from kpi_engine.services.dwa import DWA
from kpi_engine.services.look import Look
from kpi_engine.services.series import (
    Point,
    Series,
    Wanted,
    latest_month,
    months_apart,
    read_series,
)
from kpi_engine.store import reads
from kpi_engine.store.closing import read_published_ticks

MATERIAL_SHARE_OF_VALUE = 0.01
MATERIAL_SHARE_OF_DISTANCE = 0.10


def closing_day(month: date, organisation: Organisation) -> date:
    """The day by whose end a month's data should be there."""
    return organisation.calendar.last_day(month) + timedelta(days=organisation.closing_day)


def closing_instant(month: date, organisation: Organisation) -> datetime:
    """The end of the day on which ``month`` is closed, as UTC without a zone mark."""
    day = closing_day(month, organisation) + timedelta(days=1)
    local = datetime.combine(day, time(), tzinfo=organisation.zone)
    return local.astimezone(ZoneInfo("UTC")).replace(tzinfo=None)


def closing_tick(look: Look, month: date) -> int:
    """The tick that a month's newest edition shows; of a month never published its closing day's.

    0 when nothing had been accepted by the end of that day, or the month had other days then.
    """
    tick = read_published_ticks(look.conn, as_of=look.as_of).get(month)
    if tick is None:
        instant = closing_instant(month, look.catalogue.organisation)
        tick = reads.read_tick_at(look.conn, instant)
    return tick if tick >= look.recast else 0


def published_months(look: Look) -> frozenset[date]:
    """Months of which an edition had been published: only these can be restated."""
    return frozenset(read_published_ticks(look.conn, as_of=look.as_of))


def read_closing_points(look: Look, keys: Iterable[Wanted], month: date) -> dict[Wanted, Point]:
    """Points of ``month`` as they stood when it was closed.

    Empty when nothing has been accepted since, or nothing had been before.
    """
    tick = closing_tick(look, month)
    if tick == 0 or tick >= look.as_of:
        return {}
    series = read_series(look.at(tick), keys, first=month, last=month)
    return {key: points[month] for key, points in series.items() if month in points}


def read_closings(look: Look, keys: Sequence[Wanted], month: date) -> Mapping[Wanted, Series]:
    """The month shown and the one before it of every key, each as of its own closing day.

    Of availability weighted by demand only the month shown: it is worked out anew from every
    order and outage, and those are restated in their own rows.
    """
    start = look.catalogue.organisation.year_starts_in
    by_month: dict[date, list[Wanted]] = {}
    for key in keys:
        metric = look.catalogue.metric(key.metric)
        shown = latest_month(metric, month, year_starts_in=start)
        for at in (shown, add_months(shown, -months_apart(metric))):
            if at == shown or key.metric != DWA:
                by_month.setdefault(at, []).append(key)
    found: dict[Wanted, dict[date, Point]] = {}
    for at, wanted_then in by_month.items():
        for key, point in read_closing_points(look, wanted_then, at).items():
            found.setdefault(key, {})[at] = point
    return found


def restated_from(
    before: Point | None, now: Point | None, metric: Metric, *, bounds: tuple[Bound, Bound] | None
) -> float | None:
    """The value on the closing day, if it has changed since by enough to matter.

    A month that was still filling up on that day was late, not restated.

    Args:
        before: As of the closing day.
        now: As it stands.
        metric: Says which way is good.
        bounds: Target and red line of the month.
    """
    if before is None or now is None or before.value is None or now.value is None:
        return None
    if was_filling(before, now):
        return None
    return before.value if is_material(before.value, now.value, metric, bounds=bounds) else None


def was_filling(before: Point, now: Point) -> bool:
    """Whether days were still missing then that are there now."""
    if before.days is None or now.days is None:
        return False
    return before.days < ENOUGH_DAYS * now.days


def is_material(
    before: float, now: float, metric: Metric, *, bounds: tuple[Bound, Bound] | None
) -> bool:
    """More than 1 % of the value, more than 10 % of the distance to target, or a status flip."""
    change = abs(now - before)
    if change == 0:
        return False
    if change > MATERIAL_SHARE_OF_VALUE * abs(before):
        return True
    if bounds is None:
        return False
    target, red_line = bounds
    distance = min(abs(before - end) for end in _ends(target))
    was, is_ = (
        kpi_status(value, target=target, red_line=red_line, direction=metric.direction)
        for value in (before, now)
    )
    return was is not is_ or change > MATERIAL_SHARE_OF_DISTANCE * distance


def _ends(bound: Bound) -> tuple[float, ...]:
    return bound if isinstance(bound, tuple) else (bound,)

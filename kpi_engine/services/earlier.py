"""A measure's history by its earlier definitions, over the same data, and the shift of level (N8).

What was published stays published; but a trend is drawn by one definition, and whoever remembers
other numbers has to see how much of the difference is the definition. So the earlier one is worked
out again over all events and imported facts that are known today.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.counting import way_of_counting
from kpi_engine.catalogue.earlier import catalogue_then
from kpi_engine.catalogue.metrics import Metric
from kpi_engine.maths.intervals import Estimate
from kpi_engine.periods import add_months
from kpi_engine.services.counted_then import NotComparable, obstacle, values_then
from kpi_engine.services.definition_history import DefinitionChange, changes, changes_about
from kpi_engine.services.look import Look
from kpi_engine.services.month_readings import read_readings
from kpi_engine.services.months import read_newest_month
from kpi_engine.services.readings import Reading
from kpi_engine.services.series import months_apart, wanted
from kpi_engine.store.definitions import Key, Version, read_versions
from kpi_engine.store.versions import Tick, read_tick
from kpi_engine.terms import Grain
from kpi_engine.workspace import Workspace

_NOISE = 1e-9


@dataclass(frozen=True, kw_only=True)
class MonthThen:
    """One month by both definitions, in the measure's unit.

    Attributes:
        then: By the earlier definition, over the data of today; None where it gives no value.
        now: By the definition in force.
    """

    month: date
    then: float | None
    now: float | None


@dataclass(frozen=True, kw_only=True)
class EarlierDefinition:
    """A definition of a measure that holds no more.

    Attributes:
        since: First day on which it counted; None for the first that is known.
        until: Day on which the next one first counted: declared, or when it was first used.
        because: Why the next one counts otherwise; empty where nobody said.
        changes: What the next one changed.
        months: The months (or ends of quarters) that lie wholly in its time, oldest first.
        shift: Earlier less present reading: least, mean and greatest over ``months``; None where
            nothing can be compared.
        reason: Why nothing can be said; None where something can.
    """

    since: date | None
    until: date
    because: str
    changes: tuple[DefinitionChange, ...]
    months: tuple[MonthThen, ...] = ()
    shift: Estimate | None = None
    reason: NotComparable | None = None

    @property
    def differs(self) -> bool:
        """Whether any month reads otherwise, or nobody can tell."""
        return self.reason is not None or any(
            one.then != one.now
            and (
                one.then is None
                or one.now is None
                or abs(one.then - one.now) > _NOISE * max(abs(one.then), abs(one.now))
            )
            for one in self.months
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "since": self.since.isoformat() if self.since else None,
            "until": self.until.isoformat(),
            "because": self.because,
            "changes": [one.to_dict() for one in self.changes],
            "months": [
                {"month": one.month.isoformat(), "then": one.then, "now": one.now}
                for one in self.months
            ],
            "shift": vars(self.shift) if self.shift else None,
            "reason": self.reason.value if self.reason else None,
        }


@dataclass(frozen=True, kw_only=True)
class MetricHistory:
    """What was changed about one measure, and what it reads by its earlier definitions.

    Attributes:
        changes: Of the measure, what it is made of, its targets and its links; newest first.
        earlier: By which any month of the last two years reads otherwise, oldest first.
    """

    metric: Metric
    changes: tuple[DefinitionChange, ...]
    earlier: tuple[EarlierDefinition, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "metric": self.metric.id,
            "changes": [one.to_dict() for one in self.changes],
            "earlier": [one.to_dict() for one in self.earlier],
        }


def read_metric_history(ws: Workspace, metric: str) -> MetricHistory:
    """What was changed about a measure, and by how much that moved its level.

    Raises:
        StoreError: There are no data.
        UnknownNameError: No such metric is declared.
    """
    found = ws.catalogue.metric(metric)
    with ws.reading() as connection:
        versions = read_versions(connection)
        look = Look(conn=connection, catalogue=ws.catalogue, as_of=ws.newest())
        month = read_newest_month(look)
    (reading,) = read_readings(ws, [wanted(metric)], month=month)
    return MetricHistory(
        metric=found,
        changes=changes_about(ws.catalogue, metric, changes(versions)),
        earlier=tuple(one for one in read_earlier(ws, reading) if one.differs),
    )


def read_earlier(
    ws: Workspace, reading: Reading, *, as_of: int | None = None
) -> tuple[EarlierDefinition, ...]:
    """Earlier definitions that held in the months of a reading's history, the oldest first.

    Of the whole measure only; of a segment nothing is said.

    Args:
        ws: Where the data are.
        reading: Says which measure and which months.
        as_of: The tick looked at; None for the newest.
    """
    metric, catalogue = reading.metric.id, ws.catalogue
    if reading.segment or not reading.history:
        return ()
    with ws.reading() as connection:
        versions, tick = read_versions(connection), read_tick(connection, as_of)
    found = []
    since: date | None = None
    for at, before, after in _turns(versions):
        then, next_ = (catalogue_then(catalogue, texts) for texts in (before, after))
        key: Key = ("metric", metric)
        if key not in before or key not in after or _way(then, metric) == _way(next_, metric):
            continue
        until = _first_day(catalogue, metric, then, next_, at)
        said = [one for one in changes(versions) if one.at == at]
        found.append(
            partial(
                _worked_out,
                ws,
                reading,
                tick,
                then,
                EarlierDefinition(
                    since=since,
                    until=until,
                    because=_because(metric, then, next_),
                    changes=changes_about(next_, metric, said),
                ),
            )
        )
        since = until
    return tuple(work() for work in found)


def _turns(
    versions: Sequence[Version],
) -> Iterator[tuple[datetime, Mapping[Key, str], Mapping[Key, str]]]:
    """Instants at which something was declared otherwise: what held before, and what from then."""
    texts: dict[Key, str] = {}
    for at in sorted({one.valid_from for one in versions}):
        before = dict(texts)
        texts |= {one.key: one.text for one in versions if one.valid_from == at}
        texts = {key: text for key, text in texts.items() if text}
        if before:
            yield at, before, dict(texts)


def _way(catalogue: Catalogue, metric: str) -> dict[str, Any] | None:
    """How a metric's numbers come about; None where that cannot be read."""
    return way_of_counting(catalogue, metric) if metric in catalogue.metrics else None


def _first_day(
    catalogue: Catalogue, metric: str, then: Catalogue, next_: Catalogue, at: datetime
) -> date:
    """The day declared for the next definition; else the one on which it was first used."""
    declared = [one.metrics[metric].since for one in (then, next_) if metric in one.metrics]
    if declared and declared[-1] is not None and declared[-1] not in declared[:-1]:
        return declared[-1]
    zone = catalogue.organisation.zone
    return at.replace(tzinfo=UTC).astimezone(zone).date()


def _because(metric: str, then: Catalogue, next_: Catalogue) -> str:
    said = [one.metrics[metric].because for one in (then, next_) if metric in one.metrics]
    return said[-1] if said and said[-1] not in said[:-1] else ""


def _worked_out(
    ws: Workspace, reading: Reading, tick: Tick, then: Catalogue, found: EarlierDefinition
) -> EarlierDefinition:
    """An earlier definition with the months of its time, as far as they can be worked out."""
    metric = reading.metric
    points = [
        point
        for point in reading.history
        if point.value is not None
        and reading.calendar.last_day(point.month) < found.until
        and (found.since is None or reading.calendar.last_day(point.month) >= found.since)
    ]
    reason = obstacle(ws.catalogue, then, metric.id)
    if reason is not None or not points:
        return replace(found, reason=reason)
    step = months_apart(metric)
    values = values_then(
        ws,
        tick,
        then,
        metric.id,
        grain=Grain.QUARTER if step > 1 else Grain.MONTH,
        months=(add_months(points[0].month, 1 - step), points[-1].month),
    )
    months = [
        MonthThen(
            month=point.month,
            then=values.get(add_months(point.month, 1 - step), point.value),
            now=point.value,
        )
        for point in points
    ]
    gaps = [one.then - one.now for one in months if one.then is not None and one.now is not None]
    if not gaps:
        return replace(found, reason=NotComparable.NO_FACTS)
    shift = Estimate(low=min(gaps), mid=sum(gaps) / len(gaps), high=max(gaps))
    return replace(found, months=tuple(months), shift=shift)

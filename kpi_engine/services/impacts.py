"""Figures that a staged change moves: what they are, what they would be, and how each is judged."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.metrics import Metric
from kpi_engine.maths.status import Bound, Judgement
from kpi_engine.periods import add_months
from kpi_engine.services.completeness import Arrival, arrivals, arrivals_from, completeness
from kpi_engine.services.import_results import Impact
from kpi_engine.services.judging import can_be_short, judged
from kpi_engine.services.look import Look
from kpi_engine.services.series import Point, Series, Wanted, months_apart, read_series, wanted
from kpi_engine.store import impact, tables
from kpi_engine.store.closing import read_published_ticks
from kpi_engine.store.freshness import read_freshness
from kpi_engine.store.segments import members_text, read_segments
from kpi_engine.store.staging import Staging
from kpi_engine.store.versions import Tick
from kpi_engine.terms import Grain, Side

_NEWEST = 2
"""Stored periods of a measure that may become judged, or open again, by a change."""


def read_impacts(
    connection: sa.Connection,
    staging: Staging,
    catalogue: Catalogue,
    *,
    before: Tick,
    after: Tick | None = None,
    comes: Arrival | None = None,
) -> list[Impact]:
    """What would change, outcomes of the scorecard first, newest month first.

    One row a metric and month, or a metric and quarter where it is kept by the quarter: the
    period that the scorecard shows, of everything and of the segment that a link names. What is
    worked out when it is read is not compared.

    Args:
        connection: To the store.
        staging: What the change brings.
        catalogue: Says what the scorecard shows, and judges it.
        before: The clock as it stands.
        after: The clock once the change is made, where other batches count by then.
        comes: When the data of the change come in and how far they reach; None where it brings
            none.
    """
    segments = _linked_segments(connection, staging, catalogue)
    changes = impact.read_changes(
        connection, staging, before=before, after=after or before, segments=segments.keys()
    )
    moved = [_Moved.of(row, catalogue, segments) for row in changes if _is_shown(row, catalogue)]
    published = read_published_ticks(connection, as_of=before.as_of).keys()
    judge = _Judge.of(connection, catalogue, moved, before=before, after=after, comes=comes)
    moved += judge.settled(moved)
    order = {name: index for index, name in enumerate(catalogue.organisation.scorecard)}
    found = [
        _impact(one, judge, is_published=not published.isdisjoint(one.shown_in)) for one in moved
    ]
    return sorted(found, key=lambda i: (order.get(i.metric, 99), i.label, -i.month.toordinal()))


def figures(
    impacts: Iterable[Impact],
) -> list[tuple[str, Mapping[str, str], date, float | None, float | None]]:
    """Which figures move, from what to what: what somebody agreed to."""
    return [
        (one.metric, one.segment, one.month, one.stored, one.after)
        for one in impacts
        if one.stored != one.after
    ]


def _linked_segments(
    connection: sa.Connection, staging: Staging, catalogue: Catalogue
) -> dict[tuple[str, int], Wanted]:
    """Drivers of which links look at one segment, by metric and number, stored or about to be."""
    keys = {
        wanted(link.driver, link.driver_segment)
        for link in catalogue.links.values()
        if link.driver_segment
    }
    numbers = read_segments(connection) | read_segments(connection, staging.like(tables.segment))
    found = {key: numbers.get(members_text(key.segment)) for key in keys}
    return {(key.metric, number): key for key, number in found.items() if number is not None}


def _impact(one: "_Moved", judge: "_Judge", *, is_published: bool) -> Impact:
    before, after = judge.before(one), judge.after(one)
    return Impact(
        metric=one.metric.id,
        segment=one.key.segment,
        label=", ".join([one.metric.label, *one.key.segment.values()]),
        month=one.period,
        stored=one.stored.value,
        after=one.after.value,
        status_before=before.status,
        status_after=after.status,
        is_published=is_published,
        bounds=(*_ends(after.target), *_ends(after.red_line)),
    )


def _ends(bound: Bound | None) -> tuple[float, ...]:
    if bound is None:
        return ()
    return bound if isinstance(bound, tuple) else (bound,)


def _is_shown(row: Mapping[str, Any], catalogue: Catalogue) -> bool:
    metric = catalogue.metrics.get(row["metric"])
    if metric is None or metric.side is Side.BASE or metric.worked_out:
        return False
    return bool(row["grain"] == (Grain.QUARTER if months_apart(metric) > 1 else Grain.MONTH))


@dataclass(frozen=True, kw_only=True)
class _Moved:
    """One figure that changes.

    Attributes:
        key: The metric, and the segment if it is not over all.
        period: First day of its month or quarter.
        month: By which its period goes on the scorecard: of a quarter its last.
    """

    key: Wanted
    metric: Metric
    period: date
    month: date
    stored: Point
    after: Point

    @classmethod
    def of(
        cls,
        row: Mapping[str, Any],
        catalogue: Catalogue,
        segments: Mapping[tuple[str, int], Wanted],
    ) -> "_Moved":
        key = segments.get((row["metric"], row["segment_id"]), wanted(row["metric"]))
        metric = catalogue.metric(row["metric"])
        stored, after = (
            Point(numerator=None, denominator=None, value=row[name], days=row[f"{name}_days"])
            for name in ("stored", "after")
        )
        month = add_months(row["month"], months_apart(metric) - 1)
        return cls(
            key=key,
            metric=metric,
            period=row["month"],
            month=month,
            stored=stored,
            after=after,
        )

    @property
    def shown_in(self) -> list[date]:
        """Months whose scorecard shows it: its own; of a quarter its last and the next two."""
        return [add_months(self.month, n) for n in range(months_apart(self.metric))]


@dataclass(frozen=True, kw_only=True)
class _Judge:
    """Figures against their targets, as the scorecard judges them: none that is short of days.

    Attributes:
        series: What is stored of metrics that can be short.
        changed: The same with the change.
        arrived: When data came in, by metric.
        arrived_after: The same once the change is made.
    """

    catalogue: Catalogue
    series: Mapping[Wanted, Series]
    changed: Mapping[Wanted, Series]
    arrived: Mapping[str, Arrival]
    arrived_after: Mapping[str, Arrival]

    @classmethod
    def of(
        cls,
        connection: sa.Connection,
        catalogue: Catalogue,
        moved: Sequence[_Moved],
        *,
        before: Tick,
        after: Tick | None,
        comes: Arrival | None,
    ) -> "_Judge":
        """With all that is known of the metrics that can be short; nothing is read without any."""
        short = [one for one in moved if can_be_short(one.metric)]
        keys = {one.key for one in short}
        series: Mapping[Wanted, Series] = {key: {} for key in keys}
        arrived: Mapping[str, Arrival] = {}
        later: Mapping[str, Arrival] = {}
        if short and before.as_of:
            look = Look(conn=connection, catalogue=catalogue, as_of=before.as_of)
            arrived = arrivals(look)
            if after is not None:
                later = arrivals_from(read_freshness(connection, catalogue, tick=after), catalogue)
            began = (look.calendar.month_of(one.first_day) for one in arrived.values())
            months = [one.month for one in short]
            series = read_series(look, keys, first=min([*months, *began]), last=max(months))
        changed = {key: dict(points) for key, points in series.items()}
        for one in short:
            changed[one.key][one.month] = one.after
        if after is None:
            names = {one.metric.id for one in short}
            pairs = ((name, _later(arrived.get(name), comes)) for name in names)
            later = {name: arrival for name, arrival in pairs if arrival is not None}
        return cls(
            catalogue=catalogue,
            series=series,
            changed=changed,
            arrived=arrived,
            arrived_after=later,
        )

    def settled(self, moved: Sequence[_Moved]) -> list[_Moved]:
        """Figures that stay and are judged otherwise: with the change their month is over, or open.

        Only the newest of each can be; what is older than the change was over before it.
        """
        found = []
        for key in {one.key for one in moved if can_be_short(one.metric)}:
            known = {one.month for one in moved if one.key == key}
            metric = self.catalogue.metric(key.metric)
            for month in sorted(self.series[key].keys() - known)[-_NEWEST:]:
                point = self.series[key][month]
                one = _Moved(
                    key=key,
                    metric=metric,
                    period=add_months(month, 1 - months_apart(metric)),
                    month=month,
                    stored=point,
                    after=point,
                )
                if self.before(one).status is not self.after(one).status:
                    found.append(one)
        return found

    def before(self, one: _Moved) -> Judgement:
        """As it stands."""
        arrival = self.arrived.get(one.metric.id)
        return self._judged(one, one.stored, self.series, arrival)

    def after(self, one: _Moved) -> Judgement:
        """As it would be."""
        arrival = self.arrived_after.get(one.metric.id)
        return self._judged(one, one.after, self.changed, arrival)

    def _judged(
        self, one: _Moved, point: Point, series: Mapping[Wanted, Series], arrival: Arrival | None
    ) -> Judgement:
        is_short = (
            can_be_short(one.metric)
            and not completeness(
                one.month,
                series[one.key],
                arrival,
                organisation=self.catalogue.organisation,
                months=months_apart(one.metric),
            ).is_complete
        )
        return judged(
            self.catalogue,
            one.metric,
            one.month,
            segment=one.key.segment,
            point=point,
            is_short=is_short,
        )


def _later(stored: Arrival | None, comes: Arrival | None) -> Arrival | None:
    """When data came in, once those of a change have."""
    if stored is None or comes is None:
        return stored or comes
    return Arrival(
        first_day=min(stored.first_day, comes.first_day),
        data_through=max(stored.data_through, comes.data_through),
        source_through=max(stored.source_through, comes.source_through),
        received_at=comes.received_at,
    )

"""How recent each metric's data are: the last day with a fact, not the last day of a file."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pandas as pd
import sqlalchemy as sa

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.store import tables
from kpi_engine.store.counters import local_day
from kpi_engine.store.reads import read_frame
from kpi_engine.store.versions import Tick, counting, effective, effective_few
from kpi_engine.terms import BatchKind, Grain


@dataclass(frozen=True, kw_only=True)
class _Window:
    """A month up to the day to which it was over when the data came in."""

    month: date
    first: date
    last: date


@dataclass(frozen=True, kw_only=True)
class _End:
    """The end of a window at which facts are looked for.

    Attributes:
        of: Its day.
        nearest: Of several days the one nearest to it: parts of one kind vouch for each other.
        farthest: Of several days the one farthest from it: all kinds are needed.
        fold: As ``nearest``, in SQL.
    """

    of: Callable[[_Window], date]
    nearest: Callable[[Iterable[date]], date]
    farthest: Callable[[Iterable[date]], date]
    fold: Callable[..., sa.Function[Any]]


_FIRST = _End(of=lambda window: window.first, nearest=min, farthest=max, fold=sa.func.min)
_LAST = _End(of=lambda window: window.last, nearest=max, farthest=min, fold=sa.func.max)
_FEW_MONTHS = 3
_Days = Mapping[tuple[str, _Window], date]
"""The day with a fact nearest to an end, by part and window."""


def read_freshness(connection: sa.Connection, catalogue: Catalogue, *, tick: Tick) -> pd.DataFrame:
    """One row a metric: first_day and data_through of its data, and when it last changed (UTC).

    ``first_day`` is that of the first month that has a value. While a metric has few months it is
    the first day with a fact: whether the first of them is whole matters to those who begin.
    ``data_through`` is the last day with a fact in the newest month that has a value. Counters of
    one kind of event vouch for each other; of parts from different kinds the oldest counts. What
    lay ahead when the metric last changed (a milestone, planned maintenance) does not count.
    """
    calendar = catalogue.organisation.calendar
    frame = _read_months(connection, tick, zone=catalogue.organisation.time_zone)
    received = dict(zip(frame["metric"], frame["received_on"], strict=True))
    # Only the month in which the data came in can lie ahead as a whole: one step back is enough.
    months = {
        str(metric): sorted(
            month for month in months if calendar.first_day(month) <= received[metric]
        )[:-3:-1]
        for metric, months in zip(frame["metric"], frame["months"], strict=True)
    }
    through: dict[str, date] = {}
    for back in (0, 1):
        windows = {
            metric: _Window(
                month=known[back],
                first=calendar.first_day(known[back]),
                last=min(calendar.last_day(known[back]), received[metric]),
            )
            for metric, known in months.items()
            if metric not in through and back < len(known)
        }
        through |= _read_ends(connection, catalogue, tick, windows, _LAST)
    frame["data_through"] = [
        through.get(
            metric, min([received[metric], *(calendar.last_day(month) for month in known[:1])])
        )
        for metric, known in months.items()
    ]
    starts = {
        str(metric): _Window(
            month=month, first=calendar.first_day(month), last=calendar.last_day(month)
        )
        for metric, month in zip(frame["metric"], frame["first_day"], strict=True)
    }
    few = {
        str(metric): starts[metric]
        for metric, known in zip(frame["metric"], frame["months"], strict=True)
        if len(known) <= _FEW_MONTHS
    }
    begun = _read_ends(connection, catalogue, tick, few, _FIRST)
    frame["first_day"] = [begun.get(metric, window.first) for metric, window in starts.items()]
    return frame.drop(columns=["months", "received_on"])


def _read_ends(
    connection: sa.Connection,
    catalogue: Catalogue,
    tick: Tick,
    windows: Mapping[str, _Window],
    end: _End,
) -> dict[str, date]:
    """The day nearest to an end by metric within its window; metrics without one are absent."""
    asked: dict[_Window, set[str]] = defaultdict(set)
    for metric, window in windows.items():
        asked[window] |= _leaves(catalogue, metric)
    days = _read_days(connection, tick, asked, end)
    found = {metric: _day_of(catalogue, metric, at, days, end) for metric, at in windows.items()}
    return {metric: day for metric, day in found.items() if day is not None}


def _read_months(connection: sa.Connection, tick: Tick, *, zone: str) -> pd.DataFrame:
    """One row a metric: its months with a value, the first, and when data last changed it."""
    rollup, came = tables.rollup, _data_came(tick)
    received_at = sa.func.max(came.c.at)
    now = effective_few(
        rollup,
        tables.ROLLUP_KEY,
        tick,
        rollup.c.segment_id == tables.ALL_SEGMENT,
        rollup.c.grain == Grain.MONTH.value,
    )
    query = (
        sa.select(
            now.c.metric,
            sa.func.min(now.c.period).label("first_day"),
            sa.func.array_agg(now.c.period).label("months"),
            received_at.label("received_at"),
            local_day(received_at, zone).label("received_on"),
        )
        .join(came, sa.and_(came.c.id == now.c.batch_id, came.c.metric == now.c.metric))
        .where(now.c.value.is_not(None))
        .group_by(now.c.metric)
        .order_by(now.c.metric)
    )
    return read_frame(connection, query)


def _data_came(tick: Tick) -> sa.Subquery:
    """One row a metric and batch that changed it: when the data came that it was worked out from.

    A change of definitions brings none: they are those of the newest batch before it that changed
    the metric; of a metric that is new, of any.
    """
    rollup, batch = tables.rollup.c, tables.batch.c
    month = (rollup.segment_id == tables.ALL_SEGMENT, rollup.grain == Grain.MONTH.value)
    changed = (
        sa.select(rollup.metric, rollup.batch_id)
        .where(*counting(tables.rollup, tick, month))
        .distinct()
        .subquery()
    )
    brought = sa.case((batch.kind != BatchKind.EDIT.value, batch.accepted_at))
    of_any = (
        sa.select(
            batch.id,
            brought.label("at"),
            sa.func.max(brought).over(order_by=batch.id).label("newest"),
        )
        .where(batch.id <= tick.as_of, batch.id.not_in(tick.undone))
        .subquery()
    )
    before = sa.func.max(of_any.c.at).over(
        partition_by=changed.c.metric, order_by=changed.c.batch_id
    )
    at = sa.func.coalesce(of_any.c.at, before, of_any.c.newest)
    return (
        sa.select(changed.c.metric, of_any.c.id, at.label("at"))
        .join_from(changed, of_any, of_any.c.id == changed.c.batch_id)
        .subquery()
    )


def _read_days(
    connection: sa.Connection, tick: Tick, asked: Mapping[_Window, Iterable[str]], end: _End
) -> _Days:
    """The day with a fact nearest to an end, of each part in each window.

    Most have one on the very day: it is looked at first, and the whole window for others. A fact
    of a whole month is on every day of it.
    """
    found: dict[tuple[str, _Window], date] = {}
    for window, parts in asked.items():
        edge = replace(window, first=end.of(window), last=end.of(window))
        days, doubtful = _read_any_version(connection, tick, edge, parts, end)
        if others := set(parts) - days.keys() - set(doubtful):
            further, doubted = _read_any_version(connection, tick, window, others, end)
            days, doubtful = days | further, [*doubtful, *doubted]
        if doubtful:
            days |= _read_effective(connection, tick, window, doubtful, end)
        found |= {(part, window): day for part, day in days.items()}
    return found


def _read_any_version(
    connection: sa.Connection, tick: Tick, window: _Window, parts: Iterable[str], end: _End
) -> tuple[dict[str, date], list[str]]:
    """The day by part over all versions, and the parts of which a fact was taken back.

    Of all others every version has a number, so that it need not be asked which one counts: that
    would take far longer than reading them.
    """
    by_day, by_month = (
        sa.select(
            tables.fact.c.part, day.label("day"), tables.fact.c.numerator.is_not(None).label("has")
        ).where(*counting(tables.fact, tick, [tables.fact.c.part.in_(sorted(parts)), *of_grain]))
        for day, of_grain in _asked(tables.fact, window, end)
    )
    # Each by a plain range of its own: only so are blocks of other days passed over.
    fact = by_day.union_all(by_month).subquery().c
    query = sa.select(
        fact.part,
        end.fold(fact.day).filter(fact.has).label("day"),
        sa.func.bool_and(fact.has).label("is_sure"),
    ).group_by(fact.part)
    rows = connection.execute(query).all()
    sure = {str(row.part): row.day for row in rows if row.is_sure}
    return sure, [str(row.part) for row in rows if not row.is_sure]


def _read_effective(
    connection: sa.Connection, tick: Tick, window: _Window, parts: Iterable[str], end: _End
) -> dict[str, date]:
    """The day by part of the facts that count."""
    fact = tables.fact
    (_, by_day), (_, by_month) = _asked(fact, window, end)
    either = sa.or_(sa.and_(*by_day), sa.and_(*by_month))
    now = effective(fact, tables.FACT_KEY, tick, fact.c.part.in_(sorted(parts)), either)
    whole = sa.literal(end.of(window), sa.Date)
    day = sa.case((now.c.grain == Grain.MONTH.value, whole), else_=now.c.day)
    query = (
        sa.select(now.c.part, end.fold(day).label("day"))
        .where(now.c.numerator.is_not(None))
        .group_by(now.c.part)
    )
    return {str(row.part): row.day for row in connection.execute(query)}


def _asked(
    fact: sa.FromClause, window: _Window, end: _End
) -> tuple[tuple[sa.ColumnElement[date], list[sa.ColumnElement[bool]]], ...]:
    """Facts of days and of the whole month: the day each tells of, and which lie in the window."""
    day, grain = fact.c.day, fact.c.grain
    return (
        (day, [grain == Grain.DAY.value, day.between(window.first, window.last)]),
        (
            sa.literal(end.of(window), sa.Date),
            [grain == Grain.MONTH.value, day == window.month],
        ),
    )


def _leaves(catalogue: Catalogue, metric: str) -> set[str]:
    """A metric and everything below it that facts may be stored under."""
    found = {metric}
    if metric in catalogue.metrics:
        for part in catalogue.metric(metric).measure.parts:
            found |= _leaves(catalogue, part) if part != metric else set()
    return found


def _day_of(
    catalogue: Catalogue, metric: str, window: _Window, days: _Days, end: _End
) -> date | None:
    """The day of a metric in a window: of what was stated for it, or of what it is made of."""
    kinds: dict[str, list[date]] = defaultdict(list)
    if metric in catalogue.metrics:
        for part in catalogue.metric(metric).measure.parts:
            if part == metric:
                continue
            below = _day_of(catalogue, part, window, days, end)
            kind = part.partition(".")[0] if part not in catalogue.metrics else part
            kinds[kind] += [below] if below else []
    made_of = [end.nearest(found) for found in kinds.values() if found]
    known = [end.farthest(made_of)] if made_of else []
    own = days.get((metric, window))
    known += [own] if own else []
    return end.nearest(known) if known else None

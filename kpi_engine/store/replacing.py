"""What a file takes out that is complete for its days: what its source brought, and it lacks.

Nothing is deleted: a new version says that the event is gone, or that the fact no longer holds.
Only what this source brought last is taken out, never what came from another.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from kpi_engine.catalogue.events import EventKind
from kpi_engine.store import tables
from kpi_engine.store.change import Change
from kpi_engine.store.counters import local_day
from kpi_engine.store.coverage import first_instant
from kpi_engine.store.loading import BLANK
from kpi_engine.store.versions import effective, holds

_LEFT_OUT = "row|left_out|%"
"""How the problem of a row begins that is no data."""


def stage_gone_events(change: Change, kind: EventKind, rows: sa.Table, *, source: str) -> int:
    """Stage that stored events are gone which lie on the days of a file and are not in it.

    The days are those of the first instant that the file tells, from its first good row to its
    last. A rejected row is in the file too: what is stored for it stays.

    Args:
        change: The change in the making, with the events of the file staged.
        kind: The event kind.
        rows: The rows of the file, good and bad.
        source: Where the file comes from.

    Returns:
        How many are gone.
    """
    at = first_instant(rows, kind)
    if at is None:
        return 0
    day = local_day(rows.c[at], change.zone)
    days = sa.select(sa.func.min(day), sa.func.max(day)).where(rows.c.problem.is_(None))
    first, last = change.connection.execute(days).one()
    if first is None:
        return 0
    table = tables.event_table(kind)
    now = effective(table, kind.key, change.before)
    columns = [now.c[name] for name in kind.columns]
    ended = [sa.literal(change.batch_id), sa.true(), sa.true(), sa.false(), sa.literal(0)]
    gone = sa.select(*columns, *ended).where(
        local_day(now.c[at], change.zone).between(first, last),
        _is_from(now, source),
        ~sa.exists().where(*(rows.c[k] == now.c[k] for k in kind.key)),
    )
    names = [*kind.columns, "batch_id", "is_update", "is_gone", "is_new", "n_rows"]
    return _stage(change, table, names, gone)


def stage_gone_facts(change: Change, checked: sa.Table, *, source: str) -> int:
    """Stage that stated facts no longer hold which lie in the time of a file and are not in it.

    Days, weeks, months and quarters each have their own time: from the first that a good row
    speaks of to the last. A month in the file takes out no day, and no day a month.

    Args:
        change: The change in the making, with the facts of the file staged.
        checked: The facts of the file, good and bad.
        source: Where the file comes from.

    Returns:
        How many no longer hold.
    """
    fact, c = tables.fact, checked.c
    times = (
        sa.select(c.grain, sa.func.min(c.day).label("first"), sa.func.max(c.day).label("last"))
        .where(c.problem.is_(None))
        .group_by(c.grain)
        .subquery()
    )
    stated = fact.c.part.in_(list(change.catalogue.metrics))
    now = effective(fact, tables.FACT_KEY, change.before, stated)
    nothing = sa.cast(None, sa.Double)
    ended = [nothing, nothing, sa.literal(change.batch_id), sa.true(), sa.false(), sa.literal(0)]
    gone = (
        sa.select(*(now.c[k] for k in tables.FACT_KEY), *ended)
        .join(times, sa.and_(times.c.grain == now.c.grain, now.c.day >= times.c.first))
        .where(
            now.c.day <= times.c.last,
            holds(now),
            _is_from(now, source),
            ~sa.exists().where(*(c[k] == now.c[k] for k in tables.FACT_KEY)),
        )
    )
    measured = ["numerator", "denominator", "batch_id", "is_update", "is_new", "n_rows"]
    return _stage(change, fact, [*tables.FACT_KEY, *measured], gone)


def count_unplaced(change: Change, rows: sa.Table, key: Sequence[str]) -> int:
    """Rejected rows of which nobody can tell which stored event or fact they are."""
    unknown = [rows.c[name].is_(None) for name in key]
    if "part" in key:
        unknown.append(rows.c.part.not_in(list(change.catalogue.metrics)))
    query = sa.select(sa.func.count()).where(
        rows.c.problem.is_not(None),
        rows.c.problem.not_like(_LEFT_OUT),
        rows.c.problem != BLANK,
        sa.or_(*unknown),
    )
    return int(change.connection.execute(query.select_from(rows)).scalar_one())


def _is_from(now: sa.FromClause, source: str) -> sa.ColumnElement[bool]:
    """Whether the version that counts came from a source."""
    batch = tables.batch
    return now.c.batch_id.in_(sa.select(batch.c.id).where(batch.c.source == source))


def _stage(change: Change, table: sa.Table, names: list[str], gone: sa.Select[Any]) -> int:
    """Put the last versions of what is gone into staging, beside those the file brings."""
    staged = change.staging.changes(table)
    change.connection.execute(staged.insert().from_select(names, gone))
    count = sa.select(sa.func.count()).select_from(staged).where(~holds(staged))
    return int(change.connection.execute(count).scalar_one())

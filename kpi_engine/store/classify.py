"""Staged rows against the store: which are new, updated, identical, duplicate or rejected."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from kpi_engine.catalogue.events import EventKind
from kpi_engine.catalogue.recipes import Grouping
from kpi_engine.store import tables
from kpi_engine.store.change import Change, touched_table
from kpi_engine.store.counters import calendar_month, exact_sum, local_day
from kpi_engine.store.loading import row_number
from kpi_engine.store.spans import last_checks, listed_months
from kpi_engine.store.staging import Staging
from kpi_engine.store.versions import effective, holds
from kpi_engine.terms import RowFate


def incoming_table(change: Change, columns: Sequence[sa.Column[Any]]) -> sa.Table:
    """One row an event or fact of the file: its columns, and how many rows made it."""
    copies: list[sa.Column[Any]] = [sa.Column(c.name, c.type) for c in columns]
    return change.staging.table("incoming", [*copies, sa.Column("n_rows", sa.BigInteger)])


def gather_events(
    change: Change, kind: EventKind, rows: sa.Table, grouping: Grouping | None
) -> sa.FromClause:
    """Good rows as one row an event: its columns, and how many rows made it (``n_rows``)."""
    provided = [c for c in rows.columns if c.name in kind.columns]
    names = [c.name for c in provided]
    if grouping is None or grouping.how != "sum":
        order = grouping.order_by if grouping else ()
        return _latest(change, kind.key, rows, names, order, notes=may_tie(kind, grouping))
    incoming = incoming_table(change, provided)
    change.staging.create(change.connection, incoming)
    query = _summed(kind, rows, names, grouping)
    change.connection.execute(incoming.insert().from_select([c.name for c in incoming.c], query))
    return incoming


def may_tie(kind: EventKind, grouping: Grouping | None) -> bool:
    """Whether rows of one event can differ without one being newer, so that somebody should know.

    Line items are added up, and of several tries of one thing the one that succeeded counts.
    """
    if grouping is None:
        return True
    counted = set(kind.columns) - set(kind.bookkeeping)
    return grouping.how != "sum" and not counted.intersection(grouping.order_by)


def _summed(
    kind: EventKind, rows: sa.Table, names: Sequence[str], grouping: Grouping
) -> sa.Select[Any]:
    """Line items into one event: added amounts, the earliest instant, the first of the rest."""
    at = row_number(rows)

    def folded(name: str) -> sa.ColumnElement[Any]:
        column = rows.c[name]
        if name in grouping.add:
            return exact_sum(column)
        if kind.columns[name] == "instant":
            return sa.func.min(column)
        return sa.func.arg_min(column, at)

    key = [rows.c[k] for k in kind.key]
    columns = [rows.c[n] if n in kind.key else folded(n).label(n) for n in names]
    return sa.select(*columns, sa.func.count()).where(rows.c.problem.is_(None)).group_by(*key)


def _latest(
    change: Change,
    key: Sequence[str],
    rows: sa.Table,
    names: Sequence[str],
    order_by: Sequence[str],
    *,
    notes: bool,
) -> sa.Subquery:
    """The last version of each key by ``order_by``, then file order.

    Most files name a key once; only keys that come again are ranked, and nothing is copied.
    """
    again = _stage_repeated(change, key, rows)
    is_good = rows.c.problem.is_(None)
    same = sa.and_(*(again.c[k] == rows.c[k] for k in key))
    order = [rows.c[name].desc().nulls_last() for name in order_by if name in rows.c]
    newest = sa.func.row_number().over(
        partition_by=[rows.c[k] for k in key], order_by=[*order, row_number(rows).desc()]
    )
    if notes:
        _note_tied(change, key, rows.join(again, same), rows, names, order)
    columns = [rows.c[n] for n in names]
    ranked = (
        sa.select(*columns, again.c.n_rows, newest.label("newest"))
        .join(again, same)
        .where(is_good)
        .subquery()
    )
    one: sa.ColumnElement[Any] = sa.literal_column("1")
    once = sa.select(*columns, one.label("n_rows")).where(is_good, ~sa.exists().where(same))
    last = sa.select(*(ranked.c[n] for n in names), ranked.c.n_rows)
    return once.union_all(last.where(ranked.c.newest == 1)).subquery("incoming")


def _note_tied(
    change: Change,
    key: Sequence[str],
    repeated: sa.FromClause,
    rows: sa.Table,
    names: Sequence[str],
    order: Sequence[sa.UnaryExpression[Any]],
) -> None:
    """Keep how many keys have several newest rows that differ, and which key is one of them."""
    own, said = [rows.c[k] for k in key], [rows.c[n] for n in names if n not in key]
    rank = sa.func.rank().over(partition_by=own, order_by=order or None)
    newest = (
        sa.select(*own, sa.func.row(*(said or own)).label("said"), rank.label("rank"))
        .select_from(repeated)
        .where(rows.c.problem.is_(None))
        .subquery()
    )
    named = sa.func.concat_ws(", ", *(newest.c[k] for k in key)).label("one")
    tied = (
        sa.select(named)
        .where(newest.c.rank == 1)
        .group_by(*(newest.c[k] for k in key))
        .having(sa.func.count(newest.c.said.distinct()) > 1)
        .subquery()
    )
    noted = _tied_table(change.staging)
    change.staging.create(change.connection, noted)
    count = sa.select(sa.func.count(), sa.func.min(tied.c.one))
    change.connection.execute(noted.insert().from_select(["n", "one"], count))


def _tied_table(staging: Staging) -> sa.Table:
    return staging.table("tied", [sa.Column("n", sa.BigInteger), sa.Column("one", sa.String)])


def read_tied(connection: sa.Connection, staging: Staging) -> tuple[int, str]:
    """Events of a file of which nothing says which row is the newest: how many, and the least."""
    found = connection.execute(sa.select(_tied_table(staging))).one()
    return int(found.n), str(found.one)


def _stage_repeated(change: Change, key: Sequence[str], rows: sa.Table) -> sa.Table:
    """Keys that more than one good row has, and how many rows."""
    columns: list[sa.Column[Any]] = [sa.Column(k, rows.c[k].type) for k in key]
    again = change.staging.table("again", [*columns, sa.Column("n_rows", sa.BigInteger)])
    change.staging.create(change.connection, again)
    query = (
        sa.select(*(rows.c[k] for k in key), sa.func.count())
        .where(rows.c.problem.is_(None))
        .group_by(*(rows.c[k] for k in key))
        .having(sa.func.count() > 1)
    )
    change.connection.execute(again.insert().from_select([c.name for c in again.c], query))
    return again


def stage_changes(
    change: Change,
    table: sa.Table,
    key: Sequence[str],
    incoming: sa.FromClause,
    *,
    whole_rows: bool,
    order_by: Sequence[str] = (),
) -> dict[RowFate, int]:
    """Put new and updated versions into staging, and count the rows behind each fate.

    Columns that the file does not carry keep the value they have.

    Args:
        change: The change in the making.
        table: The store table.
        key: Its natural key.
        incoming: One row a key.
        whole_rows: Every row of the file counts with its event (line items); otherwise all but
            the last version of a key are duplicates.
        order_by: Columns that say which of two versions is newer; an older one changes nothing.
    """
    provided = [c.name for c in table.columns if c.name in incoming.c and c.name != "batch_id"]
    bounds = _bounds(change, key, incoming)
    stored = effective(table, key, change.tick, *_within(table, bounds))
    is_new = stored.c["numerator" if table is tables.fact else key[0]].is_(None)
    content = [n for n in provided if n not in key]
    has_changed = sa.or_(is_new, *(incoming.c[n].is_distinct_from(stored.c[n]) for n in content))
    is_older = _ranks_below(incoming, stored, order_by)
    joined = incoming.outerjoin(stored, sa.and_(*(stored.c[k] == incoming.c[k] for k in key)))
    values = [
        incoming.c[c.name] if c.name in provided else stored.c[c.name]
        for c in table.columns
        if c.name not in _OF_THE_VERSION
    ]
    is_gone = [sa.false()] if "is_gone" in table.c else []
    rows = (
        sa.select(
            *values,
            sa.literal(change.batch_id),
            sa.or_(~is_new, _once_existed(change, table, key, incoming, bounds)),
            *is_gone,
            is_new,
            incoming.c.n_rows,
        )
        .select_from(joined)
        .where(has_changed, ~is_older)
    )
    if order_by:
        _note_older(change, joined, is_older)
    staged = change.staging.changes(table)
    change.connection.execute(staged.insert().from_select([c.name for c in staged.c], rows))
    return _counted(change, staged, incoming, whole_rows=whole_rows)


_Bounds = Mapping[str, tuple[Any, Any]]


def _bounds(change: Change, key: Sequence[str], incoming: sa.FromClause) -> _Bounds:
    """The least and greatest of each part of the keys that come in.

    So much of the store is compared with, and no more: two rows beside millions.
    """
    ends = [end(incoming.c[name]) for name in key for end in (sa.func.min, sa.func.max)]
    found = change.connection.execute(sa.select(*ends)).one()
    return {name: (found[2 * n], found[2 * n + 1]) for n, name in enumerate(key)}


def _within(table: sa.FromClause, bounds: _Bounds) -> list[sa.ColumnElement[bool]]:
    return [
        table.c[name].between(least, greatest)
        for name, (least, greatest) in bounds.items()
        if least is not None
    ]


_OF_THE_VERSION = ("batch_id", "is_update", "is_gone")
"""Columns that speak of a version, not of what happened."""


def _ranks_below(
    one: sa.FromClause, other: sa.FromClause, order_by: Sequence[str]
) -> sa.ColumnElement[bool]:
    """Whether one version is older than another; without both ranks nobody can say so."""
    lower: sa.ColumnElement[bool] = sa.false()
    for name in reversed([name for name in order_by if name in one.c and name in other.c]):
        tied = one.c[name].is_not_distinct_from(other.c[name])
        lower = sa.or_(one.c[name] < other.c[name], sa.and_(tied, lower))
    return sa.func.coalesce(lower, sa.false())


def _note_older(change: Change, joined: sa.FromClause, is_older: sa.ColumnElement[bool]) -> None:
    """Keep how many versions of the file are older than what is stored."""
    noted = _older_table(change.staging)
    change.staging.create(change.connection, noted)
    count = sa.select(sa.func.count()).select_from(joined).where(is_older)
    change.connection.execute(noted.insert().from_select(["n"], count))


def _older_table(staging: Staging) -> sa.Table:
    return staging.table("older", [sa.Column("n", sa.BigInteger)])


def read_older(connection: sa.Connection, staging: Staging) -> int:
    """How many events of a file that has ranks are older than what is stored."""
    return int(connection.execute(sa.select(_older_table(staging).c.n)).scalar_one())


def _once_existed(
    change: Change,
    table: sa.Table,
    key: Sequence[str],
    incoming: sa.FromClause,
    bounds: _Bounds,
) -> sa.ColumnElement[bool]:
    """Whether a key has versions though none counts: taken out, or their batch was undone."""
    versions = table.alias("versions")
    ended = [~holds(versions)]
    if change.tick.undone:
        ended.append(versions.c.batch_id.in_(change.tick.undone))
    same = (versions.c[k] == incoming.c[k] for k in key)
    return sa.exists().where(sa.or_(*ended), *same, *_within(versions, bounds))


def _counted(
    change: Change, staged: sa.Table, incoming: sa.FromClause, *, whole_rows: bool
) -> dict[RowFate, int]:
    def rows(table: sa.FromClause, *only: sa.ColumnElement[bool]) -> tuple[int, int]:
        """How many events, and how many rows of the file made them."""
        rows_behind = sa.func.coalesce(sa.func.sum(table.c.n_rows), 0)
        query = sa.select(sa.func.count(), rows_behind).select_from(table).where(*only)
        events, behind = change.connection.execute(query).one()
        return int(events), int(behind)

    counted = 1 if whole_rows else 0
    new, updated = rows(staged, staged.c.is_new)[counted], rows(staged, ~staged.c.is_new)[counted]
    events = rows(incoming)
    return {
        RowFate.NEW: new,
        RowFate.UPDATED: updated,
        RowFate.IDENTICAL: events[counted] - new - updated,
        RowFate.DUPLICATE: events[1] - events[counted],
        RowFate.REJECTED: 0,
    }


def versions_of(table: sa.Table, key: Sequence[str], keys: sa.Select[Any]) -> sa.Subquery:
    """Every stored version of the events or facts that ``keys`` names."""
    wanted = keys.subquery("affected_keys")
    same = (wanted.c[k] == table.c[k] for k in key)
    return sa.select(table).where(sa.exists().where(*same)).subquery()


def touch_event_months(change: Change, kind: EventKind, *origins: sa.FromClause) -> None:
    """Note the months in which any version of the affected events counts.

    Args:
        change: The change in the making.
        kind: The event kind.
        origins: Where versions of the affected events are.
    """
    touched = touched_table(change.staging)
    for origin in origins:
        rows = touched_months(kind, origin, zone=change.zone)
        change.connection.execute(touched.insert().from_select(["month"], rows))
    if kind.id in ("outage", "check"):
        _touch_far_months(change, kind, origins)


def _touch_far_months(change: Change, kind: EventKind, origins: Sequence[sa.FromClause]) -> None:
    """Note months that change though no event of theirs does.

    A list of outages that grows is watched throughout; a last check that is followed now speaks
    for the hours after it.
    """
    touched = touched_table(change.staging)
    services = sa.union(*(sa.select(origin.c.service) for origin in origins)).subquery()
    before = effective(tables.event_table(kind), kind.key, change.before)
    for events in (before, change.events(kind)):
        if kind.id == "outage":
            listed = listed_months(events, zone=change.zone)
            affected = listed.c.service.in_(sa.select(services.c.service))
            rows = sa.select(listed.c.month).where(affected).distinct()
        else:
            last = last_checks(events)
            affected = last.c.service.in_(sa.select(services.c.service))
            rows = touched_months(
                kind, sa.select(last).where(affected).subquery(), zone=change.zone
            )
        change.connection.execute(touched.insert().from_select(["month"], rows))


def touched_months(kind: EventKind, origin: sa.FromClause, *, zone: str) -> sa.Select[Any]:
    """Months an event counts in: of each instant; all between for a span; a day around a check."""
    if kind.id == "outage":
        first, last = (
            calendar_month(local_day(origin.c[n], zone)) for n in ("started_at", "ended_at")
        )
        months = sa.func.generate_series(
            sa.cast(first, sa.TIMESTAMP),
            sa.cast(last, sa.TIMESTAMP),
            sa.literal_column("INTERVAL 1 MONTH"),
        )
        return sa.select(sa.cast(sa.func.unnest(months), sa.Date).label("month")).distinct()
    one_day: sa.ColumnElement[Any] = sa.literal_column("INTERVAL 1 DAY")
    names = kind.happens_at
    instants: list[sa.ColumnElement[Any]] = [origin.c[name] for name in names]
    if kind.id == "check":
        instants = [at + shift for at in instants for shift in (one_day, -one_day)]
    # No zone cuts a quarter of an hour, and there are far fewer of them than of instants.
    quarter: sa.ColumnElement[Any] = sa.literal_column("INTERVAL 15 MINUTE")
    quarters = [sa.func.time_bucket(quarter, at) for at in instants]
    at = (
        sa.select(sa.func.unnest(sa.func.list_value(*quarters)).label("at"))
        .distinct()
        .subquery()
        .c.at
    )
    return sa.select(calendar_month(local_day(at, zone))).where(at.is_not(None)).distinct()

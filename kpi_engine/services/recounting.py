"""Everything derived worked out again in staging: only what differs from what is kept is staged."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import TypeVar

import sqlalchemy as sa

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.events import EventKind
from kpi_engine.periods import month_of
from kpi_engine.services.comparing import counted_parts, fold_again
from kpi_engine.services.preparing import new_token
from kpi_engine.store import stated, tables
from kpi_engine.store.change import Change, touched_table
from kpi_engine.store.classify import touch_event_months
from kpi_engine.store.derivation import derive_facts
from kpi_engine.store.engine import apart
from kpi_engine.store.hours import derive_hours
from kpi_engine.store.leaves import place_events, stage_segments
from kpi_engine.store.parts import part_uses
from kpi_engine.store.refolding import affected_metrics, ranked_kinds
from kpi_engine.store.staging import Staging, close_staging, open_staging, prepare_tables
from kpi_engine.store.versions import Tick
from kpi_engine.terms import Grain
from kpi_engine.workspace import Workspace

Result = TypeVar("Result")


def open_recount(ws: Workspace) -> Staging:
    """A staging area to count again in; whoever opens it closes it."""
    staging = open_staging(ws.engine, ws.staging_folder, token=new_token())
    prepare_tables(ws.engine, staging, None)
    return staging


def counted_again(
    ws: Workspace,
    catalogue: Catalogue,
    tick: Tick,
    *,
    kinds: Iterable[str],
    metrics: Iterable[str],
    read: Callable[[Change], Result],
    months: tuple[date, date] | None = None,
) -> Result:
    """What ``read`` finds once everything is counted again; nothing of it is kept.

    Args:
        ws: Where the data are.
        catalogue: Definitions to count by, which need not be those in force.
        tick: Events and imported facts up to here count.
        kinds: Whose events are counted again.
        metrics: Which are folded again, with all that is made of them.
        read: Reads what was staged.
        months: The first and the last that are of interest; None for all.
    """
    staging = open_recount(ws)

    def work(connection: sa.Connection) -> Result:
        change = Change(
            connection=connection,
            staging=staging,
            catalogue=catalogue,
            before=tick,
            tick=tick,
            batch_id=tick.as_of + 1,
        )
        recount(change, kinds=kinds, metrics=metrics, months=months)
        return read(change)

    try:
        return apart(ws.engine, work)
    finally:
        close_staging(ws.engine, staging)


def recount(
    change: Change,
    *,
    kinds: Iterable[str],
    metrics: Iterable[str],
    months: tuple[date, date] | None = None,
) -> None:
    """Stage every fact and rollup that is another than what is kept.

    Args:
        change: Brings nothing; its catalogue says how things are counted.
        kinds: Whose events are counted again; those without any are left out.
        metrics: Which are folded again, with all that is made of them.
        months: The first and the last in which that is done; None for all.
    """
    every = change.catalogue.events
    asked = {*kinds} | ({"outage"} & every.keys() if "check" in kinds else set())
    counted = [every[name] for name in every if name in asked and _is_there(change, every[name])]
    parts = [*metrics, *(part for kind in counted for part in counted_parts(change, kind))]
    ranked = ranked_kinds(change.catalogue, parts)
    change.staging.create(change.connection, touched_table(change.staging))
    stage_segments(change, [])
    for kind in {kind.id: kind for kind in (*counted, *ranked)}.values():
        touch_event_months(change, kind, tables.event_table(kind))
    affected = affected_metrics(change.catalogue, parts)
    uses = {use.part for metric in affected for use in part_uses(change.catalogue, metric)}
    stated.touch_fact_months(change, tables.fact, tables.fact.c.part.in_(sorted(uses)))
    _touch_kept_months(change, [metric.id for metric in affected])
    if months is not None:
        touched, calendar = touched_table(change.staging), change.catalogue.organisation.calendar
        first, last = calendar.first_day(months[0]), calendar.last_day(months[1])
        beyond = sa.delete(touched).where(~touched.c.month.between(month_of(first), month_of(last)))
        change.connection.execute(beyond)
    for kind in counted:
        _count(change, kind)
    fold_again(change, parts)


def _touch_kept_months(change: Change, metrics: Sequence[str]) -> None:
    """Months with a number that nothing may be left of."""
    rollup, touched = tables.rollup.c, touched_table(change.staging)
    kept = sa.select(rollup.period).where(
        rollup.metric.in_(metrics), rollup.grain.in_([Grain.MONTH.value, Grain.QUARTER.value])
    )
    change.connection.execute(touched.insert().from_select(["month"], kept.distinct()))


def _is_there(change: Change, kind: EventKind) -> bool:
    """Whether a kind has events, or had some of which numbers are kept."""
    table, fact = tables.event_table(kind), tables.fact
    has_events = sa.select(sa.exists().select_from(table))
    kept = sa.select(sa.exists().where(fact.c.part.in_(counted_parts(change, kind))))
    return any(change.connection.execute(one).scalar_one() for one in (has_events, kept))


def _count(change: Change, kind: EventKind) -> None:
    """Count one kind; minutes that checks and outages share are counted once, with the last."""
    staged: Sequence[sa.Table] = [change.staging.like(t) for t in (tables.fact, tables.hour_fact)]
    for table in staged:
        again = sa.delete(table).where(table.c.part.in_(counted_parts(change, kind)))
        change.connection.execute(again)
    place_events(change, kind)
    derive_facts(change, kind)
    derive_hours(change, kind)

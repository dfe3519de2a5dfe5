"""Rollups of the touched months folded again, and what differs staged."""

from collections.abc import Iterable, Sequence
from functools import partial

import sqlalchemy as sa

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.events import EventKind
from kpi_engine.catalogue.metrics import Metric
from kpi_engine.store import counters, folding, parts, rollups, tables
from kpi_engine.store.calendar import calendar_table, days_of, names_table, stage_calendar
from kpi_engine.store.change import Change
from kpi_engine.store.daily import daily_rollups
from kpi_engine.store.placing import (
    RANKED,
    Ranked,
    place,
    placed_table,
    ranked_metrics,
)
from kpi_engine.store.staging import Staging
from kpi_engine.store.versions import differs, effective
from kpi_engine.terms import Grain

_GRAINS = (Grain.WEEK, Grain.MONTH, Grain.QUARTER, Grain.YEAR)


def derive_rollups(change: Change, kinds: Iterable[EventKind], changed: Iterable[str]) -> None:
    """Stage every rollup that differs once the change is made.

    Args:
        change: With events and facts staged.
        kinds: Event kinds whose values the affected metrics rank; their events are placed.
        changed: Names of facts that changed.
    """
    metrics = affected_metrics(change.catalogue, changed)
    ids = {metric.id for metric in metrics}
    ranked = [r for kind in kinds for r in ranked_metrics(change, kind) if r[0].id in ids]
    fresh = _begin(change, metrics)
    uses = _gather(change, metrics)
    _fold(change, metrics, uses, fresh)
    _fold_days(change, metrics, fresh)
    _fold_longer(change, metrics, fresh)
    _rank(change, ranked, fresh)
    _stage_periods(change, fresh)
    _stage_days(change, fresh)


def derive_days(change: Change, changed: Iterable[str]) -> None:
    """Stage the rollups of days alone that differ once the change is made.

    Args:
        change: With what it touches staged.
        changed: Names of facts that changed.
    """
    metrics = [m for m in affected_metrics(change.catalogue, changed) if parts.has_days(m)]
    fresh = _begin(change, metrics)
    _gather(change, metrics)
    _fold_days(change, metrics, fresh)
    _stage_days(change, fresh)


def _begin(change: Change, metrics: Sequence[Metric]) -> sa.Table:
    """Make what folding fills: which metrics and days are folded again, and where to."""
    fresh, affected = _rollup_table(change.staging), _affected_table(change.staging)
    change.staging.create(change.connection, fresh, affected)
    if metrics:
        rows = [{"metric": metric.id} for metric in metrics]
        change.connection.execute(affected.insert(), rows)
    stage_calendar(change)
    return fresh


def ranked_kinds(catalogue: Catalogue, parts: Iterable[str]) -> list[EventKind]:
    """Kinds whose events are ranked by the metrics that a change of ``parts`` affects."""
    owners = {
        (metric.measure.value or "").partition(".")[0]
        for metric in affected_metrics(catalogue, parts)
        if metric.measure.fold in RANKED
    }
    return [kind for name, kind in catalogue.events.items() if name in owners]


def affected_metrics(catalogue: Catalogue, parts: Iterable[str]) -> list[Metric]:
    """Metrics that are among ``parts``, or made of one of them."""
    named = set(parts)
    using = {m.id: m for m in catalogue.metrics_using(named)}
    using |= {i: catalogue.metrics[i] for i in named if i in catalogue.metrics}
    return list(using.values())


def _affected_table(staging: Staging) -> sa.Table:
    """One row a metric whose rollups may change."""
    return staging.table("affected", [sa.Column("metric", sa.String)])


def _rollup_table(staging: Staging) -> sa.Table:
    columns = [c for c in tables.rollup.columns if c.name not in ("batch_id", "is_update")]
    return staging.table("fresh_rollup", [sa.Column(c.name, c.type) for c in columns])


def _gather(change: Change, metrics: Sequence[Metric]) -> list[parts.PartUse]:
    """Read the facts of the touched periods once, for all who fold them; return their uses."""
    uses = [use for m in metrics for use in parts.part_uses(change.catalogue, m)]
    gathered = _gathered_table(change.staging)
    change.staging.create(change.connection, gathered)
    if uses:
        names = sorted({use.part for use in uses})
        facts = change.facts(partial(_of_parts, names=names), partial(_in_reach, change))
        rows = sa.select(*(facts.c[c.name] for c in gathered.c))
        change.connection.execute(gathered.insert().from_select([c.name for c in gathered.c], rows))
    return uses


def _gathered_table(staging: Staging) -> sa.Table:
    """Facts of the periods that are folded again, as they will stand after the change."""
    names = ("part", "segment_id", "grain", "day", "numerator", "denominator")
    return staging.table("gathered", [sa.Column(n, tables.fact.c[n].type) for n in names])


def _in_reach(change: Change, facts: sa.FromClause) -> sa.ColumnElement[bool]:
    """Days of the weeks and months that are folded again; stated periods by their names."""
    by_day, by_name = calendar_table(change.staging), names_table(change.staging)
    is_stated = facts.c.grain.in_([Grain.MONTH.value, Grain.QUARTER.value])
    named = facts.c.day.in_(days_of(by_name, Grain.MONTH, Grain.QUARTER))
    in_days = facts.c.day.in_(days_of(by_day, Grain.WEEK, Grain.MONTH))
    return sa.or_(in_days, sa.and_(is_stated, named))


def _of_parts(facts: sa.FromClause, names: Sequence[str]) -> sa.ColumnElement[bool]:
    return facts.c.part.in_(names)


def _fold(
    change: Change, metrics: Sequence[Metric], uses: Sequence[parts.PartUse], into: sa.Table
) -> None:
    """Fold the gathered facts into weeks and months, and into quarters that were stated."""
    if not uses:
        return
    facts = folding.in_periods(
        _gathered_table(change.staging),
        calendar_table(change.staging),
        names_table(change.staging),
    )
    segments, wholes = (change.staging.like(t) for t in (tables.segment, tables.segment_part))
    folded = folding.folded_parts(uses, facts, segments, wholes)
    rows = rollups.finished(folded, metrics, change.catalogue.organisation.calendar)
    change.connection.execute(into.insert().from_select([c.name for c in into.c], rows))


def _fold_days(change: Change, metrics: Sequence[Metric], into: sa.Table) -> None:
    """Fold the gathered facts of the touched months into days."""
    folded = [metric for metric in metrics if parts.has_days(metric)]
    if not folded:
        return
    gathered, calendar = _gathered_table(change.staging), calendar_table(change.staging)
    facts = sa.select(gathered).where(gathered.c.day.in_(days_of(calendar, Grain.MONTH))).subquery()
    segments, wholes = (change.staging.like(t) for t in (tables.segment, tables.segment_part))
    rows = daily_rollups(change.catalogue, folded, facts, segments, wholes)
    change.connection.execute(into.insert().from_select([c.name for c in into.c], rows))


def _replace(change: Change, fresh: sa.Table, better: sa.Table) -> None:
    """Rows of ``better`` into ``fresh``, in place of those with the same key."""
    same = sa.exists().where(*(better.c[k] == fresh.c[k] for k in tables.ROLLUP_KEY))
    change.connection.execute(sa.delete(fresh).where(same))
    names = [c.name for c in fresh.c]
    change.connection.execute(fresh.insert().from_select(names, sa.select(better)))


def _rank(change: Change, ranked: Sequence[Ranked], fresh: sa.Table) -> None:
    """Medians and quantiles straight from events; they replace a number that was imported."""
    if not ranked:
        return
    names = [c.name for c in fresh.c]
    placings = change.staging.table("ranked", [sa.Column(c.name, c.type) for c in fresh.c])
    change.staging.create(change.connection, placings)
    for metric, kind, counter in ranked:
        place(change, kind)
        values = counters.event_values(
            counter, placed_table(change.staging, kind), zone=change.zone
        ).subquery()
        for grain in _GRAINS:
            rows = rollups.quantiles(
                values,
                calendar_table(change.staging),
                change.staging.like(tables.segment_part),
                metric,
                grain=grain,
            )
            change.connection.execute(placings.insert().from_select(names, rows))
    _replace(change, fresh, placings)


def _fold_longer(change: Change, metrics: Sequence[Metric], fresh: sa.Table) -> None:
    """Quarters and years from their months, those just folded and the others as stored.

    A quarter that was stated stands in place of what its months fold to.
    """
    if not metrics:
        return
    rollup, calendar = tables.rollup, names_table(change.staging)
    names = [c.name for c in fresh.c]
    folded_months = sa.select(calendar.c.period).where(calendar.c.grain == Grain.MONTH.value)
    stored = effective(
        rollup,
        tables.ROLLUP_KEY,
        change.tick,
        rollup.c.grain == Grain.MONTH.value,
        rollup.c.metric.in_([m.id for m in metrics]),
        rollup.c.period.not_in(folded_months),
        rollup.c.period.in_(days_of(calendar, Grain.YEAR)),
    )
    folded = sa.select(fresh).where(fresh.c.grain == Grain.MONTH.value)
    every = folded.union_all(sa.select(*(stored.c[n] for n in names))).subquery()
    longer = rollups.longer_periods(every, calendar, change.catalogue, metrics).subquery()
    is_stated = sa.exists().where(*(fresh.c[k] == longer.c[k] for k in tables.ROLLUP_KEY))
    rows = sa.select(*(longer.c[n] for n in names)).where(~is_stated)
    change.connection.execute(fresh.insert().from_select(names, rows))


def _stage_periods(change: Change, fresh: sa.Table) -> None:
    """Stage what differs among weeks and longer periods."""
    calendar, rollup = names_table(change.staging), tables.rollup
    near = sa.select(calendar.c.grain, calendar.c.day)
    is_near = sa.tuple_(rollup.c.grain, rollup.c.period).in_(near)
    _stage_differing(change, fresh, rollup, is_near, fresh.c.grain != Grain.DAY.value)


def _stage_days(change: Change, fresh: sa.Table) -> None:
    """Stage what differs among the days of the touched months."""
    is_near = tables.rollup_day.c.period.in_(days_of(calendar_table(change.staging), Grain.MONTH))
    is_day = fresh.c.grain == Grain.DAY.value
    _stage_differing(change, fresh, tables.rollup_day, is_near, is_day)


def _stage_differing(
    change: Change,
    folded: sa.Table,
    rollup: sa.Table,
    is_near: sa.ColumnElement[bool],
    is_here: sa.ColumnElement[bool],
) -> None:
    """Stage new and changed rollups of one table, and NULL where a value no longer exists."""
    fresh = sa.select(folded).where(is_here).subquery()
    affected = sa.select(_affected_table(change.staging).c.metric)
    reach = (rollup.c.metric.in_(affected), is_near)
    old = effective(rollup, tables.ROLLUP_KEY, change.tick, *reach)
    same = sa.and_(*(fresh.c[k] == old.c[k] for k in tables.ROLLUP_KEY))
    measured = ("numerator", "denominator", "value", "days")
    has_changed = sa.or_(*(differs(fresh.c[n], old.c[n]) for n in measured))
    key = [sa.func.coalesce(fresh.c[k], old.c[k]).label(k) for k in tables.ROLLUP_KEY]
    changed = (
        sa.select(*key, *(fresh.c[n] for n in measured))
        .select_from(fresh.join(old, same, full=True))
        .where(has_changed)
        .subquery()
    )
    versions = rollup.alias("versions")
    existed = sa.exists().where(*(versions.c[k] == changed.c[k] for k in tables.ROLLUP_KEY))
    rows = sa.select(
        *(changed.c[k] for k in tables.ROLLUP_KEY),
        *(changed.c[n] for n in measured),
        sa.literal(change.batch_id),
        existed,
    )
    columns = [c.name for c in rollup.columns]
    staged = change.staging.like(tables.rollup)
    change.connection.execute(staged.insert().from_select(columns, rows))

"""The facts behind a number: those that count towards it, with batch and file, and their query."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd
import sqlalchemy as sa

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.metrics import Metric
from kpi_engine.store import folding, tables
from kpi_engine.store.parts import PartUse, part_uses
from kpi_engine.store.reads import read_frame
from kpi_engine.store.segments import spelled_segments
from kpi_engine.store.versions import Tick, effective, effective_few
from kpi_engine.terms import Grain


@dataclass(frozen=True, kw_only=True)
class Used:
    """Facts of one part, origin and grain that count towards a number.

    Attributes:
        role: ``numerator``, ``denominator``, or ``own`` for facts imported for the metric itself.
        component: The part as the measure names it.
        parts: Names the facts are stored under.
        source: 0 for counted from events, 1 for imported.
        weight: -1 for what is taken off.
        grain: Of the facts.
        segments: Ids of those whose facts count.
        days: The days of which they count; empty where all do.
        last_days: The day of each segment that counts, for a stock; empty otherwise.
        numerator: All of them folded, without the weight.
        denominator: The same of the lower part; None where not all have one.
        facts: How many there are.
    """

    role: str
    component: str
    parts: tuple[str, ...]
    source: int
    weight: int
    grain: Grain
    segments: tuple[int, ...]
    days: tuple[date, ...]
    last_days: tuple[tuple[int, date], ...]
    numerator: float
    denominator: float | None
    facts: int


def read_used(
    connection: sa.Connection,
    catalogue: Catalogue,
    metric: Metric,
    *,
    grain: Grain,
    period: date,
    days: tuple[date, date],
    tick: Tick,
    whole: int,
) -> tuple[Used, ...]:
    """Which facts count towards a metric's number, by part, origin and grain.

    Args:
        connection: To the store.
        catalogue: Definitions in force.
        metric: Whose number it is.
        grain: Day, week or month; or a quarter that was stated.
        period: Its name.
        days: Its first and last.
        tick: The point of the clock.
        whole: Id of the segment.
    """
    uses = part_uses(catalogue, metric)
    fact = tables.fact
    asked = (
        sa.select(fact)
        .where(
            fact.c.part.in_(sorted({use.part for use in uses})),
            sa.or_(_within(Grain.DAY, period, days), _within(grain, period, days))
            if grain is not Grain.QUARTER
            else _within(grain, period, days),
        )
        .subquery("asked")
    )
    facts = effective(asked, tables.FACT_KEY, tick)
    placed = sa.select(
        facts,
        sa.literal(grain.value).label("period_grain"),
        sa.literal(period, sa.Date).label("period"),
    ).subquery()
    wholes = (
        sa.select(tables.segment_part)
        .where(tables.segment_part.c.whole_id == whole)
        .subquery("wholes")
    )
    leaves = folding.leaves_that_count(uses, placed, tables.segment, wholes).subquery()
    # As text: beside a NULL a frame would hold masks as floats, which have no 63 bits.
    mask = sa.cast(leaves.c.day_mask, sa.String).label("day_mask")
    columns = [mask if column.name == "day_mask" else column for column in leaves.c]
    rows = read_frame(connection, sa.select(*columns))
    key = ["role", "component", "source", "weight", "grain"]
    found = [
        _used(uses, dict(zip(key, names, strict=True)), of, days)
        for names, of in rows.groupby(key, sort=True)
    ]
    return tuple(found)


def _within(grain: Grain, period: date, days: tuple[date, date]) -> sa.ColumnElement[bool]:
    """Whether a fact of a grain belongs to a period: one of a day lies in it, others name it."""
    fact = tables.fact.c
    here = fact.day.between(*days) if grain is Grain.DAY else fact.day == period
    return sa.and_(fact.grain == grain.value, here)


def _used(
    uses: Sequence[PartUse], key: dict[str, Any], rows: pd.DataFrame, between: tuple[date, date]
) -> Used:
    mine = [
        use
        for use in uses
        if (use.role, use.component, use.source) == (key["role"], key["component"], key["source"])
    ]
    is_stock = any(use.keeps_last for use in mine)
    masks = [int(mask) for mask in rows["day_mask"] if not pd.isna(mask)]
    all_days = 0
    for mask in masks:
        all_days |= mask
    days = folding.days_in(all_days, between)
    denominators = rows["denominator"]
    return Used(
        role=key["role"],
        component=key["component"],
        parts=tuple(dict.fromkeys(use.part for use in mine)),
        source=int(key["source"]),
        weight=int(key["weight"]),
        grain=Grain(key["grain"]),
        segments=tuple(sorted({int(number) for number in rows["segment_id"]})),
        days=tuple(days),
        last_days=tuple(zip(rows["segment_id"], rows["last_day"], strict=True)) if is_stock else (),
        numerator=float(rows["numerator"].sum()),
        denominator=None if denominators.isna().any() else float(denominators.sum()),
        facts=len(rows) if is_stock else int(rows["facts"].sum()),
    )


def facts_of(used: Used, *, period: date, days: tuple[date, date], tick: Tick) -> sa.Select[Any]:
    """One row a fact that counts: day, part, segment, numerator, denominator, batch, file."""
    fact, batch, segment = tables.fact, tables.batch, spelled_segments()
    is_all = segment.c.id == tables.ALL_SEGMENT
    asked = (
        sa.select(fact)
        .where(
            fact.c.part.in_(used.parts),
            _within(used.grain, period, days),
            fact.c.segment_id.in_(used.segments),
        )
        .subquery("asked")
    )
    now = effective_few(asked, tables.FACT_KEY, tick).c
    query = (
        sa.select(
            now.day,
            now.part,
            sa.case((is_all, "everything"), else_=segment.c.segment).label("segment"),
            now.numerator,
            now.denominator,
            now.batch_id.label("batch"),
            batch.c.file_name.label("file"),
        )
        .join(segment, segment.c.id == now.segment_id)
        .join(batch, batch.c.id == now.batch_id)
        .where(now.numerator.is_not(None))
        .order_by(now.day, segment.c.segment, now.part)
    )
    if used.last_days:
        pairs = [sa.and_(now.segment_id == s, now.day == d) for s, d in used.last_days]
        return query.where(sa.or_(*pairs))
    if used.days and used.grain is Grain.DAY:
        whole = (days[1] - days[0]).days + 1
        if len(used.days) < whole:
            query = query.where(now.day.in_(used.days))
    return query


def read_spelled(connection: sa.Connection, numbers: Sequence[int]) -> list[str]:
    """How the views spell segments, in the order of their ids as they are given."""
    names = spelled_segments().c
    rows = connection.execute(sa.select(names.id, names.segment).where(names.id.in_(numbers)))
    spelled = {row.id: row.segment for row in rows}
    return [spelled[number] for number in numbers]


def sql_text(connection: sa.Connection, query: sa.Select[Any]) -> str:
    """A query with its values in it, as whoever asks with SQL can run it."""
    compiled = query.compile(connection.engine, compile_kwargs={"literal_binds": True})
    return str(compiled)

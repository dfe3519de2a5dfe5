"""Which batches changed a measure's month after it was published."""

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from kpi_engine.periods import add_months
from kpi_engine.store import tables
from kpi_engine.terms import BatchKind, Grain


@dataclass(frozen=True, kw_only=True)
class LaterChange:
    """A batch that made a measure's period another.

    Attributes:
        grain: Month or quarter.
        period: Its first day.
        what: The file, or what was defined otherwise; empty where neither is named.
        at: When it was accepted: UTC, without a zone.
    """

    metric: str
    grain: Grain
    period: date
    batch: int
    kind: BatchKind
    what: str
    at: datetime


def read_later_changes(
    connection: sa.Connection, month: date, *, after: int
) -> tuple[LaterChange, ...]:
    """One a measure, period that a month shows and batch, the newest batch first.

    Args:
        connection: To the store.
        month: First day; quarters that ended in the half year before it are read along.
        after: Only batches later than this one.
    """
    rollup, batch = tables.rollup.c, tables.batch.c
    what = sa.case((batch.file_name == "", batch.note), else_=batch.file_name)
    query = (
        sa.select(
            rollup.metric,
            rollup.grain,
            rollup.period,
            batch.id,
            batch.kind,
            what.label("what"),
            batch.accepted_at,
        )
        .join_from(tables.rollup, tables.batch, batch.id == rollup.batch_id)
        .where(
            rollup.batch_id > after,
            rollup.grain.in_([Grain.MONTH.value, Grain.QUARTER.value]),
            rollup.period <= month,
            rollup.period > add_months(month, -6),
        )
        .distinct()
        .order_by(batch.id.desc(), rollup.metric)
    )
    return tuple(
        LaterChange(
            metric=row.metric,
            grain=Grain(row.grain),
            period=row.period,
            batch=row.id,
            kind=BatchKind(row.kind),
            what=row.what,
            at=row.accepted_at,
        )
        for row in connection.execute(query)
    )

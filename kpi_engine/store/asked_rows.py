"""The documented views as tables: for queries that whoever reads SQL can run and change."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from kpi_engine.catalogue.events import EventKind
from kpi_engine.store import tables
from kpi_engine.store.behind import Used

_VIEWS = sa.MetaData()
BATCHES = sa.Table("batches", _VIEWS, sa.Column("batch", sa.Integer, key="id"))
BATCHES.append_column(sa.Column("file_name", sa.String))
_FACTS = sa.Table(
    "facts",
    _VIEWS,
    *(sa.Column(name, sa.String) for name in ("part", "segment", "grain")),
    sa.Column("period", sa.Date),
    *(sa.Column(name, sa.Double) for name in ("numerator", "denominator")),
    sa.Column("batch", sa.Integer),
)


def events_view(kind: EventKind) -> sa.Table:
    """The view of an event kind, with the names that its table has."""
    kept = tables.event_table(kind).c
    own = (sa.Column(name, kept[name].type) for name in kind.columns)
    batch = sa.Column("batch", sa.Integer, key="batch_id")
    return sa.Table(f"events_{kind.id}", sa.MetaData(), *own, batch)


def asked_facts(
    used: Used, *, period: date, days: tuple[date, date], segments: Sequence[str]
) -> sa.Select[Any]:
    """The rows of ``facts_of``, out of the view ``facts``.

    Args:
        used: Which facts count.
        period: The period they are behind.
        days: Its first and last.
        segments: Those whose facts count, as the view spells them.
    """
    fact = _FACTS.c
    is_day = used.grain.value == "day"
    query = (
        sa.select(
            *(fact.period, fact.part, fact.segment, fact.numerator, fact.denominator),
            *(fact.batch, BATCHES.c.file_name.label("file")),
        )
        .join(BATCHES, BATCHES.c.id == fact.batch)
        .where(
            fact.part.in_(used.parts),
            fact.grain == used.grain.value,
            fact.period.between(*days) if is_day else fact.period == period,
            fact.segment.in_(segments),
            fact.numerator.is_not(None),
        )
        .order_by(fact.period, fact.segment, fact.part)
    )
    if used.last_days:
        spelled = dict(zip(used.segments, segments, strict=True))
        pairs = [
            sa.and_(fact.segment == spelled[number], fact.period == day)
            for number, day in used.last_days
        ]
        return query.where(sa.or_(*pairs))
    if is_day and used.days and len(used.days) <= (days[1] - days[0]).days:
        return query.where(fact.period.in_(used.days))
    return query

"""What may be asked with SQL: views over the store and the definitions, each column in words.

Nothing else is visible to whoever writes SQL, so tables behind a view may change as long as the
view does not. They are read in a copy that holds only what counts at its tick (pruning.py).
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.events import ColumnType, EventKind
from kpi_engine.store import tables
from kpi_engine.store.segments import spelled_segments
from kpi_engine.store.versions import Tick
from kpi_engine.store.view import SEGMENT, Said, View, columns
from kpi_engine.store.views_of_definitions import views_of_definitions

_BATCH: Said = ("batch", "whole", "The batch that said so; see batches.")


def documented_views(catalogue: Catalogue) -> tuple[View, ...]:
    """Every view: numbers, then what they were counted from, then what they mean."""
    numbers = (_without(catalogue), _FACTS, _HOURS)
    events = (_events(kind) for kind in catalogue.events.values())
    return (*numbers, *events, _SEGMENTS, _BATCHES, *views_of_definitions(catalogue))


def _without(catalogue: Catalogue) -> View:
    """Readings, with what they do not hold."""
    names = ", ".join(metric.id for metric in catalogue.metrics.values() if metric.worked_out)
    if not names:
        return _READINGS
    said = f"{_READINGS.sentence[:-1]}; without {names}, worked out when a page reads it."
    return replace(_READINGS, sentence=said)


def _readings(_tick: Tick) -> sa.Select[Any]:
    # Not the view of both: in a copy under another name it would look for them elsewhere.
    kept = (tables.rollup_whole, tables.rollup_part, tables.rollup_day)
    every = (sa.select(*table.c) for table in kept)
    now, segments = sa.union_all(*every).subquery("rollups"), spelled_segments()
    return (
        sa.select(
            *(now.c.metric, segments.c.segment, now.c.grain, now.c.period, now.c.value),
            *(now.c.numerator, now.c.denominator, now.c.days, now.c.batch_id.label("batch")),
        )
        .join(segments, segments.c.id == now.c.segment_id)
        .where(sa.or_(now.c.value.is_not(None), now.c.numerator.is_not(None)))
    )


def _facts(_tick: Tick) -> sa.Select[Any]:
    now, segments = tables.fact, spelled_segments()
    return sa.select(
        *(now.c.part, segments.c.segment, now.c.grain, now.c.day.label("period")),
        *(now.c.numerator, now.c.denominator, now.c.batch_id.label("batch")),
    ).join(segments, segments.c.id == now.c.segment_id)


def _hours(_tick: Tick) -> sa.Select[Any]:
    now = tables.hour_fact.c
    return sa.select(now.part, now.hour, now.numerator.label("number"), now.batch_id.label("batch"))


def _segment_members(_tick: Tick) -> sa.Select[Any]:
    known, segments = tables.segment, spelled_segments()
    dimension = sa.func.unnest(sa.func.json_keys(known.c.members), type_=sa.String)
    each = sa.select(known.c.id, known.c.members, dimension.label("dimension")).subquery()
    path = sa.literal('$."') + each.c.dimension + sa.literal('"')
    member = sa.func.json_extract_string(each.c.members, path)
    return sa.select(segments.c.segment, each.c.dimension, member.label("member")).join(
        segments, segments.c.id == each.c.id
    )


def _batches(tick: Tick) -> sa.Select[Any]:
    batch = tables.batch.c
    kept = ("source", "recipe", "file_name", "rows_read", "rows_new", "rows_updated")
    rest = ("rows_identical", "rows_duplicate", "rows_rejected", "first_day", "last_day")
    counts = batch.id.not_in(tick.undone) if tick.undone else sa.true()
    return sa.select(
        *(batch.id.label("batch"), batch.kind, *(batch[name] for name in (*kept, *rest))),
        *(batch.accepted_at, batch.note, batch.undoes, counts.label("counts")),
    ).where(batch.id <= tick.as_of)


_READINGS = View(
    name="readings",
    sentence="One measure over one segment and one period, as the pages show it.",
    columns=columns(
        ("metric", "text", "Its id; see metrics."),
        SEGMENT,
        ("grain", "text", "day, week, month, quarter or year: ask for one."),
        (
            "period",
            "day",
            "First day of the period; a month of weeks has that of the month it is named by.",
        ),
        ("value", "number", "In the measure's unit; 0.962 is 96.2 %. Empty where nothing divides."),
        ("numerator", "number", "The upper part of a share, or the sum."),
        ("denominator", "number", "The lower part. Add up both parts before you divide."),
        ("days", "whole", "Days of the period that have data; empty for whole-period figures."),
        _BATCH,
    ),
    select=_readings,
)
_FACTS = View(
    name="facts",
    sentence="One observed or counted number: what readings are folded from.",
    columns=columns(
        ("part", "text", "A measure's id, or what was counted: ticket.resolved."),
        SEGMENT,
        ("grain", "text", "day, week, month or quarter."),
        (
            "period",
            "day",
            "First day of the period; a month of weeks has that of the month it is named by.",
        ),
        ("numerator", "number", "The number, or the upper part of a share."),
        ("denominator", "number", "The lower part; empty for plain numbers."),
        _BATCH,
    ),
    select=_facts,
)
_HOURS = View(
    name="hours",
    sentence="What was counted in one hour, over all segments; only some things are.",
    columns=columns(
        ("part", "text", "What was counted: transaction.orders."),
        ("hour", "instant", "Its start, in the organisation's time zone."),
        ("number", "number", "How many or how much."),
        _BATCH,
    ),
    select=_hours,
)
_SEGMENTS = View(
    name="segments",
    sentence="One member that a segment is made of.",
    columns=columns(
        ("segment", "text", "As in readings and facts."),
        ("dimension", "text", "The attribute: service, team, channel."),
        ("member", "text", "Its value."),
    ),
    select=_segment_members,
)
_BATCHES = View(
    name="batches",
    sentence="One accepted change: a file, an entry by hand, or an undo.",
    columns=columns(
        ("batch", "whole", "Its number: the clock that every answer goes by."),
        ("kind", "text", "import, manual, pull, undo or edit."),
        ("source", "text", "The system it came from."),
        ("recipe", "text", "How it was read."),
        ("file_name", "text", "The file."),
        ("rows_read", "whole", "Rows in the file."),
        ("rows_new", "whole", "Rows not known before."),
        ("rows_updated", "whole", "Rows that changed what was known."),
        ("rows_identical", "whole", "Rows that said what was known."),
        ("rows_duplicate", "whole", "Rows that stood in the file twice."),
        ("rows_rejected", "whole", "Rows that could not be used."),
        ("first_day", "day", "First day it says something about."),
        ("last_day", "day", "Last day it says something about."),
        ("accepted_at", "instant", "When it was saved, UTC."),
        ("note", "text", "What was noted with it."),
        ("undoes", "whole", "The batch it takes back."),
        ("counts", "yes_no", "Whether it counts now: false once it was taken back."),
    ),
    select=_batches,
)

_OF: Mapping[ColumnType, str] = {
    "text": "Text",
    "whole": "A whole number",
    "number": "A number",
    "yes_no": "Yes or no",
    "instant": "An instant, UTC",
    "day": "A day",
}


def _events(kind: EventKind) -> View:
    def said(name: str, of: ColumnType) -> str:
        if name in kind.choices:
            return f"One of {', '.join(kind.choices[name])}."
        is_key = " Says which it is." if name in kind.key else ""
        return f"{_OF[of]}.{is_key}"

    def select(_tick: Tick) -> sa.Select[Any]:
        now = tables.event_table(kind).c
        return sa.select(*(now[name] for name in kind.columns), now.batch_id.label("batch"))

    own = tuple((name, of, said(name, of)) for name, of in kind.columns.items())
    return View(
        name=f"events_{kind.id}",
        sentence=f"One {kind.label[:1].lower()}{kind.label[1:]}, as last reported.",
        columns=columns(*own, _BATCH),
        select=select,
    )

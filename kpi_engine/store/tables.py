"""What is stored, table by table (architecture.md, section 2)."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from kpi_engine.catalogue.events import EventKind
from kpi_engine.terms import Grain

metadata = sa.MetaData()

ALL_SEGMENT = 0
"""The segment that everything is part of."""

batch = sa.Table(
    "batch",
    metadata,
    sa.Column("id", sa.Integer, nullable=False),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("source", sa.String, nullable=False),
    sa.Column("recipe", sa.String, nullable=False),
    sa.Column("recipe_version", sa.Integer, nullable=False),
    sa.Column("file_name", sa.String, nullable=False),
    sa.Column("sha256", sa.String, nullable=False),
    sa.Column("rows_read", sa.BigInteger, nullable=False),
    sa.Column("rows_new", sa.BigInteger, nullable=False),
    sa.Column("rows_updated", sa.BigInteger, nullable=False),
    sa.Column("rows_identical", sa.BigInteger, nullable=False),
    sa.Column("rows_duplicate", sa.BigInteger, nullable=False),
    sa.Column("rows_rejected", sa.BigInteger, nullable=False),
    sa.Column("rows_gone", sa.BigInteger, server_default="0", comment="stored ones taken out"),
    sa.Column("first_day", sa.Date),
    sa.Column("last_day", sa.Date),
    sa.Column("actor", sa.String, nullable=False),
    sa.Column("accepted_at", sa.TIMESTAMP, nullable=False, comment="UTC"),
    sa.Column("note", sa.String, nullable=False),
    sa.Column("undoes", sa.Integer),
    comment="One accepted change; its id is a tick of the clock.",
)

segment = sa.Table(
    "segment",
    metadata,
    sa.Column("id", sa.Integer, nullable=False),
    sa.Column("members", sa.String, nullable=False, comment="JSON, dimension to member, sorted"),
    comment="One combination of dimensions; 0 is all.",
)

segment_part = sa.Table(
    "segment_part",
    metadata,
    sa.Column("segment_id", sa.Integer, nullable=False),
    sa.Column("whole_id", sa.Integer, nullable=False),
    comment="A segment and a whole it counts towards: itself, each of its members, all.",
)

fact = sa.Table(
    "fact",
    metadata,
    sa.Column("part", sa.String, nullable=False, comment="metric id, or counter of an event kind"),
    sa.Column("segment_id", sa.Integer, nullable=False),
    sa.Column("grain", sa.String, nullable=False, comment="day, week, month or quarter"),
    sa.Column("day", sa.Date, nullable=False, comment="first day of the grain's period"),
    sa.Column("numerator", sa.Double, comment="NULL: the fact no longer holds"),
    sa.Column("denominator", sa.Double),
    sa.Column("batch_id", sa.Integer, nullable=False),
    sa.Column("is_update", sa.Boolean, nullable=False, comment="an earlier version exists"),
    comment="One observed or derived number; added, never edited.",
)

hour_fact = sa.Table(
    "hour_fact",
    metadata,
    sa.Column("part", sa.String, nullable=False, comment="counter of an event kind"),
    sa.Column("hour", sa.TIMESTAMP, nullable=False, comment="its start, organisation's zone"),
    sa.Column("numerator", sa.Double, comment="NULL: nothing happened in that hour any more"),
    sa.Column("batch_id", sa.Integer, nullable=False),
    sa.Column("is_update", sa.Boolean, nullable=False),
    comment="What a counter counted in one hour, over all segments.",
)


def _rollup_table(name: str, comment: str) -> sa.Table:
    return sa.Table(
        name,
        metadata,
        sa.Column("metric", sa.String, nullable=False),
        sa.Column("segment_id", sa.Integer, nullable=False),
        sa.Column("grain", sa.String, nullable=False, comment="day, week, month, quarter or year"),
        sa.Column("period", sa.Date, nullable=False),
        sa.Column("numerator", sa.Double),
        sa.Column("denominator", sa.Double),
        sa.Column("value", sa.Double, comment="NULL: no value any more"),
        sa.Column("days", sa.Integer, comment="days with a fact; NULL for whole-period facts"),
        sa.Column("batch_id", sa.Integer, nullable=False),
        sa.Column("is_update", sa.Boolean, nullable=False),
        comment=comment,
    )


rollup = _rollup_table(
    "rollup",
    "A metric folded over a segment and a period, as of the batch that changed it: a view of the "
    "two tables below.",
)
rollup_whole = _rollup_table("rollup_whole", "Rollups over everything: what pages read.")
rollup_part = _rollup_table("rollup_part", "Rollups of segments: thousands of times as many.")
rollup_day = _rollup_table(
    "rollup_day",
    "The same of single days: apart, so that whoever reads months passes none of them.",
)


days_to_fold = sa.Table(
    "days_to_fold",
    metadata,
    sa.Column("batch_id", sa.Integer, nullable=False),
    comment="Batches from before rollups of days were kept: empty once those have been folded.",
)


def rollups_of(grain: Grain) -> sa.Table:
    """Where rollups of a grain lie."""
    return rollup_day if grain is Grain.DAY else rollup


definition = sa.Table(
    "definition",
    metadata,
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("id", sa.String, nullable=False),
    sa.Column("text", sa.String, nullable=False),
    sa.Column("sha256", sa.String, nullable=False),
    sa.Column("valid_from", sa.TIMESTAMP, nullable=False, comment="UTC"),
    comment="One version of one definition, kept when it first appeared.",
)

source_mapping = sa.Table(
    "source_mapping",
    metadata,
    sa.Column("signature", sa.String, nullable=False, comment="of the names in its header"),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("recipe", sa.String, nullable=False),
    sa.Column("said", sa.String, nullable=False, comment="JSON: columns, marks, order of dates"),
    sa.Column("actor", sa.String, nullable=False),
    sa.Column("noted_at", sa.TIMESTAMP, nullable=False, comment="UTC"),
    comment="One version of how somebody said a source is to be read.",
)

estimate = sa.Table(
    "estimate",
    metadata,
    sa.Column("as_of", sa.Integer, nullable=False),
    sa.Column("fingerprint", sa.String, nullable=False, comment="of definitions and method"),
    sa.Column("outcome", sa.String, nullable=False),
    sa.Column("answer", sa.String, nullable=False, comment="JSON: its links as estimated"),
    comment="What own data said of one outcome's links at a tick; derived, can be dropped.",
)

prediction = sa.Table(
    "prediction",
    metadata,
    sa.Column("as_of", sa.Integer, nullable=False, comment="tick at which it was made"),
    sa.Column("outcome", sa.String, nullable=False),
    sa.Column("link", sa.String, nullable=False, comment="empty: from the outcome's own past"),
    sa.Column("month", sa.Date, nullable=False, comment="the month forecast"),
    sa.Column("claim", sa.String, nullable=False, comment="of definitions and method"),
    sa.Column("is_retrospective", sa.Boolean, nullable=False),
    sa.Column("forecast", sa.String, nullable=False, comment="JSON"),
    comment="What was forecast of one month by one link; added, never changed or dropped.",
)

comment = sa.Table(
    "comment",
    metadata,
    sa.Column("metric", sa.String, nullable=False),
    sa.Column("month", sa.Date, nullable=False),
    sa.Column("edition", sa.Integer, nullable=False, comment="the edition it was written for"),
    sa.Column("cause", sa.String, nullable=False),
    sa.Column("text", sa.String, nullable=False),
    sa.Column("action", sa.String, nullable=False),
    sa.Column("owner", sa.String, nullable=False),
    sa.Column("due", sa.Date),
    sa.Column("actor", sa.String, nullable=False),
    sa.Column("written_at", sa.TIMESTAMP, nullable=False, comment="UTC"),
    comment="One version of what was said of an outcome's month; the newest counts.",
)

sign_off = sa.Table(
    "sign_off",
    metadata,
    sa.Column("month", sa.Date, nullable=False),
    sa.Column("edition", sa.Integer, nullable=False),
    sa.Column("side", sa.String, nullable=False, comment="business or it"),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("seal", sa.String, nullable=False, comment="SHA-256 of what was signed"),
    sa.Column("actor", sa.String, nullable=False),
    sa.Column("signed_at", sa.TIMESTAMP, nullable=False, comment="UTC"),
    comment="One owner's signature under a month; the newest of a side counts.",
)

edition = sa.Table(
    "edition",
    metadata,
    sa.Column("month", sa.Date, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("as_of", sa.Integer, nullable=False),
    sa.Column("reason", sa.String, nullable=False, comment="why there is another; empty for 1"),
    sa.Column("content", sa.String, nullable=False, comment="JSON: the month as it was published"),
    sa.Column("sha256", sa.String, nullable=False, comment="of the content"),
    sa.Column("actor", sa.String, nullable=False),
    sa.Column("published_at", sa.TIMESTAMP, nullable=False, comment="UTC"),
    comment="A month's scorecard frozen at its close; added, never changed.",
)

reopening = sa.Table(
    "reopening",
    metadata,
    sa.Column("month", sa.Date, nullable=False),
    sa.Column("edition", sa.Integer, nullable=False, comment="the edition that it prepares"),
    sa.Column("reason", sa.String, nullable=False),
    sa.Column("actor", sa.String, nullable=False),
    sa.Column("reopened_at", sa.TIMESTAMP, nullable=False, comment="UTC"),
    comment="Why a closed month was opened again.",
)

action_done = sa.Table(
    "action_done",
    metadata,
    sa.Column("metric", sa.String, nullable=False),
    sa.Column("month", sa.Date, nullable=False),
    sa.Column("action", sa.String, nullable=False, comment="as it was agreed"),
    sa.Column("actor", sa.String, nullable=False),
    sa.Column("done_at", sa.TIMESTAMP, nullable=False, comment="UTC"),
    comment="An agreed action that was done.",
)

win = sa.Table(
    "win",
    metadata,
    sa.Column("key", sa.String, nullable=False, comment="of what it is about"),
    sa.Column("month", sa.Date, nullable=False),
    sa.Column("text", sa.String, nullable=False),
    sa.Column("actor", sa.String, nullable=False),
    sa.Column("published_at", sa.TIMESTAMP, nullable=False, comment="UTC"),
    comment="Something that went well, as somebody put it.",
)

digest = sa.Table(
    "digest",
    metadata,
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("as_of", sa.Integer, nullable=False),
    sa.Column("open_keys", sa.String, nullable=False, comment="JSON: what was open then"),
    sa.Column("text", sa.String, nullable=False),
    sa.Column("actor", sa.String, nullable=False),
    sa.Column("made_at", sa.TIMESTAMP, nullable=False, comment="UTC"),
    comment="One digest of alerts, as it was told.",
)

snooze = sa.Table(
    "snooze",
    metadata,
    sa.Column("key", sa.String, nullable=False, comment="of an alert"),
    sa.Column("until", sa.Date, nullable=False, comment="first day on which it counts again"),
    sa.Column("reason", sa.String, nullable=False),
    sa.Column("actor", sa.String, nullable=False),
    sa.Column("snoozed_at", sa.TIMESTAMP, nullable=False, comment="UTC"),
    comment="One alert put off; the newest counts.",
)

sql_query = sa.Table(
    "sql_query",
    metadata,
    sa.Column("asked_at", sa.TIMESTAMP, nullable=False, comment="UTC"),
    sa.Column("actor", sa.String, nullable=False),
    sa.Column("text", sa.String, nullable=False),
    sa.Column("as_of", sa.Integer, nullable=False),
    sa.Column("rows", sa.BigInteger, comment="handed back; NULL: refused"),
    sa.Column("seconds", sa.Double, nullable=False),
    sa.Column("refused", sa.String, nullable=False, comment="why; empty: it was not"),
    comment="One query that somebody asked with SQL; added, never changed.",
)

scenario = sa.Table(
    "scenario",
    metadata,
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("outcome", sa.String, nullable=False),
    sa.Column("month", sa.Date, nullable=False),
    sa.Column("as_of", sa.Integer, nullable=False),
    sa.Column("fingerprint", sa.String, nullable=False, comment="of the definitions"),
    sa.Column("settings", sa.String, nullable=False, comment="JSON: value by link"),
    sa.Column("said", sa.String, nullable=False, comment="JSON: what came of it then"),
    sa.Column("is_dropped", sa.Boolean, nullable=False, comment="true: taken off the list"),
    sa.Column("actor", sa.String, nullable=False),
    sa.Column("saved_at", sa.TIMESTAMP, nullable=False, comment="UTC"),
    comment="One what-if as it was saved under a name; the newest of a name counts.",
)

saved_view = sa.Table(
    "saved_view",
    metadata,
    sa.Column("owner", sa.String, nullable=False),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("page", sa.String, nullable=False),
    sa.Column("address", sa.String, nullable=False, comment="query of the page's address"),
    sa.Column("is_shared", sa.Boolean, nullable=False),
    sa.Column("is_gone", sa.Boolean, nullable=False),
    sa.Column("saved_at", sa.TIMESTAMP, nullable=False, comment="UTC"),
    comment="One version of a view somebody named; the newest of an owner and name counts.",
)

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("id", sa.Integer, nullable=False),
    sa.Column("happened_at", sa.TIMESTAMP, nullable=False, comment="UTC"),
    sa.Column("actor", sa.String, nullable=False),
    sa.Column("action", sa.String, nullable=False),
    sa.Column("detail", sa.String, nullable=False),
    sa.Column("chain", sa.String, nullable=False, comment="SHA-256 over the line before and this"),
    comment="One thing somebody did.",
)

schema_version = sa.Table(
    "schema_version",
    metadata,
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("applied_at", sa.TIMESTAMP, nullable=False, server_default=sa.func.now()),
)

FACT_KEY = ("part", "segment_id", "grain", "day")
HOUR_KEY = ("part", "hour")
ROLLUP_KEY = ("metric", "segment_id", "grain", "period")

_TYPES: dict[str, type[sa.types.TypeEngine[Any]]] = {
    "text": sa.String,
    "whole": sa.BigInteger,
    "number": sa.Double,
    "yes_no": sa.Boolean,
    "instant": sa.TIMESTAMP,
    "day": sa.Date,
}


def column_type(of: str) -> type[sa.types.TypeEngine[Any]]:
    """The SQL type of a declared column type."""
    return _TYPES[of]


def event_table(kind: EventKind) -> sa.Table:
    """The table of an event kind: its columns (instants in UTC), the batch, and whether newer."""
    name = f"event_{kind.id}"
    if name in metadata.tables:
        return metadata.tables[name]
    return sa.Table(
        name,
        metadata,
        *(sa.Column(column, _TYPES[of]) for column, of in kind.columns.items()),
        sa.Column("batch_id", sa.Integer, nullable=False),
        sa.Column("is_update", sa.Boolean, nullable=False),
        sa.Column("is_gone", sa.Boolean, comment="true: it no longer counts"),
        comment=f"One version of one {kind.label.lower()}.",
    )


def event_tables(kinds: Iterable[EventKind]) -> dict[str, sa.Table]:
    """Tables of all event kinds, by kind."""
    return {kind.id: event_table(kind) for kind in kinds}

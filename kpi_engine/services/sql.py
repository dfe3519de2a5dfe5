"""Queries in SQL: asked of documented views, answered by a process that can do no harm (D6)."""

import csv
import io
import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pandas as pd
import sqlalchemy as sa

from kpi_engine.actors import Actor
from kpi_engine.services.query_refusals import refusal
from kpi_engine.services.reviewing import harmless
from kpi_engine.store import audit
from kpi_engine.store.asked import Asked, add_asked, read_asked
from kpi_engine.store.engine import write
from kpi_engine.store.landing import utc_naive
from kpi_engine.store.querying import Found, Limits, ask
from kpi_engine.store.views import documented_views
from kpi_engine.terms import Role
from kpi_engine.workspace import Workspace

LIMITS = Limits()
_WANT = "ask with SQL"
_MOST_ASKED = 50
_INSTANTS = ("TIMESTAMP", "TIMESTAMP WITH TIME ZONE")


@dataclass(frozen=True, kw_only=True)
class Described:
    """One view that may be asked.

    Attributes:
        sentence: What one row is.
        columns: Name, what it holds (a word of column types), and a sentence.
    """

    name: str
    sentence: str
    columns: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a query found.

    Attributes:
        as_of: The tick it looked at.
        columns: Name and SQL type of each.
        rows: Cells: numbers, text, yes or no; all else as its text, days and instants in ISO.
        is_whole: Whether those are all rows there are.
        seconds: Until there was an answer.
        limits: Within which it was asked.
    """

    text: str
    as_of: int
    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[Any, ...], ...]
    is_whole: bool
    seconds: float
    limits: Limits

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return vars(self) | {"limits": vars(self.limits)}

    def frame(self) -> pd.DataFrame:
        """The rows; days as dates, instants as datetimes."""
        names = [name for name, _ in self.columns]
        frame = pd.DataFrame(self.rows, columns=names, dtype=object).infer_objects()
        for name, of in self.columns:
            if of == "DATE":
                frame[name] = frame[name].map(_day, na_action="ignore")
            elif of in _INSTANTS:
                frame[name] = frame[name].map(_instant, na_action="ignore")
        return frame

    def to_csv(self) -> bytes:
        """UTF-8 with a mark that spreadsheets know; no text in it can be taken for a formula."""
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow([harmless(name) for name, _ in self.columns])
        writer.writerows([_plain(cell) for cell in row] for row in self.rows)
        return out.getvalue().encode("utf-8-sig")


def _plain(cell: object) -> object:
    return harmless(cell) if isinstance(cell, str) else cell


def _day(text: str) -> date | str:
    try:
        return date.fromisoformat(text)
    except ValueError:  # a day past the year 9999, or infinity
        return text


def _instant(text: str) -> datetime | str:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return text


def described_views(ws: Workspace) -> tuple[Described, ...]:
    """Every view that may be asked, numbers first."""
    return tuple(
        Described(
            name=view.name,
            sentence=view.sentence,
            columns=tuple((one.name, one.of, one.sentence) for one in view.columns),
        )
        for view in documented_views(ws.catalogue)
    )


def run(
    ws: Workspace, text: str, *, actor: Actor, now: datetime, limits: Limits = LIMITS
) -> Answer:
    """Answer a query as of the newest tick; it is kept in the history, refused or not.

    Args:
        ws: The workspace.
        text: One SELECT over documented views.
        actor: Needs the role analyst or steward.
        now: When it is asked.
        limits: What it may take.

    Raises:
        NotAllowedError: The actor may not.
        QueryRefusedError: It is none that may be run, is mistyped, or took too much.
        StoreError: There is no room for the copy of the store that queries read.
    """
    actor.require(Role.ANALYST, Role.STEWARD, to=_WANT)
    text = _storable(text)
    began = time.monotonic()
    found, as_of, views = _found(ws, text, limits)
    seconds = time.monotonic() - began
    error = refusal(found, views=views, limits=limits) if found.refused else None
    asked = Asked(
        asked_at=utc_naive(now),
        actor=actor.name,
        text=text[: limits.text],
        as_of=as_of,
        rows=None if error else len(found.rows),
        seconds=seconds,
        refused=error.message if error else "",
    )
    _keep(ws, asked)
    if error:
        raise error
    return Answer(
        text=text,
        as_of=as_of,
        columns=tuple((name, of) for name, of in found.columns),
        rows=tuple(tuple(row) for row in found.rows),
        is_whole=found.is_whole,
        seconds=seconds,
        limits=limits,
    )


def history(ws: Workspace, *, actor: Actor) -> tuple[Asked, ...]:
    """What somebody asked themselves, the newest first, each text once.

    Raises:
        NotAllowedError: The actor may not ask.
    """
    actor.require(Role.ANALYST, Role.STEWARD, to=_WANT)
    with ws.reading() as connection:
        return read_asked(connection, actor=actor.name, limit=_MOST_ASKED)


def examples(ws: Workspace) -> dict[str, str]:
    """Queries to start from, by what they ask; over measures that this organisation has."""
    metrics = ws.catalogue.metrics
    outcome = next(iter(ws.catalogue.organisation.scorecard), "biz.orders")
    label = metrics[outcome].label if outcome in metrics else outcome
    day = f"timezone('{ws.catalogue.organisation.time_zone}', timezone('UTC', opened_at))"
    return {
        f"{label}, month by month": (
            "SELECT period, value\nFROM readings\n"
            f"WHERE metric = '{outcome}' AND grain = 'month' AND segment = 'all'\nORDER BY period"
        ),
        "Months held against their target": (
            "SELECT r.metric, r.period, r.value, t.target\n"
            "FROM readings r\nASOF JOIN targets t\n"
            "  ON r.metric = t.metric AND r.segment = t.segment AND r.period >= t.valid_from\n"
            "WHERE r.grain = 'month' AND r.segment = 'all'\nORDER BY r.metric, r.period"
        ),
        "Every measure, quarter by quarter": (
            "SELECT m.label, r.period AS quarter, r.value, m.unit\n"
            "FROM readings r JOIN metrics m USING (metric)\n"
            "WHERE r.grain = 'quarter' AND r.segment = 'all'\nORDER BY ALL"
        ),
        "Each driver beside its outcome": (
            "SELECT l.link, d.period, d.value AS driver, o.value AS outcome\n"
            "FROM links l\n"
            "JOIN readings d ON d.metric = l.driver AND d.segment = l.driver_segment\n"
            "JOIN readings o ON o.metric = l.outcome AND o.segment = 'all'\n"
            "  AND o.grain = d.grain AND o.period = d.period\n"
            "WHERE d.grain = 'month'\nORDER BY l.link, d.period"
        ),
        "Problems reported, by team and month": (
            "SELECT team, date_trunc('month', day)::DATE AS month, count(*) AS problems\n"
            f"FROM events_ticket, LATERAL (SELECT {day} AS day)\n"
            "GROUP BY ALL\nORDER BY month, team"
        ),
        "What each source has brought": (
            "SELECT source, count(*) AS batches, sum(rows_new) AS new_rows,\n"
            "       sum(rows_rejected) AS rejected, max(last_day) AS data_through\n"
            "FROM batches\nWHERE counts AND source <> ''\nGROUP BY source\nORDER BY new_rows DESC"
        ),
    }


def _storable(text: str) -> str:
    """The text without what no database keeps: half characters and the character of no value."""
    return text.encode("utf-8", "replace").decode().replace("\0", "\ufffd").strip()


def _found(ws: Workspace, text: str, limits: Limits) -> tuple[Found, int, Collection[str]]:
    """What came of it, the tick, and the names of the views."""
    if len(text) > limits.text:
        return Found(refused="long"), ws.newest(), ()
    with ws.copies.newest(ws.catalogue) as copy:
        return ask(copy, text, limits=limits), copy.tick.as_of, copy.views


def _keep(ws: Workspace, asked: Asked) -> None:
    came = f"refused ({asked.refused})" if asked.refused else f"{asked.rows} rows"

    def save(connection: sa.Connection) -> None:
        add_asked(connection, asked)
        audit.add_line(
            connection,
            at=asked.asked_at,
            actor=asked.actor,
            action="sql",
            detail=f"{came}, as of batch {asked.as_of}: {asked.text}",
        )

    write(ws.engine, save)

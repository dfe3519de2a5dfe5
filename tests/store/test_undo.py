"""Undo, ``as_of`` and the same file twice, over random sequences of imports and undos.

``UNDO_EXAMPLES=100`` makes a night of it.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from kpi_engine.errors import StoreError
from kpi_engine.services import undoing
from kpi_engine.services.doctor import examine
from kpi_engine.services.import_results import Batch
from kpi_engine.store import tables
from kpi_engine.store.versions import effective, read_tick
from kpi_engine.terms import Grain, RowFate, Side
from kpi_engine.workspace import Workspace
from tests.desk import ME, NOW, Desk

EXAMPLES = int(os.environ.get("UNDO_EXAMPLES", "4"))

Answers = dict[tuple[object, ...], object]


def answers(ws: Workspace, as_of: int | None = None) -> Answers:
    """Every value of every metric, segment, grain and period at a tick."""
    found: Answers = {}
    with ws.reading() as connection:
        for table in (tables.rollup, tables.rollup_day):
            now = effective(table, tables.ROLLUP_KEY, read_tick(connection, as_of))
            segment = tables.segment.c
            members = sa.select(segment.members).where(segment.id == now.c.segment_id)
            query = sa.select(
                now.c.metric,
                members.scalar_subquery(),
                now.c.grain,
                now.c.period,
                now.c.numerator,
                now.c.denominator,
                now.c.value,
                now.c.days,
            ).where(now.c.value.is_not(None))
            found |= {tuple(row[:4]): tuple(row[4:]) for row in connection.execute(query)}
    return found


tidy = st.lists(
    st.tuples(
        st.sampled_from(
            ["2026-08", "2026-09", "2026-10", "2026-10-01", "2026-10-02", "2026-W40", "2026-Q3"]
        ),
        st.sampled_from(
            [
                ("biz.orders", "all"),
                ("biz.orders", "channel=web"),
                ("base.sessions", "all"),
                ("biz.revenue", "all"),
                ("base.headcount", "all"),
                ("it.mttr", "all"),
                ("it.critical_incidents", "team=Network"),
                ("it.critical_incidents", "service=Shop"),
            ]
        ),
        st.integers(0, 20),
    ),
    min_size=1,
    max_size=4,
).map(
    lambda rows: (
        "period,metric,segment,value\n" + "".join(f"{p},{m},{s},{v}\n" for p, (m, s), v in rows)
    )
)

tickets = st.lists(
    st.tuples(
        st.sampled_from(["INC1", "INC2", "INC3"]),
        st.integers(1, 28),
        st.sampled_from([8, 9]),
        st.integers(0, 40),
        st.sampled_from(["Network", "Desk", "?"]),
        st.integers(0, 2),
    ),
    min_size=1,
    max_size=3,
).map(
    lambda rows: (
        "number,opened_at,resolved_at,closed_at,assignment_group,reopen_count,made_sla\n"
        + "".join(
            f"{n},{d}/{m}/2026 01:00,{_later(d, m, h)},{_later(d, m, h)},{team},{again},true\n"
            for n, d, m, h, team, again in rows
        )
    )
)


def _later(day: int, month: int, hours: int) -> str:
    if hours == 0:
        return "?"
    extra, hour = divmod(1 + hours, 24)
    return f"{min(day + extra, 28) if month == 2 else min(day + extra, 30)}/{month}/2026 {hour}:30"


outages = st.lists(
    st.tuples(
        st.sampled_from(["Shop", "Mail"]),
        st.integers(5, 10),
        st.integers(1, 28),
        st.integers(0, 22),
        st.sampled_from(["down", "maintenance"]),
    ),
    min_size=1,
    max_size=3,
).map(
    lambda rows: (
        "service,started_at,ended_at,state\n"
        + "".join(
            f"{s},2026-{m:02d}-{d:02d} {h:02d}:00,2026-{m:02d}-{d:02d} {h + 1:02d}:30,{state}\n"
            for s, m, d, h, state in rows
        )
    )
)

checks = st.lists(
    st.tuples(
        st.sampled_from(["Shop", "Mail"]),
        st.integers(7, 10),
        st.integers(1, 28),
        st.sampled_from(["up", "down"]),
    ),
    min_size=1,
    max_size=4,
).map(
    lambda rows: (
        "checked_at_utc,service,status\n"
        + "".join(f"2026-{m:02d}-{d:02d}T23:30:00Z,{s},{state}\n" for s, m, d, state in rows)
    )
)

KINDS = (tidy, tickets, outages, checks)
Step = tuple[str, bool] | int
"""A file and whether it replaces what its source brought before, or the batch to take back."""


def _steps(files: st.SearchStrategy[str]) -> st.SearchStrategy[list[Step]]:
    step = st.one_of(st.tuples(files, st.booleans()), st.integers(1, 6))
    return st.lists(step, min_size=2, max_size=6)


steps = st.one_of(_steps(st.one_of(*KINDS)), *map(_steps, KINDS))


def _of_days(head: str, row: str) -> tuple[str, str]:
    """A file with rows of four days, and one of the same time that lacks the two in between."""
    whole, part = ("".join(row.format(day) for day in days) for days in ((2, 3, 12, 26), (2, 26)))
    return head + whole, head + part


SNAPSHOTS = (
    _of_days("period,metric,segment,value\n", "2026-10-{:02d},biz.orders,all,5\n"),
    _of_days(
        "number,opened_at,resolved_at,closed_at,assignment_group,reopen_count,made_sla\n",
        "INC{0},{0}/9/2026 01:00,{0}/9/2026 09:30,{0}/9/2026 09:30,Desk,0,true\n",
    ),
    _of_days(
        "service,started_at,ended_at,state\n",
        "Shop,2026-09-{0:02d} 22:00,2026-09-{0:02d} 23:30,down\n",
    ),
    _of_days("checked_at_utc,service,status\n", "2026-09-{:02d}T23:30:00Z,Shop,down\n"),
)


@contextmanager
def fresh_desk(empty_home: Path) -> Iterator[Desk]:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        shutil.copytree(empty_home, home)
        ws = Workspace.open(home)
        yield Desk(ws, Path(folder) / "dropped")
        ws.close()


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # to shrink takes minutes
)
@given(steps=steps)
@example(steps=[s for whole, part in SNAPSHOTS for s in ((whole, False), (part, True))])
@example(steps=[*((whole, False) for whole, _ in SNAPSHOTS), (SNAPSHOTS[1][1], True), 5, 6, 2])
@example(steps=[(SNAPSHOTS[2][0], True), (SNAPSHOTS[2][1], True), 1, (SNAPSHOTS[2][0], True), 2])
def test_every_tick_keeps_its_answers_and_undo_restores_them(
    empty_home: Path, steps: list[Step]
) -> None:
    with fresh_desk(empty_home) as desk:
        seen: dict[int, Answers] = {0: answers(desk.ws)}
        without: dict[int, Answers] = {}
        for step in steps:
            before = answers(desk.ws)
            if isinstance(step, tuple):
                text, replaces = step
                batch = desk.save(text, replaces=replaces)
                again = desk.save(text, replaces=replaces)
                assert again is None, "the same file twice changes nothing"
                if batch is not None:
                    without[batch.id] = before
            else:
                batch = _undo(desk, step)
                if batch is not None and batch.undoes == batch.id - 1 and batch.undoes in without:
                    assert answers(desk.ws) == without[batch.undoes]
            if batch is not None:
                seen[batch.id] = answers(desk.ws)
        for tick, expected in seen.items():
            assert answers(desk.ws, tick) == expected, f"as of {tick}"
        assert examine(desk.ws) == ()


def _undo(desk: Desk, number: int) -> Batch | None:
    """Look at what an undo changes, then do it: both must say the same."""
    try:
        shown = undoing.preview(desk.ws, number, actor=ME)
    except (StoreError, LookupError):
        return None
    before = figures(desk.ws)
    batch = undoing.commit(desk.ws, shown, actor=ME, now=NOW)
    after = figures(desk.ws)
    moved = {
        key: (before.get(key), after.get(key))
        for key in before.keys() | after.keys()
        if before.get(key) != after.get(key)
    }
    assert {(i.metric, i.month): (i.stored, i.after) for i in shown.impacts} == moved
    return batch


def figures(ws: Workspace) -> dict[tuple[str, date], float]:
    """What the scorecard shows of stored figures: a value per metric and month or quarter."""
    with ws.reading() as connection:
        now = effective(tables.rollup, tables.ROLLUP_KEY, read_tick(connection))
        query = sa.select(now.c.metric, now.c.period, now.c.grain, now.c.value).where(
            now.c.segment_id == tables.ALL_SEGMENT, now.c.value.is_not(None)
        )
        rows = connection.execute(query).all()
    shown = {}
    for name, period, grain, value in rows:
        metric = ws.catalogue.metrics[name]
        cadence = "quarter" if metric.cadence is Grain.QUARTER else "month"
        if grain == cadence and metric.side is not Side.BASE and not metric.worked_out:
            shown[name, period] = value
    return shown


def test_an_undo_says_beforehand_what_it_changes_and_saves_nothing(desk: Desk) -> None:
    head = "period,metric,value\n"
    desk.save(head + "2026-09,biz.orders,100\n2026-10,biz.orders,200\n", "a.csv")
    desk.save(head + "2026-10,biz.orders,250\n2026-11,biz.orders,9\n", "b.csv")
    before = answers(desk.ws)
    shown = undoing.preview(desk.ws, 2, actor=ME)
    assert answers(desk.ws) == before
    assert desk.ws.newest() == 2
    assert shown.root.id == 2
    assert not shown.brings_back
    assert [(i.month.month, i.stored, i.after) for i in shown.impacts] == [
        (11, 9, None),
        (10, 250, 200),
    ]
    undoing.discard(desk.ws, shown, actor=ME)
    done = undoing.undo(desk.ws, 2, actor=ME, now=NOW)
    back = undoing.preview(desk.ws, done.id, actor=ME)
    assert back.brings_back
    assert [(i.stored, i.after) for i in back.impacts] == [(None, 9), (200, 250)]


def test_an_undo_that_others_overtook_is_looked_at_again(desk: Desk) -> None:
    head = "period,metric,value\n"
    desk.save(head + "2026-10,biz.orders,200\n", "a.csv")
    shown = undoing.preview(desk.ws, 1, actor=ME)
    desk.save(head + "2026-11,biz.orders,7\n", "b.csv")
    done = undoing.commit(desk.ws, shown, actor=ME, now=NOW)
    assert done.undoes == 1, "it changes what was shown, so nobody is asked again"
    shown = undoing.preview(desk.ws, 2, actor=ME)
    desk.save(head + "2026-11,biz.orders,8\n", "c.csv")
    with pytest.raises(StoreError, match="Somebody else saved"):
        undoing.commit(desk.ws, shown, actor=ME, now=NOW)
    assert list(desk.values("biz.orders").values()) == [8]


def test_undo_brings_back_what_a_correction_replaced(desk: Desk) -> None:
    desk.save("period,metric,value\n2026-09,biz.orders,100\n2026-10,biz.orders,200\n", "a.csv")
    before = answers(desk.ws)
    second = desk.save("period,metric,value\n2026-10,biz.orders,250\n", "b.csv")
    assert second is not None
    assert answers(desk.ws) != before
    undone = desk.undo(second.id)
    assert answers(desk.ws) == before
    desk.undo(undone.id)
    assert desk.values("biz.orders")[max(desk.values("biz.orders"))] == 250


def test_undoing_the_middle_keeps_what_came_later(desk: Desk) -> None:
    for name, value in (("a.csv", 1), ("b.csv", 2), ("c.csv", 3)):
        desk.save(f"period,metric,value\n2026-10,biz.orders,{value}\n", name)
    desk.undo(2)
    assert list(desk.values("biz.orders").values()) == [3]
    desk.undo(3)
    assert list(desk.values("biz.orders").values()) == [1]


def test_a_batch_is_undone_once(desk: Desk) -> None:
    desk.save("period,metric,value\n2026-10,biz.orders,1\n")
    desk.undo(1)
    with pytest.raises(StoreError, match="already undone by batch 2"):
        desk.undo(1)


def test_what_was_undone_can_be_imported_again(desk: Desk) -> None:
    text = "period,metric,value\n2026-10,biz.orders,1\n"
    desk.save(text)
    desk.undo(1)
    again = desk.preview(text)
    assert again.counts[RowFate.NEW] == 1
    assert again.same_file_batch is None

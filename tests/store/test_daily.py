"""Rollups of days: what facts fold to, and how an older store gets them."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import date

import pandas as pd
import pytest
import sqlalchemy as sa

from kpi_engine.services.doctor import examine
from kpi_engine.store import backfill, tables
from kpi_engine.store.parts import has_days
from kpi_engine.store.versions import effective, read_tick
from kpi_engine.terms import Fold
from kpi_engine.workspace import STORE_NAME, Workspace
from tests.desk import Desk
from tests.sample import copy_of_sample

TIDY = "period,metric,segment,value\n"
TICKETS = (
    "number,opened_at,resolved_at,closed_at,assignment_group,reopen_count,made_sla\n"
    "INC1,1/10/2026 09:00,1/10/2026 12:00,1/10/2026 12:00,Network,0,true\n"
    "INC2,9/10/2026 09:00,9/10/2026 12:00,9/10/2026 12:00,Desk,0,true\n"
)


@pytest.fixture(scope="module")
def ws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """The sample company; only ever read."""
    with closing(Workspace.open(copy_of_sample(tmp_path_factory, "daily"))) as found:
        yield found


def days_of(ws: Workspace, as_of: int | None = None) -> list[tuple[object, ...]]:
    """Every rollup of a day at a tick."""
    with ws.reading() as connection:
        now = effective(tables.rollup_day, tables.ROLLUP_KEY, read_tick(connection, as_of))
        kept = [now.c[name] for name in (*tables.ROLLUP_KEY, "numerator", "denominator", "value")]
        rows = connection.execute(sa.select(*kept).order_by(*kept[:4]))
        return [tuple(row) for row in rows]


def read(ws: Workspace, table: sa.Table, key: tuple[str, ...]) -> pd.DataFrame:
    """The newest version of everything in a table."""
    with ws.reading() as connection:
        now = effective(table, key, read_tick(connection))
        result = connection.execute(sa.select(now))
        return pd.DataFrame(result.all(), columns=list(result.keys()))


def test_days_are_the_sums_of_the_facts_that_count_towards_them(ws: Workspace) -> None:
    """Added up by pandas: counted facts of every segment that has the members, day by day."""
    facts = read(ws, tables.fact, tables.FACT_KEY)
    days = read(ws, tables.rollup_day, tables.ROLLUP_KEY)
    segments = read_members(ws)
    checked = 0
    for name, metric in ws.catalogue.metrics.items():
        part = metric.measure.value
        if metric.measure.fold is not Fold.SUM or not part or not has_days(metric):
            continue
        counted = facts.loc[(facts["part"] == part) & (facts["grain"] == "day")]
        wholes = {n: own for n, own in segments.items() if len(own) < 2 and not counted.empty}
        for whole, members in wholes.items():
            inside = [n for n, own in segments.items() if members.items() <= own.items()]
            expected = (
                counted.loc[counted["segment_id"].isin(inside)].groupby("day")["numerator"].sum()
            )
            mine = (days["metric"] == name) & (days["segment_id"] == whole)
            found = days.loc[mine].set_index("period")["value"]
            assert list(found.sort_index().index) == list(expected.index), (name, members)
            assert found.sort_index().to_list() == pytest.approx(expected.to_list(), rel=1e-12)
            checked += len(expected)
    assert checked > 10_000


def read_members(ws: Workspace) -> dict[int, dict[str, str]]:
    with ws.reading() as connection:
        rows = connection.execute(sa.select(tables.segment.c.id, tables.segment.c.members))
        return {number: json.loads(text) for number, text in rows}


def test_a_ratio_has_the_days_of_both_its_parts(desk: Desk) -> None:
    orders = (
        "2026-10-01,biz.orders,all,9\n2026-10-02,biz.orders,all,8\n2026-10-03,biz.orders,all,7\n"
    )
    visits = "2026-10-01,base.sessions,all,10\n2026-10-02,base.sessions,all,0\n"
    desk.save(TIDY + orders + visits)
    rates = [row for row in days_of(desk.ws) if row[0] == "biz.conversion"]
    assert [row[3:] for row in rates] == [
        (date(2026, 10, 1), 9, 10, 0.9),
        (date(2026, 10, 2), 8, 0, None),
    ]


def test_a_total_of_a_day_counts_before_its_parts(desk: Desk) -> None:
    rows = "2026-10-01,biz.orders,channel=web,3\n2026-10-01,biz.orders,channel=shop,4\n"
    desk.save(TIDY + rows + "2026-10-02,biz.orders,channel=web,5\n2026-10-02,biz.orders,all,9\n")
    with desk.ws.reading() as connection:
        web = connection.execute(
            sa.select(tables.segment.c.id).where(tables.segment.c.members.contains("web"))
        ).scalar_one()
    found = {(row[1], row[3].day): row[6] for row in days_of(desk.ws)}
    assert {key: value for key, value in found.items() if key[0] in (0, web)} == {
        (0, 1): 7,
        (0, 2): 9,
        (web, 1): 3,
        (web, 2): 5,
    }


def test_a_store_from_before_days_were_kept_gets_them_at_every_tick(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where it is stopped in between: what is folded stays, and the rest follows."""
    desk.save(TIDY + "2026-10-01,biz.orders,all,10\n2026-10-02,biz.orders,all,20\n", "a.csv")
    desk.save(TIDY + "2026-10-02,biz.orders,all,21\n2026-11-01,biz.orders,all,5\n", "b.csv")
    desk.undo(2)
    desk.save(TICKETS, "tickets.csv")
    desk.undo(3)
    ticks = range(desk.ws.newest() + 1)
    kept = {tick: days_of(desk.ws, tick) for tick in ticks}
    assert len({str(rows) for rows in kept.values()}) == 5
    forget_days(desk.ws)
    fold_batch = backfill._fold_batch
    folded: list[int] = []

    def fold_three(engine, staging, catalogue, batch, undoes) -> None:
        if len(folded) == 3:
            raise KeyboardInterrupt
        folded.append(batch)
        fold_batch(engine, staging, catalogue, batch, undoes)

    with monkeypatch.context() as patch:
        patch.setattr(backfill, "_fold_batch", fold_three)
        with pytest.raises(KeyboardInterrupt):
            Workspace.open(desk.ws.home)
    alone = "import sys, duckdb; duckdb.connect(sys.argv[1]).close()"
    store = str(desk.ws.home / STORE_NAME)
    subprocess.run([sys.executable, "-c", alone, store], check=True)  # nobody here holds it
    with closing(Workspace.open(desk.ws.home)) as ws:
        assert {tick: days_of(ws, tick) for tick in ticks} == kept
        assert examine(ws) == ()
        with ws.reading() as connection:
            assert not connection.execute(sa.select(tables.days_to_fold)).all()
    desk.ws = Workspace.open(desk.ws.home)


def forget_days(ws: Workspace) -> None:
    """Leave the store as it was before days were kept."""
    with ws.engine.begin() as connection:
        for table in (tables.rollup_day, tables.days_to_fold):
            connection.exec_driver_sql(f"DROP TABLE {table.name}")
        number = tables.schema_version.c.number
        connection.execute(tables.schema_version.delete().where(number > 11))
    ws.close()

"""The store's own promises: who may open it, what it keeps, what the audit says."""

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import duckdb
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from kpi_engine.actors import Actor
from kpi_engine.errors import NotAllowedError, StoreError
from kpi_engine.services import imports, undoing
from kpi_engine.services.doctor import examine
from kpi_engine.store import audit, tables
from kpi_engine.store.engine import write
from kpi_engine.store.migrations import STEPS, migrate
from kpi_engine.store.reads import read_members
from kpi_engine.store.segments import members_text, number_segments
from kpi_engine.store.versions import undone_batches
from kpi_engine.terms import Grain, Role
from kpi_engine.workspace import Workspace
from tests.desk import ME, NOW, Desk

TIDY = "period,metric,segment,value\n"


@pytest.mark.parametrize("roles", [[], [Role.VIEWER], [Role.ANALYST]])
def test_whoever_may_not_add_data_cannot_through_the_service_either(
    desk: Desk, roles: list[Role]
) -> None:
    reader = Actor(name="reader@example.com", roles=frozenset(roles))
    path = desk.write(TIDY + "2026-10,biz.orders,all,1\n")
    with pytest.raises(NotAllowedError, match=r"reader@example\.com may not add data"):
        imports.preview(desk.ws, path, actor=reader, now=NOW)
    shown = desk.open(path)
    with pytest.raises(NotAllowedError):
        imports.commit(desk.ws, shown, actor=reader, now=NOW)
    desk.save_file(path)
    with pytest.raises(NotAllowedError, match="may not undo an import"):
        undoing.undo(desk.ws, 1, actor=reader, now=NOW)
    assert desk.ws.newest() == 1


def test_a_store_in_use_names_the_process(desk: Desk) -> None:
    code = "import sys; from kpi_engine.workspace import Workspace; Workspace.open(sys.argv[1])"
    done = subprocess.run(
        [sys.executable, "-c", code, str(desk.ws.home)],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
        check=False,
    )
    assert "StoreBusyError" in done.stderr
    assert str(os.getpid()) in done.stderr


def test_the_newest_write_moves_with_every_write_and_with_nothing_else(
    desk: Desk, tmp_path: Path
) -> None:
    def broken(_connection: sa.Connection) -> None:
        raise ZeroDivisionError

    def shows() -> set[int]:
        return {desk.ws.newest_write() for _ in range(3)}

    seen = [shows()]
    assert desk.ws.newest() == 0
    path = desk.write(TIDY + "2026-10,biz.orders,all,1\n")
    desk.open(path)
    assert shows() == seen[0]  # neither a read nor a preview
    desk.save_file(path)
    seen.append(shows())
    undoing.undo(desk.ws, 1, actor=ME, now=NOW)
    seen.append(shows())
    with pytest.raises(ZeroDivisionError):
        write(desk.ws.engine, broken)
    seen.append(shows())
    again = Workspace.open(desk.ws.home)  # beside the first, in the same process
    seen.append(shows())
    undoing.undo(again, 2, actor=ME, now=NOW)
    seen.append(shows())
    assert again.newest_write() == desk.ws.newest_write()
    again.close()
    Workspace.open(tmp_path / "other").close()
    assert shows() == seen[-1]
    assert all(len(one) == 1 for one in seen)
    assert len(set.union(*seen)) == len(seen)


def test_a_damaged_store_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "plumbline.duckdb").write_bytes(b"not a database" * 1000)
    with pytest.raises(StoreError, match="cannot be opened"):
        Workspace.open(tmp_path)


def test_a_log_that_cannot_be_replayed_is_rescued(desk: Desk) -> None:
    desk.save(TIDY + "2026-10,biz.orders,all,1\n")
    home = desk.ws.home
    desk.ws.close()
    code = (
        "import duckdb, os, sys\n"
        "c = duckdb.connect(sys.argv[1])\n"
        "c.execute('CREATE TABLE t (a INTEGER)'); c.execute('CHECKPOINT')\n"
        "c.execute('INSERT INTO t VALUES (1)')\n"
        "c.execute('ALTER TABLE t ADD COLUMN moment TIMESTAMP DEFAULT now()')\n"
        "os._exit(0)\n"
    )
    store = home / "plumbline.duckdb"
    subprocess.run([sys.executable, "-c", code, str(store)], check=True)
    with pytest.raises(duckdb.Error):
        duckdb.connect(str(store)).execute("SELECT 1")
    ws = Workspace.open(home)
    assert ws.newest() == 1
    ws.close()


def test_every_migration_is_recorded_once(desk: Desk) -> None:
    home = desk.ws.home
    desk.ws.close()
    ws = Workspace.open(home)
    with ws.reading() as connection:
        numbers = connection.execute(sa.select(tables.schema_version.c.number)).scalars().all()
    ws.close()
    assert numbers == list(range(1, len(STEPS) + 1))


def test_the_audit_notices_a_changed_line(desk: Desk) -> None:
    desk.save(TIDY + "2026-10,biz.orders,all,1\n")
    desk.undo(1)
    with desk.ws.engine.begin() as connection:
        assert audit.broken_line(connection) is None
        changed = tables.audit.update().where(tables.audit.c.id == 1).values(actor="nobody")
        connection.execute(changed)
        assert audit.broken_line(connection) == 1
    assert [f.place for f in examine(desk.ws)] == ["audit line 1"]


def test_the_doctor_notices_a_changed_rollup(desk: Desk) -> None:
    desk.save(TIDY + "2026-10,biz.orders,all,1\n")
    with desk.ws.engine.begin() as connection:
        of = tables.rollup_whole
        connection.execute(of.update().where(of.c.grain == "month").values(value=2.0))
    assert "biz.orders" in [finding.place for finding in examine(desk.ws)]


def test_definitions_are_kept_with_the_change_they_first_counted_for(desk: Desk) -> None:
    desk.save(TIDY + "2026-10,biz.orders,all,1\n")
    desk.save(TIDY + "2026-10,biz.orders,all,2\n")
    with desk.ws.reading() as connection:
        rows = connection.execute(sa.select(tables.definition)).mappings().all()
    assert len(rows) == len(desk.ws.catalogue.texts), "one version each"


def test_segments_add_up_and_a_stated_total_counts_before_a_sum(desk: Desk) -> None:
    october = date(2026, 10, 1)
    desk.save(
        "period,metric,segment,numerator,denominator\n"
        "2026-10,it.availability,service=Shop,90,100\n"
        "2026-10,it.availability,service=Mail,300,300\n"
    )
    assert desk.values("it.availability") == {october: 390 / 400}
    assert desk.values("it.availability", service="Shop") == {october: 0.9}
    desk.save("period,metric,segment,numerator,denominator\n2026-10,it.availability,all,99,100\n")
    assert desk.values("it.availability") == {october: 0.99}
    assert desk.values("it.availability", service="Shop") == {october: 0.9}


def test_quarters_and_years_fold_sums_and_keep_the_last_of_a_stock(desk: Desk) -> None:
    months = [(2025, month) for month in range(1, 13)] + [(2026, month) for month in range(1, 11)]
    rows = "".join(
        f"{year}-{month:02d},base.sessions,all,{month}\n"
        f"{year}-{month:02d},base.headcount,all,{month}\n"
        for year, month in months
    )
    desk.save(TIDY + rows)
    sessions = desk.values("base.sessions", grain=Grain.QUARTER)
    assert list(sessions.values()) == [6, 15, 24, 33, 6, 15, 24, 10]
    stock = desk.values("base.headcount", grain=Grain.QUARTER)
    assert list(stock.values()) == [3, 6, 9, 12, 3, 6, 9, 10]
    assert list(desk.values("base.sessions", grain=Grain.YEAR).values()) == [78, 55]


def test_bare_shares_are_never_averaged_into_a_quarter(desk: Desk) -> None:
    desk.save(TIDY + "2026-07,biz.tx_success,all,0.9\n2026-08,biz.tx_success,all,0.8\n")
    assert list(desk.values("biz.tx_success").values()) == [0.9, 0.8]
    assert desk.values("biz.tx_success", grain=Grain.QUARTER) == {}


@given(st.lists(st.integers(1, 8), max_size=8))
def test_undoing_twice_is_as_if_nothing_happened(targets: list[int]) -> None:
    batches: list[tuple[int, int | None]] = [(number, None) for number in range(1, 9)]
    for target in targets:
        batches.append((len(batches) + 1, target))
    before = undone_batches(batches, len(batches))
    last, undo, redo = len(batches), len(batches) + 1, len(batches) + 2
    batches += [(undo, last), (redo, undo)]
    assert undone_batches(batches, redo) == (*before, undo)


def test_new_combinations_get_ids_and_the_wholes_they_count_towards() -> None:
    new, parts = number_segments({"{}": 0}, [{"service": "Shop", "team": "Desk"}])
    pair = members_text({"service": "Shop", "team": "Desk"})
    assert set(new) == {pair, '{"service": "Shop"}', '{"team": "Desk"}'}
    assert {whole for part, whole in parts if part == new[pair]} == {0, *new.values()}


def test_a_column_declared_later_is_added_to_an_older_store(desk: Desk) -> None:
    desk.save("number,opened_at,priority\nINC1,2026-10-01 08:00:00,1\n")
    write(desk.ws.engine, lambda c: c.exec_driver_sql("ALTER TABLE event_ticket DROP updated_at"))
    desk.ws.close()
    ws = Workspace.open(desk.ws.home)
    with ws.reading() as connection:
        table = tables.metadata.tables["event_ticket"]
        (row,) = connection.execute(sa.select(table.c.number, table.c.updated_at)).all()
    ws.close()
    assert tuple(row) == ("INC1", None)


@pytest.mark.parametrize("said", ["0", "two", "-1"])
def test_a_number_of_threads_that_is_none_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    monkeypatch.setenv("PLUMBLINE_THREADS", said)
    with pytest.raises(StoreError, match="no number of threads"):
        Workspace.open(tmp_path / "home")
    monkeypatch.setenv("PLUMBLINE_THREADS", "")
    Workspace.open(tmp_path / "home").close()


def test_an_older_store_keeps_its_rollups_when_they_are_put_apart(desk: Desk) -> None:
    desk.save(TIDY + "2026-10,biz.orders,all,1\n2026-10,biz.orders,channel=shop,1\n")
    with desk.ws.engine.begin() as connection:
        before = connection.execute(sa.select(tables.rollup)).all()
        connection.exec_driver_sql("CREATE TABLE kept AS SELECT * FROM rollup")
        connection.exec_driver_sql("DROP VIEW rollup")
        for name in ("rollup_whole", "rollup_part"):
            connection.exec_driver_sql(f"DROP TABLE {name}")
        connection.exec_driver_sql("ALTER TABLE kept RENAME TO rollup")
        connection.execute(tables.schema_version.delete().where(tables.schema_version.c.number > 7))
    migrate(desk.ws.engine, ())
    with desk.ws.reading() as connection:
        assert sorted(connection.execute(sa.select(tables.rollup)).all()) == sorted(before)
        whole = connection.execute(sa.select(tables.rollup_whole.c.segment_id)).scalars().all()
    assert set(whole) == {tables.ALL_SEGMENT}
    assert len(before) > len(whole) > 0


def test_facts_lie_in_the_order_in_which_they_are_asked_for(desk: Desk) -> None:
    """By part, then day: a question about some days passes over the blocks of all others."""
    days = [f"2026-10-{day:02d}" for day in (9, 3, 27, 1, 14)]
    rows = [f"{day},{metric},5" for day in days for metric in ("biz.orders", "it.downtime")]
    desk.save("period,metric,value\n" + "\n".join(rows) + "\n")
    with desk.ws.reading() as connection:
        found = connection.execute(sa.text("SELECT part, day FROM fact ORDER BY rowid")).all()
    assert len(found) == len(rows)
    assert found == sorted(found)


def test_who_ever_had_a_value_is_known_at_each_tick(desk: Desk) -> None:
    head = "period,metric,segment,numerator,denominator\n"
    desk.save(f"{head}2026-10-01,it.availability,service=Shop,9,10\n")
    desk.save(f"{head}2026-10-01,it.availability,service=Pay,9,10\n")
    desk.save(f"{head}2026-10-01,it.availability,service=Shop,8,10\n")
    undoing.undo(desk.ws, 2, actor=ME, now=NOW)

    def known(tick: int) -> tuple[str, ...]:
        with desk.ws.reading() as connection:
            return read_members(
                connection, metric="it.availability", dimension="service", as_of=tick
            )

    assert [known(tick) for tick in range(5)] == [
        (),
        ("Shop",),
        ("Pay", "Shop"),
        ("Pay", "Shop"),
        ("Shop",),
    ]

"""Queries in SQL: what they answer, and that whatever else they try leaves no trace."""

import resource
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kpi_engine.actors import Actor
from kpi_engine.errors import NotAllowedError, QueryRefusedError
from kpi_engine.services import sql, undoing
from kpi_engine.services.doctor import examine
from kpi_engine.services.facts import read_facts
from kpi_engine.store import audit, tables
from kpi_engine.store.asked import Asked
from kpi_engine.store.engine import write
from kpi_engine.store.querying import Limits
from kpi_engine.terms import Grain, Role, Severity
from kpi_engine.workspace import STORE_NAME, Workspace
from tests.services.tiny import SOMEBODY, open_workspace, orders, outages, values

NOW = datetime(2026, 11, 5, 8, 0, tzinfo=UTC)
CANARY = "canary-7301"
ANALYST = Actor(name="ann@example.com", roles=frozenset({Role.ANALYST}))
KEPT_OF_A_QUERY = ("sql_query", "audit")


@dataclass(frozen=True, kw_only=True)
class Desk:
    """A filled store, and a folder with a file that no query may read."""

    ws: Workspace
    folder: Path

    def ask(self, text: str, **limits: float) -> sql.Answer:
        return sql.run(self.ws, text, actor=ANALYST, now=NOW, limits=Limits(**limits))

    def state(self) -> dict[str, object]:
        """All that a query could have changed: rows of every table, settings, files."""
        with self.ws.engine.connect() as connection:
            names = connection.exec_driver_sql(
                "SELECT database_name || '.main.' || table_name FROM duckdb_tables()"
            ).scalars()
            found: dict[str, object] = {
                name: connection.exec_driver_sql(
                    f"SELECT count(*), bit_xor(hash(t)) FROM {name} t"  # noqa: S608
                ).all()
                for name in sorted(names)
                if not name.endswith(KEPT_OF_A_QUERY)
            }
            found["settings"] = connection.exec_driver_sql(
                "SELECT name, value FROM duckdb_settings() ORDER BY name"
            ).all()
            found["databases"] = connection.exec_driver_sql(
                "SELECT database_name FROM duckdb_databases()"
            ).all()
        for folder in (self.folder, self.ws.home):
            for path in sorted(folder.rglob("*")):
                if path.is_file() and not path.name.startswith((STORE_NAME, "stage_")):
                    found[str(path)] = path.read_bytes()
        return found


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("canary")
    (folder / "secret.csv").write_text(f"word,number\n{CANARY},1\n")
    ws = open_workspace(tmp_path_factory.mktemp("shop") / "home", scorecard=["biz.orders"])
    orders(ws, "2026-09-01", "2026-10-31", lambda h: 1 if h.hour == 9 else 0)
    outages(ws, ("Shop", "2026-10-13 11:00", "2026-10-13 12:30"))
    yield Desk(ws=ws, folder=folder)
    ws.close()


def test_a_query_reads_what_the_pages_read(shop: Desk) -> None:
    found = shop.ask(
        "SELECT period, value FROM readings WHERE metric = 'biz.orders' AND grain = 'month'"
        " AND segment = 'all' ORDER BY period"
    )
    assert found.rows == (("2026-09-01", 30.0), ("2026-10-01", 31.0))
    assert found.is_whole
    assert found.as_of == shop.ws.newest()
    assert list(found.frame()["period"]) == [date(2026, 9, 1), date(2026, 10, 1)]


ATTACKS = {
    "insert": "INSERT INTO readings VALUES (1)",
    "update": "UPDATE facts SET numerator = 0",
    "delete": "DELETE FROM batches",
    "merge": "MERGE INTO facts USING readings ON true WHEN MATCHED THEN DELETE",
    "delete in with": "WITH x AS (SELECT 1) DELETE FROM batches",
    "create": "CREATE TABLE mine AS SELECT 1 AS a",
    "create view": "CREATE OR REPLACE VIEW readings AS SELECT 1",
    "macro": "CREATE MACRO mine(a) AS a + 1",
    "drop": "DROP TABLE batch",
    "alter": "ALTER TABLE batch ADD COLUMN more INTEGER",
    "truncate": "TRUNCATE batch",
    "attach": "ATTACH '{secret}' AS mine",
    "attach the store": "ATTACH '{store}' AS mine",
    "detach": "DETACH memory",
    "copy out": "COPY readings TO '{folder}/out.csv'",
    "copy in": "COPY batches FROM '{secret}'",
    "export": "EXPORT DATABASE '{folder}/out'",
    "import": "IMPORT DATABASE '{folder}'",
    "install": "INSTALL httpfs",
    "load": "LOAD httpfs",
    "set": "SET threads = 1",
    "set external access": "SET enable_external_access = true",
    "unlock": "SET lock_configuration = false",
    "reset": "RESET memory_limit",
    "variable": "SET VARIABLE mine = 1",
    "pragma": "PRAGMA database_list",
    "pragma with a value": "PRAGMA memory_limit = '99GB'",
    "call": "CALL pragma_database_size()",
    "use": "USE memory",
    "begin": "BEGIN TRANSACTION",
    "checkpoint": "CHECKPOINT",
    "vacuum": "VACUUM",
    "prepare": "PREPARE mine AS SELECT 1",
    "explain": "EXPLAIN ANALYZE SELECT * FROM readings",
    "two statements": "SELECT 1; DROP TABLE batch",
    "two selects": "SELECT 1; SELECT 2",
    "read_csv": "SELECT * FROM read_csv('{secret}')",
    "read_text": "SELECT content FROM read_text('{secret}')",
    "read_blob": "SELECT content FROM read_blob('{secret}')",
    "sniff_csv": "SELECT * FROM sniff_csv('{secret}')",
    "glob": "SELECT * FROM glob('{folder}/*')",
    "a file by its name": "SELECT * FROM '{secret}'",
    "a file by its name in with": "WITH x AS (SELECT * FROM '{secret}') SELECT * FROM x",
    "a file in a subquery": "SELECT (SELECT count(*) FROM '{secret}')",
    "a web address": "SELECT * FROM 'https://example.com/a.csv'",
    "read_duckdb": "SELECT * FROM read_duckdb('{store}', table_name := 'batch')",
    "parquet": "SELECT * FROM parquet_metadata('{folder}/a.parquet')",
    "query": "SELECT * FROM query('SELECT 1')",
    "query_table": "SELECT * FROM query_table('batch')",
    "a pointer": "SELECT * FROM pandas_scan(1234567)",
    "settings": "SELECT * FROM duckdb_settings()",
    "databases": "SELECT path FROM duckdb_databases()",
    "tables": "SELECT * FROM information_schema.tables",
    "catalogue": "SELECT * FROM pg_catalog.pg_class",
    "sqlite": "SELECT * FROM sqlite_master",
    "show tables": "SHOW TABLES",
    "show all tables": "SHOW ALL TABLES",
    "a table behind": "SELECT * FROM batch",
    "a table of another schema": "SELECT * FROM main.audit",
    "getenv": "SELECT getenv('PATH')",
    "current_setting": "SELECT current_setting('temp_directory')",
    "variables": "SELECT getvariable('mine')",
    "plans": "SELECT json_serialize_plan('SELECT * FROM batch')",
    "serialized": "SELECT * FROM json_execute_serialized_sql('{{}}')",
    "nextval": "SELECT nextval('mine')",
    "write_log": "SELECT write_log('mine')",
    "logging": "SELECT * FROM enable_logging()",
    "storage": "SELECT * FROM pragma_storage_info('batch')",
    "python": "SELECT * FROM shop",
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_what_does_not_only_read_views_is_refused_and_leaves_no_trace(
    shop: Desk, attack: str
) -> None:
    before = shop.state()
    folder, store = shop.folder, shop.ws.home / STORE_NAME
    text = attack.format(folder=folder, secret=folder / "secret.csv", store=store)
    with pytest.raises(QueryRefusedError) as refused:
        shop.ask(text)
    said = f"{refused.value} {refused.value.detail}"
    assert refused.value.message.endswith(".")
    assert refused.value.hint
    assert CANARY not in said
    assert "store_" not in said
    assert shop.state() == before


def test_after_all_that_the_store_is_sound_and_takes_data(shop: Desk) -> None:
    assert not [found for found in examine(shop.ws) if found.severity is Severity.ERROR]
    before = shop.ws.newest()
    orders(shop.ws, "2026-11-01", "2026-11-02", lambda h: 1 if h.hour == 9 else 0)
    found = shop.ask("SELECT count(*) FROM events_transaction WHERE ordered_at >= '2026-11-01'")
    assert (found.rows, found.as_of) == (((2,),), before + 1)


ENDLESS = {
    "recursion": "WITH RECURSIVE r AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM r)"
    " SELECT max(i) FROM r",
    "cross join": "SELECT count(*) FROM range(1000000000000) a, range(1000000000000) b",
    "one value": "SELECT repeat('x', 1000000000)",
    "asleep": "SELECT sleep_ms(1000000)",
}


@pytest.mark.parametrize("text", ENDLESS.values(), ids=ENDLESS)
def test_what_would_run_for_ever_is_stopped(shop: Desk, text: str) -> None:
    began = time.monotonic()
    with pytest.raises(QueryRefusedError, match=r"longer than 2 s|more memory"):
        shop.ask(text, seconds=2)
    assert time.monotonic() - began < 15


GREEDY = {
    "a list that DuckDB does not count": "SELECT len(range(2000000000))",
    "a list": "SELECT len(list(a)) FROM range(1000000000) t(a)",
    "text": "SELECT string_agg(repeat('x', 1000000), '') FROM range(100000)",
}


@pytest.mark.parametrize("text", GREEDY.values(), ids=GREEDY)
def test_what_takes_too_much_memory_is_stopped(shop: Desk, text: str) -> None:
    with pytest.raises(QueryRefusedError, match="more memory than the 128 MB"):
        shop.ask(text, memory_mb=128, seconds=60)
    taken = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    assert taken < 2_500_000_000


def test_of_ten_million_rows_the_first_come_back_and_it_is_said(shop: Desk) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = shop.ask("SELECT i, hash(i) AS h FROM range(10000000) t(i) ORDER BY h", seconds=60)
    assert len(found.rows) == sql.LIMITS.rows
    assert not found.is_whole
    numbers = [int(row[1]) for row in found.rows]
    assert numbers == sorted(numbers)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000


def test_long_text_comes_back_as_far_as_it_goes(shop: Desk) -> None:
    found = shop.ask("SELECT repeat('x', 400000) AS a FROM range(20)", result_mb=1)
    assert len(found.rows) == 2
    assert not found.is_whole


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("", "There is no query", id="nothing"),
        pytest.param("-- later", "There is no query", id="a remark"),
        pytest.param("SELEC 1", "DuckDB says: syntax error", id="a slip"),
        pytest.param("SELECT valeu FROM readings", 'DuckDB says: .*"valeu" not found', id="column"),
        pytest.param("SELECT * FROM reading", "no view called 'reading'.*'readings'", id="a view"),
        pytest.param("SELECT 'a'::INTEGER", "Could not convert string 'a'", id="while it runs"),
        pytest.param("SELECT $1", "DuckDB says", id="a parameter"),
        pytest.param(
            "PIVOT readings ON grain USING sum(value)", "PIVOT has to be told", id="pivot"
        ),
        pytest.param("SELECT 1 " + "-" * 20_000, "longer than 20,000 characters", id="long"),
    ],
)
def test_a_mistake_is_told_in_a_sentence(shop: Desk, text: str, said: str) -> None:
    with pytest.raises(QueryRefusedError, match=said):
        shop.ask(text)


@pytest.mark.parametrize(
    "text",
    ["SELECT * FROM information_schema.tables", "PRAGMA database_list", "FROM sqlite_master"],
)
def test_no_view_is_offered_for_what_is_not_there_to_be_read(shop: Desk, text: str) -> None:
    with pytest.raises(QueryRefusedError, match="Only the documented views can be read") as refused:
        shop.ask(text)
    assert "Did you mean" not in str(refused.value)


def test_a_row_larger_than_an_answer_may_be_is_refused(shop: Desk) -> None:
    with pytest.raises(QueryRefusedError, match=r"A single row .* larger than the 1 MB of text"):
        shop.ask("SELECT repeat('x', 2000000)", result_mb=1)


ALLOWED = {
    "with": "WITH x AS (SELECT * FROM readings) SELECT count(*) FROM x",
    "from first": "FROM readings LIMIT 1",
    "values": "VALUES (1), (2)",
    "describe": "DESCRIBE readings",
    "summarize": "SUMMARIZE SELECT value FROM readings",
    "pivot": "PIVOT readings ON grain IN ('month', 'year') USING max(value) GROUP BY metric",
    "window": "SELECT period, avg(value) OVER (ORDER BY period) FROM readings",
    "series": "SELECT unnest(generate_series(1, 3))",
    "lambda": "SELECT list_transform([1, 2], lambda x: x + 1)",
    "semicolon and remark": "SELECT 1; -- the end",
    "every kind of value": "SELECT uuid(), now(), INTERVAL 3 MONTH, {'a': 1}, '101'::BIT, 1e400",
    "two of a name": "SELECT 1 AS a, 2 AS a",
    "like a forbidden word": "SELECT 'DROP TABLE batch; COPY' AS \"insert\"",
}


@pytest.mark.parametrize("text", ALLOWED.values(), ids=ALLOWED)
def test_whatever_only_reads_is_answered(shop: Desk, text: str) -> None:
    assert shop.ask(text).rows


def test_two_columns_of_a_name_can_be_told_apart(shop: Desk) -> None:
    assert [name for name, _ in shop.ask(ALLOWED["two of a name"]).columns] == ["a", "a (2)"]


def test_every_example_answers(shop: Desk) -> None:
    for text in sql.examples(shop.ws).values():
        assert shop.ask(text).is_whole


def test_examples_give_the_numbers_that_are_shown_elsewhere(sample: Workspace) -> None:
    def ask(title: str) -> tuple[tuple[Any, ...], ...]:
        return sql.run(sample, sql.examples(sample)[title], actor=ANALYST, now=NOW).rows

    def shown(metric: str, grain: Grain) -> dict[str, float]:
        ends = {"first": date(2020, 1, 1), "last": date(2027, 12, 31)}
        values = read_facts(sample, metric, grain=grain, **ends).values
        return {str(one.period): one.value for one in values if one.value is not None}

    quarters = ask("Every measure, quarter by quarter")
    for metric in ("biz.lost_hours", "biz.nps", "it.incidents_per_100", "it.availability"):
        label = sample.catalogue.metric(metric).label
        found = {at: value for name, at, value, _ in quarters if name == label}
        assert {at: found[at] for at in shown(metric, Grain.QUARTER)} == pytest.approx(
            shown(metric, Grain.QUARTER)
        )
    problems: dict[str, int] = {}
    for _, month, count in ask("Problems reported, by team and month"):
        problems[month] = problems.get(month, 0) + count
    assert problems == shown("base.tickets", Grain.MONTH)


def test_two_are_answered_at_once(shop: Desk) -> None:
    def endless() -> None:
        with pytest.raises(QueryRefusedError, match="longer than 6 s"):
            shop.ask(ENDLESS["asleep"], seconds=6)

    slow = threading.Thread(target=endless)
    slow.start()
    time.sleep(0.5)
    assert shop.ask("SELECT 1 AS a").rows == ((1,),)
    assert slow.is_alive()
    slow.join()


def test_a_query_sees_a_batch_whole_or_not_at_all(shop: Desk) -> None:
    count = "SELECT count(*), max(batch) FROM batches"
    before = shop.ask(count)
    begun, go_on = threading.Event(), threading.Event()

    def half(connection: sa.Connection) -> None:
        last = connection.execute(sa.select(tables.batch).order_by(tables.batch.c.id.desc()))
        kept = dict(last.mappings().first() or {})
        connection.execute(tables.batch.insert().values(kept | {"id": before.as_of + 1}))
        begun.set()
        go_on.wait(20)
        connection.execute(tables.batch.insert().values(kept | {"id": before.as_of + 2}))

    importing = threading.Thread(target=write, args=(shop.ws.engine, half))
    importing.start()
    begun.wait(20)
    threading.Timer(3, go_on.set).start()
    during = shop.ask(count)
    importing.join()
    after = shop.ask(count)
    assert during.rows in (before.rows, after.rows)
    assert after.rows[0][0] == before.rows[0][0] + 2
    undoing.undo(shop.ws, before.as_of + 2, actor=SOMEBODY, now=NOW)
    undone = shop.ask("SELECT batch, counts FROM batches ORDER BY batch DESC LIMIT 2")
    assert undone.rows == ((before.as_of + 3, True), (before.as_of + 2, False))


def test_the_app_stays_the_only_one_that_may_write(shop: Desk) -> None:
    shop.ask("SELECT 1")
    code = "import duckdb, sys; duckdb.connect(sys.argv[1])"
    done = subprocess.run(
        [sys.executable, "-c", code, str(shop.ws.home / STORE_NAME)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Could not set lock" in done.stderr


def test_one_copy_is_kept_for_a_tick_and_none_after_the_end(tmp_path: Path) -> None:
    ws = open_workspace(tmp_path / "home")
    desk = Desk(ws=ws, folder=tmp_path)
    for month in ("2026-09", "2026-10"):
        values(ws, "biz.orders", {month: 12})
        desk.ask("SELECT 1")
        desk.ask("SELECT 2")
        assert len(list(ws.staging_folder.glob("*.duckdb"))) == 1
    ws.close()
    assert list(ws.staging_folder.iterdir()) == []


@pytest.mark.parametrize("role", [Role.VIEWER, Role.CONTRIBUTOR])
def test_whoever_is_no_analyst_may_not_ask(shop: Desk, role: Role) -> None:
    reader = Actor(name="reader@example.com", roles=frozenset({role}))
    with pytest.raises(NotAllowedError, match="may not ask with SQL"):
        sql.run(shop.ws, "SELECT 1", actor=reader, now=NOW)
    with pytest.raises(NotAllowedError):
        sql.history(shop.ws, actor=reader)


def test_what_was_asked_is_kept_for_whoever_asked_it(shop: Desk) -> None:
    me = Actor(name="me@example.com", roles=frozenset({Role.STEWARD}))
    for minute, text in enumerate(("SELECT 1", "SELECT 2 AS b", "SELECT 1", "DROP TABLE batch")):
        at = NOW.replace(minute=minute)
        try:
            sql.run(shop.ws, text, actor=me, now=at)
        except QueryRefusedError:
            continue
    found = sql.history(shop.ws, actor=me)
    assert [one.text for one in found] == ["DROP TABLE batch", "SELECT 1", "SELECT 2 AS b"]
    refused, answered, _ = found
    assert (refused.rows, refused.refused[:15]) == (None, "DROP is refused")
    assert (answered.rows, answered.refused, answered.actor) == (1, "", me.name)
    assert isinstance(answered, Asked)
    with shop.ws.reading() as connection:
        assert audit.broken_line(connection) is None
        said = connection.execute(
            sa.select(tables.audit.c.detail).where(tables.audit.c.actor == me.name)
        ).scalars()
        assert [line.partition(",")[0] for line in said][::3] == [
            "1 rows",
            "refused (DROP is refused: queries read",
        ]


def test_no_cell_of_a_file_is_taken_for_a_formula(shop: Desk) -> None:
    found = shop.ask("SELECT '=1+1' AS a, -5 AS b, '-5' AS c, 'plain' AS \"@d\", NULL AS e")
    lines = found.to_csv().decode("utf-8-sig").splitlines()
    assert lines == ["a,b,c,'@d,e", "'=1+1,-5,-5,plain,"]


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.text(max_size=40))
def test_any_text_is_answered_or_refused_in_a_sentence(shop: Desk, text: str) -> None:
    with suppress(QueryRefusedError):
        shop.ask(text)

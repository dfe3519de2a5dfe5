"""The fences around a query, one by one: each holds without the others."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_engine.store import answering
from kpi_engine.store.answering import RefusedError

CANARY = "canary-7302"
TABLE = "SELECT 1 AS metric, 2 AS value"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("fences")
    (made / "secret.csv").write_text(f"word\n{CANARY}\n")
    with duckdb.connect(str(made / "copy.duckdb")) as connection:
        connection.execute(f"CREATE TABLE rollup AS {TABLE}")
    return made


def task(folder: Path) -> dict[str, object]:
    return {
        "path": str(folder / "copy.duckdb"),
        "alias": "store_x",
        "text": "SELECT 1",
        "views": {"readings": "SELECT * FROM store_x.rollup"},
        "threads": 1,
        "memory": "200MB",
        "memory_bytes": 200_000_000,
        "rows": 10,
        "bytes": 1_000_000,
        "seconds": 5,
    }


@pytest.fixture
def locked(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    connection = answering._locked(task(folder))
    yield connection
    connection.close()


WITHOUT_THE_PARSER = [
    "INSERT INTO store_x.rollup VALUES (1, 2)",
    "DROP TABLE store_x.rollup",
    "ATTACH '{folder}/other.duckdb'",
    "COPY (SELECT 1) TO '{folder}/out.csv'",
    "EXPORT DATABASE '{folder}/out'",
    "SELECT * FROM read_csv('{folder}/secret.csv')",
    "SELECT * FROM '{folder}/secret.csv'",
    "SELECT * FROM read_text('{folder}/*')",
    "SELECT * FROM glob('{folder}/*')",
    "INSTALL httpfs",
    "LOAD httpfs",
    "SET threads = 4",
    "SET enable_external_access = true",
    "SELECT * FROM folder",
]


@pytest.mark.parametrize("text", WITHOUT_THE_PARSER)
def test_duckdb_refuses_even_what_the_parser_would_let_through(
    locked: duckdb.DuckDBPyConnection, folder: Path, text: str
) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(duckdb.Error) as refused:
        locked.execute(text.format(folder=folder))
    assert CANARY not in str(refused.value)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


WITHOUT_DUCKDB = {
    "open": "open({secret!r}).read()",
    "write": "open({other!r}, 'w').write('x')",
    "a socket": "__import__('socket').socket()",
    "a program": "__import__('subprocess').run(['true'])",
    "memory": "bytearray(3_000_000_000)",
}


@pytest.mark.skipif(sys.platform != "linux", reason="Only Linux has all of these limits")
@pytest.mark.parametrize("what", WITHOUT_DUCKDB.values(), ids=WITHOUT_DUCKDB)
def test_the_system_refuses_even_what_duckdb_would_let_through(folder: Path, what: str) -> None:
    secret, other = str(folder / "secret.csv"), str(folder / "other")
    code = (
        "import runpy, json, sys, socket, subprocess\n"
        f"fence = runpy.run_path({answering.__file__!r})['_fence']\n"
        f"fence(json.loads({json.dumps(task(folder))!r}))\n"
        "try:\n"
        f"    print({what.format(secret=secret, other=other)})\n"
        "except (OSError, MemoryError) as refused:\n"
        "    print('refused', type(refused).__name__)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert CANARY not in done.stdout
    assert done.stdout.startswith("refused"), done.stderr
    assert not Path(other).exists()


@pytest.mark.parametrize(
    ("text", "kind", "said"),
    [
        ("FROM a.b.readings", "view", "a.b.readings"),
        ("FROM main.readings", "view", "main.readings"),
        ("FROM (SELECT 1), store_x.rollup", "view", "store_x.rollup"),
        ("SELECT (SELECT max(value) FROM rollup)", "view", "rollup"),
        ("SELECT 1 UNION ALL FROM rollup", "view", "rollup"),
        ("WITH rollup AS (FROM facts) FROM rollup", "view", "facts"),
        ("SELECT * FROM readings WHERE EXISTS (FROM rollup)", "view", "rollup"),
        ("SELECT * FROM readings JOIN LATERAL (FROM rollup) ON true", "view", "rollup"),
        ("PIVOT rollup ON metric IN (1) USING sum(value)", "view", "rollup"),
        ("SUMMARIZE rollup", "view", "rollup"),
        ("DESCRIBE rollup", "view", "rollup"),
        ("SELECT * FROM Read_CSV('a')", "function", "read_csv"),
        ("SELECT * FROM main.read_csv('a')", "function", "read_csv"),
        ("SELECT * FROM readings, LATERAL query('SELECT 1')", "function", "query"),
        ("SELECT ('threads').current_setting()", "function", "current_setting"),
        (
            "SELECT list_transform(['a'], lambda x: current_setting(x))",
            "function",
            "current_setting",
        ),
        ("SELECT sum(pg_sleep(1)) OVER ()", "function", "pg_sleep"),
        ("SHOW ALL TABLES", "statement", "SHOW"),
        ("PRAGMA show_tables", "view", ""),
        ("SELECT 1; SELECT 2", "several", ""),
        (" ; ", "empty", ""),
    ],
)
def test_the_parser_lets_only_views_and_functions_of_values_through(
    locked: duckdb.DuckDBPyConnection, text: str, kind: str, said: str
) -> None:
    with pytest.raises(RefusedError) as refused:
        answering._only_query(locked, text, views={"readings"})
    assert refused.value.kind == kind
    assert said in refused.value.said


WORDS = st.sampled_from(
    [
        *("SELECT", "FROM", "WHERE", "WITH", "AS", "(", ")", ",", ";", "*", "'a'", '"', "readings"),
        *("rollup", "value", "GROUP BY", "ORDER BY", "LIMIT", "1", "--", "/*", "*/", "UNION", "x"),
        *("JOIN", "ON", "PIVOT", "UNPIVOT", "DESCRIBE", "SUMMARIZE", "COPY", "TO", "ATTACH", "SET"),
        *("=", ".", "read_csv", "[", "]", "{", "}", ":", "?", "$1", "lambda", "DROP", "TABLE"),
        *("VALUES", "OVER", "EXPLAIN", "CAST", "::", "INTEGER", "NULL", "\\", "\n", "\0"),
    ]
)
PARSER = duckdb.connect()


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(), st.lists(WORDS, max_size=15).map(" ".join)))
def test_whatever_is_let_through_names_views_only(text: str) -> None:
    try:
        query = answering._only_query(PARSER, text, views={"readings"})
    except (RefusedError, duckdb.Error, UnicodeError, ValueError):
        return
    assert PARSER.get_table_names(query) <= {"readings"}

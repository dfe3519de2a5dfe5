"""Answers one SQL query over a copy of the store, as a process of its own.

Run as a file, never imported by the app: what goes wrong in here ends here. The task comes as JSON
on standard input, the answer goes as JSON to standard output. Three fences stand behind one
another: the parser lets one SELECT over documented views through; DuckDB has the copy open for
reading only, touches no other file and takes no setting; the system lets this process open nothing
more, write no file, and take no more memory and time than it was given.

Standard library and DuckDB only: a query starts it, and somebody waits.
"""

import decimal
import json
import math
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

try:
    import resource
except ImportError:  # Windows has no such limits: parser and DuckDB hold alone
    resource = None  # type: ignore[assignment]

TABLE_FUNCTIONS = frozenset({"range", "generate_series", "unnest", "repeat", "json_each"})
"""What may stand in FROM besides views. The others read files, settings, memory, tables."""
HIDDEN_FUNCTIONS = frozenset(
    {
        *("current_setting", "getenv", "getvariable", "nextval", "currval", "write_log"),
        *("current_query", "current_schemas", "json_serialize_sql", "json_serialize_plan"),
        *("json_deserialize_sql", "json_execute_serialized_sql", "version", "obj_description"),
        *("shobj_description", "col_description", "get_block_size", "inet_server_addr"),
    }
)
"""Functions of values that tell of the machine or the store, not of the data."""
_HIDDEN_STARTS = ("pg_", "duckdb_", "pragma_", "has_", "parse_duckdb")
_PLAIN = frozenset(
    {
        *("BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "FLOAT", "DOUBLE"),
        *("UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT", "DECIMAL", "VARCHAR"),
    }
)
_SHOWN_KINDS = ("DESCRIBE", "SUMMARY")
_LARGEST_WHOLE = 2**63
_BATCH_ROWS = 500
_HEADROOM = 4
"""Times DuckDB's own limit that the process may grow: some values are not counted by DuckDB."""

Cell = str | int | float | bool | None


class RefusedError(Exception):
    """The query is not run, or not to its end.

    Attributes:
        kind: Why: empty, several, pivot, statement, view, function, files, typing, memory,
            large.
        said: Which statement, view or function, or what DuckDB said.
    """

    def __init__(self, kind: str, said: str = "") -> None:
        super().__init__(kind)
        self.kind = kind
        self.said = said


def main() -> None:
    """Read the task, answer it."""
    task = json.load(sys.stdin)
    try:
        said = _answer(task)
    except RefusedError as refused:
        said = {"refused": refused.kind, "said": refused.said.replace(f"{task['alias']}.", "")}
    except (MemoryError, duckdb.OutOfMemoryException):
        said = {"refused": "memory", "said": ""}
    except duckdb.PermissionException:
        said = {"refused": "files", "said": ""}
    except (duckdb.Error, UnicodeError, ValueError, OverflowError) as error:
        said = {"refused": "typing", "said": str(error).replace(f"{task['alias']}.", "")}
    json.dump(said, sys.stdout)


def _answer(task: Mapping[str, Any]) -> dict[str, Any]:
    connection = _locked(task)
    _fence(task)
    query = _only_query(connection, task["text"], views=set(task["views"]))
    found = connection.sql(query)
    kinds = [str(of) for of in found.types]
    # Of what is sorted only the first rows are kept, so that millions need no memory.
    first = found.limit(task["rows"] + 1).project(_as_text(kinds))
    rows, is_whole = _rows(first, most=task["rows"], most_bytes=task["bytes"])
    columns = list(zip(_unlike(found.columns), kinds, strict=True))
    return {"columns": columns, "rows": rows, "is_whole": is_whole}


def _as_text(kinds: Sequence[str]) -> str:
    """Columns by their place: numbers, text and yes or no as they are, all else as its text."""
    return ", ".join(
        f"#{place}" if kind.partition("(")[0] in _PLAIN else f"#{place}::VARCHAR"
        for place, kind in enumerate(kinds, start=1)
    )


def _locked(task: Mapping[str, Any]) -> duckdb.DuckDBPyConnection:
    """A database in memory with nothing in it but the views, which takes no setting any more."""
    connection = duckdb.connect(
        ":memory:",
        config={
            "threads": task["threads"],
            "memory_limit": task["memory"],
            "temp_directory": "",
            "max_temp_directory_size": "0B",
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "allow_community_extensions": "false",
            "python_enable_replacements": "false",
        },
    )
    alias, place = task["alias"], task["path"].replace("'", "''")
    connection.execute(f"ATTACH '{place}' AS {alias} (READ_ONLY)")
    for name, select in task["views"].items():
        connection.execute(f"CREATE VIEW {name} AS {select}")
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    # What is opened at the first use is opened now: later nothing can be.
    connection.execute("SELECT count(*) FROM readings").fetchall()
    return connection


def _fence(task: Mapping[str, Any]) -> None:
    """From here on the system itself refuses: no file opened, none written, so much and no more."""
    if resource is None:
        return
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_CPU, int(task["seconds"] * task["threads"]) + 5)
    taken = Path("/proc/self/statm")
    if taken.exists():
        pages = int(taken.read_text(encoding="ascii").split()[0])
        limit = pages * resource.getpagesize() + _HEADROOM * task["memory_bytes"]
        _limit(resource.RLIMIT_AS, limit)
    _limit(resource.RLIMIT_NOFILE, 0)


def _limit(what: int, most: int) -> None:
    resource.setrlimit(what, (most, most))


def _only_query(connection: duckdb.DuckDBPyConnection, text: str, *, views: set[str]) -> str:
    """The one SELECT that the text is.

    Raises:
        RefusedError: It is none, or more, or asks for something that is no documented view.
    """
    statements = connection.extract_statements(text)
    if not statements:
        raise RefusedError("empty")
    if len(statements) > 1:
        kinds = {statement.type.name for statement in statements}
        raise RefusedError("pivot" if "CREATE" in kinds and _is_pivot(text) else "several")
    kind = statements[0].type.name
    if kind != "SELECT":
        raise RefusedError("statement", kind)
    query = str(statements[0].query).strip().rstrip(";").strip()
    # Not bound: binding any value loads pandas, which takes longer than most queries.
    quoted = query.replace("'", "''")
    ((parsed,),) = connection.execute(f"SELECT json_serialize_sql('{quoted}')").fetchall()
    tree = json.loads(parsed)
    if tree["error"] or len(tree["statements"]) != 1:
        raise RefusedError("statement", query.split(None, 1)[0].upper())
    _check(tree, views)
    return query


def _is_pivot(text: str) -> bool:
    return "pivot" in text.lower()


def _check(tree: Any, views: set[str]) -> None:
    """Stop at whatever is no documented view and no function of values."""
    named = {entry["key"].lower() for node in _nodes(tree) for entry in _with(node)}
    for node in _nodes(tree):
        check = _CHECKS.get(str(node.get("type")))
        if check:
            check(node, views | named)
        if "function_name" in node:
            _check_function(node)


def _with(node: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    """Names that a WITH gives."""
    found = node.get("cte_map")
    return found.get("map", ()) if isinstance(found, dict) else ()


def _check_table(node: Mapping[str, Any], names: set[str]) -> None:
    parts = (node["catalog_name"], node["schema_name"], node["table_name"])
    if any(parts[:2]) or node["table_name"].lower() not in names:
        raise RefusedError("view", ".".join(part for part in parts if part))


def _check_table_function(node: Mapping[str, Any], _names: set[str]) -> None:
    name = str(node["function"].get("function_name", "")).lower()
    if name not in TABLE_FUNCTIONS:
        raise RefusedError("function", name)


def _check_shown(node: Mapping[str, Any], _names: set[str]) -> None:
    if node["show_type"] not in _SHOWN_KINDS or node.get("query") is None:
        raise RefusedError("statement", "SHOW")


_CHECKS: Mapping[str, Callable[[Mapping[str, Any], set[str]], None]] = {
    "BASE_TABLE": _check_table,
    "TABLE_FUNCTION": _check_table_function,
    "SHOW_REF": _check_shown,
}


def _check_function(node: Mapping[str, Any]) -> None:
    name = str(node["function_name"]).lower()
    if name in HIDDEN_FUNCTIONS or name.startswith(_HIDDEN_STARTS):
        raise RefusedError("function", name)


def _nodes(tree: Any) -> Iterator[Mapping[str, Any]]:
    """Every object of the parsed query, without going deep: nesting is the writer's choice."""
    left = [tree]
    while left:
        node = left.pop()
        if isinstance(node, dict):
            yield node
            left.extend(node.values())
        elif isinstance(node, list):
            left.extend(node)


def _rows(
    found: duckdb.DuckDBPyRelation, *, most: int, most_bytes: int
) -> tuple[list[list[Cell]], bool]:
    """The first rows, and whether those are all; fewer where they are very long.

    Raises:
        RefusedError: The first row alone is too long.
    """
    rows: list[list[Cell]] = []
    taken = 0
    while batch := found.fetchmany(_BATCH_ROWS):
        for row in batch:
            cells = [_cell(value) for value in row]
            taken += sum(len(cell) if isinstance(cell, str) else 8 for cell in cells)
            if len(rows) == most or taken > most_bytes:
                if not rows:
                    raise RefusedError("large")
                return rows, False
            rows.append(cells)
    return rows, True


def _unlike(names: Iterable[str]) -> list[str]:
    """Names of columns, each once: a second ``value`` is ``value (2)``."""
    unlike: list[str] = []
    for name in names:
        number, new = 1, name
        while new in unlike:
            number += 1
            new = f"{name} ({number})"
        unlike.append(new)
    return unlike


def _cell(value: str | float | decimal.Decimal | None) -> Cell:
    """A value as JSON has it; what is no number of JSON becomes text."""
    if isinstance(value, bool | str) or value is None:
        return value
    if isinstance(value, int):
        return value if -_LARGEST_WHOLE <= value < _LARGEST_WHOLE else str(value)
    number = float(value)
    return number if math.isfinite(number) else str(number)


if __name__ == "__main__":
    main()

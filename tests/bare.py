"""Questions to a store that none of our code answers: bare DuckDB and a query in its own file."""

from pathlib import Path

import duckdb

from kpi_engine.workspace import STORE_NAME


def bare_rows(home: Path, query: Path, **values: object) -> list[tuple[object, ...]]:
    """The rows a query finds in the store of a data folder, which nobody may have open.

    Args:
        home: The data folder.
        query: A file with one statement.
        values: What it names as ``$name``.
    """
    with duckdb.connect(str(home / STORE_NAME), read_only=True) as store:
        return store.execute(query.read_text(encoding="utf-8"), values).fetchall()

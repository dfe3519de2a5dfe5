"""Files that say themselves what their columns are: Parquet and JSON, as delimited text."""

import re
from pathlib import Path
from typing import Literal

import duckdb

from kpi_engine.errors import ImportRejectedError
from kpi_engine.imports.workbooks import damaged
from kpi_engine.job import check_cancelled, watched

JsonForm = Literal["newline_delimited", "array"]

_LINES, _LIST = re.compile(rb'\{\s*"'), re.compile(rb"\[\s*\{")


def form_of_json(beginning: bytes) -> JsonForm | None:
    """Whether a file begins like objects one a line, or like a list of objects; None: neither."""
    if _LINES.match(beginning):
        return "newline_delimited"
    return "array" if _LIST.match(beginning) else None


def unpack_parquet(path: Path, name: str, *, copy: Path) -> Path:
    """Write a Parquet file out as text.

    Raises:
        ImportRejectedError: It is damaged.
    """
    quoted = [str(one).replace("'", "''") for one in (path, copy)]
    try:
        with duckdb.connect(":memory:") as connection, watched(connection):
            connection.execute(
                f"COPY (FROM read_parquet('{quoted[0]}')) TO '{quoted[1]}' (FORMAT csv, HEADER)"
            )
    except duckdb.Error as error:
        check_cancelled()
        raise damaged(name) from error
    return copy


def unpack_json(path: Path, name: str, *, form: JsonForm, copy: Path) -> Path:
    """Write objects out as text; of an object in one, ``host``, the columns are ``host.name``.

    Raises:
        ImportRejectedError: It is something else.
    """
    try:
        with duckdb.connect(":memory:") as connection, watched(connection):
            objects = connection.read_json(str(path), format=form)
            columns = [
                duckdb.ColumnExpression(column, *inner).alias(".".join((column, *inner)))
                for column, of in zip(objects.columns, objects.types, strict=True)
                for inner in ([[part] for part, _ in of.children] if of.id == "struct" else [[]])
            ]
            objects.select(*columns).write_csv(str(copy), header=True)
    except duckdb.Error as error:
        check_cancelled()
        raise ImportRejectedError(
            f"{name} is JSON, but cannot be read as a list of objects; it may be cut off.",
            hint="Export it as CSV, or as JSON with one object a row.",
        ) from error
    return copy

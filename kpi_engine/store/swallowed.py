"""Lines that look like rows and stand inside a cell, because a quote before them is not closed."""

import re

import sqlalchemy as sa

from kpi_engine.store.loading import TextFile, drop_refused
from kpi_engine.store.staging import Staging

_MOST_COUNTED = 200
"""Delimiters of a line that are counted at most; a pattern may not be longer."""
_DIGITS = "'[0-9]+', '0', 'g'"


def read_swallowed(
    connection: sa.Connection, staging: Staging, file: TextFile
) -> tuple[int, int] | None:
    """The first row with such lines in it, counted from 0, and how many there are in all rows.

    A line looks like a row where it has as many cells and begins like the row it stands in, with
    other digits. The file is read a second time.

    Returns:
        None where there are none.
    """
    delimiter = re.escape(file.delimiter)
    count = min(len(file.header) - 1, _MOST_COUNTED)
    line = f"\\n([^{delimiter}\\n]*)(?:{delimiter}[^{delimiter}\\n]*){{{count}}}"
    columns = ", ".join(f"c{place}" for place in range(len(file.header)))
    query = sa.text(
        f"""
        WITH numbered AS (
            SELECT row_number() OVER () - 1 AS place, c0, concat_ws(chr(31), {columns}) AS cells
            FROM {staging.token}.main.cells
        ), looked AS (
            SELECT place, len(list_filter(
                regexp_extract_all(cells, :line, 1),
                lambda one: regexp_replace(one, {_DIGITS}) = regexp_replace(c0, {_DIGITS})
            )) AS lines
            FROM numbered WHERE contains(cells, chr(10)) AND c0 IS NOT NULL
        )
        SELECT min(place), sum(lines) FROM looked WHERE lines > 0
        """  # noqa: S608  # the token is ours: letters and digits
    )
    first, lines = connection.execute(query, {"line": line}).one()
    drop_refused(connection)
    return None if first is None else (int(first), int(lines))

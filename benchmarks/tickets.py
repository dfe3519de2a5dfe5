"""A ServiceNow export of any length, written by DuckDB."""

from pathlib import Path

import duckdb

_QUERY = """
COPY (
    SELECT
        printf('INC%08d', i) AS number,
        strftime(opened, '%Y-%m-%d %H:%M:%S') AS opened_at,
        strftime(resolved, '%Y-%m-%d %H:%M:%S') AS resolved_at,
        strftime(resolved + INTERVAL 2 DAY, '%Y-%m-%d %H:%M:%S') AS closed_at,
        ['1 - Critical', '2 - High', '3 - Moderate', '4 - Low'][1 + (4 * sqrt(c))::INT % 4]
            AS priority,
        'Category ' || (20 * a)::INT AS category,
        'Team ' || (7 * service + (3 * b)::INT % 3) % 20 AS assignment_group,
        'Service ' || service AS business_service,
        d < 0.9 AS made_sla,
        (a < 0.05)::INT AS reopen_count,
        (3 * b * c)::INT AS reassignment_count
        DESCRIPTION
    FROM (
        SELECT
            *,
            TIMESTAMP '2023-01-01' + to_seconds((i * 1095 * 86400.0 / $rows)::BIGINT) AS opened,
            opened + to_seconds((-72000 * ln(1 - random()))::BIGINT) AS resolved
        FROM (
            SELECT
                i, random() AS a, random() AS b, random() AS c, random() AS d,
                (30 * random())::INT % 30 AS service
            FROM range($rows) AS numbers(i)
        )
    )
) TO 'PATH' (HEADER)
"""


_DESCRIPTION = """, 'The screen stays white, since ' || strftime(opened, '%H:%M') || '. '
    || repeat('I pressed the button again, "and nothing happened". ', 6) AS description"""


def write_tickets(path: Path, *, rows: int, described: bool = False) -> None:
    """Three years of tickets, one row each: 30 services, each looked after by 3 of 20 teams.

    Args:
        path: The file.
        rows: How many tickets.
        described: With a text of some 300 letters each, which fills most of a real export.
    """
    query = _QUERY.replace("DESCRIPTION", _DESCRIPTION if described else "")
    with duckdb.connect() as connection:
        connection.execute("SET enable_progress_bar = false")
        connection.execute("SELECT setseed(0.42)")
        connection.execute(query.replace("PATH", str(path).replace("'", "''")), {"rows": rows})

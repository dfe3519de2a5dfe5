"""Rejected rows of a staged file: where they stand, what they hold, what is wrong with them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from kpi_engine.store.loading import drop_refused, row_number
from kpi_engine.store.staging import Staging


@dataclass(frozen=True, kw_only=True)
class RejectedRow:
    """A row that was split into cells but cannot be used.

    Attributes:
        row: Position among the rows that could be split, from 0.
        problems: ``field|kind`` or ``field|kind|column position``.
        cells: Text of every cell, None for an empty one.
    """

    row: int
    problems: tuple[str, ...]
    cells: tuple[str | None, ...]


def read_rejected_rows(
    connection: sa.Connection, staging: Staging, problems: sa.Table, *, limit: int | None
) -> list[RejectedRow]:
    """Rejected rows in file order, with their cells; read from the file a second time.

    Args:
        connection: To the store.
        staging: Has the view of the file's cells.
        problems: Staged rows with a ``problem``.
        limit: At most this many; None for all.
    """
    at = row_number(problems)
    bad = sa.select(at.label("at"), problems.c.problem).where(problems.c.problem.is_not(None))
    bad = bad.order_by(at)
    if limit is not None:
        bad = bad.limit(limit)
    found = connection.execute(bad).all()
    cells = _cells(connection, staging, sorted({row.at for row in found}))
    return [
        RejectedRow(row=row.at, problems=tuple(row.problem.split(";")), cells=cells.get(row.at, ()))
        for row in found
    ]


def _cells(
    connection: sa.Connection, staging: Staging, rows: Sequence[int]
) -> dict[int, tuple[str | None, ...]]:
    if not rows:
        return {}
    view = sa.text(f"SELECT row_number() OVER () - 1 AS at, * FROM {staging.token}.main.cells")  # noqa: S608  # the token is ours: letters and digits
    numbered = view.columns(at=sa.Integer).subquery()
    wanted: sa.Select[Any] = (
        sa.select(sa.literal_column("*")).select_from(numbered).where(numbered.c["at"].in_(rows))
    )
    found = {int(row[0]): tuple(row[1:]) for row in connection.execute(wanted)}
    drop_refused(connection)
    return found


def count_problems(connection: sa.Connection, problems: sa.Table) -> list[tuple[str, int]]:
    """How often each ``field|kind`` occurs in the whole file, most first."""
    each = sa.func.unnest(sa.func.string_split(problems.c.problem, ";")).label("problem")
    listed = sa.select(each).where(problems.c.problem.is_not(None)).subquery()
    number = sa.func.count()
    query = (
        sa.select(listed.c.problem, number)
        .group_by(listed.c.problem)
        .order_by(number.desc(), listed.c.problem)
    )
    return [(str(problem), int(count)) for problem, count in connection.execute(query)]

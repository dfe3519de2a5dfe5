"""Files of what an analyst sees: as quick as their rows are many, and free of crumbs."""

import io
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime

import pytest
from openpyxl import load_workbook

from kpi_engine.render.documents.cells import Cell
from kpi_engine.render.documents.excel import workbook
from kpi_engine.render.documents.explored import board_table
from kpi_engine.render.documents.plain import table_csv
from kpi_engine.render.documents.tables import Row, Table
from kpi_engine.services.leaderboard import Leaderboard, Standing

NOW = datetime(2026, 11, 30, 14, 2, tzinfo=UTC)


class Watched(tuple[Row, ...]):
    """Rows that know how often they were gone through."""

    times: int

    def __iter__(self) -> Iterator[Row]:
        self.times = getattr(self, "times", 0) + 1
        return super().__iter__()


def as_workbook(table: Table) -> bytes:
    return workbook([table], title="Rows", company="M", comments="", created=NOW)


@pytest.mark.parametrize("write", [table_csv, as_workbook])
def test_a_long_table_is_not_gone_through_again_for_each_of_its_rows(
    write: Callable[[Table], bytes],
) -> None:
    """Minutes for 14,000 rows otherwise."""
    rows = Watched({"Value": Cell(value=float(n), form="General")} for n in range(300))
    write(Table(name="Rows", rows=rows))
    assert rows.times < 10


def sheet(table: Table) -> list[dict]:
    head, *rows = load_workbook(io.BytesIO(as_workbook(table)))[table.name].values
    return [dict(zip(head, row, strict=True)) for row in rows]


def test_what_members_did_has_no_crumbs_of_arithmetic() -> None:
    """0.3 less 0.1 is 0.19999999999999998 to a machine."""
    rows = (
        Standing(member="UK", now=100_000.3, before=95_723.79, part=100_000.3 - 95_723.79),
        Standing(member="France", now=0.3, before=0.1, part=0.3 - 0.1, own=0.1 + 0.2 - 0.3),
        Standing(member="Spain", now=None, before=None, part=None),
    )
    board = Leaderboard(
        dimension="country",
        period=date(2026, 10, 1),
        compared_with=date(2026, 9, 1),
        now=1.0,
        before=1.0,
        rows=rows,
        members=3,
    )
    first, second, third = sheet(board_table(board))
    assert (first["Own change"], first["Part of the change"]) == (4276.51, 4276.51)
    assert (second["Own change"], second["By its own change"]) == (0.2, 0)
    assert third["Now"] is third["Own change"] is None

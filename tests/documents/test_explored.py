"""Files of what an analyst sees: as quick as their rows are many, and free of crumbs."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from kpi_engine.render.documents.cells import Cell
from kpi_engine.render.documents.excel import workbook
from kpi_engine.render.documents.plain import table_csv
from kpi_engine.render.documents.tables import Row, Table

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

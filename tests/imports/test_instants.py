from collections.abc import Sequence
from datetime import date

import pytest

from kpi_engine.imports.instants import Dated, Order, dated
from kpi_engine.store.cells import EPOCH, EPOCH_MILLI, EXCEL, ISO, ISO_ZONE

EITHER = ("%d/%m/%Y", "%m/%d/%Y")


def told(cells: Sequence[str], *, day_first: bool | None = None) -> Dated:
    return dated(cells, patterns=EITHER, missing=["", "?"], day_first=day_first)


def test_dates_that_could_be_read_either_way_raise_a_doubt() -> None:
    found = told(["03/10/2026", "04/10/2026"])
    assert found.patterns == ("%d/%m/%Y",)
    assert found.evidence == "03/10/2026 is read day first."
    assert found.doubt == "Day and month could be swapped: 03/10/2026 is read as 3 October."


def test_one_date_that_can_only_be_read_one_way_settles_it() -> None:
    found = told(["03/10/2026", "31/10/2026"])
    assert found.evidence == "03/10/2026 is read day first; 1 of the first 2 can only be read so."
    assert found.doubt == ""


def test_what_somebody_says_about_the_order_settles_it_too() -> None:
    assert told(["03/10/2026"], day_first=False).patterns == ("%m/%d/%Y",)


@pytest.mark.parametrize(
    ("cell", "pattern"),
    [
        ("2026-10-12", ISO),
        ("2026-10-12T17:00:00", ISO),
        ("2026-10-12T17:00:00Z", ISO_ZONE),
        ("2026-10-12 17:00:00+02:00", ISO_ZONE),
        ("11/May/24 03:26 PM", "%d/%b/%y %I:%M %p"),
        ("14/Jul/25 3:42 PM", "%d/%b/%y %I:%M %p"),
        ("12.10.2026 17:00", "%d.%m.%Y %H:%M"),
        ("Oct 12, 2026", "%b %d, %Y"),
        ("46307.708333", EXCEL),
        ("1791824400", EPOCH),
        ("1791824400000", EPOCH_MILLI),
        ("20261012", "%Y%m%d"),
    ],
)
def test_dates_are_read_as_tools_write_them(cell: str, pattern: str) -> None:
    assert told([cell]).patterns == (pattern,)


def test_a_second_way_of_writing_is_read_beside_the_first_but_never_turned_round() -> None:
    found = told(["31/10/2026", "2026-11-01", "11/30/2026"])
    assert found.patterns == ("%d/%m/%Y", ISO)


def test_what_is_no_date_is_said() -> None:
    assert told(["soon"]).evidence == "no way of writing dates fits, for example soon."


TICKETS = "number,opened_at,resolved_at,sys_updated_at,priority\n"


@pytest.mark.parametrize(
    ("cell", "proven", "pattern", "is_settled"),
    [
        pytest.param("03/10/2026", Order("/", False), "%m/%d/%Y", True, id="as another column"),
        pytest.param("03/10/2026", Order(".", False), "%d/%m/%Y", False, id="other marks"),
        pytest.param("03.10.2026", Order(".", False), "%m.%d.%Y", True, id="no recipe's way"),
        pytest.param("31/10/2026", Order("/", False), "%d/%m/%Y", True, id="its own cells"),
    ],
)
def test_what_other_columns_prove_settles_what_cells_cannot(cell, proven, pattern, is_settled):
    found = dated([cell], patterns=EITHER, missing=[], proven=[proven])
    assert found.patterns[0] == pattern
    assert (found.doubt == "") is is_settled


def test_a_column_that_can_be_read_in_neither_order_as_a_whole_proves_nothing() -> None:
    assert told(["13/04/2026", "14/04/2026"]).order == Order("/", True)
    assert told(["04/13/2026", "13/04/2026", "14/04/2026"]).order is None


@pytest.mark.parametrize(
    ("row", "opened", "doubts"),
    [
        pytest.param(
            "INC1,10/03/2026 08:00:00,10/14/2026 08:00:00,,1", date(2026, 10, 3), 0, id="month"
        ),
        pytest.param(
            "INC1,03/10/2026 08:00:00,14/10/2026 08:00:00,,1", date(2026, 10, 3), 0, id="day"
        ),
        pytest.param(
            "INC1,03/10/2026 08:00:00,14/10/2026 08:00:00,10/15/2026 08:00:00,1",
            date(2026, 10, 3),
            1,
            id="neither",
        ),
    ],
)
def test_one_column_settles_the_order_of_day_and_month_for_the_others(desk, row, opened, doubts):
    preview = desk.preview(TICKETS + row + "\n")
    assert preview.first_day == opened
    assert sum("could be swapped" in one.sentence for one in preview.findings) == doubts

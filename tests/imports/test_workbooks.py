"""Sheets as people make them: merged, hidden, shifted, computed, counted from 1904."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.worksheet.worksheet import Worksheet

from kpi_engine.errors import CancelledError, ImportRejectedError
from kpi_engine.imports import workbooks
from kpi_engine.imports.workbooks import unpack_workbook
from kpi_engine.job import Job
from tests.desk import Desk, adds_up, fates
from tests.workbook import saved

HEADER = ("period", "metric", "value")
SEPTEMBER, OCTOBER = date(2026, 9, 1), date(2026, 10, 1)


def sheet_of(*rows: Sequence[object]) -> tuple[Workbook, Worksheet]:
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    for row in rows:
        sheet.append(list(row))
    return book, sheet


def test_dates_that_are_counted_from_1904_are_the_same_days(desk: Desk) -> None:
    book, sheet = sheet_of(HEADER, (None, "biz.orders", 5))
    book.epoch = CALENDAR_MAC_1904
    sheet["A2"] = date(2026, 10, 1)
    desk.save(saved(book), "figures.xlsx")
    assert desk.values("biz.orders") == {OCTOBER: 5}


def test_what_was_merged_over_rows_holds_for_each_and_a_number_counts_once(desk: Desk) -> None:
    book, sheet = sheet_of(
        HEADER,
        (OCTOBER, "biz.orders", 5),
        (None, "biz.revenue", 700),
        (date(2026, 9, 1), "biz.orders", 4),
        (date(2026, 8, 1), "biz.orders", None),
    )
    sheet.merge_cells("A2:A3")
    sheet.merge_cells("C4:C5")
    shown = desk.preview(saved(book), "figures.xlsx")
    assert fates(shown) == {"new": 3, "rejected": 1}
    assert any("holds for each (1 row filled)" in said for said in shown.decisions)
    desk.save(saved(book), "figures.xlsx")
    assert desk.values("biz.revenue") == {OCTOBER: 700}
    assert desk.values("biz.orders") == {SEPTEMBER: 4, OCTOBER: 5}


def test_a_title_merged_over_the_columns_is_no_header(desk: Desk) -> None:
    book, sheet = sheet_of(("Figures of October",), HEADER, ("2026-10", "biz.orders", 5))
    sheet.merge_cells("A1:C1")
    assert fates(desk.preview(saved(book), "figures.xlsx")) == {"new": 1}


def test_a_header_merged_over_two_rows_is_read(desk: Desk) -> None:
    book, sheet = sheet_of(HEADER, (), ("2026-10", "biz.orders", 5))
    for column in "ABC":
        sheet.merge_cells(f"{column}1:{column}2")
    shown = desk.preview(saved(book), "figures.xlsx")
    assert adds_up(shown)
    assert fates(shown)["new"] == 1


def test_a_table_that_does_not_begin_in_the_corner_keeps_its_lines(desk: Desk) -> None:
    book, sheet = sheet_of()
    for row, cells in enumerate((HEADER, ("2026-10", "biz.orders", 5), ("2026-09", "x", 4)), 4):
        for column, cell in enumerate(cells, 3):
            sheet.cell(row=row, column=column, value=cell)
    shown = desk.preview(saved(book), "figures.xlsx")
    assert fates(shown) == {"new": 1, "rejected": 1}
    assert [finding.line for finding in shown.findings] == [6]


def test_sheets_that_are_hidden_come_last_and_are_said_to_be(desk: Desk) -> None:
    book, sheet = sheet_of(HEADER, ("2026-10", "biz.orders", 5))
    sheet.title, sheet.sheet_state = "Old", "hidden"
    seen = book.create_sheet("New")
    for row in (HEADER, ("2026-10", "biz.orders", 6)):
        seen.append(row)
    shown = desk.preview(saved(book), "figures.xlsx")
    assert shown.tables == ("New", "Old")
    assert shown.table == "New"
    book.remove(seen)
    book.create_sheet("Cover").append(["Hello"])
    shown = desk.preview(saved(book), "figures.xlsx")
    assert "Read from the hidden sheet “Old”." in shown.decisions


@pytest.mark.parametrize("computed", [True, False])
def test_a_formula_without_a_result_is_said(desk: Desk, *, computed: bool) -> None:
    book, sheet = sheet_of(HEADER, ("2026-10", "biz.orders", 5), ("2026-09", "biz.orders", 4))
    content = saved(book)
    if not computed:
        sheet["C3"] = "=C2-1"
        content = saved(book)
    shown = desk.preview(content, "figures.xlsx")
    said = [f.sentence for f in shown.findings if "without a result" in f.sentence]
    assert len(said) == (not computed)
    assert fates(shown) == ({"new": 2} if computed else {"new": 1, "rejected": 1})
    assert adds_up(shown)


def test_a_cell_whose_formula_failed_keeps_its_row_out(desk: Desk) -> None:
    book, _ = sheet_of(HEADER, ("2026-10", "biz.orders", "#DIV/0!"), ("2026-09", "biz.orders", 4))
    shown = desk.preview(saved(book), "figures.xlsx")
    assert fates(shown) == {"new": 1, "rejected": 1}
    assert "error such as #DIV/0!" in shown.findings[0].sentence
    assert (shown.findings[1].line, shown.findings[1].value) == (2, "")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    book, sheet = sheet_of(HEADER, ("2026-10", "biz.orders", 5), ("2026-09", None, None))
    sheet.merge_cells("B2:B3")
    sheet["C3"] = "=C2+1"
    found = tmp_path / "figures.xlsx"
    found.write_bytes(saved(book))
    return found


@pytest.fixture
def all_are_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "_SMALL", 0)


def test_another_process_unpacks_a_large_workbook_the_same(
    path: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    here = unpack_workbook(path, path.name, scratch=tmp_path / "copies")
    text = here.sheets[0].copy.read_text()
    assert text == "period,metric,value\n2026-10,biz.orders,5\n2026-09,biz.orders,\n"
    request.getfixturevalue("all_are_large")
    there = unpack_workbook(path, path.name, scratch=tmp_path / "copies")
    assert (there, there.sheets[0].copy.read_text()) == (here, text)
    assert (here.uncomputed, here.sheets[0].filled) == (1, 1)


@pytest.mark.usefixtures("all_are_large")
def test_a_large_workbook_can_be_cancelled_while_it_is_opened(path: Path, tmp_path: Path) -> None:
    job = Job(lambda: unpack_workbook(path, path.name, scratch=tmp_path / "copies"))
    job.cancel()
    with pytest.raises(CancelledError):
        job.start().result()


@pytest.mark.usefixtures("all_are_large")
def test_what_is_damaged_is_said_by_the_other_process_too(tmp_path: Path) -> None:
    path = tmp_path / "torn.xlsx"
    path.write_bytes(b"\xd0\xcf\x11\xe0" + b"torn" * 1000)
    with pytest.raises(ImportRejectedError, match="damaged or was cut off"):
        unpack_workbook(path, path.name, scratch=tmp_path / "copies")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("_MOST_UNPACKED", 1000, id="by what it says of itself"),
        pytest.param("_MOST_MEMORY", 1000, id="by what it turns out to need"),
    ],
)
def test_a_workbook_larger_than_can_be_read_is_refused(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: int
) -> None:
    monkeypatch.setattr(workbooks, name, value)
    if name == "_MOST_MEMORY":
        monkeypatch.setattr(workbooks, "_SMALL", 0)
        monkeypatch.setattr(workbooks.sys, "executable", "/bin/false")
    with pytest.raises(ImportRejectedError, match="unpacks to more than can be read at once"):
        unpack_workbook(path, path.name, scratch=tmp_path / "copies")

"""Tables as an Excel workbook: raw numbers with number formats, a sheet a table."""

import io
from collections.abc import Sequence
from datetime import date, datetime

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from kpi_engine.charts import palette
from kpi_engine.render.documents.cells import EMPTY, Cell
from kpi_engine.render.documents.tables import Table, tables
from kpi_engine.services.scorecard import Scorecard
from kpi_engine.words.imprint import Imprint

_NARROWEST, _WIDEST = 9, 60
_FROZEN_COLUMNS = {
    "Scorecard": 2,
    "Goals": 1,
    "Drivers": 2,
    "History": 1,
    "Definitions": 1,
    "About": 1,
}
_NUMBER_WIDTH = 14
_LEFT = {"align": "left", "indent": 1}


def scorecard_xlsx(scorecard: Scorecard, imprint: Imprint) -> bytes:
    """A month with all that belongs to it."""
    return workbook(
        tables(scorecard, imprint),
        title=f"Scorecard {scorecard.month:%Y-%m}",
        company=scorecard.organisation.name,
        comments=imprint.edition,
        created=imprint.dated_at,
    )


def workbook(
    sheets: Sequence[Table], *, title: str, company: str, comments: str, created: datetime
) -> bytes:
    """A workbook; nothing in it is calculated, and no text is taken for a formula or an address."""
    out = io.BytesIO()
    book = Workbook(out, {"in_memory": True, "strings_to_urls": False})
    book.set_properties(
        {"title": title, "company": company, "comments": comments, "created": created}
    )
    forms = _Forms(book)
    for table in sheets:
        _write(book.add_worksheet(table.name), table, forms)
    book.close()
    return out.getvalue()


class _Forms:
    """The workbook's formats, each made once."""

    def __init__(self, book: Workbook) -> None:
        self._book = book
        self._made: dict[str, Format] = {}
        head = {"bold": True, "bottom": 1, "text_wrap": True, "valign": "bottom"}
        head |= {"bottom_color": palette.SECONDARY.light}
        self.head = book.add_format(head | _LEFT)
        self.head_of_numbers = book.add_format(head | {"align": "right"})
        self.text = book.add_format({"text_wrap": True, "valign": "top"} | _LEFT)

    def number(self, form: str) -> Format:
        if form not in self._made:
            self._made[form] = self._book.add_format({"num_format": form, "valign": "top"})
        return self._made[form]


def _write(sheet: Worksheet, table: Table, forms: _Forms) -> None:
    for column, title in enumerate(table.columns):
        longest = _longest_text(table, title)
        sheet.write_string(0, column, title, forms.head if longest else forms.head_of_numbers)
        sheet.set_column(column, column, _width(longest, title))
    for place, row in enumerate(table.rows, start=1):
        for column, title in enumerate(table.columns):
            _write_cell(sheet, place, column, row.get(title, EMPTY), forms)
    sheet.freeze_panes(1, _FROZEN_COLUMNS.get(table.name, 1))
    if table.rows:
        sheet.autofilter(0, 0, len(table.rows), len(table.columns) - 1)


def _write_cell(sheet: Worksheet, row: int, column: int, cell: Cell, forms: _Forms) -> None:
    if isinstance(cell.value, str):
        sheet.write_string(row, column, cell.value, forms.text)
    elif isinstance(cell.value, date):
        sheet.write_datetime(row, column, cell.value, forms.number(cell.form))
    elif cell.value is not None:
        sheet.write_number(row, column, cell.value, forms.number(cell.form))


def _longest_text(table: Table, title: str) -> int:
    found = (row.get(title, EMPTY).value for row in table.rows)
    return max((len(one) for one in found if isinstance(one, str)), default=0)


def _width(longest: int, title: str) -> float:
    """Wide enough for the longest text, within reason; long texts are wrapped."""
    if not longest:
        return _NUMBER_WIDTH
    return min(max(longest + 3, len(title) * 0.7, _NARROWEST), _WIDEST)

"""The month as CSV: one row an outcome or IT measure, raw numbers, ISO dates."""

import csv
import io
from datetime import date

from kpi_engine.render.documents.cells import EMPTY, MONTH, Cell
from kpi_engine.render.documents.tables import Table, one_table
from kpi_engine.services.reviewing import harmless
from kpi_engine.services.scorecard import Scorecard
from kpi_engine.words.imprint import Imprint


def scorecard_csv(scorecard: Scorecard, imprint: Imprint) -> bytes:
    """UTF-8 with a mark that spreadsheets know; no text in it can be taken for a formula."""
    return table_csv(one_table(scorecard, imprint))


def table_csv(table: Table) -> bytes:
    """One table; UTF-8 with a mark that spreadsheets know, and no text that is a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(table.columns)
    writer.writerows(
        [_plain(row.get(title, EMPTY)) for title in table.columns] for row in table.rows
    )
    return out.getvalue().encode("utf-8-sig")


def _plain(cell: Cell) -> str:
    if isinstance(cell.value, str):
        return harmless(cell.value)
    if isinstance(cell.value, date):
        return f"{cell.value:%Y-%m}" if cell.form == MONTH else cell.value.isoformat()
    return "" if cell.value is None else f"{cell.value:.12g}"

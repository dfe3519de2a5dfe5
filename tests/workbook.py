"""Workbooks as an office program saves them."""

import io
import re
from collections.abc import Sequence
from datetime import datetime

from openpyxl import Workbook

_INSTANT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")


def workbook(rows: Sequence[Sequence[str]]) -> bytes:
    """One sheet; cells such as 2026-10-12 17:00:00 are dates in it, all others are text."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Page 1"
    for row in rows:
        sheet.append(
            [datetime.fromisoformat(cell) if _INSTANT.fullmatch(cell) else cell for cell in row]
        )
    return saved(book)


def saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()

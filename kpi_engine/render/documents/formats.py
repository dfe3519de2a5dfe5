"""Every kind of file a month can be handed on as."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from kpi_engine.render.documents.excel import scorecard_xlsx
from kpi_engine.render.documents.html import scorecard_html
from kpi_engine.render.documents.pdf import scorecard_pdf
from kpi_engine.render.documents.plain import scorecard_csv
from kpi_engine.render.documents.powerpoint import scorecard_pptx
from kpi_engine.services.scorecard import Scorecard
from kpi_engine.words.imprint import Imprint, draft

_OFFICE = "application/vnd.openxmlformats-officedocument"


class Format(StrEnum):
    """A kind of file, named as its ending."""

    PDF = "pdf"
    POWERPOINT = "pptx"
    EXCEL = "xlsx"
    HTML = "html"
    CSV = "csv"


@dataclass(frozen=True, kw_only=True)
class Kind:
    """How a format is called, announced and made."""

    label: str
    mime: str
    make: Callable[[Scorecard, Imprint], bytes]


KINDS: Mapping[Format, Kind] = {
    Format.PDF: Kind(label="PDF", mime="application/pdf", make=scorecard_pdf),
    Format.POWERPOINT: Kind(
        label="PowerPoint",
        mime=f"{_OFFICE}.presentationml.presentation",
        make=scorecard_pptx,
    ),
    Format.EXCEL: Kind(label="Excel", mime=f"{_OFFICE}.spreadsheetml.sheet", make=scorecard_xlsx),
    Format.HTML: Kind(label="HTML", mime="text/html", make=scorecard_html),
    Format.CSV: Kind(label="CSV", mime="text/csv", make=scorecard_csv),
}
"""In the order in which they are offered."""


def document(scorecard: Scorecard, form: Format, imprint: Imprint | None = None) -> bytes:
    """A month as a file.

    Args:
        scorecard: The month.
        form: As what.
        imprint: Which edition it is; None for a draft of the latest data.
    """
    return KINDS[form].make(scorecard, imprint or draft(scorecard))


def file_name(scorecard: Scorecard, form: Format, imprint: Imprint | None = None) -> str:
    """What the file is called: "scorecard-2026-10-edition-1.pdf"."""
    edition = (imprint or draft(scorecard)).edition.partition(",")[0].lower()
    return f"scorecard-{scorecard.month:%Y-%m}-{re.sub(r'[^a-z0-9]+', '-', edition)}.{form}"

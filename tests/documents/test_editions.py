"""An edition in every format: which it is, who signed, and what was said of its outcomes."""

import io
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pypdf
import pytest
from pptx import Presentation

from kpi_engine.render.documents.formats import KINDS, document, file_name
from kpi_engine.services.editions import CONTENT, Edition
from kpi_engine.store.closing import Comment, Signature
from kpi_engine.terms import Cause, Side
from kpi_engine.words.imprint import of_edition
from tests.marlow_finch import october

PUBLISHED = datetime.fromisoformat("2026-11-04T09:30")


def signature(side: Side, name: str) -> Signature:
    return Signature(
        month=date(2026, 10, 1),
        edition=2,
        side=side,
        name=name,
        seal="",
        actor="ann",
        signed_at=PUBLISHED,
    )


EDITION = Edition(
    month=date(2026, 10, 1),
    number=2,
    reason="Figures of a second provider came in.",
    card=october(),
    comments=(
        Comment(
            metric="biz.tx_success",
            month=date(2026, 10, 1),
            edition=2,
            cause=Cause.OUTAGE,
            text="The failover did not take over",
            action="Test it monthly",
            owner="Ann",
            due=date(2026, 12, 1),
            actor="ann",
            written_at=PUBLISHED,
        ),
    ),
    signatures=(signature(Side.BUSINESS, "M. Okafor"), signature(Side.IT, "D. Lindqvist")),
    actor="ann",
    published_at=PUBLISHED,
)


def texts(form: str) -> str:
    """Everything a file of that format says."""
    made = document(EDITION.card, form, of_edition(EDITION))
    if form == "pdf":
        pages = pypdf.PdfReader(io.BytesIO(made)).pages
        said = " ".join(page.extract_text() for page in pages)
    elif form == "pptx":
        shapes = [s for slide in Presentation(io.BytesIO(made)).slides for s in slide.shapes]
        said = " ".join(shape.text_frame.text for shape in shapes if shape.has_text_frame)
    elif form == "xlsx":
        book = openpyxl.load_workbook(io.BytesIO(made))
        said = " ".join(str(c.value) for sheet in book for row in sheet for c in row if c.value)
    else:
        said = made.decode()
    return " ".join(said.split())


@pytest.mark.parametrize("form", KINDS)
def test_every_format_says_which_edition_it_is_and_what_was_said(form):
    said = texts(form)
    assert "Edition 2" in said
    assert "The failover did not take over" in said
    if form != "csv":
        assert "M. Okafor" in said
        assert "Draft" not in said


def test_the_file_is_named_after_its_edition():
    assert "edition-2" in file_name(EDITION.card, "pdf", of_edition(EDITION)).replace(" ", "-")


def test_an_edition_that_was_published_by_an_earlier_version_can_still_be_read():
    """The file is never made again: what reads it has to go on reading it."""
    kept = (Path(__file__).parent / "edition.json").read_bytes()
    found = CONTENT.validate_json(kept)
    assert (found.number, found.card.month, len(found.card.rows)) == (2, date(2026, 10, 1), 6)
    assert found.card.rows[0].outcome.value == 0.962
    assert document(found.card, "pdf", of_edition(found)).startswith(b"%PDF")


def test_what_is_kept_of_an_edition_makes_the_same_pdf_to_the_last_byte():
    kept = CONTENT.validate_json(CONTENT.dump_json(EDITION))
    first, second = (document(one.card, "pdf", of_edition(one)) for one in (EDITION, kept))
    assert first == second
    assert pypdf.PdfReader(io.BytesIO(first)).metadata.creation_date.isoformat() == (
        "2026-11-04T09:30:00+00:00"
    )

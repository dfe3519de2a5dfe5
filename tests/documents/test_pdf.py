"""The PDF, read back with another program."""

import io
import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from pypdf import PdfReader

from kpi_engine.render.documents.formats import Format, document
from kpi_engine.services.outcomes import Explanation
from kpi_engine.services.scorecard import Scorecard
from kpi_engine.words.imprint import Imprint, Signature
from kpi_engine.words.judgement import STATUS
from kpi_engine.words.news import needs_attention
from kpi_engine.words.reading import value_text
from kpi_engine.words.scorecard import headline
from tests.documents.cards import HOSTILE, hostile
from tests.factories import driver, explanation, metric, reading, scorecard
from tests.marlow_finch import checkout, october

SIGNED = Imprint(
    edition="Edition 1",
    as_of=7,
    dated_at=datetime(2026, 11, 4, 9, 12, tzinfo=UTC),
    signatures=(
        Signature(
            role="IT owner",
            name="D. Lindqvist",
            signed_at=datetime(2026, 11, 4, 9, 12, tzinfo=UTC),
        ),
    ),
)


def read(pdf: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(pdf))


def words(text: str) -> str:
    """Text without regard to line breaks and kinds of blanks."""
    return re.sub(r"\s+", " ", text)


@pytest.fixture(scope="module")
def pdf() -> bytes:
    return document(october(), Format.PDF)


def test_one_page_has_every_outcome_and_each_that_needs_attention_has_another(pdf: bytes) -> None:
    card = october()
    first, *others = (words(page.extract_text()) for page in read(pdf).pages)
    for row in card.rows:
        assert row.outcome.label in first
        assert words(value_text(row.outcome)) in first or row.outcome.value is None
        assert STATUS[row.outcome.judgement.status].word in first
        for one in row.drivers:
            assert one.reading.label in first
    assert words(headline(card)) in first
    assert "IT owner ____" in first
    shown = [row for row in card.rows if needs_attention(row)]
    assert len(shown) == 3
    assert [row.outcome.label for row in shown] == [
        row.outcome.label
        for row, page in zip(shown, others, strict=True)
        if page.startswith(row.outcome.label) and words(value_text(row.outcome)) in page
    ]


def test_it_says_what_it_is_and_can_be_read_aloud(pdf: bytes) -> None:
    found = read(pdf)
    catalogue = found.trailer["/Root"]
    assert catalogue["/Lang"] == "en-GB"
    assert catalogue["/MarkInfo"]["/Marked"]
    assert found.metadata is not None
    assert found.metadata.title == "Scorecard October 2026, Marlow & Finch (sample data)"
    assert b"<pdfuaid:part>1</pdfuaid:part>" in catalogue["/Metadata"].get_data()


def test_its_date_is_that_of_the_data_or_of_the_edition(pdf: bytes) -> None:
    metadata = read(pdf).metadata
    assert metadata is not None
    assert metadata.creation_date == october().loaded_at
    signed = read(document(october(), Format.PDF, SIGNED))
    assert signed.metadata is not None
    assert signed.metadata.creation_date == SIGNED.dated_at
    first = words(signed.pages[0].extract_text())
    assert "Edition 1, as of batch 7, signed by D. Lindqvist (IT owner, 4 Nov 2026 09:12)." in first
    assert "____" not in first


def test_names_are_never_read_as_markup() -> None:
    found = read(document(hostile(), Format.PDF))
    assert all(
        re.sub(r"\s", "", HOSTILE) in re.sub(r"\s", "", page.extract_text()) for page in found.pages
    )


@pytest.mark.parametrize(("outcomes", "measures"), [(9, 3), (11, 2), (12, 1), (14, 1)])
def test_a_month_stays_on_one_page_with_as_many_measures_as_fit(
    outcomes: int, measures: int
) -> None:
    def outcome(place: int) -> Explanation:
        steady = reading(
            0.98,
            of=metric(f"biz.outcome_{place}", label=f"Outcome {place}", goal=f"Goal {place // 2}"),
            past=[0.98, 0.981] * 12,
        )
        return replace(checkout(), outcome=steady, disagreement=None)

    found = read(document(scorecard(*map(outcome, range(outcomes))), Format.PDF))
    (first,) = (words(page.extract_text()) for page in found.pages)
    assert all(f"Outcome {place} " in first for place in range(outcomes))
    assert first.count("evidence") == outcomes * measures
    assert "Data to 31 Oct 2026" in first


def test_measures_for_which_there_is_no_room_are_counted() -> None:
    def crowded() -> Scorecard:
        many = [
            driver(reading(0.99, of=metric(f"it.measure_{place}", label=f"Measure {place}")))
            for place in range(14)
        ]
        return scorecard(explanation(reading(0.9, past=[0.97] * 20), *many))

    first, own = (
        words(page.extract_text()) for page in read(document(crowded(), Format.PDF)).pages
    )
    assert "11 more on the outcome page" in first
    assert all(f"Measure {place}" in own for place in range(14))


def test_a_month_without_data_still_makes_a_page() -> None:
    found = read(document(scorecard(explanation(reading(None))), Format.PDF))
    assert len(found.pages) == 1
    assert "No data" in found.pages[0].extract_text()

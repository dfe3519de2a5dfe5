"""The HTML file: whole, still, and the same numbers as everywhere."""

import re

import pytest

from kpi_engine.render.documents.formats import Format, document
from kpi_engine.services.scorecard import Scorecard
from kpi_engine.words.judgement import STATUS
from kpi_engine.words.news import needs_attention
from kpi_engine.words.reading import value_text
from tests.documents.cards import HOSTILE, hostile
from tests.html import Page, words
from tests.marlow_finch import october


def html(card: Scorecard) -> str:
    return document(card, Format.HTML).decode()


@pytest.fixture(scope="module")
def file() -> str:
    return html(october())


def test_the_file_is_whole_loads_nothing_and_runs_nothing(file: str) -> None:
    assert file.startswith("<!doctype html>")
    assert "<title>Scorecard October 2026, Marlow &amp; Finch (sample data)</title>" in file
    assert not re.search(r"https?:|src=|@import|url\((?!data:)|<script|javascript:", file)


def test_it_says_what_the_page_says_with_amounts_in_bold(file: str) -> None:
    assert "<h2>1 of 5 complete outcomes is on target." in file
    assert "Over the month that is <b>about 1,240 lost orders</b>, <b>about $86k lost</b>" in file
    assert file.count("<dt>") == 6
    assert "Data to 31 Oct 2026" in file
    assert "Draft, latest data, as of batch 7." in file


def test_every_outcome_is_there_and_those_that_need_attention_have_a_part_of_their_own(
    file: str,
) -> None:
    page, card = Page(file), october()
    said = words(page)
    for row in card.rows:
        assert row.outcome.label in said
        assert value_text(row.outcome) in said or row.outcome.value is None
        assert STATUS[row.outcome.judgement.status].word in said
    parts = [one["id"] for one in page.all("section")]
    assert parts == [row.outcome.metric.id for row in card.rows if needs_attention(row)]
    assert [one["href"] for one in page.all("a")] == [f"#{part}" for part in parts]


def test_paper_is_landscape_light_and_can_be_signed(file: str) -> None:
    assert "size: A4 landscape" in file
    assert "color-scheme: light;" in file
    assert "IT owner ____" in file
    assert "break-inside: avoid" in file


def test_charts_are_drawn_in_light_colours(file: str) -> None:
    drawings = re.findall(r"<svg.*?</svg>", file, re.DOTALL)
    assert len(drawings) > 6
    assert not any("light-dark" in one for one in drawings)


def test_foreign_names_are_escaped_everywhere() -> None:
    page = Page(html(hostile()))
    assert not page.all("script")
    assert HOSTILE in words(page)

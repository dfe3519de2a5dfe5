"""The slides, read back: titles, tables and charts that can be edited, with the same numbers."""

import io

import pytest
from pptx import Presentation

from kpi_engine.render.documents.formats import Format, document
from kpi_engine.services.scorecard import Scorecard
from kpi_engine.terms import Direction
from kpi_engine.words import outcome as outcome_words
from kpi_engine.words import reading as words
from kpi_engine.words.judgement import STATUS
from kpi_engine.words.news import misses_target
from kpi_engine.words.scorecard import headline
from tests.documents.cards import HOSTILE, hostile
from tests.factories import explanation, metric, reading, scorecard
from tests.marlow_finch import october

RANGED = metric("biz.used", label="Capacity used", direction=Direction.IN_RANGE)


def opened(card: Scorecard):
    return Presentation(io.BytesIO(document(card, Format.POWERPOINT)))


def table(slide) -> list[list[str]]:
    (found,) = (shape.table for shape in slide.shapes if shape.has_table)
    return [[cell.text for cell in row.cells] for row in found.rows]


@pytest.fixture(scope="module")
def deck():
    return opened(october())


def test_the_first_slide_has_every_outcome_as_it_is_printed_everywhere(deck) -> None:
    first, card = deck.slides[0], october()
    assert first.shapes.title.text == headline(card)
    _, *rows = table(first)
    for found, row in zip(rows, card.rows, strict=True):
        outcome = row.outcome
        assert found[0].startswith(outcome.label)
        assert found[1] == words.value_text(outcome) or outcome.value is None
        assert found[2] == words.target_text(outcome)
        assert found[3] == STATUS[outcome.judgement.status].text
        assert found[4] == words.change_text(outcome)


def test_each_outcome_that_misses_its_target_has_a_slide_with_its_drivers(deck) -> None:
    missed = [row for row in october().rows if misses_target(row)]
    assert len(missed) == 3
    for slide, row in zip(list(deck.slides)[1:], missed, strict=True):
        assert slide.shapes.title.text == outcome_words.headline(row)
        for found, driver in zip(table(slide)[1:], row.drivers, strict=False):
            assert found[0] == driver.reading.label
            assert found[1] == words.value_text(driver.reading)
            assert found[3] == STATUS[driver.reading.judgement.status].text


def test_the_trend_is_a_chart_that_holds_the_numbers(deck) -> None:
    history = october().rows[0].outcome.history
    (chart,) = (shape.chart for shape in deck.slides[1].shapes if shape.has_chart)
    values, targets, *_ = chart.plots[0].series
    assert list(values.values) == [point.value for point in history]
    assert list(targets.values) == [point.target for point in history]
    assert len(chart.plots[0].categories) == len(history)


def test_both_ends_of_a_target_are_drawn() -> None:
    off = reading(0.9, target=(0.2, 0.7), red_line=(0.1, 0.85), of=RANGED, past=[0.5, 0.6] * 10)
    _, slide = opened(scorecard(explanation(off))).slides
    (chart,) = (shape.chart for shape in slide.shapes if shape.has_chart)
    upper = next(one for one in chart.plots[0].series if one.name == "Target, upper end")
    assert set(upper.values) == {0.7}


def test_charts_and_tables_can_be_read_aloud(deck) -> None:
    frames = [s for slide in deck.slides for s in slide.shapes if s.has_chart or s.has_table]
    assert all(frame._element.nvGraphicFramePr.cNvPr.get("descr") for frame in frames)


def test_everything_stands_on_its_slide(deck) -> None:
    for slide in deck.slides:
        for shape in slide.shapes:
            assert shape.left >= 0
            assert shape.left + shape.width <= deck.slide_width
            assert shape.top + shape.height <= deck.slide_height


def test_names_stay_text() -> None:
    first, second, *_ = opened(hostile()).slides
    assert table(first)[1][0] == HOSTILE
    assert table(second)[1][0].startswith(HOSTILE)
    assert HOSTILE in second.shapes.title.text


def test_a_month_without_data_has_one_slide() -> None:
    (only,) = opened(scorecard(explanation(reading(None)))).slides
    assert table(only)[1][1] == "–"

"""A headline about usual variation, a half month or a target nobody agreed misleads."""

import pytest

from kpi_engine.words.news import headline_row
from kpi_engine.words.scorecard import explanation, headline
from tests.factories import explanation as row
from tests.factories import metric, reading, scorecard

USUAL = [0.97, 0.972] * 8
CRASH = 0.90  # far outside the usual range of USUAL


def test_the_same_crash_makes_the_headline_when_nothing_speaks_against_it():
    assert "fell 7.2" in headline(scorecard(row(reading(CRASH, past=USUAL))))


@pytest.mark.parametrize(
    "quiet",
    [
        pytest.param(reading(0.9715, past=USUAL), id="usual variation"),
        pytest.param(reading(CRASH, past=USUAL, is_complete=False), id="a month half filled"),
        pytest.param(reading(CRASH, past=USUAL, is_placeholder=True), id="a target not agreed"),
        pytest.param(reading(CRASH, past=USUAL[:6]), id="too little history"),
        pytest.param(reading(None, past=USUAL), id="no data"),
    ],
)
def test_it_does_not_when(quiet):
    steady = row(reading(0.9715, of=metric("biz.other", label="Another one"), past=USUAL))
    card = scorecard(row(quiet), steady)
    assert headline_row(card) is None
    assert "fell" not in headline(card)
    assert "Checkout success" not in headline(card)


def test_usual_variation_is_summed_up_and_never_explained():
    card = scorecard(row(reading(0.9715, past=USUAL)))
    assert headline(card).endswith("No change was larger than usual.")
    assert explanation(card) == ()

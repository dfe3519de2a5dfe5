import pytest

from kpi_engine.maths.variation import VariationVerdict
from kpi_engine.terms import EvidenceGrade, Status, Variation
from kpi_engine.words.judgement import (
    EVIDENCE,
    STATUS,
    VARIATION,
    lasting_text,
    share_words,
    verdict_text,
)


@pytest.mark.parametrize(
    ("share", "words"),
    [
        pytest.param(1.2, "almost all of it explained by", id="more than all"),
        pytest.param(0.85, "almost all of it explained by", id="85"),
        pytest.param(0.849, "mostly explained by", id="below 85"),
        pytest.param(0.6, "mostly explained by", id="60"),
        pytest.param(0.4, "about half of it explained by", id="40"),
        pytest.param(0.2, "partly explained by", id="20"),
        pytest.param(0.19, "", id="below 20"),
        pytest.param(-0.5, "", id="the other way"),
        pytest.param(None, "", id="unknown"),
    ],
)
def test_shares_have_their_words(share, words):
    assert share_words(share, EvidenceGrade.A) == words


@pytest.mark.parametrize(
    ("variation", "run", "below", "sentence"),
    [
        pytest.param(Variation.USUAL, 0, "usual variation", "usual variation", id="usual"),
        pytest.param(Variation.WORSE, 1, "worse than usual", "worse than usual", id="new"),
        pytest.param(
            Variation.WORSE, 4, "worse than usual", "worse than usual for 4 months", id="4"
        ),
        pytest.param(Variation.WORSE, 9, "worse for 9 months", "worse for 9 months", id="lasting"),
        pytest.param(
            Variation.BETTER, 12, "better for 12 months", "better for 12 months", id="good"
        ),
    ],
)
def test_verdicts_have_their_words(variation, run, below, sentence):
    verdict = VariationVerdict(variation=variation, run=run)
    assert verdict_text(verdict) == below
    assert lasting_text(verdict) == sentence


def test_every_word_list_is_complete_and_every_status_has_its_own_shape():
    assert set(STATUS) == set(Status)
    assert set(VARIATION) == set(Variation)
    assert set(EVIDENCE) == set(EvidenceGrade)
    assert len({word.shape for word in STATUS.values()}) == len(Status)
    assert STATUS[Status.OFF_TARGET].text == "◆ Off target"

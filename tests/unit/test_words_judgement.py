import pytest

from kpi_engine.terms import EvidenceGrade, Status
from kpi_engine.words.judgement import (
    EVIDENCE,
    STATUS,
    share_words,
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


def test_every_word_list_is_complete_and_every_status_has_its_own_shape():
    assert set(STATUS) == set(Status)
    assert set(EVIDENCE) == set(EvidenceGrade)
    assert len({word.shape for word in STATUS.values()}) == len(Status)
    assert STATUS[Status.OFF_TARGET].text == "◆ Off target"

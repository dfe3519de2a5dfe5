import pytest

from kpi_engine.maths.variation import VariationVerdict
from kpi_engine.terms import Assurance, Grain, SpecialCause, Status, Variation
from kpi_engine.words.variation import (
    ASSURANCE,
    CAUSES,
    VARIATION,
    assurance_sentence,
    causes_text,
    instruction,
    is_signal,
    lasting_text,
    verdict_text,
)

USUAL = VariationVerdict(variation=Variation.USUAL)
WORSE = VariationVerdict(
    variation=Variation.WORSE, run=8, causes=(SpecialCause.OUTSIDE, SpecialCause.SHIFT), way=-1
)
ON_TRIAL = VariationVerdict(variation=Variation.WORSE, run=1, is_trial=True)


@pytest.mark.parametrize(
    ("variation", "run", "below", "sentence"),
    [
        pytest.param(Variation.USUAL, 0, "usual variation", "usual variation", id="usual"),
        pytest.param(Variation.WORSE, 1, "worse than usual", "worse than usual", id="new"),
        pytest.param(
            Variation.WORSE, 4, "worse than usual", "worse than usual for 4 months", id="4"
        ),
        pytest.param(Variation.WORSE, 7, "worse for 7 months", "worse for 7 months", id="lasting"),
        pytest.param(
            Variation.BETTER, 12, "better for 12 months", "better for 12 months", id="good"
        ),
    ],
)
def test_verdicts_have_their_words(variation, run, below, sentence):
    verdict = VariationVerdict(variation=variation, run=run)
    assert verdict_text(verdict) == below
    assert lasting_text(verdict) == sentence


def test_of_a_quarterly_measure_quarters_are_counted():
    assert verdict_text(WORSE, cadence=Grain.QUARTER) == "worse for 8 quarters"
    assert "quarter" in assurance_sentence(Assurance.HIT_AND_MISS, cadence=Grain.QUARTER)


def test_what_limits_on_trial_say_is_no_news():
    assert verdict_text(ON_TRIAL) == "worse than usual, on trial"
    assert not is_signal(ON_TRIAL)
    assert instruction(Status.OFF_TARGET, ON_TRIAL) == ""


def test_every_reason_is_named():
    assert causes_text(WORSE) == (
        "below its usual range and one of 7 or more months in a row below its mean"
    )
    assert causes_text(USUAL) == ""


@pytest.mark.parametrize(
    ("status", "verdict", "begins"),
    [
        pytest.param(Status.ON_TARGET, USUAL, "On target and as usual", id="leave alone"),
        pytest.param(Status.ON_TARGET, WORSE, "On target but not as usual", id="learn"),
        pytest.param(Status.OFF_TARGET, USUAL, "Misses its target within", id="redesign"),
        pytest.param(Status.NEAR_TARGET, USUAL, "Misses its target within", id="near counts"),
        pytest.param(Status.OFF_TARGET, WORSE, "Misses its target and is not", id="look"),
        pytest.param(Status.NO_DATA, WORSE, "", id="no data"),
        pytest.param(Status.NOT_JUDGED, USUAL, "", id="tracked only"),
        pytest.param(
            Status.ON_TARGET, VariationVerdict(variation=Variation.NOT_JUDGED), "", id="no history"
        ),
    ],
)
def test_status_and_variation_make_one_of_four_instructions(status, verdict, begins):
    said = instruction(status, verdict)
    assert said.startswith(begins)
    assert bool(said) is bool(begins)


def test_every_word_list_is_complete():
    assert set(VARIATION) == set(Variation)
    assert set(CAUSES) == set(SpecialCause)
    assert set(ASSURANCE) == set(Assurance)

import pytest

from kpi_engine.terms import Direction, Grain, Unit
from kpi_engine.units import lower_first
from kpi_engine.words.outcome import movement_alt, status_sentences
from kpi_engine.words.reading import (
    as_of_text,
    change_text,
    compared_text,
    joined,
    previous_label,
    restated_before_sentence,
    restated_before_tag,
    restatements,
    tags,
    target_sentence,
    target_text,
    value_text,
    year_change_text,
)
from tests.factories import LOWER, explanation, metric, reading
from tests.marlow_finch import satisfaction, shipped

T = "\u202f"


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        pytest.param(reading(0.98), f"Target at least 97.5{T}%, met.", id="met"),
        pytest.param(reading(0.962), f"Target at least 97.5{T}%, missed by 1.3{T}pp.", id="missed"),
        pytest.param(
            reading(0.97499), f"Target at least 97.5{T}%, narrowly missed.", id="by a hair"
        ),
        pytest.param(
            reading(34, of=metric(unit=Unit.DAYS, direction=LOWER), target=30, red_line=36),
            f"Target at most 30.0{T}days, missed by 4.0{T}days.",
            id="lower is better",
        ),
        pytest.param(
            reading(
                0.75,
                of=metric(direction=Direction.IN_RANGE),
                target=(0.2, 0.7),
                red_line=(0.1, 0.9),
            ),
            f"Target 20.0–70.0{T}%, missed by 5.0{T}pp.",
            id="range",
        ),
        pytest.param(reading(0.9, target=None), "No target is set.", id="no target"),
        pytest.param(reading(None), f"Target at least 97.5{T}%.", id="no value"),
    ],
)
def test_the_target_sentence_says_how_far_off(one, expected):
    assert target_sentence(one) == expected


def test_a_reading_carries_its_tags():
    assert tags(shipped().outcome) == ("provisional", f"restated, was 96.1{T}%")
    assert tags(satisfaction().outcome) == ("target not agreed",)
    assert tags(reading(None, is_complete=False)) == ()


def test_a_restated_month_before_is_named_with_both_values():
    one = reading(34, of=metric(unit=Unit.DAYS, decimals=0), previous=32, previous_restated_from=29)
    assert restated_before_tag(one) == "Sep restated"
    assert f"Sep 2026 was restated after it was published: 29{T}days then, 32{T}days now." in (
        status_sentences(explanation(one))
    )
    assert restated_before_tag(reading(0.9)) == restated_before_sentence(reading(0.9)) == ""
    assert restatements(one) == ("Checkout success, Sep 2026",)


def test_a_month_that_nobody_published_changed_later_and_was_not_restated():
    one = reading(
        34,
        of=metric(unit=Unit.DAYS, decimals=0),
        previous=32,
        previous_restated_from=29,
        restated_from=31,
        was_published=False,
        previous_was_published=False,
    )
    assert restated_before_tag(one) == "Sep changed later"
    assert f"changed later, was 31{T}days" in tags(one)
    assert restated_before_sentence(one) == (
        f"Sep 2026 changed after its closing day: 29{T}days then, 32{T}days now. "
        "It was never published."
    )
    assert restatements(one) == ()
    assert len(restatements(one, published=False)) == 2


def test_values_print_the_digits_their_status_needs():
    assert value_text(reading(0.97496)) == f"97.496{T}%"
    assert value_text(reading(None)) == "no data"
    assert target_text(reading(0.9, target=None)) == "–"
    assert change_text(reading(0.9)) == "–"
    assert year_change_text(reading(0.9, year_ago=0.92)) == f"−2.0{T}pp"


def test_quarterly_measures_look_back_a_quarter():
    outcome = satisfaction().outcome
    assert as_of_text(outcome) == "as of Sep 2026"
    assert compared_text(outcome) == "on Jun 2026"
    assert movement_alt(satisfaction()).endswith(
        f"went from 72 in Jun 2026 to 73 in Sep 2026: other causes +1{T}point, the whole change."
    )
    assert previous_label(reading(0.9)) == "Sep 2026"
    assert as_of_text(reading(0.9)) == ""
    yearly = reading(0.9, of=metric(cadence=Grain.YEAR), previous=0.8)
    assert compared_text(yearly) == "on Oct 2025"


def test_labels_fit_into_sentences():
    assert lower_first("Page load time") == "page load time"
    assert lower_first("SLA attainment") == "SLA attainment"
    assert lower_first("") == ""
    assert joined(["a"]) == "a"
    assert joined(["a", "b", "c"]) == "a, b and c"

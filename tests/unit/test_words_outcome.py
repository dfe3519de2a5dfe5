from dataclasses import replace

import pytest

from kpi_engine.mapping.watermelon import Disagreement
from kpi_engine.maths.intervals import Estimate
from kpi_engine.maths.variation import VariationVerdict
from kpi_engine.terms import Direction, EvidenceGrade, Grain, Status, Unit, Variation
from kpi_engine.units import lower_first
from kpi_engine.words.drivers import (
    Tag,
    cause_text,
    down_minutes,
    driver_line,
    leading_drivers,
    main_driver,
    more_drivers_text,
    remainder_text,
    watermelon_tag,
)
from kpi_engine.words.judgement import (
    EVIDENCE,
    STATUS,
    VARIATION,
    lasting_text,
    share_words,
    verdict_text,
)
from kpi_engine.words.outcome import (
    explained_share,
    has_story,
    headline,
    movement_alt,
    status_sentences,
    trend_alt,
)
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
from tests.factories import LOWER, driver, explanation, metric, reading
from tests.marlow_finch import (
    checkout,
    demos,
    estimate,
    satisfaction,
    shipped,
    time_to_market,
    unmeasured,
)

T = "\u202f"
USUAL = [0.97, 0.972] * 8


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        pytest.param(
            checkout(),
            f"Checkout success fell 0.6{T}pp to 96.2{T}%, more than its usual month-to-month "
            "variation.",
            id="new signal",
        ),
        pytest.param(
            time_to_market(),
            f"Time to market rose 1{T}day to 34{T}days; it has been worse for 8 months.",
            id="old signal",
        ),
        pytest.param(
            explanation(reading(0.971, past=USUAL)),
            f"Checkout success fell 0.1{T}pp to 97.1{T}%, within its usual month-to-month "
            "variation.",
            id="usual",
        ),
        pytest.param(
            explanation(reading(0.972, past=USUAL)),
            f"Checkout success stayed at 97.2{T}%, within its usual month-to-month variation.",
            id="no change",
        ),
        pytest.param(
            explanation(reading(0.962)),
            f"Checkout success came to 96.2{T}%, with too little history to say whether that is "
            "unusual.",
            id="first month",
        ),
        pytest.param(
            unmeasured(), "There is no data on customers who left for October 2026.", id="no data"
        ),
    ],
)
def test_the_headline_says_what_moved_and_whether_it_is_news(found, expected):
    assert headline(found) == expected


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


def test_status_sentences_carry_every_doubt():
    said = status_sentences(demos())
    assert "With so few cases the value is not distinguishable from target." not in said
    few = reading(0.95, numerator=38, denominator=40)
    assert "not distinguishable from target" in status_sentences(explanation(few))
    assert "Provisional: 24 of 31 days of October 2026 have data." in status_sentences(shipped())
    assert "Nobody has agreed this target yet." in status_sentences(satisfaction())
    assert "Usual range 95.5" in said
    assert said.endswith(demos().outcome.metric.sentence)


def test_what_is_missing_of_a_quarter_is_said_of_the_quarter():
    quarterly = metric(cadence=Grain.QUARTER)
    short = reading(0.9, of=quarterly, is_complete=False, months_ago=1)
    assert "Provisional: 24 of 31 days of the quarter to September 2026 have data." in (
        status_sentences(explanation(short))
    )


def test_a_driver_line_keeps_its_share_of_the_change_apart_from_the_month():
    lines = [driver_line(one, checkout().outcome.metric).text for one in checkout().drivers]
    assert lines == [
        f"−0.36{T}pp of the change; this month about 1,240 lost orders = about $86k lost "
        "($62k–$112k); evidence strong",
        f"−0.15{T}pp of the change; this month about 520 abandoned orders = about $36k lost "
        "($10k–$62k); evidence moderate",
        f"−0.02{T}pp of the change; this month about 69 lost orders = about $4.8k lost "
        "($2.1k–$7.4k); evidence strong",
    ]


def test_a_driver_without_a_number_says_why():
    lines = [driver_line(one, demos().outcome.metric).text for one in demos().drivers]
    assert lines == [
        "not estimated yet; evidence weak",
        "not estimated yet; evidence assumed",
    ]


def test_links_that_say_nothing_give_their_reason():
    silent = driver(reading(0.9), grade=EvidenceGrade.CONTRADICTED, reason="It counts work done.")
    line = driver_line(silent, metric())
    assert line.text == "it counts work done; evidence contradicted"
    counted = driver(reading(0.9), grade=EvidenceGrade.A)
    assert driver_line(counted, metric()).share == "no measurable link to this change"
    alone = driver(reading(0.9), amount=estimate(3, 4, 5), amount_unit="hours", reason="Counted.")
    assert driver_line(alone, metric()).text == (
        "its share of the change is not known; this month about 4 hours; evidence assumed"
    )
    tiny = driver(reading(0.9), effect=Estimate.exact(0.00001))
    assert driver_line(tiny, metric()).text == "nothing of the change; evidence assumed"


def test_a_loss_told_under_another_outcome_is_not_told_as_another_loss():
    again = driver(
        reading(0.9),
        grade=EvidenceGrade.A,
        effect=estimate(-8, -6, -4, 1000),
        amount=estimate(40, 77, 110),
        amount_unit="orders",
        money=estimate(-3, -2, -1, 1000),
        same_as="Checkout success",
    )
    revenue = metric("biz.revenue", unit=Unit.CURRENCY, decimals=0)
    assert driver_line(again, revenue).text == (
        "−$6,000 of the change; this month the same 77 lost orders as under Checkout success; "
        "evidence strong"
    )
    none = driver(
        reading(0.9), amount=Estimate.exact(0), amount_unit="orders", same_as="Checkout success"
    )
    assert driver_line(none, revenue).amount == "no orders"


def test_a_scorecard_shows_the_counted_drivers_first_then_the_best_evidence():
    """Declared in this order: judged, contradicted, by studies, judged, counted."""
    judged, silent = driver(reading(0.9)), driver(reading(0.8), grade=EvidenceGrade.CONTRADICTED)
    studied, also_judged = driver(reading(0.7), grade=EvidenceGrade.D), driver(reading(0.6))
    counted = driver(reading(0.5), grade=EvidenceGrade.D, effect=Estimate.exact(-0.01))
    found = explanation(reading(0.96), judged, silent, studied, also_judged, counted)
    assert leading_drivers(found) == (counted, studied, judged)
    assert more_drivers_text(found) == "2 more on the outcome page"
    assert more_drivers_text(explanation(reading(0.96), judged, silent, studied)) == ""


def test_an_unclear_cost_is_never_a_number():
    line = driver_line(time_to_market().drivers[1], time_to_market().outcome.metric)
    assert line.text == (
        f"+0.6{T}days of the change; this month no clear cost ($27k lost to $4k saved); "
        "evidence weak"
    )


def test_the_remainder_stands_unless_it_rounds_to_nothing():
    assert remainder_text(checkout()) == f"−0.07{T}pp"
    whole = driver(reading(0.9), effect=Estimate.exact(-0.01))
    assert remainder_text(explanation(reading(0.96, previous=0.97), whole)) == ""
    assert remainder_text(explanation(reading(0.96))) == ""


def test_a_remainder_that_is_all_of_the_change_is_printed_like_the_change():
    uncounted = driver(reading(0.9))
    moved = explanation(reading(0.9641, previous=0.9697), uncounted)
    assert remainder_text(moved) == f"−0.6{T}pp, the whole change"
    still = explanation(reading(32.5, of=metric(unit=Unit.DAYS, decimals=0), previous=32))
    assert remainder_text(still) == ""


def test_the_main_driver_pulled_hardest_the_way_the_outcome_went():
    against = driver(reading(0.9), effect=Estimate.exact(0.05))
    along = driver(reading(0.8), effect=Estimate.exact(-0.01))
    found = explanation(reading(0.96, previous=0.97), against, along)
    assert main_driver(found) is along
    assert main_driver(explanation(reading(0.96, previous=0.96), along)) is None
    assert main_driver(explanation(reading(0.96, previous=0.97))) is None


def test_availability_is_told_in_minutes_and_anything_else_by_name():
    shop = checkout().drivers[0].reading
    assert down_minutes(shop) == 142
    assert cause_text(shop) == "142 minutes of downtime"
    assert cause_text(checkout().drivers[1].reading) == "page load time"


@pytest.mark.parametrize(
    ("value", "kind", "label", "is_alarm"),
    [
        pytest.param(
            0.9,
            Disagreement.ALL_DRIVERS_ON_TARGET,
            "IT on target, business off target",
            True,
            id="all fine, outcome off",
        ),
        pytest.param(
            0.97,
            Disagreement.ALL_DRIVERS_ON_TARGET,
            "IT on target, business worse than usual",
            True,
            id="all fine, outcome worse than usual",
        ),
        pytest.param(
            0.9,
            Disagreement.MAIN_DRIVER_ON_TARGET,
            "IT target met, business target missed",
            True,
            id="main driver fine",
        ),
        pytest.param(
            0.98,
            Disagreement.DRIVERS_OFF_TARGET,
            "IT off target, business on target",
            False,
            id="the reverse",
        ),
    ],
)
def test_disagreement_is_named_without_the_word(value, kind, label, is_alarm):
    found = explanation(reading(value), watermelon_sentence="Why.", disagreement=kind)
    assert watermelon_tag(found) == Tag(label=label, sentence="Why.", is_alarm=is_alarm)


def test_the_one_measure_that_is_on_target_is_named():
    found = explanation(
        reading(0.9),
        watermelon_sentence="Why.",
        disagreement=Disagreement.MAIN_DRIVER_ON_TARGET,
    )
    assert found.disagreement is not None
    named = replace(found, disagreement=replace(found.disagreement, driver="Availability"))
    tag = watermelon_tag(named)
    assert tag is not None
    assert tag.label == "Availability target met, business target missed"


def test_agreement_needs_no_tag():
    assert watermelon_tag(shipped()) is None


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


def test_a_reading_carries_its_tags():
    assert tags(shipped().outcome) == ("provisional", f"restated, was 96.1{T}%")
    assert tags(satisfaction().outcome) == ("target not agreed",)
    assert tags(reading(None, is_complete=False)) == ()


def test_a_restated_month_before_is_named_with_both_values():
    one = reading(34, of=metric(unit=Unit.DAYS, decimals=0), previous=32, previous_restated_from=29)
    assert restated_before_tag(one) == "Sep restated"
    assert f"Sep 2026 was restated after it was closed: 29{T}days then, 32{T}days now." in (
        status_sentences(explanation(one))
    )
    assert restated_before_tag(reading(0.9)) == restated_before_sentence(reading(0.9)) == ""
    assert restatements(one) == ("Checkout success, Sep 2026",)


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


def test_alternative_texts_say_what_is_drawn():
    assert trend_alt(checkout().outcome) == (
        f"Checkout success from 96.8{T}% in November 2024 to 96.2{T}% in October 2026. "
        f"Target at least 97.5{T}%, missed by 1.3{T}pp. 1 of 24 months outside the usual range."
    )
    assert trend_alt(unmeasured().outcome) == "Customers who left: no data in the months shown."
    assert movement_alt(checkout()) == (
        f"Checkout success went from 96.8{T}% in Sep 2026 to 96.2{T}% in Oct 2026: Online shop "
        f"availability −0.36{T}pp, Page load time −0.15{T}pp, Payment errors −0.02{T}pp, other "
        f"causes −0.07{T}pp."
    )
    assert movement_alt(unmeasured()) == "The change of customers who left is not known."


def test_the_explained_share_needs_a_change_to_explain():
    assert explained_share(checkout()) == f"88{T}%"
    assert explained_share(unmeasured()) == ""
    assert explained_share(demos()) == ""


def test_only_a_change_or_shares_that_cancel_out_make_a_story():
    assert has_story(checkout())
    still = reading(0.9641, previous=0.9640)
    assert not has_story(explanation(still, driver(reading(0.9))))
    assert has_story(explanation(still, driver(reading(0.9), effect=Estimate.exact(0.01))))


def test_labels_fit_into_sentences():
    assert lower_first("Page load time") == "page load time"
    assert lower_first("SLA attainment") == "SLA attainment"
    assert lower_first("") == ""
    assert joined(["a"]) == "a"
    assert joined(["a", "b", "c"]) == "a, b and c"

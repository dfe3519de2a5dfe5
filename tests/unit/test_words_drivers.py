from dataclasses import replace

import pytest

from kpi_engine.mapping.watermelon import Disagreement
from kpi_engine.maths.intervals import Estimate
from kpi_engine.terms import EvidenceGrade, Unit
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
from tests.factories import driver, explanation, metric, reading
from tests.marlow_finch import checkout, demos, estimate, shipped, time_to_market

T = "\u202f"


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
        "no measurable link to this change; evidence weak",
        "nobody has estimated this link yet; evidence assumed",
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
    still = explanation(reading(32.4, of=metric(unit=Unit.DAYS, decimals=0), previous=32))
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

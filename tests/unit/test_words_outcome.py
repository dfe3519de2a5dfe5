from dataclasses import replace

import pytest

from kpi_engine.maths.intervals import Estimate
from kpi_engine.terms import Grain
from kpi_engine.words.method import remainder_reckoned
from kpi_engine.words.outcome import (
    beyond_target,
    explained_of,
    explained_share,
    has_story,
    headline,
    movement_alt,
    status_sentences,
    trend_alt,
)
from tests.factories import driver, explanation, metric, reading
from tests.marlow_finch import checkout, demos, satisfaction, shipped, time_to_market, unmeasured

T = "\u202f"
USUAL = [0.97, 0.972] * 8


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        pytest.param(
            checkout(),
            f"Checkout success fell 0.6{T}pp to 96.2{T}%, below its usual range.",
            id="new signal",
        ),
        pytest.param(
            time_to_market(),
            f"Time to market rose 1{T}day to 34{T}days; it has been worse for 10 months.",
            id="old signal",
        ),
        pytest.param(
            explanation(reading(0.971, past=USUAL)),
            f"Checkout success fell 0.1{T}pp to 97.1{T}%, within its usual variation.",
            id="usual",
        ),
        pytest.param(
            explanation(reading(0.972, past=USUAL)),
            f"Checkout success stayed at 97.2{T}%, within its usual variation.",
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


def test_status_sentences_carry_every_doubt():
    said = status_sentences(demos())
    assert "Given its number of cases the value is not distinguishable from target." not in said
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


def test_alternative_texts_say_what_is_drawn():
    assert trend_alt(checkout().outcome) == (
        f"Checkout success from 96.8{T}% in November 2024 to 96.2{T}% in October 2026. "
        f"Target at least 97.5{T}%, missed by 1.3{T}pp. 1 of 24 months not as usual."
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


def test_the_explained_share_says_of_what_it_is_one():
    """It is no share of the change above it where time of year did a part."""
    assert explained_of(checkout()) == ""
    autumn = replace(checkout(), usual=-0.0005)
    assert explained_share(autumn) == f"96{T}%"
    assert explained_of(autumn) == f"of −0.55{T}pp, time of year taken off"
    assert explained_of(unmeasured()) == ""


def test_only_a_change_or_shares_that_cancel_out_make_a_story():
    assert has_story(checkout())
    still = reading(0.9641, previous=0.9640)
    assert not has_story(explanation(still, driver(reading(0.9))))
    assert has_story(explanation(still, driver(reading(0.9), effect=Estimate.exact(0.01))))


def test_what_time_of_year_does_is_said_to_be_unknown_where_it_is() -> None:
    known, unknown = (remainder_reckoned(replace(checkout(), usual=one)) for one in (0.0, None))
    assert "less what time of year and trend usually do" in known
    assert unknown.endswith("is not known of this month, so it is in it.")


@pytest.mark.parametrize(
    ("cases", "said"),
    [
        pytest.param(
            100_000.0,
            "1,300 orders are missing to the target. What is counted here comes to 1,307: without "
            "it the target would be met.",
            id="more than is missing",
        ),
        pytest.param(200_000.0, "", id="less"),
        pytest.param(None, "", id="no cases"),
    ],
)
def test_losses_beyond_the_shortfall_are_said_to_be_so(cases, said):
    found = checkout()
    kept = [one for one in found.drivers if one.contribution.amount_unit == "orders"]
    influence = replace(kept[-1].contribution, amount_unit="lost orders")
    kept[-1] = replace(kept[-1], contribution=influence)
    outcome = replace(found.outcome, denominator=cases)
    assert beyond_target(replace(found, outcome=outcome, drivers=tuple(kept))) == said

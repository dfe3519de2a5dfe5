from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from kpi_engine.mapping.money import Valuation
from kpi_engine.maths.intervals import Estimate
from kpi_engine.terms import EvidenceGrade, Unit
from kpi_engine.words.news import by_attention, headline_row
from kpi_engine.words.scorecard import explanation, footnote, headline, tiles
from kpi_engine.words.valuation import assumption_text, valuation_text
from tests.factories import assumption, driver, metric, reading, scorecard
from tests.factories import explanation as row
from tests.marlow_finch import checkout, demos, october, shipped, time_to_market, unmeasured

T = "\u202f"
USUAL = [0.97, 0.972] * 8


def test_the_headline_counts_then_names_the_worst_signal_and_its_cause():
    assert headline(october()) == (
        f"1 of 5 complete outcomes is on target. Checkout success fell 0.6{T}pp to 96.2{T}%, "
        "mostly explained by 142 minutes of downtime."
    )


def test_the_explanation_prices_the_cause_and_lists_everything_else():
    cost, every_cost, rest = explanation(october())
    assert cost == (
        "Over the month that is about 1,240 lost orders, about $86k lost (likely $62k–$112k). "
        "It happened on 12 Oct 2026."
    )
    assert every_cost == (
        "All IT shortfalls of the month cost about $159k (likely $117k–$200k), most of it through "
        "online shop availability ($86k), page load time ($36k) and releases per week ($21k)."
    )
    assert rest.startswith(
        "Two more outcomes are not as usual: time to market (worse for 10 months) "
        "and sales demos without interruption (worse for 8 months although every IT measure "
        "behind it is on target)."
    )
    assert "No data on customers who left." in rest
    assert "Provisional: orders shipped on time." in rest
    assert "One of the targets has not been agreed yet." in rest


def test_where_one_cause_is_all_of_the_cost_it_is_told_once():
    found = checkout()
    alone = scorecard(replace(found, drivers=found.drivers[:1]))
    (cost,) = [line for line in explanation(alone) if "$" in line]
    assert cost.startswith("Over the month that is about 1,240 lost orders")


def test_emphasis_marks_the_amounts_and_nothing_else():
    plain, marked = explanation(october()), explanation(october(), emphasis=True)
    assert tuple(line.replace("**", "") for line in marked) == plain
    assert "**about 1,240 lost orders**, **about $86k lost**" in marked[0]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param([reading(0.98)], "The one outcome is on target.", id="one, on target"),
        pytest.param([reading(0.9)], "The one outcome is not on target.", id="one, off target"),
        pytest.param([reading(0.9), reading(0.91)], "None of 2 outcomes are on target.", id="none"),
        pytest.param(
            [reading(0.98), reading(0.91)], "1 of 2 outcomes is on target.", id="one of two"
        ),
        pytest.param(
            [reading(0.98), reading(0.99)], "All 2 outcomes are on target.", id="all of them"
        ),
        pytest.param(
            [reading(0.9, is_placeholder=True)],
            "No target has been agreed yet.",
            id="no agreed target",
        ),
    ],
)
def test_the_standing_reads_naturally(rows, expected):
    assert headline(scorecard(*(row(one) for one in rows))) == expected


def test_an_empty_scorecard_says_so():
    empty = replace(scorecard(), rows=(), on_target=0)
    assert headline(empty) == "No outcomes yet."


def test_a_cause_of_weak_evidence_explains_nothing():
    page_load = metric("it.page_load", label="Page load time")
    moved = row(
        reading(0.95, past=USUAL),
        driver(
            reading(0.9, of=page_load),
            grade=EvidenceGrade.D,
            effect=Estimate(low=-0.02, mid=-0.015, high=-0.01),
        ),
    )
    assert headline(scorecard(moved)).endswith("mostly in step with page load time.")


def test_a_cause_too_small_explains_nothing():
    moved = row(
        reading(0.95, past=USUAL),
        driver(
            reading(0.9, of=metric("it.availability", label="Availability")),
            grade=EvidenceGrade.A,
            effect=Estimate.exact(-0.002),
        ),
    )
    assert headline(scorecard(moved)).endswith(", not explained by the linked IT measures.")


def test_an_outcome_without_links_says_so():
    moved = row(reading(0.95, past=USUAL))
    assert headline(scorecard(moved)).endswith(", and no IT measure is linked to it.")


def test_good_news_leads_when_nothing_is_worse():
    assert "rose 1.8" in headline(scorecard(row(reading(0.99, past=USUAL))))
    both = scorecard(row(reading(0.99, past=USUAL)), row(reading(0.95, past=USUAL)))
    assert "fell 2.2" in headline(both)


def test_a_lasting_shift_is_told_as_one():
    assert headline(scorecard(time_to_market())) == (
        f"The one outcome is not on target. Time to market: worse for 10 months, now 34{T}days."
    )


def test_tiles_give_counts_money_and_gaps():
    shown = {tile.label: (tile.value, tile.note) for tile in tiles(october())}
    assert shown == {
        "Outcomes on target": ("1 of 5", "−2 on Sep 2026"),
        "Cost of IT shortfalls": ("about $159k", "likely $117k–$200k"),
        "Gain from IT progress": ("about $3k", "likely $200–$6k"),
        "Data received": ("27 of 28", "1 provisional"),
        "Restated since publishing": ("1 value", "Orders shipped on time, Oct 2026"),
        "IT on target, business off": ("1", "Sales demos without interruption"),
    }


def test_tiles_without_money_or_history_stay_silent():
    bare = {tile.label: (tile.value, tile.note) for tile in tiles(scorecard())}
    assert bare["Cost of IT shortfalls"] == ("not valued", "")
    assert bare["Outcomes on target"] == ("0 of 1", "")
    assert bare["IT on target, business off"] == ("none", "")
    assert bare["Restated since publishing"] == ("none", "")
    assert "Gain from IT progress" not in bare


def test_the_others_are_as_usual_only_as_far_as_history_tells():
    """What is still open or too new to judge is not called usual."""
    signal = row(reading(0.90, past=[0.97, 0.972] * 8))
    usual = row(reading(0.971, past=[0.97, 0.972] * 8))
    new, opened = row(reading(0.98)), row(reading(0.98, is_complete=False))
    rest = " ".join(explanation(scorecard(signal, usual)))
    assert "The other changes are no larger than usual." in rest
    rest = " ".join(explanation(scorecard(signal, usual, opened)))
    assert "The other changes are no larger than usual." in rest
    rest = " ".join(explanation(scorecard(signal, usual, new)))
    assert "no larger than usual, as far as there is history to tell." in rest
    rest = " ".join(explanation(scorecard(signal, new)))
    assert "no larger than usual" not in rest


def test_only_published_months_are_restated_and_others_are_noted_beside_them():
    """What nobody published cannot be restated."""
    never = row(reading(0.98, restated_from=0.97, was_published=False))
    tile = next(one for one in tiles(scorecard(never)) if one.label == "Restated since publishing")
    assert (tile.value, tile.note) == (
        "none",
        "never published: Checkout success, Oct 2026 changed later",
    )
    edition = tiles(scorecard(row(reading(0.98))), is_edition=True)
    tile = next(one for one in edition if one.label == "Restated since publishing")
    assert (tile.value, tile.note) == ("none", "when this was published")
    both = scorecard(never, row(reading(0.99, restated_from=0.97)))
    tile = next(one for one in tiles(both) if one.label == "Restated since publishing")
    assert tile.value == "1 value"


def test_the_restated_months_of_a_page_are_counted_once():
    """A measure behind two outcomes, restated last month, is one value."""
    shared = driver(reading(0.9, of=metric("it.mttr"), previous=0.8, previous_restated_from=0.7))
    both = scorecard(row(reading(0.98), shared), row(reading(0.99, restated_from=0.97), shared))
    tile = next(one for one in tiles(both) if one.label == "Restated since publishing")
    assert (tile.value, tile.note) == (
        "2 values",
        "Checkout success, Sep 2026 and Checkout success, Oct 2026",
    )


def test_money_is_told_apart_from_revenue_by_the_assumptions_it_rests_on():
    price = metric("biz.aov", label="Value of an average order", unit=Unit.CURRENCY)
    revenue = metric("biz.revenue", label="Net revenue", unit=Unit.CURRENCY)
    margin = assumption("margin_share", "Margin on an order", "share", 0.34, 0.42)
    hour = assumption("loaded_hourly_cost", "Cost of one working hour", "currency per hour", 28, 40)
    orders = Valuation(noun="lost orders", assumptions=(margin,), price=price, whole=revenue)
    hours = Valuation(noun="lost hours", assumptions=(hour,))
    card = scorecard(
        row(reading(0.98), valuations=(orders,)), row(reading(0.99), valuations=(orders, hours))
    )
    said = (
        f"Money is not net revenue: lost orders count at margin on an order (34–42{T}%) times "
        "value of an average order; lost hours count at cost of one working hour ($28–$40)."
    )
    assert said in footnote(card)
    assert said in tiles(card)[1].meaning
    assert valuation_text(()) == ""
    assert assumption_text(margin) == f"34–42{T}%, most likely 38{T}%"
    assert assumption_text(hour, currency="€") == "€28–€40, most likely €34"
    people = assumption("people", "People stopped", "people", 1, 2.5)
    assert valuation_text([Valuation(noun="stops", assumptions=(people,))]) == (
        "Money: stops count at people stopped (1–2.5 people)."
    )


def test_a_month_without_any_outcome_says_only_that():
    nothing = scorecard(row(reading(None)), row(reading(None)))
    assert headline(nothing) == "No outcome has data for October 2026 yet."
    assert "No data on" not in " ".join(explanation(nothing))


def test_measures_without_data_are_not_called_fine():
    unsure = row(reading(0.924, past=USUAL), watermelon_sentence="Why.", missing=1)
    said = " ".join(explanation(scorecard(row(reading(0.9, past=USUAL)), unsure)))
    assert "although every IT measure behind it that has data is on target" in said


def test_a_cost_that_may_be_none_is_not_a_number():
    unclear = Estimate(low=-9e3, mid=-2e3, high=4e3)
    tile = tiles(scorecard(cost=unclear))[1]
    assert (tile.value, tile.note) == ("no clear cost", "likely $9k lost to $4k saved")


def test_the_footnote_dates_the_data_in_the_organisations_zone():
    paris = scorecard().organisation.model_copy(update={"time_zone": "Europe/Paris"})
    late = scorecard(
        organisation=paris,
        data_through=date(2026, 10, 31),
        loaded_at=datetime(2026, 11, 2, 23, 10, tzinfo=UTC),
    )
    assert footnote(late).endswith("Data to 31 Oct 2026, loaded 3 Nov 2026 00:10.")
    assert footnote(scorecard(loaded_at=None)).endswith("No data have been loaded.")


def test_attention_first_puts_the_worst_first_and_keeps_every_row():
    rows = (shipped(), unmeasured(), time_to_market(), demos(), checkout())
    ordered = by_attention(scorecard(*rows))
    assert [one.outcome.label for one in ordered] == [
        "Sales demos without interruption",
        "Checkout success",
        "Time to market",
        "Customers who left",
        "Orders shipped on time",
    ]


def test_of_two_signals_the_costlier_leads():
    assert headline_row(scorecard(demos(), checkout())).outcome.label == "Checkout success"


def test_the_footnote_says_how_much_of_it_serves_the_business():
    assert (
        "2 of 3 IT measures serve a business outcome; every outcome has an IT measure behind it."
    ) in footnote(scorecard())


def test_the_footnote_names_the_months_that_the_usual_range_rests_on():
    assert "from the first 12 values of each measure." in footnote(october())
    span = (date(2023, 11, 1), date(2025, 2, 1))
    frozen = replace(reading(0.96, past=USUAL), usual_months=span)
    assert "from Nov 2023 to Feb 2025." in footnote(scorecard(row(frozen)))


def test_what_cannot_be_told_from_its_target_is_said_beside_the_count():
    close = reading(0.97, numerator=97, denominator=100)
    assert close.judgement.is_uncertain
    said = " ".join(explanation(scorecard(row(close), row(reading(0.9)))))
    assert "One outcome is too close to the target to call: checkout success." in said


def test_while_own_data_are_being_asked_costs_say_that_they_are_not_complete():
    pending = replace(october(), rows=(replace(october().rows[0], missing_estimates=True),))
    first = explanation(pending)[0]
    assert first == (
        "Costs and shares of the change are not complete: what IT did to 1 outcome is still being "
        "worked out."
    )
    notes = {tile.label: tile.note for tile in tiles(pending)}
    assert notes["Cost of IT shortfalls"] == notes["Gain from IT progress"] == "not complete yet"
    assert not any("not complete" in line for line in explanation(october()))

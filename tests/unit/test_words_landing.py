"""Where the year will end, in words."""

from datetime import date

import pytest

from kpi_engine.services.landing import NotSaid
from kpi_engine.terms import Trajectory, Unit
from kpi_engine.words.landing import landing_note, landing_sentence
from tests.factories import LOWER, landing, metric

MONEY = metric("biz.revenue", label="Net revenue", unit=Unit.CURRENCY, decimals=0)


def said(of=None, **fields):
    of = of or metric()
    return landing_sentence(landing(of=of, **fields), of).replace("\u202f", " ")


def test_a_running_year_is_a_range_against_its_target():
    assert said() == (
        "2026 is likely to end at 96.6 % to 97.0 % (90 % range); target at least 97.5 %: "
        "off track, with 10 of 12 months in."
    )


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        pytest.param(0.98, 0.99, ": on track,", id="on track"),
        pytest.param(0.97, 0.98, ": too early to tell,", id="straddles"),
    ],
)
def test_the_verdict_follows_the_target(low, high, words):
    assert words in said(low=low, high=high)


def test_a_year_that_is_over_ended_and_was_met_or_not():
    assert said(low=0.98, high=0.98, periods_in=12) == (
        "2026 ended at 98.0 %; target at least 97.5 %: met."
    )
    assert said(low=0.97, high=0.97, periods_in=12).endswith(": not met.")


def test_large_sums_carry_only_the_digits_that_their_width_tells():
    assert said(MONEY, low=13_555_634.0, high=13_928_490.0, target=13_540_000.0).startswith(
        "2026 is likely to end at $13,560,000 to $13,930,000 (90 % range); "
        "target at least $13,540,000: on track"
    )


def test_rounding_never_carries_an_end_across_the_target():
    text = said(MONEY, low=13_541_000.0, high=13_928_490.0, target=13_541_000.0)
    assert "$13,541,000 to $13,930,000" in text
    assert ": on track" in text


def test_a_narrow_range_is_still_printed_as_one():
    assert "96.61 % to 96.64 %" in said(low=0.9661, high=0.9664)


def test_without_a_target_nothing_is_said_of_one():
    assert said(target=None) == (
        "2026 is likely to end at 96.6 % to 97.0 % (90 % range), with 10 of 12 months in."
    )


def test_a_fiscal_year_has_both_its_years_in_its_name():
    assert said(first=date(2026, 4, 1)).startswith("2026/27 is likely")


@pytest.mark.parametrize(
    ("reason", "missing", "words"),
    [
        (NotSaid.MISSING, (date(2026, 4, 1),), "Apr 2026 is missing"),
        (NotSaid.MISSING, (date(2026, 4, 1), date(2026, 6, 1)), "Apr 2026 and Jun 2026 are miss"),
        (NotSaid.MISSING, tuple(date(2026, m, 1) for m in range(1, 5)), "4 months of it are"),
        (NotSaid.TOO_LITTLE, (), "too few months to forecast from"),
        (NotSaid.DOES_NOT_FOLD, (), "a ratio of the year does not follow from its months"),
    ],
)
def test_where_nothing_is_said_the_reason_is(reason, missing, words):
    text = said(low=None, reason=reason, missing=missing)
    assert text.startswith("Where 2026 will end cannot be told: ")
    assert words in text


def test_a_row_of_many_says_so_only_where_somebody_should_look():
    assert landing_note(landing()) == "2026 likely to miss"
    assert landing_note(landing(low=0.97, high=0.97, periods_in=12)) == "2026 missed"
    assert landing_note(landing(low=0.97, high=0.98)) == ""
    assert landing_note(landing(low=0.98, high=0.99)) == ""
    assert landing_note(None) == ""
    waits = metric("it.mttr", label="Waits", direction=LOWER, unit=Unit.HOURS)
    assert landing(low=6.0, high=7.0, target=5.0, of=waits).trajectory is Trajectory.OFF_TRACK

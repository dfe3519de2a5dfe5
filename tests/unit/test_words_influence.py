from dataclasses import replace
from datetime import date

import pytest

from kpi_engine.mapping.influence.grading import Finding
from kpi_engine.mapping.influence.prior import combined
from kpi_engine.services.per_step import PerStep
from kpi_engine.terms import EvidenceGrade, Grain, LinkKind, Unit
from kpi_engine.words.influence import (
    disagrees,
    felt_text,
    found_lag,
    influence_sentence,
    own_data_text,
    per_step_text,
    prior_text,
    step_text,
    why_grade,
)
from tests.factories import contribution, influence, link, reading
from tests.marlow_finch import estimate

T = "\u202f"
PAGES = "it.page_load"


def step(
    *ends: float, of: str = "Page load time", size: float = 100, unit: Unit = Unit.MILLISECONDS
) -> PerStep:
    """A step of page load time, and what it does to checkout success in percentage points."""
    low, mid, high = ends or (-0.55, -0.46, -0.37)
    return PerStep(
        step=size, unit=unit, of=of, outcome=reading(), effect=estimate(low, mid, high, 0.01)
    )


@pytest.mark.parametrize(
    ("per", "said"),
    [
        pytest.param(step(), f"0.1{T}s", id="milliseconds are spoken of as seconds"),
        pytest.param(step(size=0.001, unit=Unit.PERCENT), f"0.1{T}pp", id="points, not percent"),
        pytest.param(step(size=10, unit=Unit.MINUTES), f"10{T}min", id="minutes"),
        pytest.param(step(size=1, unit=Unit.COUNT), "1 more", id="no unit"),
        pytest.param(step(size=1000, unit=Unit.CURRENCY), "$1,000", id="money"),
    ],
)
def test_a_step_is_said_as_people_speak_of_it(per, said):
    assert step_text(per) == said


@pytest.mark.parametrize(
    ("per", "said"),
    [
        pytest.param(step(), f"−0.46{T}pp (−0.55 to −0.37)", id="down"),
        pytest.param(step(0.06, 0.09, 0.13), f"+0.09{T}pp (0.06 to 0.13)", id="up"),
        pytest.param(step(-0.055, -0.046, -0.037), f"−0.046{T}pp (−0.055 to −0.037)", id="small"),
        pytest.param(step(-0.2, 0.1, 0.4), f"no clear effect (−0.20 to +0.40{T}pp)", id="unclear"),
        pytest.param(step(0.2, 0.2, 0.2), f"+0.20{T}pp", id="exact"),
    ],
)
def test_an_effect_stands_with_its_range_and_enough_digits_to_tell(per, said):
    assert per_step_text(per) == f"per 0.1{T}s: {said}"


def test_what_is_stepped_is_named_where_it_is_not_the_driver_beside_it():
    downtime = step(of="Minutes of downtime, online shop", size=10, unit=Unit.MINUTES)
    assert per_step_text(replace(downtime, is_driver=False)) == (
        f"per 10{T}min of downtime: −0.46{T}pp (−0.55 to −0.37)"
    )


def test_one_sentence_tells_step_effect_and_delay():
    pages = link(PAGES, lag_days=(0, 7))
    seen = contribution(pages, found=influence(pages, lag=0))
    assert influence_sentence(step(), seen) == (
        f"per 0.1{T}s of page load time: −0.46{T}pp of checkout success (−0.55 to −0.37), "
        "felt the same day"
    )
    later = contribution(pages, found=influence(pages, lag=2, grain=Grain.WEEK))
    assert influence_sentence(step(), later).endswith("felt after 2 weeks")
    downtime = step(of="Minutes of downtime", size=10, unit=Unit.MINUTES)
    assert influence_sentence(downtime, contribution(link())).startswith(
        f"per 10{T}min of downtime: "
    )
    counted = step(of="Problems per 100 people", size=1, unit=Unit.COUNT)
    assert influence_sentence(counted, contribution(link())).startswith(
        "per 1 more in problems per 100 people: "
    )
    lead = step(of="From finished change to live", size=1, unit=Unit.HOURS)
    assert influence_sentence(lead, contribution(link())).startswith(
        f"per 1{T}h from finished change to live: "
    )


def test_where_the_direction_is_not_certain_no_delay_is_claimed():
    pages = link(PAGES)
    found = contribution(pages, found=influence(pages, Finding.NOT_SEEN))
    assert influence_sentence(step(-0.2, 0.1, 0.4), found) == (
        f"per 0.1{T}s of page load time: no clear effect on checkout success (−0.20 to +0.40{T}pp)"
    )


def test_the_delay_is_the_one_found_and_only_without_one_as_declared():
    slow = link(PAGES, lag_days=(0, 62))
    monthly = influence(slow, lag=1, grain=Grain.MONTH)
    assert felt_text(contribution(slow, found=monthly)) == "1 month"
    unseen = contribution(slow, found=influence(slow, Finding.HINT, lag=1, grain=Grain.MONTH))
    assert found_lag(unseen) == ""
    assert felt_text(unseen) == "within 2 months"
    assert found_lag(contribution(slow)) == ""


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        pytest.param(Finding.STRONG, f"per 0.1{T}s: −0.46{T}pp (−0.55 to −0.37)", id="seen"),
        pytest.param(Finding.HINT, "a hint, not counted", id="hint"),
        pytest.param(Finding.TOO_SHORT, "not enough data to tell", id="too short"),
        pytest.param(Finding.CONTRADICTED, "own data say the opposite", id="opposite"),
    ],
)
def test_only_what_was_seen_stands_as_a_number_from_own_data(seen, said):
    pages = link(PAGES, sign=-1)
    assert own_data_text(contribution(pages, found=influence(pages, seen)), step()) == said


def test_links_without_an_estimate_say_how_they_are_known():
    counted = contribution(link(kind=LinkKind.IMPACT, grade=EvidenceGrade.A))
    assert own_data_text(counted, step()) == f"per 0.1{T}s: −0.46{T}pp (−0.55 to −0.37)"
    assert own_data_text(counted, None) == "counted from events"
    exact = contribution(link(kind=LinkKind.IDENTITY, grade=EvidenceGrade.A))
    assert own_data_text(exact, None) == "arithmetic"
    work = contribution(link(sign=0, grade=EvidenceGrade.CONTRADICTED))
    assert own_data_text(work, None) == "counts work done, moves nothing by itself"
    pending = contribution(found=influence(is_pending=True))
    assert own_data_text(pending, None) == "being worked out"


def test_prior_and_data_stand_side_by_side_and_together_only_where_they_agree():
    prior = {
        "low": -0.006,
        "high": -0.003,
        "agreed_on": date(2026, 1, 15),
        "source": "workshop of sales and IT",
    }
    agreed = link(PAGES, prior=prior)
    data = estimate(-0.55, -0.46, -0.37, 0.01)
    near = combined(estimate(-0.6, -0.45, -0.3, 0.01), data, disagreement=2.5)
    far = combined(estimate(0.1, 0.3, 0.5, 0.01), data, disagreement=2.5)
    start = "Agreed on 15 Jan 2026 (workshop of sales and IT)"
    together = contribution(agreed, found=influence(agreed, prior=near))
    assert not disagrees(together)
    assert prior_text(together, step()) == (
        f"{start}, when own data since October 2024 could be known: −0.45{T}pp (−0.60 to −0.30). "
        f"Own data: −0.46{T}pp (−0.55 to −0.37). Together: −0.46{T}pp (−0.53 to −0.38). All other "
        "figures use own data alone."
    )
    apart = contribution(agreed, found=influence(agreed, prior=far))
    assert disagrees(apart)
    assert prior_text(apart, step()).endswith("They disagree, so they are not mixed.")
    early = contribution(agreed, found=influence(agreed, Finding.TOO_SHORT))
    assert prior_text(early, None) == f"{start}; there are no data yet to hold it against."
    assert prior_text(contribution(link(PAGES)), step()) == ""


@pytest.mark.parametrize(
    ("declared", "seen", "is_overdue", "said"),
    [
        pytest.param(EvidenceGrade.E, Finding.NOT_SEEN, False, "Judged by both.", id="as declared"),
        pytest.param(
            EvidenceGrade.E,
            Finding.STRONG,
            False,
            "In own data the two go together, far more than chance would make them. "
            "Declared assumed: judged by both.",
            id="raised far",
        ),
        pytest.param(
            EvidenceGrade.D,
            Finding.SEEN,
            False,
            "In own data the two go together, more than chance would make them. "
            "Declared weak: judged by both.",
            id="raised",
        ),
        pytest.param(
            EvidenceGrade.D,
            Finding.CONTRADICTED,
            False,
            "Own data say the opposite of what was expected. Declared weak: judged by both.",
            id="contradicted",
        ),
        pytest.param(
            EvidenceGrade.D,
            Finding.TOO_SHORT,
            True,
            "Its review is overdue, so it counts for less. Declared weak: judged by both.",
            id="overdue",
        ),
    ],
)
def test_a_grade_says_what_own_data_did_to_the_declared_one(declared, seen, is_overdue, said):
    of = link(PAGES, grade=declared, grade_reason="Judged by both.")
    assert why_grade(contribution(of, found=influence(of, seen, is_overdue=is_overdue))) == said


def test_a_label_that_names_its_unit_does_not_say_it_twice():
    hours = step(of="Hours of work done by software", size=1, unit=Unit.HOURS)
    assert influence_sentence(hours, contribution(link())).startswith(
        f"per 1{T}h of work done by software: "
    )

"""What became of an initiative, as it is told."""

from dataclasses import replace
from datetime import date

import pytest

from kpi_engine.catalogue.initiatives import Expectation, Initiative
from kpi_engine.catalogue.organisation import Organisation
from kpi_engine.mapping.influence.intervention import Outcome
from kpi_engine.maths.intervals import Estimate
from kpi_engine.services.initiatives import Initiatives, Judged, Verdict
from kpi_engine.words import initiatives as words
from tests.factories import metric
from tests.marlow_finch import estimate
from tests.unit.test_words_whatif import simulation

T = "\u202f"
SUCCESS = Verdict(
    expectation=Expectation(metric="biz.tx_success", sign=1),
    metric=metric(),
    label="Checkout success",
    outcome=Outcome.WORKED,
    change=estimate(0.4, 0.9, 1.4, 0.01),
    expected=estimate(0.5, 1.0, 1.5, 0.01),
    level=0.96,
    before=30,
    after=6,
    needed=3,
    placebos=12,
    false_placebos=0,
    controls=(),
    left_out=(),
)
WIDE = estimate(-0.3, 0.2, 0.7, 0.01)
DECLARED = Initiative(
    id="a_change",
    label="A change",
    sentence="Something is done otherwise.",
    starts=date(2026, 1, 1),
    due=date(2026, 12, 31),
    moves=(SUCCESS.expectation,),
    owner="Ann",
    cost=38_000,
    agreed_on=date(2025, 12, 4),
)


def told(outcome: Outcome, change: Estimate | None, *, is_final: bool = False) -> str:
    return words.sentence(replace(SUCCESS, outcome=outcome, change=change), is_final=is_final)


def test_what_moved_is_told_with_its_range_and_what_was_expected() -> None:
    assert told(Outcome.WORKED, SUCCESS.change) == (
        f"Checkout success rose by 0.90{T}pp (0.40 to 1.40{T}pp); a rise of 0.5 to 1.5{T}pp was "
        "expected."
    )
    assert told(Outcome.WORSE, estimate(-1.4, -0.9, -0.4, 0.01)) == (
        f"Checkout success fell by 0.90{T}pp (0.40 to 1.40{T}pp); a rise of 0.5 to 1.5{T}pp was "
        "expected."
    )


def test_what_cannot_be_told_yet_says_why() -> None:
    assert told(Outcome.TOO_EARLY, WIDE) == (
        "Checkout success: too early to tell; after 6 months the range, −0.30 to +0.70"
        f"{T}pp, holds nothing as well as a rise of 0.5 to 1.5{T}pp."
    )
    assert "cannot be told by its due date" in told(Outcome.TOO_EARLY, WIDE, is_final=True)
    nobody_said = replace(SUCCESS, outcome=Outcome.TOO_EARLY, change=WIDE, expected=None)
    assert words.sentence(nobody_said, is_final=False).endswith("holds a change either way.")
    assert told(Outcome.NOTHING_SEEN, WIDE).endswith(
        f"a rise of 0.5 to 1.5{T}pp was expected, and that much would show."
    )


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        pytest.param(
            30, 2, "too early to tell; 2 of the 3 whole months that it takes are in", id="after"
        ),
        pytest.param(
            1, 9, "cannot be told; of 3 whole months needed from before, 1 is known", id="before"
        ),
    ],
)
def test_too_few_months_are_counted(before: int, after: int, said: str) -> None:
    one = replace(SUCCESS, outcome=Outcome.TOO_SHORT, change=None, before=before, after=after)
    assert words.sentence(one, is_final=False) == f"Checkout success: {said}."
    assert words.how_known(one) == ""


def test_how_it_is_known_names_other_dates_and_what_was_taken_out() -> None:
    assert words.how_known(SUCCESS) == (
        "30 months before are held against 6 since. Of 12 other dates tried before it, none looks "
        "like a change."
    )
    one = replace(SUCCESS, controls=("Orders",), left_out=("Visits",), false_placebos=1)
    assert words.how_known(one) == (
        "30 months before are held against 6 since, orders taken out. Of 12 other dates tried "
        "before it, 1 looks like a change. Not taken out, for months are missing: visits."
    )


@pytest.mark.parametrize(
    ("outcomes", "is_final", "said"),
    [
        pytest.param([Outcome.WORKED, Outcome.WORKED], True, "worked", id="all"),
        pytest.param(
            [Outcome.WORKED, Outcome.WORKED_LESS], True, "worked less than expected", id="less"
        ),
        pytest.param([Outcome.WORKED, Outcome.WORSE], True, "made something worse", id="worse"),
        pytest.param([Outcome.WORKED, Outcome.TOO_EARLY], False, "too early to tell", id="early"),
        pytest.param([Outcome.WORKED, Outcome.TOO_SHORT], True, "cannot be told", id="late"),
        pytest.param(
            [Outcome.WORKED, Outcome.NOTHING_SEEN], True, "did nothing to speak of", id="nothing"
        ),
    ],
)
def test_the_gravest_of_what_it_should_have_moved_decides(
    outcomes: list[Outcome], *, is_final: bool, said: str
) -> None:
    assert words.overall(judged(*outcomes, is_final=is_final)) == said


def judged(*outcomes: Outcome, is_final: bool = False) -> Judged:
    verdicts = tuple(replace(SUCCESS, outcome=one) for one in outcomes)
    return Judged(
        initiative=DECLARED, through=date(2026, 7, 1), is_final=is_final, verdicts=verdicts
    )


def test_who_paid_for_it_reads_one_sentence_first() -> None:
    found = Initiatives(
        organisation=Organisation(name="Marlow & Finch"),
        as_of=1,
        month=None,
        judged=(judged(Outcome.WORKED), judged(Outcome.WORKED), judged(Outcome.WORSE)),
    )
    assert words.headline(found, is_declared=True) == (
        "3 initiatives: 2 worked so far and 1 made something worse so far."
    )
    nothing = replace(found, judged=())
    assert words.headline(nothing, is_declared=True) == words.NONE_BEGUN
    assert words.headline(nothing, is_declared=False) == words.NONE_DECLARED
    assert words.about(judged(Outcome.WORKED)) == (
        "Something is done otherwise. Answered for by Ann. It cost $38k. What to expect was agreed "
        "on 4 Dec 2025. The verdict is due 31 Dec 2026."
    )


def test_what_is_turned_in_a_unit_of_its_own_is_said_to_be_the_same():
    (part,) = simulation().parts
    said = words.own_unit_text(part, currency="$").replace(T, " ")
    assert said.startswith("Minutes of downtime from 142 min to 40 min: this is the same in the")
    plain = replace(part.lever, unit=part.lever.reading.metric.unit)
    assert words.own_unit_text(replace(part, lever=plain), currency="$") == ""

"""What a change of a definition did, in one sentence."""

from datetime import date

import pytest

from kpi_engine.maths.intervals import Estimate
from kpi_engine.services.counted_then import NotComparable
from kpi_engine.services.definition_history import FieldChange
from kpi_engine.services.earlier import EarlierDefinition, MonthThen
from kpi_engine.words.definitions import earlier_text, field_text
from tests.factories import metric

T = "\u202f"
RATE = metric()


def earlier(*shifts: float, **fields: object) -> EarlierDefinition:
    months = tuple(
        MonthThen(month=date(2026, place, 1), then=0.96 + shift, now=0.96)
        for place, shift in enumerate(shifts, start=1)
    )
    shift = Estimate(low=min(shifts), mid=sum(shifts) / len(shifts), high=max(shifts))
    defaults = {"since": None, "until": date(2026, 10, 3), "because": "", "changes": ()}
    return EarlierDefinition(**defaults | {"months": months, "shift": shift} | fields)


@pytest.mark.parametrize(
    ("shifts", "said"),
    [
        pytest.param(
            (0.006, 0.007, 0.011),
            f"the months Jan 2026 to Mar 2026 read 0.8{T}pp higher on average (0.6{T}pp to "
            f"1.1{T}pp).",
            id="higher",
        ),
        pytest.param(
            (-0.006, -0.007, -0.011),
            f"the months Jan 2026 to Mar 2026 read 0.8{T}pp lower on average (0.6{T}pp to "
            f"1.1{T}pp).",
            id="lower",
        ),
        pytest.param(
            (-0.004, 0.002, 0.008),
            f"the months Jan 2026 to Mar 2026 read 0.2{T}pp higher on average (from 0.4{T}pp "
            f"lower to 0.8{T}pp higher).",
            id="both ways",
        ),
        pytest.param(
            (-0.004, 0.004),
            f"the months Jan 2026 to Feb 2026 read the same on average (from 0.4{T}pp lower to "
            f"0.4{T}pp higher).",
            id="even",
        ),
        pytest.param((0.006,), f"Jan 2026 reads 0.6{T}pp higher.", id="one month"),
        pytest.param(
            (0.006, 0.006),
            f"the months Jan 2026 to Feb 2026 read 0.6{T}pp higher.",
            id="all the same",
        ),
    ],
)
def test_the_shift_is_said_with_the_months_it_is_of(shifts: tuple[float, ...], said: str) -> None:
    assert earlier_text(earlier(*shifts), RATE) == f"By the definition until 3 Oct 2026 {said}"


def test_when_it_held_why_it_ended_and_what_it_leaves_open_are_said() -> None:
    found = earlier(0.01, since=date(2026, 1, 1), because="Repeated tries count once.")
    open_ = EarlierDefinition(
        **vars(found)
        | {"months": (*found.months, MonthThen(month=date(2026, 2, 1), then=None, now=0.9))}
    )
    assert earlier_text(open_, RATE) == (
        "By the definition from 1 Jan 2026 until 3 Oct 2026 the months Jan 2026 to Feb 2026 read "
        f"1.0{T}pp higher. It gives no value for 1 month of them. Since then: Repeated tries count "
        "once."
    )


@pytest.mark.parametrize("reason", NotComparable)
def test_what_cannot_be_compared_says_why(reason: NotComparable) -> None:
    said = earlier_text(earlier(0.01, reason=reason, months=(), shift=None), RATE)
    assert said.startswith("The definition until 3 Oct 2026 cannot be set beside this one: ")


@pytest.mark.parametrize(
    ("field", "said"),
    [
        pytest.param(("target", 0.975, 0.97), f"target: 97.5{T}% → 97.0{T}%", id="in its unit"),
        pytest.param(("red_line", None, 0.9), f"red line: 90.0{T}%", id="new"),
        pytest.param(("agreed_by.it", "Ann", None), "agreed by, it: Ann → –", id="gone"),
        pytest.param(("is_critical", False, True), "is critical: no → yes", id="yes or no"),
        pytest.param(("lag_days", [0, 3], [0, 7]), "lag days: 0, 3 → 0, 7", id="a list"),
        pytest.param(
            ("sentence", "Old words.", "New words."),
            "sentence: “Old words.” → “New words.”",
            id="a sentence",
        ),
    ],
)
def test_a_field_is_told_before_and_after(field: tuple, said: str) -> None:
    name, before, after = field
    assert field_text(FieldChange(field=name, before=before, after=after), RATE) == said

"""What it would take, in sentences: nothing is promised that the numbers do not hold."""

import pytest

from kpi_engine.maths.intervals import Estimate
from kpi_engine.services.goal_seek import GoalSeek, Needed
from kpi_engine.terms import Reach
from kpi_engine.words import goal_seek as words
from tests.factories import reading
from tests.unit.test_words_whatif import lever

TO_BRING = "To bring checkout success to 97.5 %:"


def needed(reach: str, value: float | None = None) -> Needed:
    return Needed(reach=Reach(reach), value=value)


def sought(best: Needed, likely: Needed, sure: Needed, **fields: object) -> GoalSeek:
    """Checkout success at 96.2 %, to be brought to 97.5 % by fewer minutes of downtime."""
    given = {
        "outcome": reading(0.962),
        "as_of": 1,
        "lever": lever(),
        "goal": 0.975,
        "before": Estimate.exact(0.962),
        "settings": {},
        "set_to": 142.0,
        "as_set": Estimate.exact(0.962),
        "is_reached": False,
        "is_sure": False,
        "best": best,
        "likely": likely,
        "sure": sure,
        "edge": 13.0,
        "at_edge": Estimate(low=0.966, mid=0.968, high=0.97),
    }
    return GoalSeek(**{**given, **fields})


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        pytest.param(
            sought(needed("seen", 80), needed("seen", 60), needed("seen", 40)),
            f"{TO_BRING} **minutes of downtime about 60 min** (now 142 min). "
            "With luck 80 min will do. To be sure it takes 40 min.",
            id="as a range",
        ),
        pytest.param(
            sought(*[needed("seen", 60)] * 3, settings={"x": 1}),
            "To bring checkout success to 97.5 % with the other measures as they are set: "
            "**minutes of downtime about 60 min** (now 142 min).",
            id="beside others",
        ),
        pytest.param(
            sought(needed("seen", 80), needed("seen", 60), needed("never")),
            f"{TO_BRING} **minutes of downtime about 60 min** (now 142 min). "
            "With luck 80 min will do. Nothing that it can be makes that sure.",
            id="never sure",
        ),
        pytest.param(
            sought(needed("seen", 20), needed("unseen", 10), needed("unseen", 2)),
            f"{TO_BRING} **minutes of downtime about 10 min** (now 142 min). "
            "With luck 20 min will do. To be sure it takes 2 min, where it never was. That was "
            "never seen: in the data it went from 13 min to 142 min. Beyond that the effect is a "
            "guess.",
            id="never seen",
        ),
        pytest.param(
            sought(needed("seen", 14), needed("never"), needed("never")),
            "**Minutes of downtime alone is unlikely to bring checkout success to 97.5 %.** "
            "With 13 min it would be about 96.8 % (likely 96.6 % to 97.0 %). "
            "With luck 14 min will do.",
            id="not by itself",
        ),
        pytest.param(
            sought(needed("never"), needed("never"), needed("never"), edge=None, at_edge=None),
            "**Minutes of downtime alone cannot bring checkout success to 97.5 %.** Turning it "
            "makes nothing better.",
            id="no way",
        ),
        pytest.param(
            sought(*[needed("already", 142)] * 3),
            "",
            id="there already",
        ),
        pytest.param(
            sought(
                needed("already", 142),
                needed("already", 142),
                needed("seen", 90),
                settings={"x": 1},
            ),
            "To be sure it takes minutes of downtime of 90 min.",
            id="there but for doubt",
        ),
        pytest.param(
            sought(needed("already", 142), needed("already", 142), needed("never")),
            "Nothing that minutes of downtime can be makes that sure.",
            id="there and never sure",
        ),
        pytest.param(
            sought(*[needed("seen", 60)] * 3, set_to=0.0),
            f"{TO_BRING} **minutes of downtime about 60 min** (set to 0 min, in October 2026 142 "
            "min).",
            id="turned further than it takes",
        ),
        pytest.param(
            sought(*[needed("already", 142)] * 3, set_to=0.0, before=Estimate.exact(0.9781)),
            "With minutes of downtime at 142 min, as in October 2026, checkout success would be at "
            "97.8 %: 97.5 % is reached without turning it.",
            id="turned for nothing",
        ),
    ],
)
def test_what_it_would_take_is_said_with_how_sure_that_is(found: GoalSeek, sentence: str) -> None:
    assert words.sentence(found, currency="$").replace("\u202f", " ") == sentence


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        pytest.param({}, "", id="not reached"),
        pytest.param(
            {"as_set": Estimate.exact(0.9801), "is_sure": True},
            "Checkout success is at 98.0 %: 97.5 % is reached already. Nothing more has to change.",
            id="as it is",
        ),
        pytest.param(
            {
                "as_set": Estimate(low=0.972, mid=0.981, high=0.99),
                "settings": {"x": 1},
            },
            "Checkout success would be at 98.1 % with the measures as they are set: 97.5 % is "
            "reached already. Likely it is 97.2 % to 99.0 %.",
            id="likely, as it is set",
        ),
    ],
)
def test_a_goal_that_is_reached_is_said_with_where_the_outcome_stands(
    fields: dict[str, object], sentence: str
) -> None:
    found = sought(*[needed("already", 142)] * 3, is_reached=bool(fields), **fields)
    assert words.reached(found, currency="$").replace("\u202f", " ") == sentence


def test_what_is_set_so_already_is_not_asked_for_again():
    """That the goal is reached as it is set stands above."""
    at = [needed("seen", 60.0)] * 3
    done = sought(*at, set_to=60.0, as_set=Estimate.exact(0.975), is_reached=True, is_sure=True)
    assert words.sentence(done, currency="$") == ""
    assert words.reached(done, currency="$").endswith("Nothing more has to change.")
    more = sought(*at, set_to=40.0, as_set=Estimate.exact(0.98), is_reached=True, is_sure=True)
    assert "about 60" in words.sentence(more, currency="$")


def test_a_value_is_told_from_the_goal_that_it_misses():
    """With the digits of the measure all of it would be 97.5 %."""
    end = Estimate(low=0.97493, mid=0.97494, high=0.97496)
    found = sought(*[needed("never")] * 3, at_edge=end)
    assert "about 97.49\u202f% (likely 97.49\u202f% to 97.496\u202f%)" in words.sentence(
        found, currency="$"
    )

import pytest

from kpi_engine.mapping.watermelon import (
    Disagreement,
    DriverRecord,
    OutcomeRecord,
    ranked,
    watermelon,
)
from kpi_engine.terms import EvidenceGrade, Status, Variation

ON, NEAR, OFF = Status.ON_TARGET, Status.NEAR_TARGET, Status.OFF_TARGET
NOT_JUDGED, NO_DATA = Status.NOT_JUDGED, Status.NO_DATA


def outcome(status, *, variation=Variation.USUAL, metric="biz.demo_ok", score=2.0):
    return OutcomeRecord(
        metric=metric,
        label="Seamless demos",
        status=status,
        variation=variation,
        target="95 %",
        score=score,
    )


def driver(*statuses, label="Office network", grade=EvidenceGrade.D, allows="", has_helped=False):
    return DriverRecord(
        label=label, grade=grade, statuses=statuses, allows=allows, has_helped=has_helped
    )


ALL, MAIN, REVERSE = (
    Disagreement.ALL_DRIVERS_ON_TARGET,
    Disagreement.MAIN_DRIVER_ON_TARGET,
    Disagreement.DRIVERS_OFF_TARGET,
)


@pytest.mark.parametrize(
    ("found", "drivers", "expected"),
    [
        pytest.param(outcome(OFF), [driver(ON, ON, ON)], ALL, id="green over red"),
        pytest.param(outcome(OFF), [driver(ON, OFF, ON)], ALL, id="on target twice in three"),
        pytest.param(outcome(OFF), [driver(ON, OFF, OFF)], None, id="on target once in three"),
        pytest.param(outcome(OFF), [driver(ON)], None, id="one month says nothing"),
        pytest.param(
            outcome(NEAR, variation=Variation.WORSE), [driver(ON, ON, ON)], ALL, id="worse counts"
        ),
        pytest.param(outcome(NEAR), [driver(ON, ON, ON)], None, id="near target is no shortfall"),
        pytest.param(
            outcome(OFF), [driver(ON, ON, ON), driver(NEAR, NEAR, NEAR)], MAIN, id="main one only"
        ),
        pytest.param(
            outcome(OFF), [driver(NEAR, NEAR, NEAR), driver(ON, ON, ON)], None, id="second only"
        ),
        pytest.param(
            outcome(OFF), [driver(ON, ON, ON), driver(NOT_JUDGED)], ALL, id="unjudged do not count"
        ),
        pytest.param(
            outcome(OFF), [driver(ON, ON, OFF)], None, id="what the page shows now is off target"
        ),
        pytest.param(outcome(OFF), [driver(ON, ON, NO_DATA)], None, id="no data is not fine"),
        pytest.param(
            outcome(OFF), [driver(ON, ON, NO_DATA), driver(ON, ON, ON)], ALL, id="one has no data"
        ),
        pytest.param(
            outcome(OFF),
            [driver(ON, ON, ON, has_helped=True), driver(OFF, OFF, OFF)],
            None,
            id="a main driver that helped is not to blame",
        ),
        pytest.param(outcome(ON), [driver(OFF, OFF, ON)], None, id="reverse, but fine now"),
        pytest.param(outcome(OFF), [], None, id="no drivers"),
        pytest.param(outcome(OFF), [driver(NOT_JUDGED)] * 2, None, id="no driver has a target"),
        pytest.param(outcome(ON), [driver(OFF, OFF, OFF)], REVERSE, id="reverse"),
        pytest.param(outcome(ON), [driver(OFF, ON, ON)], None, id="all fine"),
    ],
)
def test_disagreements_are_found(found, drivers, expected):
    result = watermelon(found, drivers)

    assert (result.disagreement if result else None) is expected


def test_the_sentence_says_how_many_measures_look_fine():
    result = watermelon(outcome(OFF), [driver(ON, ON, ON)] * 2)

    assert result.sentence == (
        "Both linked IT measures are on target, yet the outcome is off target: "
        "what moves it is not being measured yet."
    )


@pytest.mark.parametrize(
    ("with_data", "without", "start"),
    [
        pytest.param(
            2,
            1,
            "Both linked IT measures that have data this month are on target (one has none), yet",
            id="one of three",
        ),
        pytest.param(
            1,
            2,
            "The only linked IT measure that has data this month is on target (2 have none), yet",
            id="two of three",
        ),
        pytest.param(
            3,
            1,
            "All 3 linked IT measures that have data this month are on target (one has none), yet",
            id="one of four",
        ),
    ],
)
def test_a_measure_without_data_is_not_counted_among_the_fine_ones(with_data, without, start):
    drivers = [*[driver(ON, ON, NO_DATA)] * without, *[driver(ON, ON, ON)] * with_data]

    result = watermelon(outcome(OFF), drivers)

    assert result.sentence.startswith(start)
    assert result.missing == without


def test_the_weaker_form_says_what_the_it_target_lets_through():
    allows = "An availability target of 99.50 % allows 223 minutes of downtime a month"

    result = watermelon(outcome(OFF), [driver(ON, ON, ON, allows=allows), driver(OFF, OFF, OFF)])

    assert result.sentence == f"{allows}, too much for a seamless demos target of 95 %."


def test_the_reverse_doubts_the_target_and_the_link():
    network, access = driver(OFF, OFF, OFF), driver(OFF, OFF, OFF, label="VPN access")

    result = watermelon(outcome(ON), [network, access])

    assert result.sentence == (
        "The targets for office network and VPN access are missed, yet the outcome is on target: "
        "the IT target may be stricter than the business needs, or the link is wrong."
    )
    assert result.rank == 0


def test_a_larger_shortfall_on_better_evidence_comes_first():
    """Half a score missing on grade A outranks everything missing on grade D."""
    strong = watermelon(
        outcome(OFF, metric="biz.tx_success", score=3.0),
        [driver(ON, ON, ON, grade=EvidenceGrade.A)],
    )
    weak = watermelon(outcome(OFF, score=0.0), [driver(ON, ON, ON)])

    assert [one.metric for one in ranked([weak, strong])] == ["biz.tx_success", "biz.demo_ok"]

"""Mistakes in an initiative."""

from pathlib import Path

import pytest

from kpi_engine.terms import Severity
from tests.unit.definitions import INITIATIVE, METRICS, errors_of, findings_of

SPEED = "{metric: it.lead_time, sign: -1, change: {low: -8, high: -2}}"
PROFIT = "{metric: biz.revenue, sign: 1}"


@pytest.mark.parametrize(
    ("old", "new", "field", "sentence"),
    [
        pytest.param(
            "metric: it.lead_time",
            "metric: it.leadtime",
            "moves",
            "There is no metric called 'it.leadtime'. Did you mean 'it.lead_time'?",
            id="an unknown metric",
        ),
        pytest.param(
            PROFIT,
            "{metric: biz.revenue, sign: 1, segment: {shop: North}}",
            "moves",
            "biz.revenue cannot be sliced by 'shop'.",
            id="a part it does not have",
        ),
        pytest.param(
            "{low: -8, high: -2}",
            "{low: -8, high: 2}",
            "moves",
            "it.lead_time should go down (sign -1), by -8 to 2. Both ends must lie on that side of "
            "zero.",
            id="a change across zero",
        ),
        pytest.param(
            "{low: -8, high: -2}",
            "{low: -2, high: -8}",
            "moves.1.change",
            "low must not be above high: a fall of 3 to 5 is -5 to -3.",
            id="ends the wrong way round",
        ),
        pytest.param(
            f"      - {PROFIT}",
            f"      - {PROFIT}\n      - {PROFIT}",
            "moves",
            "biz.revenue stands twice. What is expected of a metric is said once.",
            id="expected twice",
        ),
        pytest.param(
            "    owner: Ann",
            "    controls: [{metric: biz.revenue}]\n    owner: Ann",
            "controls",
            "biz.revenue is among what it should move. A control is what the initiative does not "
            "touch.",
            id="a control that it touches",
        ),
        pytest.param(
            "due: 2026-12-31",
            "due: 2026-03-31",
            "",
            "due must be at least 3 months after it is fully in force: before that nothing can be "
            "told.",
            id="no time to work",
        ),
        pytest.param(
            "sign: -1", "sign: 0", "moves.1.sign", "0 is not one of -1 or 1.", id="no direction"
        ),
        pytest.param(
            "    owner: Ann\n",
            "",
            "owner",
            "Missing. Every initiative that has this part needs 'owner'.",
            id="nobody answers for it",
        ),
        pytest.param(
            "starts:", "begins:", "begins", "'begins' is not a field here.", id="an unknown field"
        ),
    ],
)
def test_a_mistake_is_one_finding_that_says_the_rule(
    tmp_path: Path, old: str, new: str, field: str, sentence: str
) -> None:
    text = INITIATIVE.replace(old, new, 1)
    assert text != INITIATIVE
    place = ", ".join(part for part in ("initiatives.yaml", "fewer_steps", field) if part)
    found = dict(errors_of(tmp_path, initiatives=text))
    assert sentence in found[place]


def test_what_is_taken_by_the_quarter_cannot_be_compared_by_the_month(tmp_path: Path) -> None:
    metrics = METRICS.replace("    goal: Grow\n", "    goal: Grow\n    cadence: quarter\n")
    assert errors_of(tmp_path, metrics=metrics) == [
        (
            "initiatives.yaml, fewer_steps, moves",
            "biz.revenue is taken by the quarter; before and after are compared month by month.",
        )
    ]


def test_agreeing_after_the_start_is_worth_a_warning(tmp_path: Path) -> None:
    found = findings_of(tmp_path, initiatives=INITIATIVE.replace("2025-12-01", "2026-02-01"))
    (warning,) = [one for one in found if one.severity is Severity.WARNING]
    assert warning.sentence == "It was agreed on 2026-02-01, after it had begun on 2026-01-01."


def test_all_mistakes_are_found_at_once(tmp_path: Path) -> None:
    text = INITIATIVE.replace("it.lead_time", "it.leadtime")
    second = text.replace("fewer_steps", "more_steps").removeprefix("initiatives:\n")
    places = [place for place, _ in errors_of(tmp_path, initiatives=text + second)]
    assert [place.split(", ")[1] for place in places] == ["fewer_steps", "more_steps"]

"""Mistakes in a link, or in the assumption that values it."""

from pathlib import Path

import pytest

from kpi_engine.terms import Severity
from tests.unit.definitions import ASSUMPTION, LINK, errors_of, findings_of


@pytest.mark.parametrize(
    ("old", "new", "field", "sentence"),
    [
        pytest.param(
            "driver: it.lead_time",
            "driver: it.leadtime",
            "driver",
            "There is no metric called 'it.leadtime'. Did you mean 'it.lead_time'?",
            id="an unknown driver",
        ),
        pytest.param(
            "outcome: biz.revenue",
            "outcome: it.lead_time",
            "outcome",
            "it.lead_time is on the side 'it'. A link leads to a business outcome.",
            id="an IT measure as outcome",
        ),
        pytest.param(
            "    driver: it.lead_time",
            "    driver: it.lead_time\n    driver_segment: {service: Shop}",
            "driver_segment",
            "it.lead_time cannot be sliced by 'service'.",
            id="a part the driver does not have",
        ),
        pytest.param(
            "grade: E\n    reachable",
            "grade: D\n    money: {assumptions: [margin]}\n    reachable",
            "assumptions",
            "There is no assumption called 'margin'. Did you mean 'margin_share'?",
            id="an unknown assumption",
        ),
        pytest.param(
            "reachable_grade: C",
            "reachable_grade: E",
            "reachable_grade",
            "E is weaker than the grade it has, D.",
            id="a grade that can only fall",
        ),
        pytest.param(
            "sign: -1",
            "sign: 0",
            "sign",
            "Sign 0 says that one does not move the other: it goes with the grade contradicted.",
            id="no sign without contradiction",
        ),
        pytest.param(
            "grade: E\n    reachable",
            "grade: B\n    reachable",
            "",
            "an influence link cannot be declared A or B: that must be earned.",
            id="an influence that claims proof",
        ),
        pytest.param(
            "kind: influence",
            "kind: identity",
            "kind",
            "An identity is arithmetic: the driver is a part of the outcome's measure, or money "
            "says how it becomes that.",
            id="an identity without arithmetic",
        ),
        pytest.param(
            "kind: influence",
            "kind: influence\n    counting: {kind: lost_ordres, recovered_share: margin_share}",
            "counting",
            "'lost_ordres' is not one of lost_orders, lost_hours, disturbed_share, "
            "part_of_duration. Did you mean 'lost_orders'?",
            id="an unknown way of counting",
        ),
    ],
)
def test_a_mistake_in_a_link_is_named(
    tmp_path: Path, old: str, new: str, field: str, sentence: str
) -> None:
    text = LINK.replace("grade: E", "grade: D") if field == "reachable_grade" else LINK
    assert old in text
    place = ", ".join(part for part in ("links.yaml", "lead_time_to_revenue", field) if part)
    assert (place, sentence) in errors_of(tmp_path, links=text.replace(old, new))


def test_what_one_mechanism_costs_is_counted_once(tmp_path: Path) -> None:
    impact = LINK.replace(
        "kind: influence",
        "kind: impact\n    counting: {kind: lost_orders, recovered_share: margin_share}",
    )
    second = impact.removeprefix("links:\n").replace("lead_time_to_revenue", "again")
    assert errors_of(tmp_path, links=impact + second) == [
        (
            "links.yaml, again, counting",
            "lost_orders into biz.revenue is counted by lead_time_to_revenue already. What one "
            "mechanism costs is counted once; make this an influence.",
        )
    ]


def test_an_assumption_keeps_its_range_in_order_and_has_a_date(tmp_path: Path) -> None:
    text = ASSUMPTION.replace("mid: 0.3", "mid: 0.5")
    assert errors_of(tmp_path, assumptions=text) == [
        ("assumptions.yaml, margin_share", "low, mid and high must not decrease.")
    ]


def test_an_assumption_expires_on_a_day_of_the_calendar(tmp_path: Path) -> None:
    text = ASSUMPTION.replace("2027-12-31", "next year")
    assert errors_of(tmp_path, assumptions=text) == [
        (
            "assumptions.yaml, margin_share, expires",
            "'next year' found: a date such as 2026-01-01 is expected.",
        )
    ]


def test_what_nobody_needs_is_a_note(tmp_path: Path) -> None:
    found = findings_of(tmp_path, links="links: []\n")
    assert [(f.place, f.sentence) for f in found if f.severity is Severity.NOTE] == [
        ("metrics.yaml, biz.revenue", "Nothing in IT is linked to Net revenue."),
        ("metrics.yaml, it.lead_time", "From finished change to live serves no outcome."),
        ("assumptions.yaml, margin_share", "No link uses this assumption."),
    ]

"""The table of edges on the Catalogue page, against statuses worked out by hand."""

import pytest

from kpi_engine.terms import Status
from kpi_engine.words.statuses import EDGES, judged, status_rows

ON, NEAR, OFF = Status.ON_TARGET, Status.NEAR_TARGET, Status.OFF_TARGET
T = "\u202f"
EXPECTED = {
    "Better than its target": ON,
    "Exactly on its target": ON,
    "Just short of it": NEAR,
    "Exactly on the red line": NEAR,
    "Just past the red line": OFF,
    "Zero": OFF,
    "Missing": Status.NO_DATA,
    "Lower is better, exactly on its target": ON,
    "Lower is better, exactly on the red line": NEAR,
    "Lower is better, just past the red line": OFF,
    "A range, at its lower end": ON,
    "A range, above its upper end": NEAR,
    "A range, on its outer red line": NEAR,
    "A range, past its outer red line": OFF,
    "Near 100 %, exactly on its target": ON,
    "Near 100 %, half as much again failed": NEAR,
    "Near 100 %, three times as much failed": OFF,
    "A share of few": OFF,
    "The same share of many": OFF,
    "Nobody agreed the target": OFF,
    "No target": Status.NOT_JUDGED,
    "No direction is good": Status.NOT_JUDGED,
}


@pytest.mark.parametrize("edge", EDGES, ids=lambda edge: edge.case)
def test_every_edge_is_judged_as_worked_out_by_hand(edge):
    assert judged(edge).status is EXPECTED[edge.case]


def test_no_case_is_missing_and_printed_values_never_contradict_their_status():
    rows = {row["Case"]: row for row in status_rows()}
    assert set(rows) == set(EXPECTED)
    assert rows["Just short of it"]["Value"] == f"97.49{T}%"
    assert rows["Just past the red line"]["Value"] == f"96.49{T}%"
    assert rows["Lower is better, just past the red line"]["Value"] == f"28.01{T}h"
    assert rows["A range, past its outer red line"]["Value"] == f"85.1{T}%"


def test_what_else_is_said_is_said_of_those_cases_only():
    rows = {row["Case"]: row["Also said"] for row in status_rows()}
    assert rows["A share of few"] == "not distinguishable from target"
    assert rows["The same share of many"] == ""
    assert rows["Near 100 %, half as much again failed"] == (
        f"150{T}% of the failures that the target allows"
    )

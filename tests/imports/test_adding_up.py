"""Tables with several rows a number: the last counts with a warning, or all are added."""

from datetime import date
from pathlib import Path

import pytest

from kpi_engine.imports.overrides import Overrides
from kpi_engine.services import imports
from kpi_engine.services.import_results import Preview
from tests.desk import ME, NOW, Desk, fates

ADDED = Overrides(adds=True)
SPEND = """\
Month,Supplier,Revenue
2026-09,A,100.10
2026-09,B,200.20
2026-10,A,50
2026-10,A,50
"""
SEP, OCT = date(2026, 9, 1), date(2026, 10, 1)


def preview(desk: Desk, text: str, said: Overrides = ADDED) -> Preview:
    wide = Overrides(adds=said.adds, columns={"biz.revenue": "Revenue", "period": "Month"})
    path = desk.write(text)
    chosen = wide if "Revenue" in text else said
    return imports.preview(desk.ws, path, actor=ME, now=NOW, overrides=chosen)


def save(desk: Desk, shown: Preview) -> None:
    imports.commit(desk.ws, shown, actor=ME, now=NOW)


def test_rows_of_the_same_month_are_added_and_every_one_is_accounted_for(desk: Desk) -> None:
    shown = preview(desk, SPEND)
    assert fates(shown) == {"new": 4}
    assert "Rows of the same measure, part and period are added up." in shown.decisions
    assert not any("contradict" in finding.sentence for finding in shown.findings)
    save(desk, shown)
    assert desk.values("biz.revenue") == {SEP: pytest.approx(300.30), OCT: 100}


def test_the_same_file_again_changes_nothing(desk: Desk) -> None:
    save(desk, preview(desk, SPEND))
    assert preview(desk, SPEND).changes_nothing


def test_unless_somebody_says_so_the_last_row_counts_with_a_warning(desk: Desk) -> None:
    shown = preview(desk, SPEND, Overrides())
    assert fates(shown) == {"new": 2, "duplicate": 2}
    (warning,) = [f for f in shown.findings if "contradict" in f.sentence]
    assert warning.place == "2 numbers for Net revenue, September 2026"


def test_it_is_remembered_for_the_next_file_of_the_source(desk: Desk) -> None:
    save(desk, preview(desk, SPEND))
    path: Path = desk.write(SPEND.replace("2026-", "2025-"))
    again = imports.preview(desk.ws, path, actor=ME, now=NOW)
    assert fates(again) == {"new": 4}


def test_shares_are_added_by_their_parts_and_never_as_shares(desk: Desk) -> None:
    parts = "period,metric,numerator,denominator\n2026-10,biz.csat,8,10\n2026-10,biz.csat,1,10\n"
    bare = "period,metric,value\n2026-10,biz.csat,0.8\n2026-10,biz.csat,0.1\n"
    refused = preview(desk, bare)
    assert fates(refused) == {"rejected": 2}
    assert {finding.sentence for finding in refused.findings} == {
        "Several rows are about the same day, and only one can be all of it."
    }
    save(desk, preview(desk, parts))
    assert desk.values("biz.csat") == {OCT: pytest.approx(0.45)}

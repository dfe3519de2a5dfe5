"""The mistake: averaging percentages. A quiet month then weighs as much as a busy one."""

from datetime import date

import pytest

from kpi_engine.services.month_readings import read_readings
from kpi_engine.services.series import wanted
from tests.services.tiny import open_workspace, save

FEBRUARY = date(2026, 2, 1)


@pytest.fixture
def ws(tmp_path):
    found = open_workspace(tmp_path / "home", scorecard=["biz.demo_ok"])
    yield found
    found.close()


def read(ws, month=FEBRUARY):
    (found,) = read_readings(ws, [wanted("biz.demo_ok")], month=month)
    return found


def test_days_fold_to_a_month_by_their_parts(ws):
    """1 of 2 and 90 of 100 are 91 of 102, which is 89.2 %; their mean would be 70 %."""
    header = "period,metric,segment,numerator,denominator"
    rows = [("2026-02-03", "biz.demo_ok", "", 1, 2), ("2026-02-04", "biz.demo_ok", "", 90, 100)]
    save(ws, header, rows)

    assert read(ws).value == pytest.approx(91 / 102)


def test_months_fold_to_a_year_by_their_parts(ws):
    header = "period,metric,segment,numerator,denominator"
    rows = [("2026-01", "biz.demo_ok", "", 1, 2), ("2026-02", "biz.demo_ok", "", 90, 100)]
    save(ws, header, rows)

    assert read(ws).year_to_date == pytest.approx(91 / 102)


def test_percentages_without_their_parts_have_no_year(ws):
    rows = [("2026-01", "biz.demo_ok", "", 0.5), ("2026-02", "biz.demo_ok", "", 0.9)]
    save(ws, "period,metric,segment,value", rows)

    found = read(ws)

    assert found.value == 0.9
    assert found.year_to_date is None

"""The mistake: averaging percentages. A quiet month then weighs as much as a busy one."""

from datetime import date
from pathlib import Path

import pytest

from kpi_engine.services.month_readings import read_readings
from kpi_engine.services.series import wanted
from kpi_engine.terms import Grain
from tests.bare import bare_rows
from tests.desk import Desk
from tests.services.tiny import open_workspace, save

EXPECTED = Path(__file__).with_name("averaged_averages.sql")
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


def test_rates_per_week_fold_by_their_days(desk: Desk):
    """28 releases in February alone: 28 in the 90 days of the quarter, not a third of 7 a week."""
    releases = [f"F{day},2026-02-{day:02d}" for day in range(1, 29)]
    around = ["J1,2026-01-31", "M1,2026-03-31"]
    rows = "".join(f"{release}T10:00:00Z,production,false\n" for release in releases + around)
    desk.save("deployment_id,finished_at,environment,caused_incident\n" + rows)

    assert desk.values("it.deploy_freq")[FEBRUARY] == pytest.approx(7.0)
    (quarter,) = desk.values("it.deploy_freq", grain=Grain.QUARTER).values()
    assert quarter == pytest.approx(30 / (90 / 7))


@pytest.mark.parametrize("metric", ["biz.tx_success", "it.availability"])
def test_in_the_sample_company_every_period_is_the_share_of_the_sums(
    sample: Desk, shut_sample: Path, metric: str
):
    rows = [row[1:] for row in bare_rows(shut_sample, EXPECTED) if row[0] == metric]
    shown = {
        (grain, period): value
        for grain in (Grain.MONTH, Grain.QUARTER, Grain.YEAR)
        for period, value in sample.values(metric, grain=grain).items()
    }

    for grain, period, share, _ in rows:
        assert shown[grain, period] == pytest.approx(share, rel=1e-12), (grain, period)
    assert sum(abs(share - mean) > 1e-6 for *_, share, mean in rows) > len(rows) / 2

"""How recent a metric is depends on its own facts, not on the file they came in."""

from datetime import date

from kpi_engine.services.completeness import arrivals
from kpi_engine.services.look import Look
from tests.services.tiny import days, open_workspace, save, values


def through(ws):
    with ws.reading() as conn:
        look = Look(conn=conn, catalogue=ws.catalogue, as_of=ws.newest())
        return {name: one.data_through for name, one in arrivals(look).items()}


def test_one_file_may_reach_further_in_one_metric_than_in_another(tmp_path):
    ws = open_workspace(tmp_path / "home")
    rows = [(day, "biz.orders", "", 10) for day in days("2026-10-01", "2026-10-31")]
    rows += [(day, "base.sessions", "", 100) for day in days("2026-10-01", "2026-10-10")]
    save(ws, "period,metric,segment,value", rows)

    found = through(ws)
    assert found["biz.orders"] == date(2026, 10, 31)
    assert found["base.sessions"] == date(2026, 10, 10)
    ws.close()


def test_a_correction_of_an_early_day_does_not_make_a_metric_older(tmp_path):
    ws = open_workspace(tmp_path / "home")
    values(ws, "biz.orders", dict.fromkeys(days("2026-10-01", "2026-10-31"), 10))
    values(ws, "biz.orders", {"2026-10-03": 12}, at="2026-11-05 08:00")

    assert through(ws)["biz.orders"] == date(2026, 10, 31)
    ws.close()


def test_a_figure_of_a_whole_month_reaches_to_its_end(tmp_path):
    ws = open_workspace(tmp_path / "home")
    values(ws, "biz.orders", {"2026-10": 300})

    assert through(ws)["biz.orders"] == date(2026, 10, 31)
    ws.close()

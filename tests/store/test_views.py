"""Views for those who ask with SQL: documented, and the same numbers as everywhere else."""

from pathlib import Path

import pytest

from kpi_engine.catalogue.load import load_catalogue
from kpi_engine.services import sql
from kpi_engine.services.facts import read_facts
from kpi_engine.store.tables import column_type
from kpi_engine.store.views import documented_views
from kpi_engine.terms import Grain
from kpi_engine.workspace import SHIPPED
from tests.desk import ME, NOW, Desk

VIEWS = documented_views(load_catalogue(SHIPPED / "definitions", recipes=SHIPPED / "recipes"))
DOCUMENT = (Path(__file__).parents[2] / "docs" / "sql.md").read_text(encoding="utf-8")
TIDY = "period,metric,segment,value\n"


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_every_view_is_documented_column_by_column(view) -> None:
    said = DOCUMENT.partition(f"**`{view.name}`**")[2].partition("\n**`")[0]
    assert view.sentence[1:] in said
    for column in view.columns:
        assert f"| `{column.name}` | {column.sentence} |" in said


def test_every_view_holds_what_it_says_it_holds(desk: Desk) -> None:
    kinds = {"TEXT": "VARCHAR", "DOUBLE PRECISION": "DOUBLE", "INTEGER": "BIGINT"}
    kinds["TIMESTAMP WITHOUT TIME ZONE"] = "TIMESTAMP"
    each = (
        f"SELECT '{view.name}' AS view, column_name, column_type FROM (DESCRIBE {view.name})"  # noqa: S608
        for view in VIEWS
    )
    found = sql.run(desk.ws, "\nUNION ALL ".join(each), actor=ME, now=NOW)
    held = {(view, name): kinds.get(of, of) for view, name, of in found.rows}
    dialect = desk.ws.engine.dialect
    said = {
        (view.name, one.name): str(column_type(one.of)().compile(dialect))
        for view in VIEWS
        for one in view.columns
    }
    assert held == {column: kinds.get(of, of) for column, of in said.items()}


def test_readings_are_those_of_the_pages_also_after_an_update_and_an_undo(desk: Desk) -> None:
    def asked() -> dict[object, object]:
        text = "SELECT period, value FROM readings WHERE metric = 'biz.orders' AND grain = 'month'"
        return dict(sql.run(desk.ws, text, actor=ME, now=NOW).rows)

    def shown() -> dict[object, object]:
        found = read_facts(desk.ws, "biz.orders", grain=Grain.MONTH)
        return {str(one.period): one.value for one in found.values}

    desk.save(TIDY + "2026-08,biz.orders,all,1\n2026-09,biz.orders,all,2\n")
    assert asked() == shown() == {"2026-08-01": 1, "2026-09-01": 2}
    desk.save(TIDY + "2026-09,biz.orders,all,5\n2026-10,biz.orders,all,6\n")
    assert asked() == shown() == {"2026-08-01": 1, "2026-09-01": 5, "2026-10-01": 6}
    desk.undo(2)
    assert asked() == shown() == {"2026-08-01": 1, "2026-09-01": 2}
    desk.undo(3)
    assert asked() == shown() == {"2026-08-01": 1, "2026-09-01": 5, "2026-10-01": 6}
    facts = sql.run(desk.ws, "SELECT numerator FROM facts ORDER BY 1", actor=ME, now=NOW)
    assert facts.rows == ((1.0,), (5.0,), (6.0,))


def test_segments_are_spelled_as_in_files(desk: Desk) -> None:
    desk.save(
        "period,metric,segment,numerator,denominator\n"
        "2026-10,it.sla,service=Online shop;team=Network,8,10\n"
        "2026-10,it.sla,all,9,10\n"
    )
    members = sql.run(desk.ws, "FROM segments ORDER BY ALL", actor=ME, now=NOW)
    both = "service=Online shop;team=Network"
    assert [row for row in members.rows if row[0] == both] == [
        (both, "service", "Online shop"),
        (both, "team", "Network"),
    ]
    spelled = sql.run(desk.ws, "SELECT DISTINCT segment FROM facts", actor=ME, now=NOW)
    assert {row[0] for row in spelled.rows} == {"all", both}

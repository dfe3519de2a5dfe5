"""A table with several rows a number is added up at the press of a button."""

from datetime import date
from pathlib import Path

from kpi_engine.workspace import Workspace
from tests.desk import Desk
from tests.pages.conftest import RunPage
from tests.pages.test_replacing import press

SPEND = "period,metric,value\n2026-09,biz.revenue,100\n2026-09,biz.revenue,250\n"


def test_repeated_rows_are_named_then_added_then_saved(run_page: RunPage, tmp_path: Path) -> None:
    home = tmp_path / "home"
    app = run_page("add_data", home=home)
    app.file_uploader[0].upload("spend.csv", SPEND.encode())
    app.run()
    assert any(button.label == "Save 1 row" for button in app.button)
    press(app, "Add repeated rows up")
    assert not app.exception
    press(app, "Save 2 rows")
    desk = Desk(Workspace.open(home), tmp_path / "dropped")
    assert desk.values("biz.revenue") == {date(2026, 9, 1): 350}
    desk.ws.close()


def test_a_table_without_repeated_rows_asks_nothing(run_page: RunPage, tmp_path: Path) -> None:
    app = run_page("add_data", home=tmp_path / "home")
    app.file_uploader[0].upload("spend.csv", SPEND.rsplit("\n", 2)[0].encode())
    app.run()
    assert not any(button.label == "Add repeated rows up" for button in app.button)

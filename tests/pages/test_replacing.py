"""A snapshot says what it would take out before it is saved."""

from pathlib import Path

from streamlit.testing.v1 import AppTest

from kpi_engine.workspace import Workspace
from tests.desk import Desk
from tests.pages.conftest import RunPage

HEAD = "period,metric,value\n"
WHOLE = HEAD + "2026-09,biz.orders,100\n2026-09,base.headcount,5\n"


def press(app: AppTest, label: str) -> None:
    next(button for button in app.button if button.label == label).click().run()


def test_what_a_snapshot_lacks_is_announced_and_then_taken_out(
    run_page: RunPage, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    desk = Desk(Workspace.open(home), tmp_path / "dropped")
    desk.save(WHOLE, "figures.csv")
    desk.ws.close()
    app = run_page("add_data", home=home)
    app.file_uploader[0].upload("figures.csv", (HEAD + "2026-09,biz.orders,100\n").encode())
    app.run()
    assert "nothing will change" in app.header[0].value
    press(app, "It is complete: take out the rest")
    assert not app.exception
    assert "1 row brought earlier is missing here and will be taken out" in app.header[0].value
    assert any("will be taken out" in said.value for said in app.markdown)
    press(app, "Take out 1 row")
    assert "1 row taken out as batch 2" in app.success[0].value


def test_whoever_thinks_better_of_it_keeps_everything(run_page: RunPage, tmp_path: Path) -> None:
    app = run_page("add_data", home=tmp_path / "home")
    app.file_uploader[0].upload("figures.csv", WHOLE.encode())
    app.run()
    press(app, "It is complete: take out the rest")
    press(app, "It is only a part: keep the rest")
    assert any(button.label == "Save 2 rows" for button in app.button)
    assert any(button.label == "It is complete: take out the rest" for button in app.button)

"""What a file would change is listed with the period each figure is from."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import RunPage
from tests.services.tiny import open_workspace

QUARTER = b"period,metric,segment,numerator,denominator\n2025-Q3,biz.tool_sat,all,40,50\n"
MONTH = b"period,metric,segment,value\n2025-07,biz.orders,all,40\n"


@pytest.mark.parametrize(
    ("file", "starts_in", "period"),
    [
        pytest.param(QUARTER, 1, "Q3 2025", id="by the quarter"),
        pytest.param(QUARTER, 4, "Q2 2025/26 (Jul 2025 to Sep 2025)", id="fiscal year from April"),
        pytest.param(MONTH, 1, "Jul 2025", id="by the month"),
    ],
)
def test_a_figure_is_said_to_be_from_its_month_or_quarter(
    run_page: RunPage, tmp_path: Path, file: bytes, starts_in: int, period: str
) -> None:
    home = tmp_path / "home"
    open_workspace(home, year_starts_in=starts_in).close()
    app = run_page("add_data", home=home)
    app.file_uploader[0].upload("figures.csv", file)
    app.run()
    assert not app.exception
    assert set(app.table[0].value["Period"]) == {period}
    next(button for button in app.button if button.label == "Save 1 row").click().run()
    assert f", {period}: " in app.success[0].value.replace("\\", "")


def test_an_undo_shows_what_it_changes_before_it_does(run_page: RunPage, tmp_path: Path) -> None:
    home = tmp_path / "home"
    open_workspace(home).close()
    app = run_page("add_data", home=home)
    app.file_uploader[0].upload("figures.csv", MONTH)
    app.run()
    press(app, "Save 1 row")
    press(app, "Undo this save")
    assert not app.exception
    row = app.table[0].value.iloc[0]
    assert (row["Period"], row["Now"], row["Afterwards"]) == ("Jul 2025", "40", "**no data**")
    press(app, "Keep it")
    assert not app.table
    assert "1 row saved as batch 1" in app.success[0].value
    press(app, "Undo this save")
    press(app, "Undo this import")
    assert "Batch 1 is undone" in app.success[0].value
    assert "40 before, no data now" in app.success[0].value


def test_changed_rows_stand_beside_what_is_stored(run_page: RunPage, tmp_path: Path) -> None:
    home = tmp_path / "home"
    open_workspace(home).close()
    app = run_page("add_data", home=home)
    app.file_uploader[0].upload("figures.csv", MONTH)
    app.run()
    press(app, "Save 1 row")
    app.file_uploader[0].upload("figures.csv", MONTH.replace(b"40", b"41"))
    app.run()
    assert not app.exception
    changed = next(frame.value for frame in app.dataframe if "Stored" in frame.value)
    assert changed.values.tolist() == [["Orders, July 2025", "value", "40", "41"]]
    assert any(one.label == "Download 1 row that changes" for one in app.get("download_button"))


def press(app: AppTest, label: str) -> None:
    next(button for button in app.button if button.label == label).click().run()

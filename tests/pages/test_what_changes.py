"""What a file would change is listed with the period each figure is from."""

from pathlib import Path

import pytest

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

"""Data without a complete month: shown as provisional, never as if nothing were here."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from kpi_engine.actors import local_actor
from kpi_engine.services import imports, undoing
from kpi_engine.workspace import Workspace
from tests.pages.conftest import RunPage

ME = local_actor("tester")
NOW = datetime(2026, 11, 5, 8, 0, tzinfo=UTC)
THREE_DAYS = "date,biz.orders\n2026-11-01,10\n2026-11-02,20\n2026-11-03,30\n"


@pytest.fixture
def open_month(tmp_path: Path) -> Path:
    """A store with three days of November and nothing else."""
    ws = Workspace.open(tmp_path / "home")
    file = tmp_path / "orders.csv"
    file.write_text(THREE_DAYS)
    imports.commit(ws, imports.preview(ws, file, actor=ME, now=NOW), actor=ME, now=NOW)
    ws.close()
    return tmp_path / "home"


@pytest.mark.parametrize("page", ["scorecard", "outcome"])
def test_a_month_that_has_not_closed_is_shown_with_what_has_arrived(
    run_page: RunPage, open_month: Path, page: str
) -> None:
    app = run_page(page, home=open_month)
    assert not app.exception
    assert not app.error
    assert "No outcomes yet" not in [heading.value for heading in app.subheader]
    assert "Try it with sample data" not in [button.label for button in app.button]
    assert "November 2026" in app.title[0].value
    assert any(
        text.value.replace("\\", "").startswith(
            "**November 2026 has not closed yet.** It closes on 3 Dec 2026. 0 of 1 measure is "
        )
        for text in app.markdown
    )


def test_a_store_whose_imports_were_all_undone_offers_no_sample_data(
    run_page: RunPage, open_month: Path
) -> None:
    ws = Workspace.open(open_month)
    undoing.undo(ws, 1, actor=ME, now=NOW)
    ws.close()
    app = run_page("scorecard", home=open_month)
    assert not app.exception
    assert [heading.value for heading in app.subheader] == ["No outcomes yet"]
    assert [button.label for button in app.button] == []
    assert [link.label for link in app.get("page_link")] == ["Add your own data"]


@pytest.mark.parametrize(
    ("role", "buttons"), [("viewer", []), ("steward", ["Try it with sample data"])]
)
def test_sample_data_are_offered_to_those_who_may_build_them(
    run_page: RunPage, tmp_path: Path, role: str, buttons: list[str]
) -> None:
    secrets: dict[str, object] = {
        "auth": {"client_id": "x"},
        "roles": {role: ["somebody@example.com"]},
    }
    user = {"email": "somebody@example.com", "email_verified": True}
    app = run_page("scorecard", home=tmp_path / "home", secrets=secrets, user=user)
    assert not app.exception
    assert [heading.value for heading in app.subheader] == ["No outcomes yet"]
    offered = [button.label for button in app.button if button.label != "Log out"]
    assert offered == buttons


@pytest.fixture
def half_a_month(tmp_path: Path) -> Path:
    """Revenue of the whole of October, and of three days of November."""
    ws = Workspace.open(tmp_path / "home")
    days = [f"2026-10-{day:02d}" for day in range(1, 32)] + [
        "2026-11-01",
        "2026-11-02",
        "2026-11-03",
    ]
    file = tmp_path / "revenue.csv"
    file.write_text("date,biz.revenue\n" + "".join(f"{day},100\n" for day in days))
    imports.commit(ws, imports.preview(ws, file, actor=ME, now=NOW), actor=ME, now=NOW)
    ws.close()
    return tmp_path / "home"


def test_pages_open_on_the_last_whole_month_and_offer_the_open_one(
    run_page: RunPage, half_a_month: Path
) -> None:
    app = run_page("scorecard", home=half_a_month)
    assert not app.exception
    assert "October 2026" in app.title[0].value
    assert app.selectbox(key="month").options == [
        "November 2026 (so far)",
        "October 2026 (latest)",
    ]


@pytest.mark.parametrize(
    ("page", "says"),
    [
        ("scorecard", "November 2026 so far, with data to 3 Nov 2026; sums are judged once"),
        (
            "outcome",
            "Net revenue came to $300 in the first 3 days of November 2026, the same as in",
        ),
        ("map", ""),
    ],
)
def test_the_open_month_is_marked_and_held_against_as_many_days(
    run_page: RunPage, half_a_month: Path, page: str, says: str
) -> None:
    query = {"month": "2026-11", "outcome": "biz.revenue"}
    app = run_page(page, home=half_a_month, query=query)
    assert not app.exception
    assert not app.error
    assert "November 2026 so far" in app.title[0].value
    assert app.header[0].value.replace("\\", "").startswith(says)
    assert any(
        text.value.replace("\\", "").startswith(
            "**November 2026 has not closed yet.** It closes on 3 Dec 2026."
        )
        for text in app.markdown
    )

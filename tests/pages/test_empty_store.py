"""Every page of a first start says what it means that nothing is here, and the next step."""

from pathlib import Path

import pytest

from tests.pages.conftest import RunPage


@pytest.mark.parametrize("page", ["scorecard", "outcome", "health"])
def test_a_first_start_offers_sample_data_or_ones_own(
    run_page: RunPage, tmp_path: Path, page: str
) -> None:
    app = run_page(page, home=tmp_path / "home")
    assert not app.exception
    assert not app.error
    assert [heading.value for heading in app.subheader] == ["No outcomes yet"]
    assert [button.label for button in app.button] == ["Try it with sample data"]
    assert [link.label for link in app.get("page_link")] == ["Add your own data"]


def test_adding_data_to_an_empty_store_says_what_will_happen(
    run_page: RunPage, tmp_path: Path
) -> None:
    app = run_page("add_data", home=tmp_path / "home")
    assert not app.exception
    assert not app.error
    assert app.header[0].value == "Drop an export, see what it would change, then save it."
    assert any("Nothing has been imported yet" in caption.value for caption in app.caption)


def test_the_catalogue_needs_no_data(run_page: RunPage, tmp_path: Path) -> None:
    app = run_page("catalogue", home=tmp_path / "home")
    assert not app.exception
    assert not app.error
    assert "IT measures are linked to a business outcome" in app.header[0].value


def test_the_sample_company_is_one_click_away(run_page: RunPage, tmp_path: Path) -> None:
    app = run_page("scorecard", home=tmp_path / "home")
    app.button[0].click().run(timeout=180)
    assert not app.exception
    assert not app.error
    app.run()
    assert "outcomes are on target" in app.header[0].value
    assert "sample data" in app.title[0].value

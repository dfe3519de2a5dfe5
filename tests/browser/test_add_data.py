"""An IT manager brings a file in, sees its mistakes, saves the rest, and takes it back."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage, free_port, serving, settle
from tests.sample import copy_of_sample

OUTAGES = """\
service,start,end,reason
Online shop,2026-10-20 09:00:00,2026-10-20 19:00:00,Database
Online shop,2026-10-21 09:00:00,2026-10-21 12:00:00,Database
Online shop,2026-13-45 09:00:00,2026-10-22 12:00:00,There is no month 13
Online shop,2026-10-23 12:00:00,2026-10-23 09:00:00,Ends before it starts
,2026-10-24 09:00:00,2026-10-24 10:00:00,Nobody knows where
"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home = copy_of_sample(tmp_path_factory, "filled")
    with serving(home, port=free_port()) as url:
        yield url


def upload(page: Page, path: Path) -> None:
    settle(page)
    page.locator('[data-testid="stFileUploaderDropzoneInput"]').set_input_files(path)


def go_to(page: Page, title: str) -> None:
    page.get_by_test_id("stTopNavLink").filter(has_text=title).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(title)


def availability(page: Page) -> str:
    """The ledger's row of the shop's availability below checkout success."""
    row = page.get_by_role("table").get_by_role("row", name=re.compile("availability", re.I)).first
    expect(row).to_be_visible()
    return row.inner_text()


def test_a_file_with_mistakes_is_checked_saved_in_part_and_undone(
    address: str, open_page: OpenPage, tmp_path: Path
) -> None:
    file = tmp_path / "outages_oct.csv"
    file.write_text(OUTAGES)
    page = open_page(address, "/?month=2026-10")
    before = availability(page)

    go_to(page, "Add data")
    upload(page, file)
    expect(page.get_by_role("heading", level=2).first).to_have_text(
        "5 rows read: 2 can be saved, 3 need you."
    )
    expect(page.get_by_role("radio", name="Rejected 3")).to_be_checked()
    page.get_by_role("button", name="Save 2 rows").click()
    expect(page.get_by_text("2 rows saved as batch")).to_be_visible()

    go_to(page, "Scorecard")
    changed = availability(page)
    assert changed != before

    go_to(page, "Add data")
    page.get_by_role("button", name="Undo this save").click()
    asked = page.get_by_role("dialog")
    expect(asked).to_contain_text("Its 2 new rows will no longer count.")
    expect(asked.get_by_role("table")).to_contain_text("Service availability")
    asked.get_by_role("button", name="Keep it").click()
    expect(asked).to_have_count(0)
    page.get_by_role("button", name="Undo this save").click()
    asked.get_by_role("button", name="Undo this import").click()
    expect(page.get_by_text("Every figure is as it was before it.")).to_be_visible()
    go_to(page, "Scorecard")
    assert availability(page) == before


def test_the_rejected_rows_can_be_downloaded_with_their_reasons(
    address: str, open_page: OpenPage, tmp_path: Path
) -> None:
    file = tmp_path / "outages_oct.csv"
    file.write_text(OUTAGES)
    page = open_page(address, "/add_data")
    upload(page, file)
    button = page.get_by_role("button", name="Download 3 rows that were rejected")
    with page.expect_download() as download:
        button.click()
    lines = Path(download.value.path()).read_text(encoding="utf-8-sig").splitlines()
    assert lines[0].endswith("error")
    assert len(lines) == 4
    assert "There is no month 13" in lines[1]


def test_the_same_file_twice_changes_nothing_and_says_so(
    address: str, open_page: OpenPage, tmp_path: Path
) -> None:
    file = tmp_path / "outages_nov.csv"
    file.write_text("service,start,end\nOnline shop,2026-10-25 09:00:00,2026-10-25 09:30:00\n")
    page = open_page(address, "/add_data")
    upload(page, file)
    page.get_by_role("button", name="Save 1 row").click()
    expect(page.get_by_text("1 row saved as batch")).to_be_visible()
    upload(page, file)
    expect(page.get_by_role("heading", level=2).first).to_contain_text("already here")
    expect(page.get_by_role("button", name=re.compile("^Save"))).to_have_count(0)


def test_a_file_nobody_recognises_is_explained_and_can_be_named(
    address: str, open_page: OpenPage, tmp_path: Path
) -> None:
    file = tmp_path / "notes.csv"
    file.write_text("colour,taste\nred,sweet\n")
    page = open_page(address, "/add_data")
    upload(page, file)
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_role("combobox", name="This file is").fill("Survey answers")
    page.get_by_role("option", name="Survey answers", exact=True).click()
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("alert")).to_contain_text("To be Survey answers it lacks")
    assert page.get_by_text("Traceback").count() == 0


def test_a_hostile_file_name_shows_as_it_stands(
    address: str, open_page: OpenPage, tmp_path: Path
) -> None:
    file = tmp_path / "![x](http:%2F%2Fevil.example%2Fp.png) <img src=x> $a$.csv"
    file.write_text("service,start,end\nOnline shop,2026-10-26 09:00:00,2026-10-26 09:10:00\n")
    page = open_page(address, "/add_data")
    upload(page, file)
    expect(page.get_by_text("![x](", exact=False).first).to_be_visible()
    assert page.locator("main img").count() == 0
    page.get_by_role("button", name="Cancel").click()

"""Formulas, scripts, Markdown and LaTeX that came in from files are text on every page."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from kpi_engine.services import imports
from kpi_engine.workspace import Workspace
from tests.browser.conftest import OpenPage, free_port, serving, settle
from tests.browser.test_add_data import upload
from tests.desk import ME, NOW
from tests.sample import copy_of_sample

HOSTILE = (
    "<script>window.pwned = 1</script>",
    "<img src=x onerror='window.pwned = 1'>",
    "![x](http://evil.example/p.png) [click](http://evil.example)",
    "**bold** $\\frac{1}{2}$ :red[hot] :material/home:",
    "=HYPERLINK(''http://evil.example'')",
    "@SUM(1+1)*cmd|'/C calc'!A0",
)
PAGES = ("/", "/outcome", "/outcome?outcome=biz.remote_demos", "/health", "/catalogue", "/add_data")

NAMED_ON = ("/outcome",)
"""Pages that speak of these segments or events by name."""


def outages() -> str:
    """Every hostile text as a service that was down, and as a reason in a row that is refused."""
    down = [f'"{text}",2026-10-20 09:00:00,2026-10-20 12:00:00,Power' for text in HOSTILE]
    refused = [f'Online shop,"{text}",2026-10-20 12:00:00,Power' for text in HOSTILE]
    return "\n".join(["service,start,end,reason", *down, *refused, ""])


def events() -> str:
    return "\n".join(
        ["title,kind,starts_at,ends_at"]
        + [f'"{text}",campaign,2026-10-12,2026-10-14' for text in HOSTILE]
        + [""]
    )


def figures() -> str:
    """Visits of hostile segments that no order has: the health page names them."""
    rows = [f'2026-10,base.sessions,"channel={text}",100' for text in HOSTILE]
    return "\n".join(["period,metric,segment,value", *rows, ""])


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home = copy_of_sample(tmp_path_factory, "hostile")
    folder = tmp_path_factory.mktemp("files")
    ws = Workspace.open(home)
    for name, text in (("outages", outages()), ("calendar", events()), ("figures", figures())):
        file = folder / f"{name}.csv"
        file.write_text(text)
        shown = imports.preview(ws, file, actor=ME, now=NOW)
        assert not shown.changes_nothing, name
        imports.commit(ws, shown, actor=ME, now=NOW)
    ws.close()
    with serving(home, port=free_port()) as url:
        yield url


def is_harmless(page: Page) -> None:
    """Nothing of the files became code, an image, a link or a formula."""
    settle(page)
    assert page.evaluate("window.pwned") is None
    main = page.get_by_test_id("stMain")
    assert main.locator("script, iframe, object, img[src='x'], .katex").count() == 0
    assert main.locator("a[href*='evil'], img[src*='evil']").count() == 0


@pytest.mark.parametrize("path", PAGES)
def test_no_page_runs_what_came_in_from_a_file(
    address: str, open_page: OpenPage, path: str
) -> None:
    page = open_page(address, path)
    is_harmless(page)
    if path in NAMED_ON:
        assert HOSTILE[0] in page.get_by_test_id("stMain").inner_text()


def test_the_preview_shows_hostile_cells_as_they_stand(
    address: str, open_page: OpenPage, tmp_path: Path
) -> None:
    file = tmp_path / "again.csv"
    file.write_text(outages().replace("2026-10-20", "2026-10-21"))
    page = open_page(address, "/add_data")
    upload(page, file)
    expect(page.get_by_role("heading", level=2).first).to_contain_text(
        f"{len(HOSTILE)} can be saved"
    )
    is_harmless(page)
    page.get_by_role("button", name="Cancel").click()


def test_the_rejected_rows_are_handed_back_without_a_live_formula(
    address: str, open_page: OpenPage, tmp_path: Path
) -> None:
    file = tmp_path / "refused.csv"
    file.write_text(outages())
    page = open_page(address, "/add_data")
    upload(page, file)
    with page.expect_download() as waiting:
        page.get_by_role("button", name=f"Download {len(HOSTILE)} rows").click()
    text = Path(waiting.value.path()).read_text(encoding="utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    assert [cell for cell in cells if cell[:1] in ("=", "+", "-", "@")] == []
    assert {"'" + text for text in HOSTILE if text[0] in "=@"} <= set(cells)
    page.get_by_role("button", name="Cancel").click()

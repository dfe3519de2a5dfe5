"""No page has a serious violation that axe finds, light or dark; what is not ours is named."""

import os
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.conftest import OpenPage, free_port, serving, settle
from tests.sample import copy_of_sample

READ_MOST = ("/", "/outcome?outcome=biz.tx_success", "/review")
OTHERS = ("/explore", "/map", "/add_data", "/health", "/catalogue", "/sql")
PAGES = (*READ_MOST, *(OTHERS if "EVERY_PAGE" in os.environ else ()))
"""With every change those that are read most; all of them with ``make night``."""


NOT_OURS = ("win_brush",)
"""The rectangles of a selection on a chart, which Vega draws and nobody can name."""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home = copy_of_sample(tmp_path_factory, "accessible")
    with serving(home, port=free_port()) as url:
        yield url


@pytest.mark.parametrize("path", PAGES)
def test_no_page_has_a_serious_violation(address: str, open_page: OpenPage, path: str) -> None:
    # axe is put into the page as a script, which the page's own policy forbids.
    page = open_page(address, path, bypass_csp=True)
    found: list[str] = []
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        settle(page)
        found += [
            f"{theme}, {one['id']}: {node['html'][:200]}"
            for one in Axe().run(page).response["violations"]
            if one["impact"] in ("serious", "critical")
            for node in one["nodes"]
            if not any(name in node["html"] for name in NOT_OURS)
        ]
    assert found == []

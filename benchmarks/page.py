"""The scorecard page in Chromium: first start, and a warm rerun beside an empty page."""

import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from benchmarks.report import Line
from tests.browser import chromium
from tests.browser.conftest import FLAGS, OPTIONS, free_port, running, serving, settle

_RUNS = 15
_WARM_UPS = 3
_WORKED_OUT_MS = 300_000
_EMPTY = 'import streamlit as st\n\nst.title("Empty")\n'
# From the key that reruns a page to the frame after its script has ended.
_WATCH = """() => {
    const app = document.querySelector('[data-testid="stApp"]');
    const start = performance.now();
    let hasRun = false;
    window.rerun = new Promise(done => new MutationObserver((_, seen) => {
        const state = app.getAttribute('data-test-script-state');
        if (state !== 'notRunning') { hasRun = true; return; }
        if (!hasRun) return;
        seen.disconnect();
        requestAnimationFrame(() => done(performance.now() - start));
    }).observe(app, {attributes: true, attributeFilter: ['data-test-script-state']}));
}"""


def measure_pages(home: Path, folder: Path, *, runs: int = _RUNS) -> Iterator[Line]:
    """First start and reruns of the scorecard of a data folder."""
    with _browser_page() as page:
        begun = time.perf_counter()
        with serving(home, port=free_port()) as address:
            page.goto(address)
            page.get_by_role("table").first.wait_for()
            settle(page)
            started = time.perf_counter() - begun
            # Links are worked out beside the first look, once; a warm page has them.
            page.locator(".st-key-estimating").wait_for(state="detached", timeout=_WORKED_OUT_MS)
            settle(page)
            scorecard = _reruns(page, runs)
    with _browser_page() as page, _serving_empty(folder) as address:
        page.goto(address)
        page.get_by_role("heading", name="Empty").wait_for()
        settle(page)
        empty = _reruns(page, runs)
    yield Line(
        what="first start to a rendered demo scorecard",
        measured=started,
        unit="s",
        limit=10,
        how="server and page from cold, one run; building the demo before it is not in it",
    )
    yield Line(
        what="scorecard page / empty page, warm rerun",
        measured=scorecard / empty,
        unit="×",
        limit=2,
        how=f"{scorecard:.0f} ms / {empty:.0f} ms in Chromium, medians of {runs}",
    )


def _reruns(page: Page, runs: int) -> float:
    """Milliseconds of a rerun, the median of several after warming up."""
    taken = []
    for _ in range(_WARM_UPS + runs):
        page.evaluate(_WATCH)
        page.keyboard.press("r")
        taken.append(float(page.evaluate("() => window.rerun")))
        settle(page)
    return statistics.median(taken[_WARM_UPS:])


@contextmanager
def _browser_page() -> Iterator[Page]:
    path = chromium.find()
    if path is None:
        raise RuntimeError(chromium.ADVICE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        page = browser.new_page(viewport={"width": 1280, "height": 1600}, reduced_motion="reduce")
        page.set_default_timeout(60_000)
        yield page
        browser.close()


@contextmanager
def _serving_empty(folder: Path) -> Iterator[str]:
    script, port = folder / "empty.py", free_port()
    script.write_text(_EMPTY)
    command = ["streamlit", "run", str(script), f"--server.port={port}", *OPTIONS]
    with running(command, log=folder / "empty.log") as server:
        server.wait_for(f"http://127.0.0.1:{port}/_stcore/health")
        yield f"http://127.0.0.1:{port}"

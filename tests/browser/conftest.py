"""A real server and a real Chromium; one server a module, a fresh page a test."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import pytest
from playwright.sync_api import Browser, Page, Request, Response, expect, sync_playwright

from tests.browser import chromium

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 90
PATIENCE_MS = 90_000
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-color-profile=srgb",
    "--font-render-hinting=none",
)
OPTIONS = (
    "--server.headless=true",
    "--server.fileWatcherType=none",
    "--browser.gatherUsageStats=false",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@contextmanager
def serving(home: Path, *, port: int, secrets: Path | None = None) -> Iterator[str]:
    """Run the app on ``home`` as a user would, and yield its address."""
    files = [f"--secrets.files={secrets}"] if secrets else []
    command = ["streamlit", "run", "app.py", f"--server.port={port}", *OPTIONS, *files]
    environment = {"PLUMBLINE_HOME": str(home)}
    with running(command, log=home.parent / f"server-{port}.log", environment=environment) as app:
        app.wait_for(f"http://127.0.0.1:{port}/_stcore/health")
        yield f"http://127.0.0.1:{port}"


@dataclass
class Running:
    """A program that was started for a test."""

    process: subprocess.Popen[bytes]
    log: Path

    def wait_for(self, url: str) -> None:
        """Wait until ``url`` answers; fail at once if the program has ended."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError(f"ended at once:\n{self.log.read_text()}")
            try:
                with urllib.request.urlopen(url, timeout=2):  # noqa: S310 - our own server
                    return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError(f"no answer in {START_SECONDS} s:\n{self.log.read_text()}")


@contextmanager
def running(
    module: Sequence[str], *, log: Path, environment: Mapping[str, str] = MappingProxyType({})
) -> Iterator[Running]:
    """Run ``python -m module ...`` and end it again."""
    with log.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", *module],
            cwd=ROOT,
            env={**os.environ, **environment, "PYTHONDONTWRITEBYTECODE": "1"},
            stdout=out,
            stderr=subprocess.STDOUT,
        )
        try:
            yield Running(process=process, log=log)
        finally:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser a module: its event loop must be gone when other tests run theirs."""
    path = chromium.find()
    if path is None:
        pytest.fail(chromium.ADVICE)
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield launched
        launched.close()


@dataclass
class Troubles:
    """What went wrong in a page without anybody saying so."""

    address: str
    seen: list[str]

    def on_error(self, error: Exception) -> None:
        self.seen.append(f"script error: {error}")

    def on_response(self, response: Response) -> None:
        # Every deep link first asks for two files below its own path; Streamlit then retries.
        probe = "/_stcore/" in response.url and response.status == 404
        if response.status >= 400 and not probe:
            self.seen.append(f"{response.status} {response.url}")

    def on_request(self, request: Request) -> None:
        if request.url.startswith("http") and not request.url.startswith(self.address):
            self.seen.append(f"asked another host: {request.url}")


OpenPage = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser) -> Iterator[OpenPage]:
    """Open an address in a fresh browser profile; fails the test on silent troubles."""
    contexts = []
    troubles: list[Troubles] = []

    def open_(
        address: str,
        path: str = "/",
        *,
        width: int = 1280,
        dark: bool = False,
        strict: bool = True,
        bypass_csp: bool = False,
    ) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 1600},
            locale="en-US",
            timezone_id="UTC",
            reduced_motion="reduce",
            color_scheme="dark" if dark else "light",
            bypass_csp=bypass_csp,
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        if strict:
            trouble = Troubles(address=address, seen=[])
            troubles.append(trouble)
            page.on("pageerror", trouble.on_error)
            page.on("response", trouble.on_response)
            page.on("request", trouble.on_request)
        page.goto(f"{address}{path}")
        settle(page)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert [seen for trouble in troubles for seen in trouble.seen] == []


def settle(page: Page) -> None:
    """Wait until the script has run and nothing on the page is stale."""
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')
    page.wait_for_function(
        "() => !document.querySelector('[data-stale=\"true\"],[data-testid=stSkeleton]')"
    )

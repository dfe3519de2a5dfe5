"""With a login configured nobody gets past it, and roles come from the provider's claims."""

import json
import os
import re
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage, free_port, running, serving, settle

OTHERS = ("scorecard", "add_data", "health", "catalogue", "explore", "map", "review")
PAGES = ("outcome", "sql", *(OTHERS if "EVERY_PAGE" in os.environ else ()))
"""Each on a server of its own; all of them with ``make night``."""
PEOPLE = (
    {"sub": "alice", "email": "alice@example.com", "email_verified": True},
    {"sub": "bob", "email": "bob@example.com", "email_verified": True, "groups": ["it-ops"]},
    {"sub": "carl", "email": "carl@example.com", "email_verified": True},
)


def write_secrets(folder: Path, *, app_port: int, provider_port: int) -> Path:
    path = folder / "secrets.toml"
    path.write_text(
        f"""
[auth]
redirect_uri = "http://127.0.0.1:{app_port}/oauth2callback"
cookie_secret = "{secrets.token_hex(32)}"
client_id = "plumbline"
client_secret = "{secrets.token_hex(16)}"
server_metadata_url = "http://127.0.0.1:{provider_port}/.well-known/openid-configuration"

[roles]
admin = ["alice@example.com"]
contributor = ["it-ops"]
"""
    )
    return path


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    port = free_port()
    people = [f"--user-claims={json.dumps(person)}" for person in PEOPLE]
    log = tmp_path_factory.mktemp("provider") / "provider.log"
    with running(["oidc_provider_mock", f"--port={port}", *people], log=log) as started:
        started.wait_for(f"http://127.0.0.1:{port}/.well-known/openid-configuration")
        yield port


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory, provider: int) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("guarded")
    port = free_port()
    file = write_secrets(folder, app_port=port, provider_port=provider)
    with serving(folder / "home", port=port, secrets=file) as address:
        yield address


def log_in(page: Page, name: str) -> None:
    page.get_by_role("button", name="Log in").click()
    page.locator("input[name=sub]").fill(name)
    page.get_by_role("button", name="Authorize").click()
    settle(page)


def logged_in_as(name: str, roles: str) -> re.Pattern[str]:
    """An address is shown with an invisible joiner, so that it does not become a link."""
    return re.compile(rf"Logged in as {name}.?@example\.com \({roles}\)\.")


@pytest.mark.parametrize("page_name", PAGES)
def test_the_first_deep_link_on_a_fresh_server_meets_the_login(
    tmp_path: Path, provider: int, open_page: OpenPage, page_name: str
) -> None:
    port = free_port()
    file = write_secrets(tmp_path, app_port=port, provider_port=provider)
    with serving(tmp_path / "home", port=port, secrets=file) as address:
        for path in (f"/{page_name}", "/", f"/{page_name}"):
            page = open_page(address, path)
            expect(page.get_by_role("button", name="Log in")).to_be_visible()
            expect(page.get_by_role("heading", name="Plumbline", exact=True)).to_be_visible()
            assert page.locator(".st-key-head").count() == 0
            page.context.close()


def test_an_address_gives_the_role_declared_for_it(guarded: str, open_page: OpenPage) -> None:
    page = open_page(guarded, strict=False)
    log_in(page, "alice")
    expect(page.get_by_text(logged_in_as("alice", "admin, viewer"))).to_be_visible()


def test_a_group_gives_the_role_declared_for_it(guarded: str, open_page: OpenPage) -> None:
    page = open_page(guarded, strict=False)
    log_in(page, "bob")
    expect(page.get_by_text(logged_in_as("bob", "contributor, viewer"))).to_be_visible()


def test_somebody_without_a_role_sees_no_page_but_reads_why(
    guarded: str, open_page: OpenPage
) -> None:
    page = open_page(guarded, strict=False)
    log_in(page, "carl")
    expect(page.get_by_text("may not open this page.")).to_be_visible()
    assert page.locator(".st-key-head").count() == 0


def test_the_login_outlives_a_reload_and_ends_with_log_out(
    guarded: str, open_page: OpenPage
) -> None:
    page = open_page(guarded, strict=False)
    log_in(page, "alice")
    page.reload()
    settle(page)
    button = page.get_by_role("button", name="Log out")
    expect(button).to_be_visible()
    button.click()
    page.wait_for_url(lambda url: not url.startswith(guarded))  # the provider says goodbye
    page.goto(f"{guarded}/outcome")
    settle(page)
    expect(page.get_by_role("button", name="Log in")).to_be_visible()

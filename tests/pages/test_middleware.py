"""Headers on every response; other machines turned away as long as nobody has to log in."""

import asyncio
from typing import Any

import pytest

from pages.ui import middleware
from pages.ui.middleware import CONTENT_SECURITY_POLICY, SecurityHeaders, ThisMachineOnly


async def inner(scope: Any, _receive: Any, send: Any) -> None:
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"inside"})
    else:
        await send({"type": "websocket.accept"})


def ask(
    app: Any,
    *,
    kind: str = "http",
    client: tuple[str, int] | None,
    headers: tuple[tuple[bytes, bytes], ...] = (),
) -> list[dict[str, Any]]:
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    async def receive() -> dict[str, Any]:
        return {"type": "http.request"}

    scope = {"type": kind, "client": client, "headers": headers, "method": "GET", "path": "/"}
    asyncio.run(app(scope, receive, send))
    return sent


def test_each_response_carries_the_security_headers() -> None:
    (start, _) = ask(SecurityHeaders(inner), client=("127.0.0.1", 1))
    headers = {name.decode(): value.decode() for name, value in start["headers"]}
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"] == CONTENT_SECURITY_POLICY


def test_no_inline_script_and_no_foreign_source_is_allowed() -> None:
    policy = dict(part.split(" ", 1) for part in CONTENT_SECURITY_POLICY.split("; "))
    assert "'unsafe-inline'" not in policy["script-src"]
    assert policy["default-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert "http" not in CONTENT_SECURITY_POLICY


@pytest.mark.parametrize("peer", ["127.0.0.1", "::1"])
def test_without_login_a_browser_on_this_machine_gets_in(
    peer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(middleware, "login_is_configured", lambda: False)
    assert ask(ThisMachineOnly(inner), client=(peer, 1))[0]["status"] == 200


@pytest.mark.parametrize("client", [("192.168.1.7", 1), ("not an address", 1), None])
def test_without_login_any_other_machine_is_turned_away(
    client: tuple[str, int] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(middleware, "login_is_configured", lambda: False)
    app = ThisMachineOnly(inner)
    assert ask(app, client=client)[0]["status"] == 403
    assert ask(app, kind="websocket", client=client) == [{"type": "websocket.close", "code": 1008}]


@pytest.mark.parametrize("name", [b"forwarded", b"x-forwarded-for", b"X-Real-IP"])
def test_without_login_a_proxy_on_this_machine_lets_nobody_in(
    name: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(middleware, "login_is_configured", lambda: False)
    app, headers = ThisMachineOnly(inner), ((name, b"203.0.113.7"),)
    assert ask(app, client=("127.0.0.1", 1), headers=headers)[0]["status"] == 403
    refused = ask(app, kind="websocket", client=("127.0.0.1", 1), headers=headers)
    assert refused == [{"type": "websocket.close", "code": 1008}]


def test_with_login_other_machines_get_as_far_as_the_login(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(middleware, "login_is_configured", lambda: True)
    assert ask(ThisMachineOnly(inner), client=("192.168.1.7", 1))[0]["status"] == 200

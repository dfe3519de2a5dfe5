"""What stands before Streamlit: security headers, and the door when there is no login."""

import ipaddress

from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pages.ui.actor import login_is_configured

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        # Charts compile their expressions; the ledger block is loaded from a blob.
        "script-src 'self' 'unsafe-eval' 'wasm-unsafe-eval' blob:",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self' ws: wss:",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
FORWARDED = frozenset(
    (b"forwarded", b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto", b"x-real-ip")
)
"""A proxy on this machine says with these that it speaks for somebody else."""
CLOSED = (
    "Plumbline has no login configured, so it only answers browsers on its own machine. "
    "Declare a login under [auth] in .streamlit/secrets.toml to let others in."
)


class SecurityHeaders:
    """Adds ``HEADERS`` to each HTTP response; web sockets pass untouched."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
            await send(message)

        await self.app(scope, receive, send_with_headers if scope["type"] == "http" else send)


class ThisMachineOnly:
    """Turns away other machines as long as nobody has to log in, however the server was bound."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] == "lifespan" or _is_here(scope) or login_is_configured():
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await PlainTextResponse(CLOSED, status_code=403)(scope, receive, send)


def _is_here(scope: Scope) -> bool:
    """Whether the other end is this machine; an unknown end is not, nor is one behind a proxy."""
    if any(name.lower() in FORWARDED for name, _ in scope.get("headers", ())):
        return False
    client = scope.get("client")
    try:
        return client is not None and ipaddress.ip_address(client[0]).is_loopback
    except ValueError:
        return False

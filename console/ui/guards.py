"""Who may talk to the page: exact host names, own origin only, and what a page may load.

A page on localhost can be reached by every web page that its user visits: with a WebSocket (no
same-origin rule applies), with a form, or through a name that an attacker lets point to
127.0.0.1. So every request must name a host that we serve, and whatever a browser sends from
another origin is refused: WebSockets, unsafe methods, and all of NiceGUI's own channel, which
by itself accepts any origin. Requests without an `Origin` come from programs on this machine.

Pure ASGI, since Starlette's `BaseHTTPMiddleware` and `CORSMiddleware` do not see WebSockets.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import PlainTextResponse

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

logger = logging.getLogger(__name__)

LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "[::1]")
NICEGUI_CHANNEL = "/_nicegui_ws"
_SAFE_METHODS = frozenset({"GET", "HEAD"})
_OWN_SITES = frozenset({"same-origin", "none"})

# 'unsafe-eval' and 'unsafe-inline' are what NiceGUI's Vue templates and start script need; the
# policy still stops framing, foreign scripts, and text that would call home.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
        "worker-src 'self' blob:",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob: https://*.tile.openstreetmap.org https://tile.openstreetmap.org",
        "media-src 'self' blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'self'",
        "object-src 'none'",
        "frame-ancestors 'none'",
    )
)
SECURITY_HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-frame-options": "DENY",
    "x-content-type-options": "nosniff",
    # OpenStreetMap's tile servers refuse requests without a referrer; the origin is enough.
    "referrer-policy": "strict-origin",
    "permissions-policy": "microphone=(self), camera=(), geolocation=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


class OriginGuard:
    """Refuse what a browser sends on behalf of another origin."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 403 (which also refuses a WebSocket handshake)."""
        if scope["type"] not in {"http", "websocket"} or not self._is_foreign(scope):
            await self._app(scope, receive, send)
            return
        logger.warning("refused a request of another origin to %s", scope["path"])
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": "foreign origin"})
        else:
            response = PlainTextResponse("This page may not be used from other sites.", 403)
            await response(scope, receive, send)

    @staticmethod
    def _is_foreign(scope: Scope) -> bool:
        headers = Headers(scope=scope)
        is_guarded = (
            scope["type"] == "websocket"
            or scope["method"] not in _SAFE_METHODS
            or scope["path"].startswith(NICEGUI_CHANNEL)
        )
        if not is_guarded:
            return False
        scheme = {"ws": "http", "wss": "https"}.get(scope["scheme"], scope["scheme"])
        own_origin = f"{scheme}://{headers.get('host', '')}"
        origins = headers.getlist("origin")
        if origins and origins != [own_origin]:
            return True
        site = headers.get("sec-fetch-site")
        return site is not None and site not in _OWN_SITES


class SecurityHeaders:
    """Say to the browser what our pages may load and who may frame them."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add the headers to every answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers)


def install(app: Starlette, hosts: Sequence[str] = LOOPBACK_HOSTS) -> None:
    """Put the guards around `app`; the one added last is asked first.

    Args:
        app: The application that serves the page.
        hosts: Host names that are served, without port; IPv6 addresses in brackets.
    """
    app.add_middleware(SecurityHeaders)
    app.add_middleware(OriginGuard)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(hosts), www_redirect=False)

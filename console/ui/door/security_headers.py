"""What a browser may do with our pages: load, frame, ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.datastructures import Headers, MutableHeaders

from console.loopback import is_loopback

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

# 'unsafe-eval' and 'unsafe-inline' are what NiceGUI's Vue templates and start script need; the
# policy still stops framing, foreign scripts, and text that would call home. The only host beside
# ours is that of the map's tiles, which are laid over our own outline when there is a network.
CONTENT_SECURITY_POLICY: Final = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
        "worker-src 'self' blob:",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob: https://tile.openstreetmap.org",
        "media-src 'self' blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'self'",
        "object-src 'none'",
        "frame-src 'none'",
        "frame-ancestors 'none'",
    )
)
_DENIED: Final = (
    "accelerometer", "browsing-topics", "camera", "display-capture", "geolocation",
    "gyroscope", "hid", "magnetometer", "midi", "payment", "serial", "usb",
)  # fmt: skip
SECURITY_HEADERS: Final = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-frame-options": "DENY",
    "x-content-type-options": "nosniff",
    # OpenStreetMap's tile servers refuse requests without a referrer; the origin is enough, and
    # the token has left the address before the first page is built.
    "referrer-policy": "strict-origin",
    "permissions-policy": ", ".join(
        (
            "microphone=(self)",
            "speaker-selection=(self)",
            "screen-wake-lock=(self)",
            *(f"{each}=()" for each in _DENIED),
        )
    ),
    "cross-origin-resource-policy": "same-origin",
}
# Browsers heed it on secure pages alone, and complain of it on others.
_ON_SECURE_PAGES: Final = {"cross-origin-opener-policy": "same-origin"}


class SecurityHeaders:
    """Say to the browser what our pages may load and who may frame them."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add the headers to every answer that does not say them itself."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in ours.items():
                    headers.setdefault(name, value)
            await send(message)

        ours = SECURITY_HEADERS | (_ON_SECURE_PAGES if _is_secure(scope) else {})
        await self._app(scope, receive, send_with_headers)


def _is_secure(scope: Scope) -> bool:
    """Return whether browsers take the page for a secure one: https, or this machine itself."""
    if scope["scheme"] == "https":
        return True
    host = Headers(scope=scope).get("host", "")
    is_ipv6 = host.startswith("[")
    return is_loopback(host[1:].partition("]")[0] if is_ipv6 else host.partition(":")[0])

"""No page of another origin sends us anything.

A page on localhost can be reached by every web page that its user visits: with a WebSocket, to
which no same-origin rule applies, or with a form. So whatever a browser sends from another
origin is refused: WebSockets, unsafe methods, and all of NiceGUI's own channel, which by itself
accepts any origin. Requests without an `Origin` come from programs, which need the cookie too.

Pure ASGI, since Starlette's `BaseHTTPMiddleware` and `CORSMiddleware` do not see WebSockets.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from starlette.datastructures import Headers

from console.clock import Clock, SystemClock
from console.ui.door.refusal import answer, page
from console.ui.rate_limit import RateLimit

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

logger = logging.getLogger(__name__)

MOST_LINES: Final = 10
LINE_EVERY_S: Final = 60.0
"""Of what is refused so many are logged, then one a minute: any page can ask without end."""
NICEGUI_CHANNEL: Final = "/_nicegui_ws"
_SAFE_METHODS: Final = frozenset({"GET", "HEAD"})
_OWN_SITES: Final = frozenset({"same-origin", "none"})
_REFUSAL: Final = page(
    403, "Not from here", "This page may not be used from other sites.", accept="text/plain"
)


class OriginGuard:
    """Refuse what a browser sends on behalf of another origin."""

    def __init__(
        self, app: ASGIApp, origins: Sequence[str] = (), clock: Clock | None = None
    ) -> None:
        """Guard `app`.

        Args:
            app: The application.
            origins: Our own, beside the one that the `Host` header names (which is checked before).
            clock: Time.
        """
        self._app = app
        self._origins = frozenset(origins)
        self._lines = RateLimit(1 / LINE_EVERY_S, MOST_LINES, clock or SystemClock())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 403 (which also refuses a WebSocket handshake)."""
        if scope["type"] not in {"http", "websocket"} or not self._is_foreign(scope):
            await self._app(scope, receive, send)
            return
        if self._lines.take(1):
            logger.warning("refused a request of another origin to %s", scope["path"])
        await answer(_REFUSAL, scope, receive, send)

    def _is_foreign(self, scope: Scope) -> bool:
        headers = Headers(scope=scope)
        is_guarded = (
            scope["type"] == "websocket"
            or scope["method"] not in _SAFE_METHODS
            or scope["path"].startswith(NICEGUI_CHANNEL)
            # A picture or a script of another port: its cookies come along, and pages are counted.
            or headers.get("sec-fetch-dest", "document") != "document"
        )
        if not is_guarded:
            return False
        scheme = {"ws": "http", "wss": "https"}.get(scope["scheme"], scope["scheme"])
        own = {f"{scheme}://{headers.get('host', '')}", *self._origins}
        origins = headers.getlist("origin")
        if origins and (len(origins) > 1 or origins[0] not in own):
            return True
        site = headers.get("sec-fetch-site")
        return site is not None and site not in _OWN_SITES

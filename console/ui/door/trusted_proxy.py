"""For whom a reverse proxy speaks, if the request comes from one that is ours.

The proxy is also what the visitor sees: its scheme and host take the place of the request's, so
that the guards behind this one judge what the browser has opened.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers

from console.serving import forwarded

if TYPE_CHECKING:
    from starlette.requests import HTTPConnection
    from starlette.types import ASGIApp, Receive, Scope, Send

_SCOPE_KEY: Final = "rtc.behind_proxy"
_SOCKET_SCHEMES: Final = {"http": "ws", "https": "wss"}


class TrustedProxy:
    """Take what a proxy of ours says for what the request is; must stand outside all guards."""

    def __init__(self, app: ASGIApp, networks: Sequence[str], origin: str) -> None:
        """Stand before `app`.

        Args:
            app: The application.
            networks: Where the proxy is; nobody else is believed.
            origin: Scheme, host and port at which the proxy serves the application.
        """
        self._app = app
        self._networks = [ipaddress.ip_network(each) for each in networks]
        parts = urlsplit(origin)
        self._scheme, self._host = parts.scheme, parts.netloc.encode("ascii")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on: as the visitor's if a proxy of ours brings it, else as it is."""
        if scope["type"] in {"http", "websocket"}:
            visitor = self._visitor(scope)
            if visitor is not None:
                scope = self._seen_by_visitor(scope, visitor)
        await self._app(scope, receive, send)

    def _visitor(self, scope: Scope) -> str | None:
        peer = (scope.get("client") or ("",))[0]
        lines = Headers(scope=scope).getlist(forwarded.HEADER)
        return forwarded.visitor(peer, lines, self._networks)

    def _seen_by_visitor(self, scope: Scope, visitor: str) -> Scope:
        headers = [each for each in scope["headers"] if each[0].lower() != b"host"]
        is_socket = scope["type"] == "websocket"
        return {
            **scope,
            "client": (visitor, 0),
            "scheme": _SOCKET_SCHEMES[self._scheme] if is_socket else self._scheme,
            "headers": [(b"host", self._host), *headers],
            _SCOPE_KEY: True,
        }


def is_behind_proxy(connection: HTTPConnection) -> bool:
    """Return whether a proxy of ours has brought a request."""
    return _SCOPE_KEY in connection.scope

"""For whom a reverse proxy speaks, if the request comes from one that is ours.

Anybody can send `X-Forwarded-For`. It is believed only of a peer in the network that the settings
name, and then only as far as such peers have written it: read from its end, the first address
that is no proxy of ours is the visitor's. What stands before it came from the visitor.

The proxy is also what the visitor sees: its scheme and host take the place of the request's, so
that the guards behind this one judge what the browser has opened.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

_HEADER: Final = "x-forwarded-for"
_MOST_HOPS: Final = 20
_SOCKET_SCHEMES: Final = {"http": "ws", "https": "wss"}
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


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
        """Return for whom the peer speaks; None if it is no proxy of ours or speaks for itself."""
        peer = _address((scope.get("client") or ("",))[0])
        if peer is None or not self._is_ours(peer):
            return None
        forwarded = Headers(scope=scope).getlist(_HEADER)
        if not forwarded:
            return None
        return str(self._last_foreign(peer, ",".join(forwarded).split(",")))

    def _last_foreign(self, peer: _Address, hops: Iterable[str]) -> _Address:
        """Return the last address of the way that is no proxy of ours."""
        farthest = peer
        for hop in list(hops)[: -_MOST_HOPS - 1 : -1]:
            address = _address(hop)
            if address is None:
                break  # what no proxy writes; whoever passed it on is all that is known
            farthest = address
            if not self._is_ours(address):
                break
        return farthest

    def _is_ours(self, address: _Address) -> bool:
        return any(address in network for network in self._networks)

    def _seen_by_visitor(self, scope: Scope, visitor: str) -> Scope:
        headers = [each for each in scope["headers"] if each[0].lower() != b"host"]
        is_socket = scope["type"] == "websocket"
        return {
            **scope,
            "client": (visitor, 0),
            "scheme": _SOCKET_SCHEMES[self._scheme] if is_socket else self._scheme,
            "headers": [(b"host", self._host), *headers],
        }


def _address(text: str) -> _Address | None:
    """Return an address as proxies write it: with a port, in brackets, IPv4 within IPv6."""
    bare = text.strip().strip('"')
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        address = ipaddress.ip_address(bare.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address

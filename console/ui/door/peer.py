"""Who is at the other end of a connection: the peer itself, whatever headers may claim."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

_CLAIMS: Final = (b"x-forwarded-", b"forwarded", b"x-real-ip")
_IPV6_NETWORK: Final = 64
"""Bits that name a household: whoever has one address of it has all."""


def client_address(scope: Scope) -> str:
    """Return the address by which limits count: the peer's, and for IPv6 the network that it is in.

    The only place that says whose request it is; headers of the request are not asked.
    """
    client = scope.get("client")
    if not client:
        return "unknown"
    try:
        address = ipaddress.ip_address(client[0])
    except ValueError:
        return str(client[0])
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        if not address.is_loopback:
            network = ipaddress.IPv6Network((int(address), _IPV6_NETWORK), strict=False)
            return str(network)
    return str(address)


class UnclaimedPeer:
    """Drop the headers by which anybody may claim to be somebody else or elsewhere."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on without them."""
        if scope["type"] in {"http", "websocket"}:
            kept = [each for each in scope["headers"] if not each[0].lower().startswith(_CLAIMS)]
            scope = {**scope, "headers": kept}
        await self._app(scope, receive, send)

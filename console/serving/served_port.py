"""The port of a server of the protocol: where it is, and what every connection on it is held to."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, cast

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from console.serving import paths
from console.serving.caller import select_subprotocol
from console.serving.shared_port import SharedPortConnection

HANDSHAKE_TIMEOUT_S: Final = 10.0
"""For TLS, and again for HTTP."""
CLOSE_TIMEOUT_S: Final = 1.0


@dataclass(slots=True)
class ServedPort:
    """A port that is to be opened, or is open."""

    host: str
    number: int
    """0 takes a free one when it is opened."""
    tls: ssl.SSLContext | None = None
    """Certificate and key, to be reached at wss:// and https:// alone."""
    waiting: set[asyncio.Transport] = field(default_factory=set)
    """Connections that are no WebSocket, or of which nobody knows yet."""

    @property
    def url(self) -> str:
        """Where clients connect."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        scheme = "ws" if self.tls is None else "wss"
        return f"{scheme}://{host}:{self.number}{paths.PATH}"

    async def open(
        self,
        handler: Callable[[ServerConnection], Awaitable[None]],
        line: Callable[..., SharedPortConnection],
        process_request: Callable[[ServerConnection, Request], Awaitable[Response | None]],
        **limits: Any,
    ) -> Server:
        """Open it.

        Args:
            handler: Serves a WebSocket until it ends.
            line: Makes the connection of a newcomer.
            process_request: Answers a request; None: it becomes a WebSocket.
            limits: Of messages and silence, as `websockets` names them.

        Raises:
            OSError: It cannot be opened.
        """
        if self.tls is not None:
            limits["ssl_handshake_timeout"] = HANDSHAKE_TIMEOUT_S
        server = await serve(
            handler,
            self.host,
            self.number,
            process_request=process_request,
            select_subprotocol=_select_subprotocol,
            ssl=self.tls,
            compression=None,
            open_timeout=HANDSHAKE_TIMEOUT_S,
            close_timeout=CLOSE_TIMEOUT_S,
            server_header=None,
            create_connection=cast(type[ServerConnection], line),
            **limits,
        )
        self.number = next(iter(server.sockets)).getsockname()[1]
        return server

    def abort_waiting(self) -> None:
        """Let go of those that are no WebSocket."""
        for transport in list(self.waiting):
            transport.abort()


def _select_subprotocol(
    connection: ServerConnection, offered: Sequence[Subprotocol]
) -> Subprotocol | None:
    return select_subprotocol(offered)

"""Send, receive, close: what the client asks of a connection, and its WebSocket form."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import websockets
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

MAX_MESSAGE_BYTES = 16 * 1024 * 1024

# Its debug messages hold the headers of the handshake, and so the key: never below INFO.
_quiet_logger = logging.getLogger("console.transport.websocket")
_quiet_logger.setLevel(logging.INFO)


class _ConnectDirectly(connect):
    """Takes a redirect for a refusal: following it would show the key to another host."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        """Return what the server answered."""
        return exc


@dataclass(frozen=True, slots=True)
class Closed:
    """How a connection ended."""

    code: int
    """WebSocket close code; 1006 when the line broke without one."""
    reason: str


class Transport(Protocol):
    """A connection that carries text messages in order."""

    async def send(self, text: str) -> None:
        """Send one text message; waits while the peer reads slowly.

        Raises:
            ConnectionClosed: The connection has ended (`websockets.ConnectionClosed`).
        """

    async def receive(self) -> str | bytes | Closed:
        """Return the next message, or how the connection ended."""

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """End the connection; safe to call twice."""


class WebSocketTransport:
    """A `Transport` over `websockets`, without message compression."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection

    @classmethod
    async def open(
        cls,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        subprotocols: Sequence[str] = (),
        open_timeout_s: float = 10.0,
    ) -> WebSocketTransport:
        """Connect to `url`.

        Raises:
            OSError: The host cannot be reached.
            TimeoutError: The handshake took longer than `open_timeout_s`.
            websockets.InvalidHandshake: The server refused the handshake.
            websockets.InvalidURI: `url` is not a WebSocket URL.
        """
        connection = await _ConnectDirectly(
            url,
            additional_headers=dict(headers or {}),
            subprotocols=[Subprotocol(each) for each in subprotocols] or None,
            compression=None,
            max_size=MAX_MESSAGE_BYTES,
            open_timeout=open_timeout_s,
            close_timeout=2.0,
            ping_interval=10.0,
            ping_timeout=10.0,
            proxy=None,
            logger=_quiet_logger,
        )
        return cls(connection)

    async def send(self, text: str) -> None:
        """Send one text message."""
        await self._connection.send(text)

    async def receive(self) -> str | bytes | Closed:
        """Return the next message, or how the connection ended."""
        try:
            return await self._connection.recv()
        except websockets.ConnectionClosed as ended:
            frame = ended.rcvd or ended.sent
            return Closed(frame.code, frame.reason) if frame else Closed(1006, "")

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """End the connection; safe to call twice."""
        await self._connection.close(code, reason)

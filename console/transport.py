"""Send, receive, close: what the client asks of a connection, and its WebSocket form."""

from __future__ import annotations

import asyncio
import functools
import logging
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import websockets
from websockets.asyncio.client import connect
from websockets.asyncio.connection import Connection
from websockets.typing import Subprotocol

from console import tasks

MAX_MESSAGE_BYTES = 16 * 1024 * 1024
PING_INTERVAL_S = 10.0
"""A line on which nothing answers is found after this and `PONG_TIMEOUT_S` at the latest."""
PONG_TIMEOUT_S = 9.0
CLOSE_TIMEOUT_S = 2.0
MAX_UNSENT_BYTES = 32 * 1024
"""With more than this waiting to be sent, the peer or the network is behind."""

WRITE_LIMIT_BYTES = 2 * MAX_UNSENT_BYTES
"""With more than this, whoever sends waits."""

# Its debug messages hold the headers of the handshake, and so the key: never below INFO.
_quiet_logger = logging.getLogger("console.transport.websocket")
_quiet_logger.setLevel(logging.INFO)


@functools.cache
def machine_trust() -> ssl.SSLContext:
    """Return what believes the certificates that this machine believes.

    Reading them takes some 50 ms the first time, which an event loop does not have: use a thread.
    """
    return ssl.create_default_context()


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
    is_ours: bool = field(default=False, compare=False)
    """Whether this side has ended it: it wanted to, or the peer sent what no line may carry."""


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

    async def ping(self, timeout_s: float) -> bool:
        """Return whether the peer answers within a time."""

    @property
    def is_backed_up(self) -> bool:
        """Whether what was sent waits here, since the network or the peer is behind."""


class WebSocketTransport:
    """A `Transport` over `websockets`, without message compression.

    It pings the peer by itself, and ends with 1006 when the peer does not answer.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        ping_interval_s: float = PING_INTERVAL_S,
        pong_timeout_s: float = PONG_TIMEOUT_S,
    ) -> None:
        """Take over a connection that is open, made without pings and limits of its own.

        Args:
            connection: It.
            ping_interval_s: Time between a pong and the next ping.
            pong_timeout_s: How long a pong may take before the line counts as dead.
        """
        self._connection = connection
        self._keepalive = tasks.spawn(
            self._keep_alive(ping_interval_s, pong_timeout_s), name="keep alive"
        )

    @classmethod
    async def open(
        cls,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        subprotocols: Sequence[str] = (),
        open_timeout_s: float = 10.0,
        ping_interval_s: float = PING_INTERVAL_S,
        pong_timeout_s: float = PONG_TIMEOUT_S,
    ) -> WebSocketTransport:
        """Connect to `url`.

        Args:
            url: Where to.
            headers: More headers of the handshake.
            subprotocols: Offered to the server.
            open_timeout_s: How long the handshake may take.
            ping_interval_s: Time between a pong and the next ping.
            pong_timeout_s: How long a pong may take before the line counts as dead.

        Raises:
            OSError: The host cannot be reached.
            TimeoutError: The handshake took longer than `open_timeout_s`.
            websockets.InvalidHandshake: The server refused the handshake.
            websockets.InvalidURI: `url` is not a WebSocket URL.
        """
        is_secure = url.lower().startswith("wss:")
        connection = await _ConnectDirectly(
            url,
            ssl=await asyncio.to_thread(machine_trust) if is_secure else None,
            additional_headers=dict(headers or {}),
            subprotocols=[Subprotocol(each) for each in subprotocols] or None,
            compression=None,
            max_size=MAX_MESSAGE_BYTES,
            open_timeout=open_timeout_s,
            close_timeout=CLOSE_TIMEOUT_S,
            # Its own pings wait for room when the line is dead and full; ours do not, see below.
            ping_interval=None,
            write_limit=WRITE_LIMIT_BYTES,
            proxy=None,
            logger=_quiet_logger,
        )
        return cls(connection, ping_interval_s=ping_interval_s, pong_timeout_s=pong_timeout_s)

    async def _keep_alive(self, interval_s: float, timeout_s: float) -> None:
        is_alive = True
        while is_alive:
            await asyncio.sleep(interval_s)
            is_alive = await self.ping(timeout_s)
        self._connection.transport.abort()

    async def send(self, text: str) -> None:
        """Send one text message."""
        await self._connection.send(text)

    async def receive(self) -> str | bytes | Closed:
        """Return the next message, or how the connection ended."""
        try:
            return await self._connection.recv()
        except websockets.ConnectionClosed as ended:
            await tasks.cancel(self._keepalive)
            frame = ended.rcvd or ended.sent
            if frame is None:
                return Closed(1006, "")
            is_ours = ended.sent is not None and not ended.rcvd_then_sent
            return Closed(int(frame.code), frame.reason, is_ours)

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """End the connection; safe to call twice."""
        await tasks.cancel(self._keepalive)
        try:
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                await self._connection.close(code, reason)
        except TimeoutError:
            # What waits to be sent keeps even the close frame from leaving.
            self._connection.transport.abort()

    async def ping(self, timeout_s: float) -> bool:
        """Return whether the peer answers within a time."""
        try:
            async with asyncio.timeout(timeout_s):
                await (await self._connection.ping())
        except (TimeoutError, websockets.ConnectionClosed):
            return False
        return True

    @property
    def is_backed_up(self) -> bool:
        """Whether more than `MAX_UNSENT_BYTES` wait to be sent."""
        return self._connection.transport.get_write_buffer_size() > MAX_UNSENT_BYTES

"""A line to the server: messages come in until it ends, and it ends once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

import websockets

from console import tasks
from console.errors import NotConnectedError
from console.transport import Closed, Transport, WebSocketTransport

logger = logging.getLogger(__name__)

OpenTransport = Callable[[str, Mapping[str, str], float], Awaitable[Transport]]
"""Opens a connection to a URL with headers within a time in seconds."""


async def open_websocket(url: str, headers: Mapping[str, str], timeout_s: float) -> Transport:
    """Open a WebSocket; see `WebSocketTransport.open` for what it raises."""
    return await WebSocketTransport.open(url, headers=headers, open_timeout_s=timeout_s)


class Listener(Protocol):
    """Who is told what happens on the line."""

    def message_came(self, message: str | bytes) -> None:
        """Take a message of the server."""

    def line_ended(self, closed: Closed) -> None:
        """Take note that nothing will come any more; told once."""


class Connection:
    """Receives in the background from the moment at which it is made."""

    def __init__(self, transport: Transport, listener: Listener) -> None:
        self.transport = transport
        """What carries the messages."""
        self._listener = listener
        self._has_ended = False
        self._is_sharing = False
        self._receiver = tasks.spawn(self._receive(), name="receive")

    def share_turns(self) -> None:
        """Give everybody else a turn after each message, from now on.

        What has come already is received without a wait, and an answer comes in bursts: one line
        would hold the loop for as long as its burst takes. Who waits for one thing after the
        other is not late for the second then, which came with the first. Until this is called
        messages are taken in one go: who waits for the first sees the end that came with it.
        """
        self._is_sharing = True

    async def send(self, message: str, event_type: str) -> None:
        """Send a message; waits while the server reads slowly.

        Raises:
            NotConnectedError: The line has ended; `event_type` is named.
        """
        try:
            await self.transport.send(message)
        except websockets.ConnectionClosed as error:
            raise NotConnectedError(f"send {event_type}") from error

    async def ping(self, timeout_s: float) -> bool:
        """Return whether the server answers within a time."""
        return await self.transport.ping(timeout_s)

    def drop(self, closed: Closed, code: int = 1000) -> None:
        """End the line for the listener at once, as `closed`; for the server soon, with `code`."""
        self._end(closed)
        tasks.spawn(self.transport.close(code), name="close a dropped line")

    async def close(self) -> None:
        """End the line, as far as the listener knows at the latest now; safe to call twice."""
        try:
            await self.transport.close()
        finally:
            self._end(Closed(1000, ""))
            await tasks.cancel(self._receiver)

    async def _receive(self) -> None:
        closed = Closed(1006, "")
        try:
            while not isinstance(message := await self.transport.receive(), Closed):
                if self._has_ended:
                    return
                self._listener.message_came(message)
                if self._is_sharing:
                    await asyncio.sleep(0)
            closed = message
        except Exception:
            logger.exception("the connection broke")
        self._end(closed)

    def _end(self, closed: Closed) -> None:
        if not self._has_ended:
            self._has_ended = True
            self._listener.line_ended(closed)
